"""CloudWatch's statistics over the values of one period."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from local.aws.api.errors import ApiError

_PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d+)?|100)")


@dataclass(frozen=True)
class Sample:
    """What was sent as one datum: values and how often each, or a set of statistics without them."""

    at: float
    """Epoch seconds."""
    count: float
    total: float
    lowest: float
    highest: float
    values: tuple[tuple[float, float], ...] = ()
    """Each value with its count; empty for a set of statistics."""

    @staticmethod
    def of(at: float, values: Sequence[float], counts: Sequence[float] = ()) -> "Sample":
        if len(values) == 1 and not counts:
            return Sample(at, 1.0, values[0], values[0], values[0], ((values[0], 1.0),))
        weighed = tuple(zip(values, counts or [1.0] * len(values), strict=True))
        return Sample(
            at,
            sum(count for _, count in weighed),
            sum(value * count for value, count in weighed),
            min(values),
            max(values),
            weighed,
        )


def statistic(name: str, samples: Sequence[Sample]) -> float | None:
    """One statistic of samples of the same period; None where CloudWatch has none either.

    Raises ApiError for a name that is no statistic, or one that is not emulated.
    """
    count = sum(sample.count for sample in samples)
    match name:
        case "SampleCount":
            return count
        case "Sum":
            return sum(sample.total for sample in samples)
        case "Average":
            return sum(sample.total for sample in samples) / count if count else None
        case "Minimum":
            return min(sample.lowest for sample in samples)
        case "Maximum":
            return max(sample.highest for sample in samples)
    if found := _PERCENTILE.fullmatch(name):
        return _percentile(float(found[1]), samples)
    raise ApiError("ValidationError", f"The local stack knows no statistic {name}.")


def _percentile(wanted: float, samples: Sequence[Sample]) -> float | None:
    """By nearest rank. A set of statistics has one only when all its values are the same."""
    values: list[tuple[float, float]] = []
    for sample in samples:
        if sample.values:
            values += sample.values
        elif sample.lowest == sample.highest:
            values.append((sample.lowest, sample.count))
        else:
            return None
    values.sort()
    rank = wanted / 100 * sum(count for _, count in values)
    for value, count in values:
        rank -= count
        if rank <= 0:
            return value
    return values[-1][0] if values else None
