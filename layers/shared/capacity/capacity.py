"""Whether Claude may be called now: the rules by which the gate closes and opens, and turns are taken."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import Attr
from botocore.exceptions import BotoCoreError, ClientError

from capacity.buckets import Bucket, Means, Used, next_call
from capacity.item import CapacityItem, is_refused
from capacity.state import SEVERAL, CapacityState, Gate
from runtime.clock import Clock
from runtime.observability import logger

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

LEAST_GATE_SECONDS = 1.0
MAX_GATE_SECONDS = 6 * 3600.0
"""However long a header asks for, Claude is tried again after this."""
STALE_PACE = 2.0
"""A pace on record this many times slower than the buckets now allow is out of date."""
ROOMY = 0.5
"""Nobody needs to take turns while every bucket is at least this full."""
SUCCESS_RECORD_SECONDS = 60.0
"""Without a fault to answer, the time of the last success is written at most this often."""


BACKOFF_SECONDS = {Gate.SHARED: (15.0, 300.0), Gate.ACCOUNT: (120.0, 3600.0), Gate.PROVIDER: (60.0, 600.0)}
"""First and longest closing where Claude does not say how long; doubled while nothing succeeds."""


class Capacity:
    """Reads and writes the item. Writes are best effort: a diagnosis never depends on one."""

    def __init__(self, table: "Table", clock: Clock, concurrency: int, spend_cap_usd: float = 0.0) -> None:
        self._item = CapacityItem(table)
        self._clock = clock
        self._concurrency = concurrency
        self._spend_cap_usd = spend_cap_usd
        self._means = Means()

    def read(self) -> CapacityState:
        """The state as it is now, strongly consistent."""
        return self._item.read()

    def pace(self, state: CapacityState) -> float:
        """Seconds between calls that can be kept up, over all invocations."""
        return state.pace or self._means.seconds / self._concurrency

    def take_turn(self, state: CapacityState) -> float:
        """Takes the next turn to call (epoch seconds) by one atomic step."""
        return self._take("next_turn", state)

    def take_slot(self, state: CapacityState) -> float:
        """Takes the next slot to come back in (epoch seconds) by one atomic step."""
        return self._take("next_slot", state)

    def answered(self, state: CapacityState, used: Used, buckets: Mapping[str, Bucket]) -> None:
        """Takes in that Claude answered, be it with a refusal.

        Writes only what ends a fault, what the next call must wait for, and the spend.
        """
        now = self._clock.now()
        self._means.add(used)
        changes: dict[str, Any] = {}
        stale = state.last_success_at <= max(state.fault_at, now - SUCCESS_RECORD_SECONDS)
        if stale or state.strikes or state.fault_ticket:
            changes |= {"last_success_at": now, "strikes": 0, "fault_ticket": ""}
        fits_at, pace = next_call(buckets, self._means, self._concurrency, now)
        full_enough = [bucket.remaining >= ROOMY * bucket.limit for bucket in buckets.values()]
        roomy = bool(full_enough) and all(full_enough)
        if fits_at > now or (buckets and state.pace > STALE_PACE * pace):
            changes["pace"] = pace
        if (self._concurrency == 1 or roomy) and max(fits_at, state.next_turn) > now:
            changes["next_turn"] = fits_at  # nobody else waits for a turn, or nobody needs to
        elif fits_at > now:
            self._item.set_later("next_turn", fits_at)
        if changes:
            self._item.write(changes)
        self.spent(used.cost_usd)

    def spent(self, cost_usd: float) -> None:
        """Takes in what answers cost, whether or not they were of use."""
        if self._spend_cap_usd and cost_usd:
            self._spend(cost_usd, self._clock.now())

    def shared_limit(self, state: CapacityState, retry_at: float | None, reason: str) -> float:
        """Closes the gate because Claude is busy or we called too often; returns until when."""
        return self._close(state, Gate.SHARED, reason, retry_at)

    def account_fault(self, state: CapacityState, reason: str) -> float:
        """Closes the gate because the account needs a person; returns until when."""
        return self._close(state, Gate.ACCOUNT, reason, None)

    def ambiguous_fault(self, state: CapacityState, ticket_id: str, reason: str) -> None:
        """Notes a fault that may be the ticket's or the provider's.

        Two tickets with no success between them close the gate a while, and so does each fault after that.
        """
        others = not state.faults_are_of(ticket_id)
        self._item.write({"fault_at": self._clock.now(), "fault_ticket": SEVERAL if others else ticket_id})
        if others:
            self._close(state, Gate.PROVIDER, reason, None)

    def open(self) -> None:
        """Opens the gate by hand: a person has mended what closed it."""
        self._item.write(
            {"gate_until": 0, "gate": "", "gate_reason": "", "strikes": 0, "next_turn": 0, "next_slot": 0}
        )

    def _close(self, state: CapacityState, gate: Gate, reason: str, retry_at: float | None) -> float:
        now = self._clock.now()
        strikes = state.strikes if state.gate == gate else 0
        first, longest = BACKOFF_SECONDS.get(gate, (0.0, MAX_GATE_SECONDS))
        until = retry_at if retry_at is not None else now + min(longest, first * 2**strikes)
        if gate is not Gate.SPEND:
            until = min(max(until, now + LEAST_GATE_SECONDS), now + MAX_GATE_SECONDS)
        closed = {"gate": gate.value, "gate_reason": reason[:500], "strikes": min(strikes + 1, 16)}
        self._item.set_later("gate_until", until, closed)
        return until

    def _take(self, name: str, state: CapacityState) -> float:
        return self._item.take(name, max(state.gate_until, self._clock.now()), self.pace(state))

    def _spend(self, cost_usd: float, now: float) -> None:
        day = datetime.fromtimestamp(now, UTC).date()
        try:
            spent = self._item.update(
                "ADD spend_usd :cost", {":cost": cost_usd}, Attr("spend_day").eq(day.isoformat())
            )
        except (ClientError, BotoCoreError) as error:
            if not (isinstance(error, ClientError) and is_refused(error)):
                logger.warning("could not record the spend", exc_info=True)
                return
            self._item.write({"spend_day": day.isoformat(), "spend_usd": cost_usd})
            spent = {"spend_usd": cost_usd}
        if float(spent.get("spend_usd", 0)) >= self._spend_cap_usd:
            midnight = datetime.combine(day + timedelta(days=1), datetime.min.time(), UTC).timestamp()
            self._close(
                CapacityState(), Gate.SPEND, f"the day's spend reached {self._spend_cap_usd} USD", midnight
            )
