"""What a ticket's record holds, whoever wrote it: read part by part, and nothing dropped in silence.

A part of another form than is known here is left out, and its place is kept: a record of an older or newer
version, or one that somebody wrote by hand, is read as far as it goes.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from tickets.moments import moment
from tickets.record_version import RECORD_VERSION

WHOLE = "`differential show --raw` has it whole"
NAMED = 10
"""Places that are named; there is no bound to what somebody may write."""


class Reading:
    """Reads parts; `odd` has the places, in our own words, of those that had another form."""

    def __init__(self) -> None:
        self.odd: dict[str, None] = {}

    def map(self, value: Any, place: str) -> Mapping[str, Any]:
        return value if isinstance(value, Mapping) else self._odd({}, value, place)

    def maps(self, value: Any, place: str) -> list[Mapping[str, Any]]:
        listed = self._list(value, place)
        return [each for each in listed if isinstance(each, Mapping) or self._odd(False, each, place)]

    def texts(self, value: Any, place: str) -> list[str]:
        listed = self._list(value, place)
        return [each for each in listed if isinstance(each, str) or self._odd(False, each, place)]

    def text(self, value: Any, place: str) -> str:
        if isinstance(value, Mapping | list | tuple | set):
            return str(self._odd("", value, place))
        return "" if value is None else str(value)

    def fields(self, value: Mapping[str, Any], names: tuple[str, ...], place: str) -> dict[str, str]:
        """The texts of these names."""
        return {name: self.text(value.get(name), f"{place}.{name}") for name in names}

    def _list(self, value: Any, place: str) -> list[Any]:
        return value if isinstance(value, list) else self._odd([], value, place)

    def _odd(self, instead: Any, value: Any, place: str) -> Any:
        """What stands for it; what is not there at all is not odd."""
        if value is not None:
            self.odd[place] = None
        return instead


def unread(record: Any, odd: Mapping[str, None]) -> Iterator[str]:
    """Sentences that say what of a ticket's record could not be read; they hold no text of the ticket."""
    if isinstance(record, Mapping):
        version = record.get("version")
        if version != RECORD_VERSION:
            named = f"of version {version}" if _is_count(version) else "of an unknown version"
            yield (
                f"The record of the diagnosis is {named}, and version {RECORD_VERSION} is read here: what "
                f"has another form may be missing; {WHOLE}."
            )
        if _is_count(left_out := record.get("checks_left_out")) and left_out:
            yield f"{left_out} more checks were made than the ticket had room for."
    if odd:
        more = f" and {len(odd) - NAMED} more" if len(odd) > NAMED else ""
        yield f"Not read, being of another form than is known: {', '.join(list(odd)[:NAMED])}{more}; {WHOLE}."


def time_in(value: Any) -> datetime | None:
    """The time that is meant; None where there is none."""
    try:
        found = moment(value)
    except ValueError:
        return None
    return found if isinstance(found, datetime) else None


def iso(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds" if at.microsecond else "seconds").replace("+00:00", "Z")


def _is_count(value: Any) -> bool:
    return not isinstance(value, bool) and str(value).isdecimal() and len(str(value)) < 10
