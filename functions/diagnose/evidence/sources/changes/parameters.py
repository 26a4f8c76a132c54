"""Parameters of Systems Manager that were changed; their values are not read."""

from collections.abc import Callable, Iterator
from typing import Any

from diagnose.evidence.redaction.redactor import Redact
from diagnose.evidence.sources.changes.asked import Asked, CutShortError, in_utc, look_at_time
from diagnose.evidence.sources.changes.change import Change

MOST_PAGES = 10
"""Of 50 parameters each."""


class Parameters:
    """DescribeParameters, page by page: there is no asking for those changed lately."""

    place = "Systems Manager's parameters"

    def __init__(self, client: Callable[[], Any]) -> None:
        self._client = client

    def why_not_asked(self, asked: Asked) -> str:
        return "" if asked.start < asked.end else "the window is empty"

    def read(self, asked: Asked, redact: Redact, until: Callable[[], float]) -> Iterator[Change]:
        token: dict[str, str] = {}
        for _ in range(MOST_PAGES):
            look_at_time(until)
            answer = self._client().describe_parameters(MaxResults=50, **token)
            for parameter in answer.get("Parameters", ()):
                at = parameter.get("LastModifiedDate")
                if asked.has(at):
                    name = str(parameter.get("Name", ""))
                    what = f"parameter {redact(name)} was set, version {parameter.get('Version', '?')}"
                    who = str(parameter.get("LastModifiedUser", ""))
                    yield Change(in_utc(at), what, asked.near(name), "Systems Manager", redact(who))
            if not answer.get("NextToken"):
                return
            token = {"NextToken": answer["NextToken"]}
        raise CutShortError(f"the account has more than {50 * MOST_PAGES} parameters")
