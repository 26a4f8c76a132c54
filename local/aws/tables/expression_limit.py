"""DynamoDB's limit of an expression."""

from moto.dynamodb.exceptions import MockValidationException

EXPRESSION_LIMIT_BYTES = 4096


def check_expression(expression: str) -> None:
    """Raises MockValidationException."""
    size = len(expression.encode())
    if size > EXPRESSION_LIMIT_BYTES:
        raise MockValidationException(
            "Invalid UpdateExpression: Expression size has exceeded the maximum allowed size; "
            f"expression size: {size}"
        )
