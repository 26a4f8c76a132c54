"""The one item that every invocation shares, in StateTable."""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import Attr, ConditionBase
from botocore.exceptions import BotoCoreError, ClientError

from capacity.state import MAX_TURN_SECONDS, CapacityState, state_of
from runtime.clock import Clock
from runtime.items import storable
from runtime.observability import logger

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

STATE_ID = "capacity"
TURN_ATTEMPTS = 20
DAY_SECONDS = 24 * 3600.0


class CapacityItem:
    """Reads and writes the item."""

    def __init__(self, table: "Table", clock: Clock) -> None:
        self._table = table
        self._clock = clock
        self._item: Mapping[str, Any] = {}
        self.seen_at = -math.inf
        """When the item was last read or written here (epoch seconds)."""

    @property
    def seen(self) -> CapacityState:
        """The item as it was then."""
        return state_of(self._item, self._clock.now())

    def read(self) -> CapacityState:
        """The item as it is now, strongly consistent."""
        answer = self._table.get_item(Key={"state_id": STATE_ID}, ConsistentRead=True)
        self._item, self.seen_at = answer.get("Item", {}), self._clock.now()
        return self.seen

    def take(self, name: str, base: float, pace: float) -> float:
        """Takes the next of the times `pace` seconds apart by one atomic step.

        None is before `base`; one that is out of bounds was not written by us, and is begun anew.
        """
        queued = lies_between(name, base, base + MAX_TURN_SECONDS)
        for _ in range(TURN_ATTEMPTS):
            try:
                return float(self.update(f"ADD {name} :pace", {":pace": pace}, queued)[name]) - pace
            except ClientError as error:
                if not is_refused(error):
                    raise
            try:
                self.update(f"SET {name} = :after", {":after": base + pace}, ~queued)
            except ClientError as error:
                if not is_refused(error):
                    raise
            else:
                return base
        return base

    def set_later(self, name: str, value: float, also: Mapping[str, Any] | None = None) -> None:
        """Sets `name` to a later time, with what belongs to it; never to an earlier one.

        A time that is no number, or more than a day ahead, was not written by us.
        """
        later = lies_between(name, value, self._clock.now() + DAY_SECONDS)
        self.write({name: value, **(also or {})}, ~later)

    def write(self, changes: Mapping[str, Any], condition: Any = None) -> None:
        """Sets attributes; where the condition fails, or AWS does, nothing is changed."""
        values = {f":{name}": value for name, value in changes.items()}
        try:
            self.update("SET " + ", ".join(f"{name} = :{name}" for name in changes), values, condition)
        except (ClientError, BotoCoreError) as error:
            if not (isinstance(error, ClientError) and is_refused(error)):
                logger.warning("could not write the capacity", exc_info=True)

    def update(self, expression: str, values: Mapping[str, Any], condition: Any = None) -> Mapping[str, Any]:
        """One update; the item as it is after it."""
        guard = {"ConditionExpression": condition} if condition is not None else {}
        answer = self._table.update_item(
            Key={"state_id": STATE_ID},
            UpdateExpression=expression,
            ExpressionAttributeValues={name: storable(value) for name, value in values.items()},
            ReturnValues="ALL_NEW",
            **guard,
        )
        self._item, self.seen_at = answer["Attributes"], self._clock.now()
        return self._item


def is_refused(error: ClientError) -> bool:
    """Whether a write was refused by its condition."""
    return error.response["Error"]["Code"] == "ConditionalCheckFailedException"


def lies_between(name: str, low: float, high: float) -> ConditionBase:
    """The attribute is a number from `low` to `high`."""
    return Attr(name).attribute_type("N") & Attr(name).between(storable(low), storable(high))
