"""The door: messages of the retry queue in, tickets pending again; a message that fails is repeated alone."""

from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from rearm.rearm_ticket import RearmTicket
from rearm.wiring import rearm_ticket
from runtime.observability import logger, metrics
from tickets.wake_up import BadMessageError, read_message

processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)


def rearm(rearm_ticket: RearmTicket, record: SQSRecord) -> None:
    """One message.

    A malformed one is let go with a log line: the table is the truth, not the queue.
    """
    try:
        message = read_message(record.body)
    except BadMessageError as error:
        logger.warning("dropped: not a message of ours", message_id=record.message_id, reason=str(error))
        return
    about = message.model_dump(include={"ticket_id", "generation", "kind"})
    try:
        outcome = rearm_ticket.handle(message)
    except Exception:
        logger.exception("to be repeated", **about)
        raise
    logger.info("handled", **about, outcome=outcome)


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Returns the messages to be repeated (batchItemFailures). Raises SettingsError for all of them."""
    return process_partial_response(event, partial(rearm, rearm_ticket()), processor, context)
