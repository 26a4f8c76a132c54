"""The real use cases over a deployment, with every call of theirs open to disturbance."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, cast

from capacity.capacity import Capacity
from diagnose.backlog import Backlog
from diagnose.before_claim import BeforeClaim
from diagnose.diagnose_ticket import DiagnoseTicket, Limits
from diagnose.severest_first import SeverestFirst
from rearm.rearm_ticket import RearmTicket
from sweep.cursors import Cursors
from sweep.outage import Outages
from sweep.sweep_tickets import SweepTickets
from tests.integration.state_machine.deployments import Deployment, projections
from tests.integration.state_machine.fake_claude import FakeClaude
from tests.integration.state_machine.promises import Item
from tests.support.fake_clock import FakeClock
from tickets.members import Members
from tickets.queries import TicketQueries
from tickets.recovery import Recovery
from tickets.repairs import Repairs
from tickets.requests import Requests
from tickets.runs import Runs
from tickets.states import Status
from tickets.stream_lag import StreamLag
from tickets.table import TicketTable
from tickets.transactions import Tables
from tickets.wake_up import FailedTicket, Message, WakeUpQueue

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

Projections = Mapping[str, tuple[str, frozenset[str]]]
Page = tuple[list[dict[str, Any]], Any]


class LaggingQueries(TicketQueries):
    """The tickets as the indexes show them; those of `behind`, an older state, while it is set."""

    def __init__(self, table: TicketTable, projected: Projections) -> None:
        super().__init__(table)
        self.behind: Mapping[str, Item] | None = None
        self._projected = projected

    def page(self, status: Status, after: Mapping[str, Any] | None) -> Page:
        if self.behind is None:
            return super().page(status, after)
        return self._older("by-status", lambda item: item.get("status") == status), None

    def waiting(self, status: Status, most_pages: int = 10) -> list[dict[str, Any]]:
        if self.behind is None:
            return super().waiting(status, most_pages)
        return self._older("by-status", lambda item: item.get("status") == status and _waits(item))

    def page_of_requests(self, after: Mapping[str, Any] | None) -> Page:
        if self.behind is None:
            return super().page_of_requests(after)
        return self._older("by-rediagnose", lambda item: "rediagnose" in item), None

    def _older(self, index: str, holds: Callable[[Item], bool]) -> list[dict[str, Any]]:
        _, shown = self._projected[index]
        items = [item for item in (self.behind or {}).values() if holds(item)]
        return [{name: item[name] for name in shown & item.keys()} for item in items]


def _waits(item: Item) -> bool:
    return item.get("diagnosis_status") == "pending" and "generation" in item


class RecordingQueue(WakeUpQueue):
    """A queue that remembers which tickets, in which generation, it was sent."""

    def __init__(self, sqs: "SQSClient", queue_url: str) -> None:
        super().__init__(lambda: sqs, queue_url)
        self.sent: set[tuple[str, int]] = set()

    def send(self, message: Message, delay_seconds: float = 0) -> None:
        super().send(message, delay_seconds)
        assert isinstance(message, FailedTicket)
        self.sent.add((message.ticket_id, message.generation))


class UseCases:
    """The three use cases, and what the tests look at beside them."""

    def __init__(
        self, deployed: Deployment, clock: FakeClock, claude: FakeClaude, spend_cap_usd: float = 0.0
    ) -> None:
        environment, table = deployed.environment, TicketTable(deployed.tickets)
        queries, runs, recovery = TicketQueries(table), Runs(table, clock), Recovery(table, clock)
        requests, repairs = Requests(table, clock), Repairs(table)
        members = Members(cast("Tables", None), clock)  # no ticket here is a member
        capacity = Capacity(deployed.state, clock, int(environment["CONCURRENCY"]), spend_cap_usd)
        retry_queue = WakeUpQueue(lambda: deployed.sqs, environment["RETRY_QUEUE_URL"])
        self.dead_letters = RecordingQueue(deployed.sqs, environment["DEAD_LETTER_QUEUE_URL"])
        self.lagging_queries = LaggingQueries(table, projections(deployed.stack.template))
        self.diagnose_ticket = DiagnoseTicket(
            before_claim=BeforeClaim(queries, requests, repairs, clock, members),
            order=SeverestFirst(Backlog(self.lagging_queries, clock), clock),
            runs=runs,
            capacity=capacity,
            claude=claude,
            sources=(),
            retry_queue=retry_queue,
            dead_letter_queue=self.dead_letters,
            stream=StreamLag(deployed.state, clock),
            clock=clock,
            limits=Limits(prompt_tokens=30_000, max_output_tokens=8000),
            prompt_version="test",
        )
        interval = float(environment["SWEEP_INTERVAL_SECONDS"])
        self.rearm_ticket = RearmTicket(queries, recovery, capacity, retry_queue, clock, interval)
        self.sweep_tickets = SweepTickets(
            self.lagging_queries,
            recovery,
            requests,
            repairs,
            capacity,
            Cursors(deployed.state),
            Outages(deployed.state, None, clock),
            StreamLag(deployed.state, clock),
            clock,
            interval,
            members,
        )
