"""The door of the dashboard's widget: what CloudWatch asks in, a page of HTML out, whatever came in."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from board.help import HELP
from board.pages.notice import broken, not_understood
from board.request import Action, BadRequestError, is_asked_for_help, read_request
from board.wiring import board
from runtime.observability import MetricUnit, logger, metrics
from tickets.people import Outcome


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handler(event: Any, context: LambdaContext) -> str | dict[str, str]:
    """A person looks at what is returned, so nothing is raised: what would be is logged, counted, alarmed."""
    if is_asked_for_help(event):
        return {"markdown": HELP}
    endpoint = context.invoked_function_arn
    try:
        request = read_request(event)
    except BadRequestError as error:
        logger.warning("no page of the board", reason=str(error))
        return not_understood(str(error), endpoint)
    with logger.append_context_keys(view=request.view, ticket_id=request.ticket_id, action=request.action):
        try:
            answer = board().answer(request, endpoint)
        except Exception:  # noqa: BLE001 - a person waits for a page, not for a trace
            logger.exception("not shown")
            metrics.add_metric("BoardNotShown", MetricUnit.Count, 1)
            return broken(request, endpoint)
        if answer.outcome is Outcome.DONE and request.action is Action.CONFIRMED:
            metrics.add_metric("Confirmed", MetricUnit.Count, 1)
        if answer.outcome is Outcome.DONE and request.action is Action.WRONG:
            metrics.add_metric("CalledWrong", MetricUnit.Count, 1)
        logger.info("shown", outcome=answer.outcome)
    return answer.page
