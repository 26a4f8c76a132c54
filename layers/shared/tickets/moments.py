"""Times as producers write them."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any

EPOCH = re.compile(r"(\d{9,10}|\d{12,13}|\d{15,16}|\d{18,19})(\.\d+)?", re.ASCII)
"""Epoch seconds, milliseconds, microseconds or nanoseconds of 1973 to 2286; other digits may be a date."""
MILLISECONDS_FROM = 10**11
"""As seconds this is the year 5138, as milliseconds 1973; micro- and nanoseconds are told apart alike."""
FIRST_YEAR = 1971
"""Earlier years are what programs write that know no time: year 1, the first second of 1970."""
RFC_1123 = re.compile(r"([A-Za-z]{3,9}, )?\d{1,2}[ -][A-Za-z]{3}[ -]\d{2,4} \d\d:\d\d", re.ASCII)


def moment(value: Any) -> Any:
    """An aware UTC time out of epoch time, as a number or as text, or of text in ISO 8601 or RFC 1123.

    Text without a zone is taken as UTC (see `is_without_zone`); what is neither number nor text is returned.
    Raises ValueError, also for what is no time anybody meant.
    """
    try:
        found = _moment(value)
    except (ArithmeticError, OSError) as error:
        raise ValueError(str(error)) from error
    if isinstance(found, datetime) and found.year < FIRST_YEAR:
        raise ValueError(f"a time of the year {found.year}")
    return found


def is_without_zone(value: Any) -> bool:
    """Whether it is a time as text that does not say where on earth it is meant."""
    if not isinstance(value, str) or EPOCH.fullmatch(value.strip()):
        return False
    try:
        return _read(value.strip()).tzinfo is None
    except (ValueError, ArithmeticError):
        return False


def _moment(value: Any) -> Any:
    if isinstance(value, Decimal | int | float) and not isinstance(value, bool):
        return _from_epoch(Decimal(value))
    if not isinstance(value, str):
        return value
    text = value.strip()
    if EPOCH.fullmatch(text):
        return _from_epoch(Decimal(text))
    found = _read(text)
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def _read(text: str) -> datetime:
    return parsedate_to_datetime(text) if RFC_1123.match(text) else datetime.fromisoformat(text)


def _from_epoch(number: Decimal) -> datetime:
    for _ in range(3):
        if abs(number) >= MILLISECONDS_FROM:
            number /= 1000
    return datetime.fromtimestamp(float(number), UTC)
