"""The messages about tickets: diagnosed, not diagnosed, resolved."""

from collections.abc import Mapping
from typing import Any

from notify.findings import Findings
from notify.messages.body import of_diagnosis, of_ticket, text_of
from notify.messages.message import SAFE, Message, begun, safe_name
from notify.telling import Kind, generation_of
from rendering.blocks import Block, Heading, Paragraph, Strong
from rendering.labels import VERDICTS
from rendering.room import Room

LONGEST_TITLE = 200
UNKNOWN = "Diagnosed, verdict unknown"
READ_IT = "read the diagnosis on the ticket"
ASK_AGAIN = "look for yourself; mend the reason, then write any new text into the attribute rediagnose"
WATCH = "none, unless it comes back"


def message_of(kind: Kind, item: Mapping[str, Any], findings: Findings, link: str, stack: str) -> Message:
    """The message about a ticket as the item has it; `link` leads to it, and `stack` has the buttons."""
    ticket_id, generation = text_of(item, "ticket_id"), generation_of(item)
    what = findings.headline or findings.cause or findings.beginning or text_of(item, "message")
    label, cause, step = _first_lines(kind, item, findings)
    severity = text_of(item, "severity")
    subject = f"{label} ({begun(severity, 20)}): {what}" if severity else f"{label}: {what}"

    def body(room: Room) -> list[Block]:
        if kind is Kind.FAILED:
            return [*_failure(item, room), *of_ticket(item, link, room)]
        return of_diagnosis(findings, item, link, room)

    return Message(
        id=f"{safe_name(ticket_id)}/{generation}/{kind.value}",
        thread=thread_of(item),
        event_type=kind.detail_type,
        title=begun(subject, LONGEST_TITLE),
        label=label,
        cause=cause,
        next_step=step,
        body=body,
        keywords=tuple(word for word in (label, severity, text_of(item, "component")) if word),
        buttons=_buttons(kind, ticket_id, generation, item, stack),
    )


def thread_of(item: Mapping[str, Any]) -> str:
    """What all that is told of an incident stands under: its head's id, or the ticket's own."""
    return safe_name(text_of(item, "incident_id") or text_of(item, "ticket_id"))


def _first_lines(kind: Kind, item: Mapping[str, Any], findings: Findings) -> tuple[str, str, str]:
    cause = findings.cause or findings.headline or findings.beginning
    match kind:
        case Kind.DIAGNOSED:
            return VERDICTS.get(findings.verdict, UNKNOWN), cause, findings.action or READ_IT
        case Kind.FAILED:
            error_kind, message = failure_of(item)
            return "Not diagnosed", f"{error_kind}: {message}" if error_kind else message, ASK_AGAIN
        case Kind.RESOLVED:
            return "Resolved", cause or text_of(item, "message"), WATCH


def failure_of(item: Mapping[str, Any]) -> tuple[str, str]:
    """Kind and message of what kept a ticket from being diagnosed."""
    error = item.get("diagnosis_error")
    told = error if isinstance(error, Mapping) else {"message": error}
    kind, message = told.get("kind"), told.get("message")
    return (
        kind if isinstance(kind, str) else "",
        message if isinstance(message, str) else "the ticket does not say why",
    )


def _failure(item: Mapping[str, Any], room: Room) -> list[Block]:
    kind, message = failure_of(item)
    return [
        Heading("Why"),
        Paragraph((*((Strong(f"{room.text(kind)}:"),) if kind else ()), room.text(message))),
    ]


def _buttons(
    kind: Kind, ticket_id: str, generation: int, item: Mapping[str, Any], stack: str
) -> dict[str, str]:
    """None for an id that could not stand in the command of a button."""
    if not SAFE.fullmatch(ticket_id):
        return {}
    has_diagnosis = item.get("diagnosis_status") == "done"
    is_open = kind is not Kind.RESOLVED and item.get("status") in ("open", "diagnosed")
    return {
        "stack": stack,
        "ticket_id": ticket_id,
        "generation": str(generation),
        **({"diagnosed": "yes"} if has_diagnosis else {}),
        **({"open": "yes"} if is_open else {}),
    }
