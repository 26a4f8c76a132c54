"""boto3's conditions, evaluated in this process: for the tables that tests keep in memory."""

import operator
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from boto3.dynamodb.conditions import ConditionBase

from runtime.items import storable

COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def holds(condition: ConditionBase, item: Mapping[str, Any]) -> bool:
    """Whether a condition holds for an item; one with a missing attribute, or of another type, does not."""
    expression = condition.get_expression()
    named, operands = expression["operator"], expression["values"]
    match named:
        case "AND":
            return all(holds(operand, item) for operand in operands)
        case "OR":
            return any(holds(operand, item) for operand in operands)
        case "NOT":
            return not holds(operands[0], item)
    name, others = operands[0].name, [storable(operand) for operand in operands[1:]]
    match named:
        case "attribute_exists":
            return name in item
        case "attribute_not_exists":
            return name not in item
        case "attribute_type" if others == ["N"]:
            return _is_number(item.get(name))
        case "BETWEEN":
            low, high = others
            return _compares(">=", item.get(name), low) and _compares("<=", item.get(name), high)
        case "IN":
            return name in item and item[name] in others[0]
        case _:
            return _compares(named, item.get(name), others[0])


def _compares(named: str, value: Any, other: Any) -> bool:
    alike = type(value) is type(other) or (_is_number(value) and _is_number(other))
    return alike and bool(COMPARISONS[named](value, other))


def _is_number(value: Any) -> bool:
    return isinstance(value, Decimal | int | float) and not isinstance(value, bool)
