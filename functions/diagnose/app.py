"""The door: a record of the tickets' stream in, one ticket diagnosed."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from diagnose.claude.deadline import Deadline
from diagnose.wiring import diagnose_ticket
from runtime.observability import MetricUnit, logger, metrics
from tickets.stream_record import StreamRecord


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Handles each record (the mapping sends one). Raises only for what a retry may mend."""
    records = event.get("Records") or []
    if not records:
        logger.warning("ignored: no records in the event")
    for raw in records:
        try:
            record = StreamRecord.from_event(raw)
        except ValueError as error:
            metrics.add_metric("Unreadable", MetricUnit.Count, 1)
            logger.warning("ignored", reason=str(error))
            continue
        logger.append_keys(ticket_id=record.ticket_id)
        deadline = Deadline(lambda: context.get_remaining_time_in_millis() / 1000)
        logger.info("handled", outcome=diagnose_ticket().handle(record, deadline))
