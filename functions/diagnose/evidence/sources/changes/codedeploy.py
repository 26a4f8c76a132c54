"""Deployments of CodeDeploy."""

from collections.abc import Callable, Iterator
from typing import Any

from diagnose.evidence.lines import shown
from diagnose.evidence.redaction.redactor import Redact
from diagnose.evidence.sources.changes.asked import Asked, CutShortError, in_utc, look_at_time
from diagnose.evidence.sources.changes.change import Change

MOST_PAGES = 5
AT_ONCE = 25
"""As many as BatchGetDeployments takes."""
MOST_DEPLOYMENTS = 100


class CodeDeploy:
    """ListDeployments over the window, then BatchGetDeployments."""

    place = "CodeDeploy's deployments"

    def __init__(self, client: Callable[[], Any]) -> None:
        self._client = client

    def why_not_asked(self, asked: Asked) -> str:
        return "" if asked.start < asked.end else "the window is empty"

    def read(self, asked: Asked, redact: Redact, until: Callable[[], float]) -> Iterator[Change]:
        ids, whole = self._ids(asked, until)
        for start in range(0, len(ids), AT_ONCE):
            look_at_time(until)
            answer = self._client().batch_get_deployments(deploymentIds=ids[start : start + AT_ONCE])
            for deployment in answer.get("deploymentsInfo", ()):
                if asked.has(deployment.get("createTime")):
                    yield _change(redact(deployment), asked)
        if not whole:
            raise CutShortError(f"there were more than {len(ids)} deployments")

    def _ids(self, asked: Asked, until: Callable[[], float]) -> tuple[list[str], bool]:
        ids: list[str] = []
        token: dict[str, str] = {}
        for _ in range(MOST_PAGES):
            look_at_time(until)
            answer = self._client().list_deployments(
                createTimeRange={"start": asked.start, "end": asked.end}, **token
            )
            ids += answer.get("deployments", ())
            if len(ids) > MOST_DEPLOYMENTS:
                return ids[:MOST_DEPLOYMENTS], False
            if not answer.get("nextToken"):
                return ids, True
            token = {"nextToken": answer["nextToken"]}
        return ids, False


def _change(deployment: Any, asked: Asked) -> Change:
    application, group = deployment.get("applicationName", ""), deployment.get("deploymentGroupName", "")
    told = {name: deployment[name] for name in ("description", "revision") if deployment.get(name)}
    if error := deployment.get("errorInformation"):
        told["error"] = error
    what = f"deployment {deployment.get('deploymentId', '')} of {application} to {group}"
    return Change(
        in_utc(deployment["createTime"]),
        f"{what}: {deployment.get('status', '')}",
        asked.near(f"{application} {group} {shown(told)}"),
        "CodeDeploy",
        str(deployment.get("creator", "")),
        told,
    )
