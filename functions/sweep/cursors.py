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
        self._kept: dict[str, Any] = {}

    def read(self) -> dict[str, Any]:
        """The keys by the indexes' names; an index that is not there is read from its beginning."""
        found = self._table.get_item(Key={"state_id": STATE_ID}).get("Item", {}).get("after")
        self._kept = {name: key for name, key in found.items() if key} if isinstance(found, Mapping) else {}
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
