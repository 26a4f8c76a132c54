"""Times as people read them."""

from datetime import UTC, datetime
from typing import Any

from board.reading import text_of
from views.record import time_in


def when(value: Any) -> str:
    """2026-11-20 09:36:20 UTC; what is no time as it stands."""
    at = time_in(value)
    return at.strftime("%Y-%m-%d %H:%M:%S UTC") if at else text_of(value)


def clock(at: datetime) -> str:
    """The hour and minute, in UTC."""
    return at.astimezone(UTC).strftime("%H:%M")


def offset(seconds: float | None) -> str:
    """+2 h 05 min, -40 s; nothing where it is not known."""
    if seconds is None:
        return ""
    minutes, rest = divmod(abs(round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    told = f"{hours} h {minutes:02} min" if hours else f"{minutes} min" if minutes else f"{rest} s"
    return f"{'-' if seconds < 0 else '+'}{told}"
