"""The use case: tell once what has happened, on the bus, by mail, in the chat, and note that it was told."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from events.bus import EventBus, EventRefusedError
from events.outgoing import DiagnosisDelayed, DiagnosisResumed
from notify.event import Place, event_of
from notify.findings import findings_of
from notify.messages.of_outages import of_delay, of_resumption
from notify.messages.of_tickets import message_of
from notify.notes import OutageNotes, TicketNotes, noted
from notify.telling import Kind, NotifyFrom, finished_as, generation_of, news_of
from notify.topics import Topics
from rendering.links import to_ticket
from runtime.clock import Clock, iso
from runtime.observability import MetricUnit, logger, metrics
from tickets.stream_record import StreamRecord

Send = Callable[[], object]
BUS = "bus"
NOT_FINISHED = "not told: it has no finished diagnosis"


class NotToldError(Exception):
    """Raised when some way refused; what went out by the others is noted, and is not sent again."""


@dataclass(frozen=True)
class Here:
    """The stack and its tickets: what links and buttons lead to."""

    stack: str
    region: str
    tickets_table: str


@dataclass(frozen=True)
class NotifyPeople:
    """The collaborators of the use case."""

    bus: EventBus
    topics: Topics
    tickets: TicketNotes
    outages: OutageNotes
    notify_from: NotifyFrom
    here: Here
    clock: Clock

    def handle(self, record: StreamRecord) -> str:
        """A change of a ticket: what came of it. Raises NotToldError, and what AWS raises."""
        kind = news_of(record)
        if not kind or not record.new:
            return "no news"
        standing = self.tickets.read(record.ticket_id)
        if standing is None:
            return "not told: the ticket is deleted"
        generation = generation_of(record.new)
        told = noted(standing)
        if told.get(kind, -1) >= generation:
            return f"{kind}: told before"
        skip = {way for way in (BUS, "mail", "slack", "teams") if told.get(f"{kind}/{way}") == generation}
        return self._tell(kind, record.new, standing, skip=frozenset(skip), always=False)

    def again(self, ticket_id: str) -> str:
        """Tells of a ticket as it stands, whatever was told before: a person asks."""
        standing = self.tickets.read(ticket_id)
        if standing is None:
            return "not told: there is no such ticket"
        kind = finished_as(standing)
        if not kind:
            return NOT_FINISHED
        try:
            return self._tell(kind, standing, standing, skip=frozenset(), always=True)
        except NotToldError as error:
            return f"not told: {error}"

    def outage(self, detail_type: str, detail: Mapping[str, Any]) -> str:
        """An outage, or its end, as sweep put it on the bus. Raises ValueError for what is no such event."""
        event: DiagnosisDelayed | DiagnosisResumed
        if detail_type == "Diagnosis Delayed":
            event = DiagnosisDelayed.model_validate(detail)
            message = of_delay(event)
        else:
            event = DiagnosisResumed.model_validate(detail)
            message = of_resumption(event)
        told = self.outages.of(event.id)
        if detail_type in told:
            return f"{detail_type}: told before"
        ways = {way: send for way, send in self.topics.ways(message) if f"{detail_type}/{way}" not in told}
        took, refused = _sent(ways)
        if refused:
            self.outages.write(event.id, *(f"{detail_type}/{way}" for way in took))
            raise NotToldError("; ".join(refused))
        self.outages.write(event.id, detail_type)
        return f"{detail_type}: told"

    def _tell(
        self,
        kind: Kind,
        item: Mapping[str, Any],
        standing: Mapping[str, Any],
        *,
        skip: frozenset[str],
        always: bool,
    ) -> str:
        """Sends by each way, and notes those that took it: together, or alone where another one refused."""
        findings = findings_of(item)
        ticket_id, generation = str(item["ticket_id"]), generation_of(item)
        link = to_ticket(self.here.region, self.here.tickets_table, ticket_id)
        message = message_of(kind, item, findings, link, self.here.stack)
        place = Place(self.here.tickets_table, link)
        ways: dict[str, Send] = {
            BUS: lambda: self.bus.put(
                kind.detail_type, event_of(kind, item, findings, message, place, iso(self.clock.now()))
            )
        }
        is_quiet = not always and not (
            (kind is not Kind.RESOLVED or finished_as(item))
            and self.notify_from.tells(kind, item, findings.severity, findings.verdict)
        )
        if not is_quiet:
            ways |= dict(self.topics.ways(message))
        took, refused = _sent({way: send for way, send in ways.items() if way not in skip})
        if refused:
            if done := (*skip, *took):
                self.tickets.write(standing, generation, kind, done)
            raise NotToldError("; ".join(refused))
        self.tickets.write(standing, generation, kind, ())
        metrics.add_metric("KeptQuiet" if is_quiet else "Told", MetricUnit.Count, 1)
        return f"{kind}: told {'on the bus alone' if is_quiet else 'by ' + ', '.join(ways)}"


def _sent(ways: Mapping[str, Send]) -> tuple[list[str], list[str]]:
    """The ways that took it, and what each other one said. One that refuses does not stop the others."""
    took: list[str] = []
    refused: list[str] = []
    for way, send in ways.items():
        try:
            send()
        except (ClientError, BotoCoreError, EventRefusedError) as error:
            logger.exception("refused", way=way)
            metrics.add_metric("NotTold", MetricUnit.Count, 1)
            refused.append(f"{way}: {error}")
        else:
            took.append(way)
    return took, refused
