"""A known cause: a diagnosis that a person confirmed, as the ticket that has it tells of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from pydantic import ValidationError

from diagnose.diagnosis.checked import Level
from diagnose.diagnosis.known.observations import digest_of
from diagnose.diagnosis.record import DiagnosisRecord, RecordedObservation, RecordedOrigin
from diagnose.diagnosis.schema import Diagnosis
from runtime.both_ends import both_ends
from tickets.feedback import Verdict, feedback_of
from tickets.moments import moment
from tickets.plain import plain
from tickets.ticket import Ticket

LONGEST_NAME = 256
DEFAULT_SEVERITY = "warning"
SEVERITIES = ("info", "warning", "error", "high", "critical")
"""As monitors grade, from the mildest; a word that is none of these is graver than all."""


@dataclass(frozen=True)
class KnownCause:
    """A confirmed diagnosis, what it rested on, and what else stood out then.

    `origin` is the full diagnosis that it goes back to: a repeat that was upheld is none. `diagnosed_at` is
    when this one was made.
    """

    origin: RecordedOrigin
    diagnosed_at: datetime
    answer: Diagnosis
    shown: Level
    observations: Mapping[str, RecordedObservation]
    findings: frozenset[str]
    not_looked_at: tuple[str, ...]
    severity: str

    @property
    def since(self) -> datetime:
        """When the full diagnosis was made, by which its age counts."""
        return moment_of(self.origin.diagnosed_at) or self.diagnosed_at


class NoKnownCauseError(Exception):
    """Raised when a ticket has no diagnosis that may decide about another; the text says why."""


def violation_of(ticket: Ticket) -> str:
    """The same for tickets of one violation on one component; "" for one without a `violation_key`."""
    if not ticket.violation_key:
        return ""
    parts = (ticket.violation_key, ticket.invariant_name, ticket.component, ticket.subject)
    return digest_of(json.dumps(parts))


def known_cause(item: Mapping[str, Any], violation: str) -> KnownCause:
    """The known cause that a ticket's item holds. Raises NoKnownCauseError.

    It needs a record of this version, with observations, of this violation, that a person confirmed. One
    that was itself upheld as a known cause hands on its origin, with a person's word or, where the same
    ticket came back, with the word that was said of the origin before.
    """
    record = _record(item)
    diagnosed_at = moment_of(item.get("diagnosed_at"))
    if diagnosed_at is None:
        raise NoKnownCauseError("when it was diagnosed cannot be read")
    if not violation or record.violation != violation:
        raise NoKnownCauseError("it is of another violation or component")
    said = feedback_of(item).verdict
    if said is not Verdict.CONFIRMED and not (said is None and _was_confirmed(item, record.known_cause)):
        raise NoKnownCauseError("nobody has confirmed it")
    if not record.answer.primary.chain or record.answer.verdict == "inconclusive":
        raise NoKnownCauseError("it names no cause with a chain")
    if record.findings is None or not record.observations:
        raise NoKnownCauseError("what it rested on is not on record")
    return KnownCause(
        origin=record.known_cause or _origin(item),
        diagnosed_at=diagnosed_at,
        answer=record.answer,
        shown=record.confidence.shown,
        observations={each.id: each for each in record.observations},
        findings=frozenset(record.findings),
        not_looked_at=tuple(record.not_looked_at),
        severity=str(item.get("severity") or DEFAULT_SEVERITY),
    )


def is_graver(severity: str, than: str) -> bool:
    return _rank(severity) > _rank(than)


def moment_of(value: Any) -> datetime | None:
    """The time that an attribute says, or None."""
    try:
        found = moment(value)
    except ValueError:
        return None
    return found if isinstance(found, datetime) else None


def _record(item: Mapping[str, Any]) -> DiagnosisRecord:
    try:
        return DiagnosisRecord.model_validate(plain(item.get("diagnosis_record")))
    except (ValidationError, ValueError) as error:
        raise NoKnownCauseError("its record is of another version, or cannot be read") from error


def _was_confirmed(item: Mapping[str, Any], origin: RecordedOrigin | None) -> bool:
    """Whether the origin is an earlier diagnosis of the same ticket, and was confirmed then."""
    if origin is None or origin.ticket_id != item.get("ticket_id"):
        return False
    history = item.get("diagnosis_history")
    return any(
        isinstance(each, Mapping)
        and each.get("diagnosed_at") == origin.diagnosed_at
        and feedback_of(each).verdict is Verdict.CONFIRMED
        for each in (history if isinstance(history, list) else ())
    )


def _origin(item: Mapping[str, Any]) -> RecordedOrigin:
    said = item.get("diagnosis_feedback")
    told: Mapping[str, Any] = said if isinstance(said, Mapping) else {}
    usage = item.get("diagnosis_usage")
    return RecordedOrigin(
        ticket_id=str(item.get("ticket_id", "")),
        diagnosed_at=str(item.get("diagnosed_at", "")),
        confirmed_by=_text(told.get("by")),
        confirmed_at=_text(told.get("at")),
        input_tokens=_count(usage, "input_tokens") + _count(usage, "cached_tokens"),
        output_tokens=_count(usage, "output_tokens"),
    )


def _text(value: Any) -> str:
    return both_ends(value.strip(), LONGEST_NAME) if isinstance(value, str) else ""


def _count(usage: Any, name: str) -> int:
    value = usage.get(name) if isinstance(usage, Mapping) else None
    return int(value) if isinstance(value, int | Decimal) and value >= 0 else 0


def _rank(severity: str) -> int:
    word = severity.strip().lower()
    return SEVERITIES.index(word) if word in SEVERITIES else len(SEVERITIES)
