"""What can go wrong, played before one's eyes: each scenario is one kind of trouble and how it must end."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from local.aws.function import ThrottledError
from local.aws.intervals import Intervals
from local.claude.faults import Fault, Kind
from local.claude.requests import Rules
from local.claude.server import StandIn
from local.demo.crash import Crashing
from local.demo.events import load_ticket, ticket_names
from local.demo.running_stack import Plan, RunningStack
from local.demo.shorter_waits import TIMEOUT_SECONDS
from local.demo.ticket_counts import tickets_in
from local.demo.written_answers import WrittenAnswer

Ticket = dict[str, Any]
Say = Callable[[str], None]

DIAGNOSE = "DiagnoseFunction"
NEW_KEY = "sk-local-stand-in-new"
WRITTEN = ("connections-exhausted", "connections-exhausted-with-faults")
INTERVALS = Intervals(schedule_seconds=3.0)
TIMEOUTS = {DIAGNOSE: TIMEOUT_SECONDS}


def _shipped() -> list[Ticket]:
    return [load_ticket(name) for name in ticket_names()]


def _nobody_acts(system: RunningStack, say: Say) -> None:
    """Nothing needs doing: the tickets come through by themselves."""


@dataclass(frozen=True)
class Scenario:
    """One kind of trouble: the story, who makes it, what people do meanwhile. All tickets end diagnosed.

    `written` are answers that were written by hand; they are shown as they come in and as they are stored.
    """

    story: str
    plan: Callable[[], Plan]
    act: Callable[[RunningStack, Say], None] = _nobody_acts
    tickets: Callable[[], list[Ticket]] = _shipped
    written: Callable[[], Sequence[WrittenAnswer]] = tuple


def _plan(stand_in: StandIn, **more: Any) -> Plan:
    plan = {"intervals": INTERVALS, "timeouts": TIMEOUTS, "hurry": True, "looks": False}
    return Plan(stand_in, **{**plan, **more})


def _rate_limit() -> Plan:
    stand_in = StandIn()
    stand_in.script(
        Fault(Kind.ANSWER),
        Fault(Kind.RATE_LIMIT, retry_after=3),
        Fault(Kind.ANSWER),
        Fault(Kind.RATE_LIMIT, retry_after=8),
    )
    return _plan(stand_in)


def _outage() -> Plan:
    stand_in = StandIn()
    stand_in.script(Fault(Kind.OVERLOADED, times=None))
    return _plan(stand_in)


def _outage_ends(system: RunningStack, say: Say) -> None:
    system.mappings.drain(lambda: system.watch.seen("deferred") >= 3, timeout=40)
    if system.stand_in is not None:
        system.stand_in.clear()
    say("The outage is over. Nobody tells the pipeline.")


def _bad_key() -> Plan:
    return _plan(StandIn(rules=Rules(accepted_keys=frozenset({NEW_KEY}))))


def _person_rotates_the_key(system: RunningStack, say: Say) -> None:
    system.mappings.drain(lambda: system.watch.count("deferred") >= 5, timeout=40)
    say(
        'A person stores a new key in Secrets Manager and opens the gate: SweepFunction, {"open_gate": true}.'
    )
    system.stack.secrets.put_secret_value(SecretId=system.stack.ref("AnthropicApiKey"), SecretString=NEW_KEY)

    def opened() -> bool:
        try:
            system.mappings.invoke("SweepFunction", {"open_gate": True})
        except ThrottledError:  # its schedule runs it just now: a person tries again
            return False
        return True

    system.mappings.drain(opened, timeout=20)


def _poison() -> Plan:
    stand_in = StandIn()
    # Matched by what only this ticket says: ids are in no prompt but those that cite similar tickets.
    stand_in.script(Fault(Kind.DROP, times=None, match=str(_shipped()[0]["violation_key"])))
    return _plan(stand_in)


def _what_broke_is_mended(system: RunningStack, say: Say) -> None:
    poisoned, *others = (str(ticket["ticket_id"]) for ticket in _shipped())
    system.mappings.drain(
        lambda: system.all_in(others, "done") and system.watch.seen("deferred") >= 3, timeout=60
    )
    said = tickets_in(system.stack, [poisoned])[poisoned].get("diagnosis", "nothing yet")
    say(f"The others are diagnosed. On this one stands: {' '.join(str(said).split())}")
    if system.stand_in is not None:
        system.stand_in.clear()
    say("What broke its connection is mended. Nobody tells the pipeline.")


def _crash() -> Plan:
    stand_in = StandIn()
    return _plan(stand_in, handlers={DIAGNOSE: Crashing(stand_in, DIAGNOSE, TIMEOUT_SECONDS)})


def _tell_of_the_crash(system: RunningStack, say: Say) -> None:
    errors = system.mappings.functions[DIAGNOSE].errors
    system.mappings.drain(lambda: bool(errors), timeout=30)
    say(f"{errors[0]}. The claim outlasts the time-out by a margin; then sweep takes the ticket back.")


def _burst() -> Plan:
    return _plan(StandIn(latency=0.2))


def _forty() -> list[Ticket]:
    tickets = _shipped()
    return [{**ticket, "ticket_id": f"{ticket['ticket_id']}-{n}"} for n in range(1, 9) for ticket in tickets]


@cache
def _written() -> Sequence[WrittenAnswer]:
    return [WrittenAnswer.load(name) for name in WRITTEN]


def _doubtful() -> Plan:
    stand_in = StandIn()
    stand_in.script(*(written.as_fault() for written in _written()))
    return _plan(stand_in)


SCENARIOS: Mapping[str, Scenario] = {
    "rate-limit": Scenario(
        "Claude answers 429: first with `retry-after: 3`, which is waited for in place, then with 8, for"
        " which tickets are put off.",
        _rate_limit,
    ),
    "outage": Scenario("Claude answers nothing but 529 for a while.", _outage, _outage_ends),
    "bad-key": Scenario(
        "The API key is not valid. No ticket is to blame, so all wait until a person has put that right.",
        _bad_key,
        _person_rotates_the_key,
    ),
    "poison": Scenario(
        "For one ticket the connection always breaks. Whose fault that is cannot be known, so it waits, each"
        " time for longer, says why, and holds up no other.",
        _poison,
        _what_broke_is_mended,
    ),
    "crash": Scenario(
        "An invocation is killed while Claude is thinking, and leaves its ticket claimed.",
        _crash,
        _tell_of_the_crash,
    ),
    "burst": Scenario(
        "Forty tickets are written at once; one at a time is diagnosed.", _burst, tickets=_forty
    ),
    "doubtful": Scenario(
        "One incident is answered twice: once as well as could be, once with faults planted in the answer for"
        " the checks to find. Both answers were written by hand, not by Claude.",
        _doubtful,
        tickets=lambda: [dict(written.ticket) for written in _written()],
        written=_written,
    ),
}
