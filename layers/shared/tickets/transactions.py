"""Several items written as one: all of them, or, when one condition does not hold, none.

Source: DynamoDB, TransactWriteItems: at most 100 items and 4 MB, no item twice.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import Attr, ConditionBase, ConditionExpressionBuilder
from botocore.exceptions import ClientError

from runtime.items import storable
from tickets.trimming import MAX_REMOVED, cuts_for

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import DynamoDBServiceResource

Item = dict[str, Any]
TOO_LARGE = "ItemTooLarge"
CONFLICTS = ("ConditionalCheckFailed", "TransactionConflict", TOO_LARGE)
READ_ATTEMPTS = 5


class ConflictError(Exception):
    """Raised when a condition does not hold, or another transaction is at work; nothing was written."""


class Kept(StrEnum):
    """The tables that a transaction may write to, by the attribute that is their key."""

    TICKETS = "ticket_id"
    STATE = "state_id"


Key = tuple[Kept, str]


@dataclass(frozen=True)
class Put:
    """The whole item is written, if the condition holds of what stands there."""

    table: Kept
    item: Mapping[str, Any]
    condition: ConditionBase

    @property
    def key(self) -> Key:
        return self.table, str(self.item[self.table])


@dataclass(frozen=True)
class Update:
    """Attributes of an item that exists are set and removed, if the condition holds of it."""

    key: Key
    update: Mapping[str, Any]
    condition: ConditionBase
    remove: Sequence[str] = field(default=())

    @property
    def table(self) -> Kept:
        return self.key[0]


Change = Put | Update


def unchanged(item: Mapping[str, Any], names: Iterable[str]) -> ConditionBase:
    """The attributes still are as this item has them, or are still missing."""
    same = (Attr(name).eq(item[name]) if name in item else Attr(name).not_exists() for name in names)
    return reduce(and_, same)


def with_room(item: Mapping[str, Any], change: Update) -> Update:
    """The change of a ticket that is read as `item`: near DynamoDB's item limit, with what has to be cut.

    As every write of the pipeline's does, and with the same notes. What one write cannot remove stays.
    """
    kept = {name: value for name, value in item.items() if name not in change.remove}
    notes = kept.get("diagnosis_notes", ())
    cuts = cuts_for(kept, {"diagnosis_notes": notes, **change.update})
    if not cuts.notes or len(cuts.removed) > MAX_REMOVED:
        return change
    update = {**change.update, **cuts.replaced, "diagnosis_notes": [*notes, *cuts.notes]}
    return Update(change.key, update, change.condition, [*change.remove, *cuts.removed])


class Tables:
    """Reads and writes items of both tables, strongly consistent; `names` are the tables' own."""

    def __init__(self, dynamodb: "DynamoDBServiceResource", names: Mapping[Kept, str]) -> None:
        self._dynamodb = dynamodb
        self._names = names

    def read(self, *keys: Key) -> list[Item]:
        """The items as they are, in the order asked for; empty where there is none. One call."""
        if len(keys) == 1:
            [(table, value)] = keys
            found = self._dynamodb.Table(self._names[table]).get_item(
                Key={table.value: value}, ConsistentRead=True
            )
            return [dict(found.get("Item", {}))]
        return self._read_batch(keys)

    def write(self, *changes: Change) -> None:
        """One transaction. Raises ConflictError, and then nothing was written.

        So it does where an item would grow too large: once it is read, there is made room on it.
        """
        items: Any = [self._as_item(change) for change in changes]
        try:
            self._dynamodb.meta.client.transact_write_items(TransactItems=items)
        except ClientError as error:
            response: Any = error.response
            reasons = {_reason(each) for each in response.get("CancellationReasons", ())}
            if reasons and reasons <= {"None", *CONFLICTS}:
                raise ConflictError(", ".join(sorted(reasons - {"None"}))) from error
            raise

    def _read_batch(self, keys: Sequence[Key]) -> list[Item]:
        asked: Any = {}
        for table, value in dict.fromkeys(keys):
            keys_of_table = asked.setdefault(self._names[table], {"Keys": [], "ConsistentRead": True})["Keys"]
            keys_of_table.append({table.value: value})
        found: dict[Key, Item] = {}
        for _ in range(READ_ATTEMPTS):
            answer: Any = self._dynamodb.batch_get_item(RequestItems=asked)
            for table in Kept:
                for item in answer["Responses"].get(self._names[table], ()):
                    found[table, item[table]] = dict(item)
            asked = answer.get("UnprocessedKeys")
            if not asked:
                return [found.get(key, {}) for key in keys]
        raise ConflictError("DynamoDB did not read all of them")

    def _as_item(self, change: Change) -> Item:
        built = ConditionExpressionBuilder().build_expression(change.condition)
        names: dict[str, str] = dict(built.attribute_name_placeholders)
        values: Item = {key: storable(value) for key, value in built.attribute_value_placeholders.items()}
        asked: Item = {
            "TableName": self._names[change.table],
            "ConditionExpression": built.condition_expression,
        }
        if isinstance(change, Put):
            asked["Item"] = storable(change.item)
        else:
            names |= {f"#s{number}": name for number, name in enumerate(change.update)}
            values |= {f":s{n}": storable(value) for n, value in enumerate(change.update.values())}
            sets = ", ".join(f"#s{n} = :s{n}" for n in range(len(change.update)))
            expression = f"SET {sets}" if sets else ""
            removed = [name for name in dict.fromkeys(change.remove) if name not in change.update]
            if removed:
                names |= {f"#r{number}": name for number, name in enumerate(removed)}
                expression += " REMOVE " + ", ".join(f"#r{number}" for number in range(len(removed)))
            asked |= {"Key": {change.table.value: change.key[1]}, "UpdateExpression": expression}
        asked["ExpressionAttributeNames"] = names
        if values:
            asked["ExpressionAttributeValues"] = values
        return {type(change).__name__: asked}


def _reason(told: Mapping[str, Any]) -> str:
    """Why one of the items was not written; DynamoDB tells of one that is too large only in words."""
    too_large = "item size" in str(told.get("Message", "")).lower()
    return TOO_LARGE if too_large else str(told.get("Code", "None"))
