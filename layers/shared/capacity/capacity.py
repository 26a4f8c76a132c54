"""Whether Claude may be called now, or not before when: one item, shared by every invocation.

Three times govern it, all epoch seconds. `gate_until`: Claude refused; nobody calls before then. `next_turn`:
the token buckets will not carry another call before then; callers take turns, spaced at the sustainable rate.
`next_slot`: when the next ticket that is put off should come back, spaced likewise, so that a backlog does
not return at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import Attr
from botocore.exceptions import BotoCoreError, ClientError

from runtime.clock import Clock
from runtime.items import storable
from runtime.observability import logger

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

STATE_ID = "capacity"
DEFAULT_CALL_SECONDS = 15.0
LEAST_GATE_SECONDS = 1.0
MAX_GATE_SECONDS = 6 * 3600.0
"""However long a header asks for, Claude is tried again after this."""
CUSHION = 1.5
"""The next call is taken to need this much more than the mean one, since answers differ in length."""
PACE_MARGIN = 1.01
STALE_PACE = 2.0
"""A pace on record this many times slower than the buckets now allow is out of date."""
WINDOW = 30
ROOMY = 0.5
"""Nobody needs to take turns while every bucket is at least this full."""
SUCCESS_RECORD_SECONDS = 60.0
"""Without a fault to answer, the time of the last success is written at most this often."""
TURN_ATTEMPTS = 20
SEVERAL = "several tickets"
"""In place of the one ticket that has met ambiguous faults since the last success."""


class Gate(StrEnum):
    """Why the gate is closed."""

    SHARED = "shared"
    ACCOUNT = "account"
    PROVIDER = "provider"
    SPEND = "spend"


BACKOFF_SECONDS = {Gate.SHARED: (15.0, 300.0), Gate.ACCOUNT: (120.0, 3600.0), Gate.PROVIDER: (60.0, 600.0)}
"""First and longest closing where Claude does not say how long; doubled while nothing succeeds."""


@dataclass(frozen=True)
class Bucket:
    """One of Claude's token buckets as a response's headers show it: per minute, refilled continuously.

    `remaining` is rounded by the API; `full_at` (epoch seconds) says more exactly how full the bucket is.
    """

    limit: float
    remaining: float
    full_at: float | None = None

    def holds_at(self, need: float, now: float) -> float:
        """When the bucket will hold `need` (epoch seconds), `now` when it does already."""
        if self.remaining >= need:
            return now
        seconds_each = 60 / self.limit
        if self.full_at is None:
            return now + (need - self.remaining) * seconds_each
        # An answer may overdraw the bucket; no more than by all of it, whatever the header or our clock says.
        overdrawn = now + (self.limit + need) * seconds_each
        return min(overdrawn, max(now, self.full_at - (self.limit - need) * seconds_each))


@dataclass(frozen=True)
class Used:
    """What one successful call took."""

    seconds: float
    input_tokens: int
    output_tokens: int
    cost_usd: float


@dataclass(frozen=True)
class CapacityState:
    """The item as it was read."""

    gate_until: float = 0.0
    gate: str = ""
    gate_reason: str = ""
    strikes: int = 0
    next_turn: float = 0.0
    next_slot: float = 0.0
    pace: float = 0.0
    last_success_at: float = 0.0
    fault_at: float = 0.0
    fault_ticket: str = ""

    @property
    def opens_at(self) -> float:
        """When the next call may be made (epoch seconds); in the past when it may be made now."""
        return max(self.gate_until, self.next_turn)

    def faults_are_of(self, ticket_id: str) -> bool:
        """Whether no other ticket has met an ambiguous fault since the last success."""
        return self.fault_ticket in ("", ticket_id)


@dataclass
class _Means:
    """Means of what a call takes over about the last WINDOW calls of this execution environment."""

    calls: int = 0
    seconds: float = field(default_factory=lambda: DEFAULT_CALL_SECONDS)
    needs: dict[str, float] = field(default_factory=dict)

    def add(self, used: Used) -> None:
        self.calls += 1
        weight = 1 / min(self.calls, WINDOW)
        taken = {"requests": 1.0, "input-tokens": used.input_tokens, "output-tokens": used.output_tokens}
        for name, value in taken.items():
            self.needs[name] = self.needs.get(name, 0.0) * (1 - weight) + value * weight
        self.seconds = self.seconds * (1 - weight) + used.seconds * weight


class Capacity:
    """Reads and writes the item. Writes are best effort: a diagnosis never depends on one."""

    def __init__(self, table: "Table", clock: Clock, concurrency: int, spend_cap_usd: float = 0.0) -> None:
        self._table = table
        self._clock = clock
        self._concurrency = concurrency
        self._spend_cap_usd = spend_cap_usd
        self._means = _Means()

    def read(self) -> CapacityState:
        """The item as it is now, strongly consistent."""
        item = self._table.get_item(Key={"state_id": STATE_ID}, ConsistentRead=True).get("Item", {})
        return _state(item)

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
        fits_at, pace = self._fits_at(buckets, now)
        full_enough = [bucket.remaining >= ROOMY * bucket.limit for bucket in buckets.values()]
        roomy = bool(full_enough) and all(full_enough)
        if fits_at > now or (buckets and state.pace > STALE_PACE * pace):
            changes["pace"] = pace
        if (self._concurrency == 1 or roomy) and max(fits_at, state.next_turn) > now:
            changes["next_turn"] = fits_at  # nobody else waits for a turn, or nobody needs to
        elif fits_at > now:
            self._raise("next_turn", fits_at)
        if changes:
            self._write(changes)
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
        self._write({"fault_at": self._clock.now(), "fault_ticket": SEVERAL if others else ticket_id})
        if others:
            self._close(state, Gate.PROVIDER, reason, None)

    def open(self) -> None:
        """Opens the gate by hand: a person has mended what closed it."""
        self._write(
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
        self._raise("gate_until", until, closed)
        return until

    def _spend(self, cost_usd: float, now: float) -> None:
        day = datetime.fromtimestamp(now, UTC).date()
        try:
            spent = self._update(
                "ADD spend_usd :cost", {":cost": cost_usd}, Attr("spend_day").eq(day.isoformat())
            )
        except (ClientError, BotoCoreError) as error:
            if not (isinstance(error, ClientError) and _refused(error)):
                logger.warning("could not record the spend", exc_info=True)
                return
            self._write({"spend_day": day.isoformat(), "spend_usd": cost_usd})
            spent = {"spend_usd": cost_usd}
        if float(spent.get("spend_usd", 0)) >= self._spend_cap_usd:
            midnight = datetime.combine(day + timedelta(days=1), datetime.min.time(), UTC).timestamp()
            self._close(
                CapacityState(), Gate.SPEND, f"the day's spend reached {self._spend_cap_usd} USD", midnight
            )

    def _fits_at(self, buckets: Mapping[str, Bucket], now: float) -> tuple[float, float]:
        """When the buckets will carry the next call, and the seconds between calls that they keep up.

        Requests and input tokens are taken from their buckets when a call begins, so all that it needs must
        be there; output tokens as they are written, so the call may begin as soon as there are any. Where
        others call too, they take turns before the buckets are down to what is in flight.
        """
        fits_at, pace, tight = now, self._means.seconds / self._concurrency, False
        for name, bucket in buckets.items():
            mean = self._means.needs.get(name, 0.0)
            if not mean or bucket.limit <= 0:
                continue
            need = {"requests": 1.0, "output-tokens": 1.0}.get(name, mean * CUSHION)
            fits_at = max(fits_at, bucket.holds_at(min(bucket.limit, need), now))
            pace = max(pace, PACE_MARGIN * mean * 60 / bucket.limit)
            tight |= bucket.remaining < min(bucket.limit / 2, mean * (self._concurrency - 1))
        return max(fits_at, now + pace) if tight else fits_at, pace

    def _take(self, name: str, state: CapacityState) -> float:
        pace = self.pace(state)
        base = max(state.gate_until, self._clock.now())
        for _ in range(TURN_ATTEMPTS):
            try:
                queued = Attr(name).gte(storable(base))
                return float(self._update(f"ADD {name} :pace", {":pace": pace}, queued)[name]) - pace
            except ClientError as error:
                if not _refused(error):
                    raise
            try:
                first = Attr(name).not_exists() | Attr(name).lt(storable(base))
                self._update(f"SET {name} = :after", {":after": base + pace}, first)
            except ClientError as error:
                if not _refused(error):
                    raise
            else:
                return base
        return base

    def _raise(self, name: str, value: float, also: Mapping[str, Any] | None = None) -> None:
        """Sets `name` to a later time, with what belongs to it; never to an earlier one."""
        self._write({name: value, **(also or {})}, Attr(name).not_exists() | Attr(name).lt(storable(value)))

    def _write(self, changes: Mapping[str, Any], condition: Any = None) -> None:
        values = {f":{name}": value for name, value in changes.items()}
        try:
            self._update("SET " + ", ".join(f"{name} = :{name}" for name in changes), values, condition)
        except (ClientError, BotoCoreError) as error:
            if not (isinstance(error, ClientError) and _refused(error)):
                logger.warning("could not write the capacity", exc_info=True)

    def _update(self, expression: str, values: Mapping[str, Any], condition: Any = None) -> Mapping[str, Any]:
        guard = {"ConditionExpression": condition} if condition is not None else {}
        answer = self._table.update_item(
            Key={"state_id": STATE_ID},
            UpdateExpression=expression,
            ExpressionAttributeValues={name: storable(value) for name, value in values.items()},
            ReturnValues="ALL_NEW",
            **guard,
        )
        return answer["Attributes"]


def _refused(error: ClientError) -> bool:
    return error.response["Error"]["Code"] == "ConditionalCheckFailedException"


def _state(item: Mapping[str, Any]) -> CapacityState:
    types: dict[str, Any] = {field.name: type(field.default) for field in fields(CapacityState)}
    return CapacityState(**{name: convert(item[name]) for name, convert in types.items() if name in item})
