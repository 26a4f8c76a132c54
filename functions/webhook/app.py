"""The door: a request of the function's URL in, events on the bus, and an HTTP answer."""

import json
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from runtime.observability import MetricUnit, logger, metrics
from webhook.receive import REFUSED, SENDERS, Answer
from webhook.request import read_request
from webhook.wiring import receive

TROUBLE = Answer(503, "the stack is in trouble: send it again")


@logger.inject_lambda_context(clear_state=True)
@metrics.log_metrics
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Nothing is raised: Lambda would answer 502, and whoever sends would learn of it only that."""
    try:
        request = read_request(event)
        answer = receive().handle(request)
        path = request.path
    except Exception:  # noqa: BLE001 - whatever it is, the sender has to repeat it, and a person is told
        logger.exception("not received")
        answer, path = TROUBLE, ""
    _count(answer)
    if answer is not REFUSED:
        logger.info(
            "answered",
            path=path if path in SENDERS else "unknown",
            status=answer.status,
            events=answer.events,
            ignored=answer.ignored,
            error=answer.error_without_values,
        )
    return _response(answer)


def _count(answer: Answer) -> None:
    metrics.add_metric("WebhookEvents", MetricUnit.Count, answer.events)
    if answer is REFUSED:
        metrics.add_metric("WebhookRefused", MetricUnit.Count, 1)
    elif answer.status >= 500:
        metrics.add_metric("WebhookTroubles", MetricUnit.Count, 1)
    elif answer.error:
        metrics.add_metric("WebhookUnreadable", MetricUnit.Count, 1)


def _response(answer: Answer) -> dict[str, Any]:
    """In payload format 2.0. Source: Lambda, function URLs."""
    told: dict[str, Any] = {"error": answer.error} if answer.error else {}
    if answer.events or answer.ignored or not answer.error:
        told |= {"events": answer.events, "ignored": answer.ignored}
    headers = {
        "content-type": "application/json",
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
    }
    return {"statusCode": answer.status, "headers": headers, "body": json.dumps(told)}
