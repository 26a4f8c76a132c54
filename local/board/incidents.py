"""What happens on the local stack, so that there is something to see: each kind of ticket, and a storm."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from local.aws.intervals import Intervals
from local.board import quote_errors
from local.claude.faults import Fault, Kind
from local.claude.server import StandIn
from local.demo.alarm_events import ring_again
from local.demo.alarm_scenarios import storm
from local.demo.events import ALARM, load_ticket
from local.demo.live.seeding import seed
from local.demo.reality import RECORDED
from local.demo.running_stack import Plan, RunningStack, running
from local.demo.watch import Watch
from local.demo.written_answers import WrittenAnswer

WRITTEN = "connections-exhausted"
"""Its diagnosis was written by hand (local/demo/written), as that of quote_errors.py."""
OF_THE_ALARM = "lambda-error-rate-"
IN_TROUBLE = "tikv-store-down"
"""The ticket in events/ for which the connection to Claude always breaks."""
BROKEN = {"ticket_id": "half-written", "status": "open", "invariant_name": "queue_drains", "message": []}
ALARMS, SUBJECTS = 6, 3
SETTLED = ("done", "failed", "deferred", "set_aside")
MOST_SECONDS = 60
INTERVALS = Intervals(idle_poll_seconds=0.5)
BY_WHOM = (
    "A stand-in answers in Claude's place: by plain rules, and for two tickets with answers written by hand"
    " (local/board/written, local/demo/written). No finding here was written by Claude."
)
NOT_REAL = [
    "This is a local page, not CloudWatch. AWS is an emulator on this machine, set up from template.yaml.",
    BY_WHOM,
    RECORDED,
]


@contextmanager
def quiet(*, aws_port: int = 0, claude_port: int = 0) -> Iterator[RunningStack]:
    """A local stack on which nothing has happened and nothing runs yet."""
    plan = Plan(StandIn(port=claude_port), port=aws_port, intervals=INTERVALS)
    with running(plan, Watch()) as system:
        yield system


def play(system: RunningStack) -> None:
    """Start the stack and have it all happen; back when nothing more comes of it by itself."""
    system.watch.ignore(seed(system.account, system.stack))
    written, trouble = WrittenAnswer.load(WRITTEN), load_ticket(IN_TROUBLE)
    drop = Fault(Kind.DROP, times=None, match=str(trouble["violation_key"]))
    if system.stand_in is not None:
        system.stand_in.script(quote_errors.answer_of(system), written.as_fault(), drop)
    system.mappings.start()
    ring_again(system.stack, system.account, ALARM)
    for ticket in (written.ticket, trouble, BROKEN):
        system.put(ticket)
    storm(system, ALARMS, SUBJECTS, in_order=True)
    system.mappings.drain(lambda: _is_settled(system), MOST_SECONDS)


def alarms_ticket(tickets: Iterable[str]) -> str:
    """Among these the one that intake wrote of the alarm; none when it is empty."""
    return next((ticket for ticket in tickets if ticket.startswith(OF_THE_ALARM)), "")


def _is_settled(system: RunningStack) -> bool:
    tickets = system.watch.tickets()
    return bool(alarms_ticket(tickets)) and system.all_in([WRITTEN, *tickets], *SETTLED)
