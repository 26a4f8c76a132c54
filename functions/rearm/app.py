"""The door: messages of the retry queue in, tickets pending again; a message that fails is repeated alone."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from rearm.rearm_ticket import RearmTicket
from rearm.wiring import rearm_ticket
from runtime.observability import logger, metrics
from tickets.wake_up import BadMessageError, read_message


def rearm(rearm_ticket: RearmTicket, record: Mapping[str, Any]) -> bool:
    """One message; false when it is to be repeated.

    A malformed one is let go with a log line: the table is the truth, not the queue.
    """
    try:
        message = read_message(record["body"])
    except BadMessageError as error:
        logger.warning("dropped: not a message of ours", message_id=record["messageId"], reason=str(error))
        return True
    about = message.model_dump(include={"ticket_id", "generation", "kind"})
    with logger.append_context_keys(**about):
        try:
            outcome = rearm_ticket.handle(message)
        except Exception:  # noqa: BLE001 - the other messages go on, whatever it is
            logger.exception("to be repeated")
            return False
        logger.info("handled", outcome=outcome)
    return True


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, list[dict[str, str]]]:
    """Returns the messages to be repeated (batchItemFailures). Raises SettingsError for all of them.

    Written out, because Powertools' batch processor brings asyncio and is a tenth of the cold start.
    """
    use_case = rearm_ticket()
    failed = [record["messageId"] for record in event["Records"] if not rearm(use_case, record)]
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}
