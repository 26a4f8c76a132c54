"""What a finished run leaves behind: the attributes on the ticket, and the metrics."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from diagnose.diagnosis.answer import Reply
from diagnose.diagnosis.checked import Checked, Result
from diagnose.diagnosis.checks.checking import BROKEN
from diagnose.diagnosis.known.remembering import called_wrong, remembered
from diagnose.diagnosis.record import Remembered, record_of
from diagnose.diagnosis.rendering.ticket_text import render, render_error, render_trouble
from diagnose.evidence.sections import SourceRead
from runtime.both_ends import both_ends
from runtime.characters import clean
from runtime.clock import iso
from runtime.observability import MetricUnit, logger, metrics, single_metric
from runtime.unreadable import unreadable_in
from tickets.ticket import Ticket

SUMMARY_CHARS = 500
ASKED_AGAIN = "checks failed in a first answer, so Claude was asked once more; this is the better of the two"


def of_diagnosis(
    ticket: Ticket,
    reply: Reply,
    prompt_version: str,
    now: float,
    cuts: Sequence[str] = (),
    before: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The attributes of a diagnosed ticket; `cuts` are the notes of what it had lost before it was sent.

    `before` is the ticket's item, on which people may have said something of earlier diagnoses.
    """
    checked = reply.checked
    kept = _remembered(ticket, reply)
    notes = [*cuts, *(f"not usable: {fault}" for fault in ticket.unusable), *reply.prompt.cuts]
    if reply.asked_again:
        notes.append(ASKED_AGAIN)
    return {
        "diagnosis": render(checked, notes, reply.prompt, reply.known),
        "diagnosis_record": record_of(checked, reply.prompt.not_looked_at, kept),
        "diagnosis_summary": {**summary_of(checked), **called_wrong(before or {})},
        "diagnosis_notes": notes,
        "diagnosed_at": iso(now),
        "diagnosis_model": reply.answer.model,
        "diagnosis_usage": {
            "input_tokens": reply.used.input_tokens,
            "output_tokens": reply.used.output_tokens,
            "cached_tokens": reply.answer.cached_tokens,
            "cost_usd": round(reply.used.cost_usd, 6),
            "seconds": round(reply.used.seconds, 3),
        },
        "prompt_version": prompt_version,
        "claude_request_id": reply.answer.request_id,
        "similar_key": ticket.similar_key,
    }


def _remembered(ticket: Ticket, reply: Reply) -> Remembered:
    """A fault of ours must not cost the diagnosis, which is paid for: it can then be no known cause."""
    try:
        return remembered(ticket, reply.diagnosis, reply.prompt, reply.known)
    except Exception:  # noqa: BLE001 - whatever it is, it is ours and not the ticket's
        logger.exception("what a diagnosis rests on could not be kept")
        return Remembered(known_cause=reply.known)


def summary_of(checked: Checked) -> dict[str, str]:
    """What later tickets alike are told of it: an index holds it, so it is short."""
    diagnosis = checked.diagnosis
    return {
        "cause": both_ends(diagnosis.primary.diagnosis, SUMMARY_CHARS),
        "confidence": checked.confidence.shown,
        "action": both_ends(diagnosis.recommended_action, SUMMARY_CHARS),
        "verdict": diagnosis.verdict,
        "headline": both_ends(diagnosis.headline, SUMMARY_CHARS),
    }


def of_error(kind: str, message: str, request_id: str | None, now: float) -> dict[str, Any]:
    """The attributes of a ticket that could not be diagnosed."""
    at = iso(now)
    error = {"kind": kind, "message": clean(message), "request_id": request_id, "at": at}
    return {"diagnosis_error": error, "diagnosis": render_error(kind, message, request_id, at)}


def of_trouble(
    kind: str, message: str, request_id: str | None, now: float, again_at: float
) -> dict[str, Any]:
    """The attributes of a ticket whose attempt met a fault that may not be its own, and which waits."""
    error = {"kind": kind, "message": clean(message), "request_id": request_id, "at": iso(now)}
    text = render_trouble(kind, message, request_id, iso(now), iso(again_at))
    return {"diagnosis_error": error, "diagnosis": text}


