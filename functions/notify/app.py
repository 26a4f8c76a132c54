"""The door: a change of a ticket in, people told.

Three kinds of events: records of the tickets' stream, an outage that sweep put on the bus, and by hand
`{"ticket_ids": [...]}`, which tells of these tickets once more.
"""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from notify.wiring import notify_people
from runtime.observability import MetricUnit, logger, metrics
from tickets.stream_record import StreamRecord


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, str]:
    """Returns what came of each ticket. Raises for what a retry may mend, ValueError for what none will."""
    if "Records" in event:
        return dict(_told(raw) for raw in event["Records"])
    if "ticket_ids" in event:
        ids = event["ticket_ids"]
        if not isinstance(ids, list) or not all(isinstance(each, str) and each for each in ids):
            raise ValueError(f"ticket_ids must be a list of tickets' ids, got {str(ids)[:200]}")
        return {ticket_id: notify_people().again(ticket_id) for ticket_id in ids}
    detail_type = str(event.get("detail-type"))
    if detail_type not in ("Diagnosis Delayed", "Diagnosis Resumed"):
        raise ValueError(f"neither Records nor ticket_ids nor an outage: {sorted(event)[:10]}")
    outcome = notify_people().outage(detail_type, event["detail"])
    logger.info("handled", outcome=outcome)
    return {detail_type: outcome}


def _told(raw: Mapping[str, Any]) -> tuple[str, str]:
    """One record; one that is none is let go with a log line, since it will be none the next time either."""
    try:
        record = StreamRecord.from_event(raw)
    except ValueError as error:
        metrics.add_metric("Unreadable", MetricUnit.Count, 1)
        logger.warning("ignored", reason=str(error))
        return "", "unreadable"
    with logger.append_context_keys(ticket_id=record.ticket_id):
        outcome = notify_people().handle(record)
        logger.info("handled", outcome=outcome)
    return record.ticket_id, outcome
