"""One conditional write to a ticket.

Refused when its condition fails, cut when the ticket would grow too large.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import Attr, ConditionBase
from botocore.exceptions import ClientError

from runtime.items import from_attributes, storable
from tickets.trimming import ENDING, MAX_REMOVED, cuts_for

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

WRITE_ATTEMPTS = 10


class MoveRefusedError(Exception):
    """Raised when a move's condition does not hold.

    `item` is the ticket as it is, empty when it is deleted.
    """

    def __init__(self, item: Mapping[str, Any]) -> None:
        super().__init__(
            f"ticket is {item.get('diagnosis_status', 'not met yet')}" if item else "ticket is deleted"
        )
        self.item = item


class ItemTooLargeError(Exception):
    """Raised when an update would take the ticket over DynamoDB's item limit."""


class TicketTable:
    """The tickets' table in DynamoDB; `table` is boto3's, for plain reads."""

    def __init__(self, table: "Table") -> None:
        self.table = table

    def get(self, ticket_id: str) -> dict[str, Any] | None:
        """The ticket as it is now, strongly consistent; None when there is none."""
        item = self.table.get_item(Key={"ticket_id": ticket_id}, ConsistentRead=True).get("Item")
        return dict(item) if item else None

    def update(
        self,
        ticket_id: str,
        update: Mapping[str, Any],
        *,
        condition: ConditionBase,
        remove: Iterable[str] = (),
        initial: Mapping[str, Any] | None = None,
        add: Mapping[str, int] | None = None,
    ) -> dict[str, Any]:
        """One conditional write; a ticket too large for it is cut, and says so in `diagnosis_notes`."""
        guarded = Attr("ticket_id").exists() & condition
        removed = [name for name in remove if name not in update]
        for _ in range(WRITE_ATTEMPTS):
            try:
                return self._write(ticket_id, update, guarded, removed, initial or {}, add or {})
            except ItemTooLargeError:
                item = self.get(ticket_id) or {}
                item = {name: value for name, value in item.items() if name not in removed}
                notes = list(update.get("diagnosis_notes", item.get("diagnosis_notes", ())))
                cuts = cuts_for(item, {**update, "diagnosis_notes": notes})
                if not cuts.notes:
                    raise
                self._make_room(ticket_id, cuts.removed[MAX_REMOVED:], guarded, notes)
                update = {**update, **cuts.replaced, "diagnosis_notes": [*notes, *cuts.notes]}
                removed = [*removed, *cuts.removed[:MAX_REMOVED]]
        raise ItemTooLargeError(ticket_id)

    def _make_room(
        self, ticket_id: str, names: Sequence[str], condition: ConditionBase, notes: Sequence[str]
    ) -> None:
        """Removes beforehand what one expression cannot name: a ticket may have thousands of attributes.

        Each write notes how many are gone, should it be the last; the update itself notes the whole cut.
        """
        for start in range(0, len(names), MAX_REMOVED):
            batch = names[start : start + MAX_REMOVED]
            note = f"{start + len(batch)} attributes removed {ENDING}"
            self._write(ticket_id, {"diagnosis_notes": [*notes, note]}, condition, batch, {}, {})

    def _write(
        self,
        ticket_id: str,
        update: Mapping[str, Any],
        condition: ConditionBase,
        remove: Iterable[str],
        initial: Mapping[str, Any],
        add: Mapping[str, int],
    ) -> dict[str, Any]:
        names: dict[str, str] = {}
        values: dict[str, Any] = {}

        def name(attribute: str) -> str:
            return names.setdefault(attribute, f"#{len(names)}_")

        def value(given: Any) -> str:
            values[f":{len(values)}_"] = storable(given)
            return f":{len(values) - 1}_"

        sets = [f"{name(key)} = {value(given)}" for key, given in update.items()]
        sets += [
            f"{name(key)} = if_not_exists({name(key)}, {value(given)})" for key, given in initial.items()
        ]
        parts = ["SET " + ", ".join(sets)] if sets else []
        if add:
            parts.append("ADD " + ", ".join(f"{name(key)} {value(given)}" for key, given in add.items()))
        if removes := [name(key) for key in dict.fromkeys(remove)]:
            parts.append("REMOVE " + ", ".join(removes))
        try:
            answer = self.table.update_item(
                Key={"ticket_id": ticket_id},
                UpdateExpression=" ".join(parts),
                ConditionExpression=condition,
                ExpressionAttributeNames={placeholder: attribute for attribute, placeholder in names.items()},
                ExpressionAttributeValues=values,
                ReturnValues="ALL_NEW",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code == "ConditionalCheckFailedException":
                raise MoveRefusedError(_refused_item(error)) from error
            if code == "ValidationException" and "item size" in error.response["Error"]["Message"].lower():
                raise ItemTooLargeError(ticket_id) from error
            raise
        return dict(answer["Attributes"])


def _refused_item(error: ClientError) -> dict[str, Any]:
    """The ticket as the refused condition saw it; boto3 leaves errors in typed JSON."""
    response: Any = error.response
    return from_attributes(response.get("Item", {}))
