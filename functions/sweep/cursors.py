"""Where the next sweep goes on, kept between runs."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table


class Cursors:
    """One item in the state table for each index page sequence."""

    def __init__(self, table: "Table") -> None:
        self._table = table

    def read(self, name: str) -> Mapping[str, Any] | None:
        """The key to start after, or None to start from the beginning."""
        found = self._table.get_item(Key={"state_id": f"sweep-{name}"}).get("Item", {})
        after = found.get("after")
        return after if isinstance(after, Mapping) else None

    def write(self, name: str, after: Mapping[str, Any] | None) -> None:
        """Keeps where to start next."""
        self._table.put_item(Item={"state_id": f"sweep-{name}", "after": after})
