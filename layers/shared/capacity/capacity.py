"""Whether Claude may be called now: the rules by which the gate closes and opens, and turns are taken."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import Attr
from botocore.exceptions import BotoCoreError, ClientError

from capacity.buckets import Bucket, Means, Used, next_call
from capacity.item import CapacityItem, is_refused, lies_between
from capacity.state import MAX_GATE_SECONDS, MAX_STRIKES, CapacityState, Gate
from runtime.clock import Clock
from runtime.items import storable
from runtime.observability import MetricUnit, logger, metrics

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

LEAST_GATE_SECONDS = 1.0
STALE_PACE = 2.0
"""A pace on record this many times slower than the buckets now allow is out of date."""
ROOMY = 0.5
"""Nobody needs to take turns while every bucket is at least this full."""
USUAL_CALL_SECONDS = 200.0
"""What a call may take as long as too few have been seen to know better."""
KNOWN_AFTER_CALLS = 5
CALL_MARGIN = (2.0, 30.0)
"""Factor and seconds that a call may take beyond the mean."""
OPEN_BELIEVED_SECONDS, CLOSED_BELIEVED_SECONDS = 300.0, 10.0
RECORD_ROUNDING_SECONDS = 1.0
"""What the time of a record in the stream may be off by."""
MAX_SPEND_USD = 1e9
"""A day's spend that is larger was not written by us."""

BACKOFF_SECONDS = {Gate.SHARED: (15.0, 300.0), Gate.ACCOUNT: (120.0, 3600.0), Gate.PROVIDER: (60.0, 540.0)}
"""First and longest closing where Claude does not say how long; doubled while nobody is answered.

The provider's ends before the second sweep after it: that brings back the ticket which tries.
"""


OPEN = {"gate_until": 0, "gate": "", "gate_reason": ""}


