"""The door: a button's payload in, one line of text out, whatever came in and whatever went wrong."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from feedback.answer_press import answer_press
from feedback.press import Action, BadPressError, read_press
from feedback.wiring import people
from runtime.observability import MetricUnit, logger, metrics
from tickets.people import Outcome

NOT_WRITTEN = (
    "Nothing was written: AWS or the stack is in trouble. Press again in a minute; the stack's log says more."
)


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handler(event: Any, _context: LambdaContext) -> str:
    """A person reads what is returned, so nothing is raised: what would be is logged, counted and alarmed."""
    try:
        press = read_press(event)
    except BadPressError as error:
        logger.warning("no press of a button", reason=str(error))
        return f"Nothing was written: {error}"
    with logger.append_context_keys(ticket_id=press.ticket_id, action=press.action):
        try:
            outcome, line = answer_press(people(), press)
        except Exception:  # noqa: BLE001 - a person waits for an answer, not for a trace
            logger.exception("not written")
            metrics.add_metric("FeedbackNotWritten", MetricUnit.Count, 1)
            return NOT_WRITTEN
        if outcome is Outcome.DONE and press.action is Action.CONFIRMED:
            metrics.add_metric("Confirmed", MetricUnit.Count, 1)
        if outcome is Outcome.DONE and press.action is Action.WRONG:
            metrics.add_metric("CalledWrong", MetricUnit.Count, 1)
        logger.info("answered", outcome=outcome)
    return line
