"""The door.

The schedule's tick in, lost tickets pending again; `{"open_gate": true}` opens the gate first.
"""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from runtime.observability import MetricUnit, logger, metrics
from sweep.wiring import sweep_tickets
from tickets.states import DiagnosisStatus

LAST_MILLISECONDS = 20_000


class TicketsNotMovedError(Exception):
    """Raised at the end of a run in which a move or a read failed: the function's error alarm sees it."""


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    """Returns the moves made, by kind. Raises TicketsNotMovedError when some could not be made."""
    report = sweep_tickets().sweep(
        lambda: context.get_remaining_time_in_millis() > LAST_MILLISECONDS,
        open_gate=event.get("open_gate") is True,
    )
    metrics.add_metric("SweepRuns", MetricUnit.Count, 1)
    metrics.add_metric("OldestWaitingSeconds", MetricUnit.Seconds, report.oldest_waiting_seconds)
    metrics.add_metric("TicketsPending", MetricUnit.Count, report.by_status[DiagnosisStatus.PENDING])
    metrics.add_metric("TicketsRunning", MetricUnit.Count, report.by_status[DiagnosisStatus.RUNNING])
    metrics.add_metric("TicketsDeferred", MetricUnit.Count, report.by_status[DiagnosisStatus.DEFERRED])
    metrics.add_metric("GateClosed", MetricUnit.Count, int(report.gate_closed))
    metrics.add_metric("TicketsInTrouble", MetricUnit.Count, report.in_trouble)
    metrics.add_metric("TicketsThatKeepFailing", MetricUnit.Count, report.keep_failing)
    metrics.add_metric("StatusRespelt", MetricUnit.Count, report.respelt)
    metrics.add_metric("StatusNotUnderstood", MetricUnit.Count, report.not_understood)
    metrics.add_metric("SpendCapReached", MetricUnit.Count, int(report.spend_cap_reached))
    logger.info("swept", moved=report.moved, errors=report.errors)
    if report.errors:
        raise TicketsNotMovedError(f"{report.errors} tickets or indexes could not be moved or read")
    return report.moved
