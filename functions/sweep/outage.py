"""An outage of Claude's is told once, with how many tickets wait, and once when it is over.

The gate closes for a busy minute too, and opens between two faults of one outage. So an outage is told when
nobody has been answered since the gate closed for CALM_SECONDS while tickets wait, and its end when that has
not been so for as long: what flaps in between is one outage.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import Attr
from botocore.exceptions import ClientError

from capacity.item import is_refused
from capacity.state import CapacityState, Gate
from events.bus import EventBus
from runtime.clock import Clock
from runtime.items import storable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

STATE_ID = "outage"
CALM_SECONDS = 590.0
"""Two intervals of sweep's schedule, but for its jitter."""
LONGEST_REASON = 500


@dataclass(frozen=True)
class Outage:
    """What is known of the present or last one; times are epoch seconds.

    `since` is when it was first seen, 0 when there is none; `calm_since` when it was first seen to be over, 0
    while it lasts. What is due to be told stays so until it was put on the bus.
    """

    since: float = 0.0
    calm_since: float = 0.0
    is_told: bool = False
    gate: str = ""
    reason: str = ""
    version: int = 0

    def after(self, state: CapacityState, *, lasts: bool, now: float) -> "Outage":
        """The outage after one more look."""
        if lasts:
            since = self.since or now
            return replace(
                self, since=since, calm_since=0.0, gate=state.gate, reason=state.gate_reason[:LONGEST_REASON]
            )
        if self.since and not self.is_told:
            return Outage(version=self.version)
        return replace(self, calm_since=self.calm_since or now) if self.since else self

    def is_due(self, now: float) -> bool:
        """Whether that it began, or that it is over, is to be told now."""
        if not self.is_told:
            return bool(self.since) and not self.calm_since and now - self.since >= CALM_SECONDS
        return bool(self.calm_since) and now - self.calm_since >= CALM_SECONDS


def lasts(state: CapacityState, waiting: int) -> bool:
    """Whether tickets wait because nobody is answered; the day's spend cap is no outage."""
    return waiting > 0 and state.is_half_open and state.gate != Gate.SPEND


class Outages:
    """The item in StateTable, and the bus that is told. Written only when something has changed."""

    def __init__(self, table: "Table", bus: EventBus | None, clock: Clock) -> None:
        self._table = table
        self._bus = bus
        self._clock = clock
        self._seen: Outage | None = None

    def look(self, state: CapacityState, waiting: int) -> str | None:
        """One look of sweep: takes it in, and tells what is due; the detail type, if something was told.

        Told first and noted then: a crash in between tells it again with the same id, which notify takes for
        the same. Raises EventRefusedError, and what AWS raises.
        """
        if self._bus is None:
            return None
        now = self._clock.now()
        before = self._seen if self._seen is not None else self._read()
        outage = before.after(state, lasts=lasts(state, waiting), now=now)
        told: str | None = None
        if outage.is_due(now):
            told = self._tell(self._bus, outage, waiting, now)
            over = outage.is_told
            outage = Outage(version=outage.version) if over else replace(outage, is_told=True)
        self._seen = before if outage == before else self._write(outage)
        return told

    def _tell(self, bus: EventBus, outage: Outage, waiting: int, now: float) -> str:
        from sweep import outage_events  # noqa: PLC0415 - see its head

        detail_type, event = outage_events.of(outage, waiting, now)
        bus.put(detail_type, event.model_dump_json())
        return detail_type

    def _read(self) -> Outage:
        answer = self._table.get_item(Key={"state_id": STATE_ID}, ConsistentRead=True)
        return _outage_of(answer.get("Item", {}))

    def _write(self, outage: Outage) -> Outage | None:
        """The outage as it stands; None, to be read again, where another run wrote it meanwhile."""
        values = {
            "since": outage.since,
            "calm_since": outage.calm_since,
            "is_told": outage.is_told,
            "gate": outage.gate,
            "reason": outage.reason,
            "version": outage.version + 1,
        }
        was = Attr("version").eq(outage.version) if outage.version else Attr("version").not_exists()
        try:
            self._table.put_item(Item={"state_id": STATE_ID, **storable(values)}, ConditionExpression=was)
        except ClientError as error:
            if not is_refused(error):
                raise
            return None
        return replace(outage, version=outage.version + 1)


def _outage_of(item: Mapping[str, Any]) -> Outage:
    """The outage in the item; one that was not written by us is none."""
    try:
        return Outage(
            since=float(item.get("since", 0)),
            calm_since=float(item.get("calm_since", 0)),
            is_told=item.get("is_told") is True,
            gate=str(item.get("gate", "")),
            reason=str(item.get("reason", "")),
            version=int(item.get("version", 0)),
        )
    except (TypeError, ValueError, ArithmeticError):
        return Outage()
