"""SubjectsTable as it is read; nothing here writes to it."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from subjects.subject import Subject

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

MOST_PAGES = 10
"""Of the scan for all of them; a page is 1 MB."""
AT_ONCE = 100
"""As many items as BatchGetItem takes."""
SecondsLeft = Callable[[], float]


class Records:
    """The records of the subjects, by their names or all of them. Each read raises what the table raises."""

    def __init__(self, table: "Table") -> None:
        self._table = table

    def read_many(self, names: Sequence[str], until: SecondsLeft) -> dict[str, Subject]:
        """The records of these names; those without one are not in it."""
        found: dict[str, Subject] = {}
        client: Any = self._table.meta.client
        keys = [{"subject_id": name} for name in dict.fromkeys(names) if name]
        while keys and until() > 0:
            asked = {self._table.name: {"Keys": keys[:AT_ONCE]}}
            answer = client.batch_get_item(RequestItems=asked)
            for item in answer.get("Responses", {}).get(self._table.name, ()):
                subject = Subject.from_item(item)
                found[subject.subject_id] = subject
            left = answer.get("UnprocessedKeys", {}).get(self._table.name, {}).get("Keys", [])
            keys = [*left, *keys[AT_ONCE:]]
        return found

    def all(self, until: SecondsLeft) -> tuple[list[Subject], str]:
        """The records of the table, and why some of them were not read."""
        subjects: list[Subject] = []
        start: dict[str, Any] = {}
        for _ in range(MOST_PAGES):
            if until() <= 0:
                return subjects, f"no time was left after {len(subjects)} subjects"
            answer = self._table.scan(**start)
            subjects += map(Subject.from_item, answer.get("Items", ()))
            if "LastEvaluatedKey" not in answer:
                return subjects, ""
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}
        return subjects, f"only the first {len(subjects)} subjects were read"
