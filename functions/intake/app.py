"""The door: messages of the intake queue in, tickets written; a message that fails is repeated alone."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from intake.take_message import TakeMessage, Taken
from intake.wiring import take_message
from runtime.observability import MetricUnit, logger, metrics

TURNS = {
    "opened": "IntakeOpened",
    "reopened": "IntakeReopened",
    "joined": "IntakeJoined",
    "resolved": "IntakeResolved",
}
"""The metric of what became of a ticket."""


def take(take_message: TakeMessage, record: Mapping[str, Any]) -> bool:
    """One message; false when it is to be repeated."""
    try:
        taken = take_message.handle(record["body"])
    except Exception:  # noqa: BLE001 - the other messages go on, whatever it is
        logger.exception("to be repeated", message_id=record["messageId"])
        metrics.add_metric("IntakeTroubles", MetricUnit.Count, 1)
        return False
    _count(taken)
    log = logger.warning if taken.is_unreadable else logger.info
    log("taken in", message_id=record["messageId"], outcome=taken.outcome, **taken.about)
    return True


def _count(taken: Taken) -> None:
    metrics.add_metric("IntakeUnreadable" if taken.is_unreadable else "IntakeMessages", MetricUnit.Count, 1)
    if taken.turn in TURNS:
        metrics.add_metric(TURNS[taken.turn], MetricUnit.Count, 1)


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, list[dict[str, str]]]:
    """Returns the messages to be repeated (batchItemFailures). Raises SettingsError for all of them."""
    use_case = take_message()
    failed = [record["messageId"] for record in event["Records"] if not take(use_case, record)]
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}