def count_diagnosis(ticket: Ticket, reply: Reply, now: float) -> None:
    """Metrics of a diagnosis: count, seconds, tokens, and the ticket's age."""
    metrics.add_metric("Diagnosed", MetricUnit.Count, 1)
    metrics.add_metric("DiagnosisSeconds", MetricUnit.Seconds, reply.used.seconds)
    metrics.add_metric("InputTokens", MetricUnit.Count, reply.used.input_tokens)
    metrics.add_metric("CachedTokens", MetricUnit.Count, reply.answer.cached_tokens)
    metrics.add_metric("EstimatedTokens", MetricUnit.Count, (reply.sent or reply.prompt).tokens)
    metrics.add_metric("OutputTokens", MetricUnit.Count, reply.used.output_tokens)
    metrics.add_metric("CostUsd", MetricUnit.NoUnit, reply.used.cost_usd)
    if ticket.first_seen_at:
        metrics.add_metric(
            "TicketAgeSeconds", MetricUnit.Seconds, max(0.0, now - ticket.first_seen_at.timestamp())
        )


def count_known_cause(*, is_upheld: bool, not_upheld: str) -> None:
    """Counts a known cause that was upheld in place of a full diagnosis, or that was not, and why."""
    if is_upheld:
        metrics.add_metric("KnownCauseHeld", MetricUnit.Count, 1)
    elif not_upheld:
        metrics.add_metric("KnownCauseNotHeld", MetricUnit.Count, 1)
        logger.info("a known cause was not upheld")  # why is on the ticket: it may quote the evidence


def count_checks(reply: Reply) -> None:
    """Metrics of what the checks made of a diagnosis; which check failed how often is counted by its name."""
    checked = reply.checked
    metrics.add_metric("Doubts", MetricUnit.Count, len(checked.doubts))
    if checked.confidence.shown != checked.confidence.said:
        metrics.add_metric("ConfidenceCapped", MetricUnit.Count, 1)
    if reply.asked_again:
        metrics.add_metric("AskedAgain", MetricUnit.Count, 1)
    failed = Counter(each.name for each in checked.checks if each.result is Result.FAILED)
    if broken := [each.says for each in checked.checks if each.name == BROKEN]:
        logger.error("a check of an answer broke", which=broken)
    for name, count in failed.items():
        with single_metric(name="ChecksFailed", unit=MetricUnit.Count, value=count) as counted:
            counted.add_dimension("service", logger.service)
            counted.add_dimension("check", name)


def count_failure(kind: str) -> None:
    """Counts a failure, in all and by its kind."""
    metrics.add_metric("Failed", MetricUnit.Count, 1)
    with single_metric(name="FailedByKind", unit=MetricUnit.Count, value=1) as counted:
        counted.add_dimension("service", logger.service)
        counted.add_dimension("kind", kind)


def count_deferral(deferred_for: str) -> None:
    """Counts a deferral."""
    metrics.add_metric("Deferred", MetricUnit.Count, 1)
    logger.info("deferred", deferred_for=deferred_for)


def count_respelt() -> None:
    """Counts a ticket whose `status` was meant, but written otherwise; its producer should be told."""
    metrics.add_metric("StatusRespelt", MetricUnit.Count, 1)
    logger.warning("the status was respelt: its case, or spaces around it")


def count_unreadable(item: Mapping[str, Any]) -> None:
    """Counts a ticket of which a part could not be read; its notes say which."""
    if any(unreadable_in(item)):
        metrics.add_metric("Unreadable", MetricUnit.Count, 1)
        logger.warning("a part of the ticket cannot be read: its notes say which")


def count_redacted(counts: Mapping[str, int]) -> None:
    """Counts the secrets that were kept from Claude, each once a ticket."""
    if counts:
        metrics.add_metric("Redacted", MetricUnit.Count, sum(counts.values()))
        logger.info("redacted", kinds=counts)


def count_sources(sources: Iterable[SourceRead]) -> None:
    """For each source of evidence how long it took, and whether there was a place that it could not see."""
    for source in sources:
        with single_metric(name="SourceSeconds", unit=MetricUnit.Seconds, value=source.seconds) as counted:
            counted.add_dimension("service", logger.service)
            counted.add_dimension("source", source.name)
        if source.unread:
            with single_metric(name="SourceNotRead", unit=MetricUnit.Count, value=1) as counted:
                counted.add_dimension("service", logger.service)
                counted.add_dimension("source", source.name)


def count_account_fault(reason: str) -> None:
    """Counts a fault that a person has to mend; an alarm watches it."""
    metrics.add_metric("AccountFault", MetricUnit.Count, 1)
    logger.error("Claude cannot be used until a person acts", reason=reason)
