"""Where the next sweep goes on, kept between runs."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

STATE_ID = "sweep"


class Cursors:
    """One item in the state table: for each index that was not read to its end, the key to start after."""

    def __init__(self, table: "Table") -> None:
        self._table = table
        self._kept: dict[str, Any] | None = None

    def read(self) -> dict[str, Any]:
        """The keys by the indexes' names; an index that is not there is read from its beginning.

        They are asked for once: sweep runs one at a time, and an older key only has some tickets read again.
        """
        if self._kept is None:
            found = self._table.get_item(Key={"state_id": STATE_ID}).get("Item", {}).get("after")
            known = found if isinstance(found, Mapping) else {}
            self._kept = {name: key for name, key in known.items() if key}
        return dict(self._kept)

    def write(self, after: Mapping[str, Any]) -> None:
        """Keeps where to start next, if that has changed."""
        kept = {name: key for name, key in after.items() if key}
        if kept != self._kept:
            self._table.update_item(
                Key={"state_id": STATE_ID},
                UpdateExpression="SET #after = :after",
                ExpressionAttributeNames={"#after": "after"},
                ExpressionAttributeValues={":after": kept},
            )
            self._kept = kept
