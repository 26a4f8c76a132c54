"""Which earlier ticket's confirmed diagnosis may be asked about, if any may."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from diagnose.diagnosis.known.cause import KnownCause, NoKnownCauseError, known_cause, moment_of, violation_of
from diagnose.diagnosis.known.remembering import called_wrong
from runtime.clock import iso
from tickets.feedback import Verdict, feedback_of
from tickets.plain import plain
from tickets.states import DiagnosisStatus
from tickets.ticket import Ticket

Item = Mapping[str, Any]
MANY = 100
"""Of so many tickets alike there may be more than were read."""


def chosen(
    ticket: Ticket,
    own: Item,
    earlier: Sequence[Item],
    read: Callable[[str], Item | None],
    now: datetime,
    longest: timedelta,
) -> KnownCause | None:
    """The newest confirmed diagnosis of the same violation; None where nobody has confirmed any.

    `own` is the ticket's item, which may have one from before it was opened again; `earlier` are the tickets
    alike, as their index has them, and `read` gives one of them as it is now. Raises NoKnownCauseError where
    there is one that must not decide: too old, called wrong since, changed since.
    """
    if not ticket.violation_key:
        return None
    alike = [each for each in earlier if _key(each) == ticket.violation_key]
    cause = _newest_of(ticket, own, alike, read)
    if cause is None:
        return None
    if not timedelta(0) <= now - cause.since <= longest:
        raise NoKnownCauseError("it is older than a known cause may be")
    if len(earlier) >= MANY and all(_at(each) > iso(cause.since) for each in earlier):
        raise NoKnownCauseError("there are more tickets alike since then than were looked at")
    if any(at is None or at >= cause.since for at in _wrong(own, alike)):
        raise NoKnownCauseError("a person has called it, or a diagnosis since then, wrong")
    return cause


def _newest_of(
    ticket: Ticket, own: Item, alike: Sequence[Item], read: Callable[[str], Item | None]
) -> KnownCause | None:
    confirmed = [each for each in alike if feedback_of(each).verdict is Verdict.CONFIRMED]
    newest = max(confirmed, key=lambda each: str(each.get("diagnosed_at")), default=None)
    violation = violation_of(ticket)
    if "diagnosis_record" in own and _at(own) >= (_at(newest) if newest else ""):
        try:
            return known_cause(own, violation)
        except NoKnownCauseError:
            if newest is None:
                return None
    if newest is None:
        return None
    item = read(str(newest.get("ticket_id")))
    if item is None or item.get("diagnosis_status") != DiagnosisStatus.DONE or "rediagnose" in item:
        raise NoKnownCauseError("its ticket is gone, or is being diagnosed afresh")
    return known_cause(item, violation)


def _wrong(own: Item, alike: Iterable[Item]) -> Iterable[datetime | None]:
    """When the diagnoses were made that people called wrong; None where that cannot be read."""
    for each in (own, *alike):
        yield from (moment_of(at) for at in called_wrong(each).values())


def _key(item: Item) -> str:
    value = item.get("violation_key")
    return str(plain(value)).strip() if value is not None else ""


def _at(item: Item) -> str:
    return str(item.get("diagnosed_at", ""))
