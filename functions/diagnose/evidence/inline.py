"""What the ticket itself carries."""

from datetime import datetime

from diagnose.evidence.lines import log_lines
from diagnose.evidence.log_times import Order, are_without_zone, oldest_first
from diagnose.evidence.looked import Found
from diagnose.evidence.sections import Section, labelled, lines_of
from diagnose.evidence.sources.metrics.snapshot import snapshot_of
from runtime.clock import iso
from tickets.ticket import BadTicketError, Ticket


def told_by(ticket: Ticket) -> Found:
    """What the ticket itself says. Raises BadTicketError as `sections_of` does."""
    try:
        return _told_by(ticket)
    except Exception as error:
        raise BadTicketError(f"the ticket's own context cannot be read: {error!r}"[:500]) from error


def sections_of(ticket: Ticket) -> list[Section]:
    """The ticket's fields, metric snapshot, topology, log tail and notes on the system.

    Raises BadTicketError when they cannot be read: without them there is nothing to diagnose.
    """
    return list(told_by(ticket).sections)


NO_ZONE = " (written without a zone, taken as UTC)"
ZONELESS_LOG = "; its times are written without a zone"
LOG_TITLES: dict[Order, str] = {
    "oldest first": "Log tail, oldest first",
    "newest first": "Log tail, oldest first (it came newest first and was turned round)",
    "mixed": "Log tail, as it came: its times go back and forth",
    "unknown": "Log tail, as it came: its lines say no order",
}


def _told_by(ticket: Ticket) -> Found:
    snapshot = snapshot_of(ticket.metric_snapshot)
    facts = [
        *labelled("message", ticket.message),
        *labelled("invariant", ticket.invariant_name),
        *labelled("component", ticket.component),
        *labelled("system", ticket.subject),
        *labelled("severity as reported", ticket.severity),
        *labelled("alarm", ticket.alarm),
        *labelled("metric", _metric(ticket)),
        *labelled("resource", ", ".join(ticket.resource)),
        *labelled("log group", ", ".join(ticket.log_group)),
        *labelled("account", ticket.account),
        *labelled("region", ticket.region),
        *labelled("violation", ticket.violation_key),
        *labelled("batch", ticket.batch_key),
        *labelled("first seen", _seen(ticket, "first_seen_at")),
        *labelled("last seen", _seen(ticket, "last_seen_at")),
        *labelled("occurrences", str(ticket.occurrence_count)),
    ]
    sections = (
        Section("ticket", "Ticket", "E", tuple(facts)),
        *snapshot.sections,
        Section("topology", "Topology", "T", lines_of(ticket.topology)),
        _log(ticket),
        Section("subject_context", "About the system", "C", lines_of(ticket.subject_context), standing=True),
    )
    return Found(sections, snapshot.departures)


def _metric(ticket: Ticket) -> str:
    of = ", ".join(f"{name}={value}" for name, value in ticket.dimensions.items())
    how = f"{ticket.statistic or 'read'} over {ticket.period} s" if ticket.period else ticket.statistic
    return " ".join(
        part for part in (ticket.namespace, ticket.metric_name, f"({of})" if of else "", how) if part
    )


def _seen(ticket: Ticket, name: str) -> str:
    at: datetime | None = getattr(ticket, name)
    return f"{iso(at)}{NO_ZONE if name in ticket.without_zone else ''}" if at else ""


def _log(ticket: Ticket) -> Section:
    lines, order = oldest_first(log_lines(ticket.log_tail))
    title = LOG_TITLES[order] + (ZONELESS_LOG if are_without_zone(lines) else "")
    return Section("log_tail", title, "L", lines, is_log=True)
