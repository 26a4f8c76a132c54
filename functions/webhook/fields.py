"""Fields of a sender's body, each read as what it should be; what it is not is named with the field."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from runtime.characters import bounded
from runtime.echo import echoed
from tickets.moments import moment

MOST_BYTES_OF_A_TEXT = 1024
UNSET = re.compile(r"|0(\.0+)?|(0001|1970)-01-01T00:00:00.*")
"""What programs write for a time that they do not know."""


MOST = 10**15
"""A larger number is a text: no program reads all its digits."""


class BadFieldError(Exception):
    """Raised when a field is missing or none of its kind; the text names both, and does not act."""


class Fields:
    """A JSON object and where in the body it stands.

    A null, an empty text and an absent field are the same.
    """

    def __init__(self, values: Any, where: str = "") -> None:
        """Raises BadFieldError when it is no object."""
        if not isinstance(values, Mapping):
            raise BadFieldError(f"{where or 'body'}: must be a JSON object, got {echoed(values)}")
        self.values = values
        self._where = where

    def text(self, *names: str, most: int = MOST_BYTES_OF_A_TEXT) -> str:
        """The first of these fields that says something, as text; empty when none does. Numbers are texts."""
        for name in names:
            value = self.values.get(name)
            if isinstance(value, bool | list | Mapping):
                raise self._bad(name, "text", value)
            if value is not None and (text := bounded(str(value), most)):
                return text
        return ""

    def required(self, name: str, most: int = MOST_BYTES_OF_A_TEXT) -> str:
        """The field as text that is not empty."""
        text = self.text(name, most=most)
        if not text:
            raise BadFieldError(f"{self._named(name)}: missing")
        return text

    def chosen(self, name: str, *choices: str) -> str:
        """The field, in lower case, as one of these."""
        said = self.required(name).lower()
        if said not in choices:
            raise self._bad(name, f"one of {', '.join(choices)}", self.values[name])
        return said

    def time(self, name: str, arrived: float) -> datetime:
        """The field as a time; that of arrival (epoch seconds) where it is unset or later: nothing can be."""
        arrival = datetime.fromtimestamp(arrived, UTC)
        value = self.values.get(name)
        if value is None or UNSET.fullmatch(str(value)):
            return arrival
        try:
            found = moment(value)
        except ValueError as error:
            raise self._bad(name, "a time", value) from error
        if not isinstance(found, datetime):
            raise self._bad(name, "a time", value)
        return min(found, arrival)

    def map(self, name: str) -> "Fields":
        """The object in this field; an empty one when it is absent."""
        return Fields(self.values.get(name) or {}, self._named(name))

    def each(self, name: str) -> Iterator[tuple[str, Any]]:
        """The elements of a list, which may not be empty, and where each stands."""
        values = self.values.get(name)
        if not isinstance(values, list) or not values:
            raise self._bad(name, "a list that is not empty", values)
        for number, value in enumerate(values):
            yield f"{self._named(name)}[{number}]", value

    def plain(self, most: int) -> dict[str, Any]:
        """All its fields, of at most so many bytes together: as many as fit, in their order.

        Numbers stay numbers, all else is text.
        """
        kept: dict[str, Any] = {}
        for name, value in self.values.items():
            known = bounded(name, MOST_BYTES_OF_A_TEXT)
            number = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < MOST
            text = bounded(value if isinstance(value, str) else echoed(value), most)
            most -= len(known.encode()) + len(text.encode())
            if most < 0:
                break
            if text:
                kept[known] = value if number else text
        return kept

    def _named(self, name: str) -> str:
        return f"{self._where}.{name}" if self._where else name

    def _bad(self, name: str, wanted: str, value: Any) -> BadFieldError:
        return BadFieldError(f"{self._named(name)}: must be {wanted}, got {echoed(value)}")