class Capacity:
    """Reads and writes the item. Writes are best effort: a diagnosis never depends on one."""

    def __init__(self, table: "Table", clock: Clock, concurrency: int, spend_cap_usd: float = 0.0) -> None:
        self._item = CapacityItem(table, clock)
        self._clock = clock
        self._concurrency = concurrency
        self._spend_cap_usd = spend_cap_usd
        self._means = Means()

    def read(self) -> CapacityState:
        """The state as it is now, strongly consistent."""
        return self._item.read()

    @property
    def last_seen(self) -> CapacityState:
        """The state as it was last read or written here."""
        return self._item.seen

    def seen(self, changed_at: float | None) -> CapacityState:
        """The state for a ticket that was changed then; as it was last seen here, where that will do.

        1. Open, and nobody else calls: only calls of ours close the gate.
        2. Closed after the change: the ticket has not come because somebody has opened the gate since.
        """
        seen, seen_at, now = self._item.seen, self._item.seen_at, self._clock.now()
        if seen.opens_at <= now:
            believed = self._concurrency == 1 and now - seen_at < OPEN_BELIEVED_SECONDS
        else:
            came_before = changed_at is not None and changed_at + RECORD_ROUNDING_SECONDS < seen_at
            believed = came_before and now - seen_at < CLOSED_BELIEVED_SECONDS
        return seen if believed else self.read()

    def after_wait(self) -> CapacityState:
        """The state for one who has waited; nobody else closes a lone caller's gate once it is open."""
        seen = self._item.seen
        believed = self._concurrency == 1 and seen.gate_until <= self._clock.now()
        return seen if believed else self.read()

    def pace(self, state: CapacityState) -> float:
        """Seconds between calls that can be kept up, over all invocations."""
        return state.pace or self._means.seconds / self._concurrency

    def take_turn(self, state: CapacityState) -> float:
        """Takes the next turn to call (epoch seconds) by one atomic step."""
        return self._item.take("next_turn", max(state.gate_until, self._clock.now()), self.pace(state))

    def call_seconds(self) -> float:
        """What the next call may take, to be kept free for it."""
        factor, margin = CALL_MARGIN
        known = self._means.calls >= KNOWN_AFTER_CALLS
        return min(USUAL_CALL_SECONDS, factor * self._means.seconds + margin) if known else USUAL_CALL_SECONDS

    def time_for_call(self, left: float, *, fresh: bool) -> float:
        """All that is left; but after a call that timed out a fresh ticket's has what calls usually take.

        So a series of tickets that always time out does not hold up the others for all the time of each. One
        that did need more is given it the next time.
        """
        return min(left, self.call_seconds()) if fresh and self._means.timed_out else left

    def timed_out(self) -> None:
        """Takes in that a call timed out, with no answer since."""
        self._means.timed_out = True

    def took_longer_than(self, seconds: float) -> None:
        """Takes in that a call was cut off after so long: the next ones are to have more."""
        self._means.seconds = max(self._means.seconds, seconds)

    def budget(self, state: CapacityState, seconds: float, *, can_open: bool = True) -> int:
        """How many of those that wait are to come back now: as many as are diagnosed in `seconds`.

        None behind a closed gate; a single one that tries while it is half-open, if any of them may open it.
        """
        if state.gate_until > self._clock.now():
            return 0
        return 1 if can_open and state.is_half_open else max(1, int(seconds / self.pace(state)))

    def answered(
        self,
        state: CapacityState,
        used: Used,
        buckets: Mapping[str, Bucket],
        *,
        fresh: bool,
        is_usual: bool = True,
    ) -> bool:
        """Takes in that Claude answered, be it with a refusal; whether that opened a gate that was half-open.

        Only a fresh ticket, which has met no fault, opens it. Writes nothing but that and what the next call
        must wait for. An answer that is not usual says nothing of what the next call takes.
        """
        now = self._clock.now()
        self._means.timed_out = False
        if is_usual:
            self._means.add(used)
        opens = fresh and state.strikes > 0
        if opens:
            self._item.write({**OPEN, "strikes": 0}, ~Attr("gate_until").gt(storable(now)))
        changes: dict[str, Any] = {}
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
        return opens and state.is_half_open

    def spent(self, cost_usd: float) -> None:
        """Takes in what answers cost, whether or not they were of use."""
        if self._spend_cap_usd and cost_usd:
            self._spend(cost_usd, self._clock.now())

    def shared_limit(self, state: CapacityState, retry_at: float | None, reason: str) -> float:
        """Closes the gate because Claude is busy or we called too often; returns until when."""
        metrics.add_metric("CallsRefused", MetricUnit.Count, 1)
        return self._close(state, Gate.SHARED, reason, retry_at)

    def account_fault(self, state: CapacityState, reason: str) -> float:
        """Closes the gate because the account needs a person; returns until when."""
        return self._close(state, Gate.ACCOUNT, reason, None)

    def provider_fault(self, state: CapacityState, reason: str) -> float:
        """Notes a fault of a fresh ticket that may be the provider's; returns until when the gate is closed.

        One says nothing. The second of two with no answer between them closes the gate a while, and so does
        each one after that.
        """
        if state.strikes:
            return self._close(state, Gate.PROVIDER, reason, None)
        self._item.write({"strikes": 1})
        return 0.0

    def open(self) -> None:
        """Opens the gate by hand: a person has mended what closed it."""
        self._item.write({**OPEN, "strikes": 0, "next_turn": 0})

    def _close(self, state: CapacityState, gate: Gate, reason: str, retry_at: float | None) -> float:
        """Until when Claude asks for, but longer each time that nobody was answered meanwhile."""
        now = self._clock.now()
        first, longest = BACKOFF_SECONDS.get(gate, (0.0, 0.0))
        before = state.strikes - (gate is Gate.PROVIDER) if state.gate == gate else 0
        backoff = min(longest, first * 2**before) if retry_at is None or before else LEAST_GATE_SECONDS
        until = min(max(retry_at or 0.0, now + backoff), now + MAX_GATE_SECONDS[gate])
        closed = {
            "gate": gate.value,
            "gate_reason": reason[:500],
            "strikes": min(before + (2 if gate is Gate.PROVIDER else 1), MAX_STRIKES),
        }
        self._item.set_later("gate_until", until, closed)
        return until

    def _spend(self, cost_usd: float, now: float) -> None:
        day = datetime.fromtimestamp(now, UTC).date()
        try:
            today = Attr("spend_day").eq(day.isoformat()) & lies_between("spend_usd", 0, MAX_SPEND_USD)
            spent = self._item.update("ADD spend_usd :cost", {":cost": cost_usd}, today)
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
