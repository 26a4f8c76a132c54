"""Times of requests, which come without a zone, and windows of time."""

from datetime import UTC, datetime
from typing import Any


def utc(moment: datetime) -> datetime:
    """The moment in UTC; one without a zone is in UTC already."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def within(moment: datetime, start: Any, end: Any) -> bool:
    """Whether it lies between both, which may be missing; both ends belong to it, as AWS has it."""
    at = utc(moment)
    return (start is None or utc(start) <= at) and (end is None or at <= utc(end))
