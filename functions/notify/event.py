"""The event on the bus that tells of a ticket, for machines; its record as far as there is room for it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from events.bus import MOST_BYTES, SOURCE
from events.outgoing import (
    VERSION,
    Pointer,
    TicketDiagnosed,
    TicketDiagnosisFailed,
    TicketFacts,
    TicketResolved,
)
from notify.findings import Findings
from notify.messages.body import text_of
from notify.messages.message import Message, line_within
from notify.messages.of_tickets import failure_of
from notify.telling import Kind, generation_of, rank_of
from rendering.jira import jira
from rendering.plain import plain as plain_text
from rendering.room import ROOMS, Room, shortened, within
from tickets.plain import as_json, plain

TITLE_CHARS, LONG_CHARS, SHORT_CHARS = 250, 4000, 1000
TEXT_BYTES = 32_000
"""Jira takes 32,767 characters in a description."""
SEVERITIES = ("critical", "error", "warning", "info")
ROOMS_OF_TEXTS = (*ROOMS, Room(40, 3))
FACTS = ("status", "invariant_name", "component", "subject", "severity", "violation_key", "first_seen_at")


@dataclass(frozen=True)
class Place:
    """Where the ticket is: its table, and its address in the console."""

    table: str
    link: str


def event_of(
    kind: Kind, item: Mapping[str, Any], findings: Findings, message: Message, place: Place, at: str
) -> str:
    """The detail as JSON, within what EventBridge takes of one event."""
    common: dict[str, Any] = {
        "version": VERSION,
        "id": message.id,
        "at": at,
        "title": line_within(message.title, TITLE_CHARS, plain_text),
        "text": within(TEXT_BYTES, lambda room: message.blocks(room, plain_text), plain_text, ROOMS_OF_TEXTS),
        "jira": within(TEXT_BYTES, lambda room: message.blocks(room, jira), jira, ROOMS_OF_TEXTS),
        "ticket": _facts(item),
        "thread": message.thread,
        "severity": SEVERITIES[min(rank_of(item.get("severity")), rank_of(findings.severity))],
        "link": place.link,
    }
    match kind:
        case Kind.DIAGNOSED:
            told = TicketDiagnosed.model_validate(
                {
                    **common,
                    "is_revised": bool(item.get("diagnosis_history")),
                    "verdict": findings.verdict or "unknown",
                    "headline": shortened(findings.headline, SHORT_CHARS),
                    "cause": shortened(findings.cause or findings.beginning, LONG_CHARS),
                    "next_step": shortened(findings.action, LONG_CHARS),
                    "confidence": shortened(findings.confidence, 40),
                    "known_cause": _known_cause(findings),
                    "record": _record(item),
                    "record_at": Pointer(table=place.table, ticket_id=text_of(item, "ticket_id")),
                }
            )
            whole = as_json(told.model_dump())
            fits = len(whole.encode("utf-8", "replace")) + len(SOURCE) + len(kind.detail_type) <= MOST_BYTES
            return whole if fits else as_json({**told.model_dump(), "record": None})
        case Kind.FAILED:
            error_kind, reason = failure_of(item)
            failed = TicketDiagnosisFailed(
                **common, kind=shortened(error_kind, SHORT_CHARS), reason=shortened(reason, LONG_CHARS)
            )
            return as_json(failed.model_dump())
        case Kind.RESOLVED:
            resolved = TicketResolved(
                **common,
                is_diagnosed=item.get("diagnosis_status") == "done",
                headline=shortened(findings.headline, SHORT_CHARS),
            )
            return as_json(resolved.model_dump())


def _facts(item: Mapping[str, Any]) -> TicketFacts:
    return TicketFacts(
        ticket_id=text_of(item, "ticket_id"),
        generation=generation_of(item),
        message=shortened(text_of(item, "message"), LONG_CHARS),
        incident_id=text_of(item, "incident_id"),
        **{name: shortened(text_of(item, name), SHORT_CHARS) for name in FACTS},
    )


def _known_cause(findings: Findings) -> dict[str, str] | None:
    known = findings.known_cause
    return {name: shortened(text, SHORT_CHARS) for name, text in asdict(known).items()} if known else None


def _record(item: Mapping[str, Any]) -> dict[str, Any] | None:
    record = item.get("diagnosis_record")
    return plain(record) if isinstance(record, Mapping) else None
