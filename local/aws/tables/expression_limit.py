"""DynamoDB's limit of an update expression; moto takes any size."""

from typing import Any

from moto.dynamodb.exceptions import MockValidationException
from moto.dynamodb.parsing import expressions

LIMIT_BYTES = 4096
PARSER: Any = vars(expressions)["UpdateExpressionParser"]

_moto_parse = PARSER.make


def parse(expression: str) -> Any:
    """As moto does, but an expression that is too long is refused."""
    size = len(expression.encode())
    if size > LIMIT_BYTES:
        raise MockValidationException(
            "Invalid UpdateExpression: Expression size has exceeded the maximum allowed size; "
            f"expression size: {size}"
        )
    return _moto_parse(expression)
