"""What was told already: `notified` on a ticket, and an item of StateTable for outages."""

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import Attr

from tickets.table import WRITE_ATTEMPTS, MoveRefusedError, TicketTable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

STATE_ID = "notified"


def noted(item: Mapping[str, Any]) -> dict[str, int]:
    """The generation that was told last, by kind; while some ways failed also by kind and way."""
    found = item.get("notified")
    if not isinstance(found, Mapping):
        return {}
    return {str(key): int(value) for key, value in found.items() if isinstance(value, Decimal | int)}


class TicketNotes:
    """Writes `notified`; nothing else of the ticket is touched, and a deleted one is not brought back."""

    def __init__(self, table: TicketTable) -> None:
        self._table = table

    def read(self, ticket_id: str) -> dict[str, Any] | None:
        """The ticket as it is now; None when it is deleted."""
        return self._table.get(ticket_id)

    def write(self, item: Mapping[str, Any], generation: int, kind: str, ways: tuple[str, ...]) -> None:
        """Notes that a kind was told by all ways, which is () then, or only by some of them."""
        seen: Mapping[str, Any] = item
        for _ in range(WRITE_ATTEMPTS):
            keys = [f"{kind}/{way}" for way in ways] or [kind]
            others = {
                key: told for key, told in noted(seen).items() if ways or not key.startswith(f"{kind}/")
            }
            was = (
                Attr("notified").eq(seen["notified"]) if "notified" in seen else Attr("notified").not_exists()
            )
            try:
                self._table.update(
                    str(item["ticket_id"]),
                    {"notified": {**others, **dict.fromkeys(keys, generation)}},
                    condition=was,
                )
            except MoveRefusedError as refused:
                if not refused.item:
                    return
                seen = refused.item
            else:
                return
        raise MoveRefusedError(seen)


class OutageNotes:
    """Which outage was told last: its event's id by detail type, and by type and way while others refuse."""

    def __init__(self, table: "Table") -> None:
        self._table = table

    def of(self, event_id: str) -> frozenset[str]:
        """What is noted of this event: its detail type, or each `<type>/<way>` that took it."""
        answer = self._table.get_item(Key={"state_id": STATE_ID}, ConsistentRead=True)
        return frozenset(name for name, told in answer.get("Item", {}).items() if told == event_id)

    def write(self, event_id: str, *names: str) -> None:
        """Notes each of these names as told."""
        for name in names:
            self._table.update_item(
                Key={"state_id": STATE_ID},
                UpdateExpression="SET #name = :id",
                ExpressionAttributeNames={"#name": name},
                ExpressionAttributeValues={":id": event_id},
            )
