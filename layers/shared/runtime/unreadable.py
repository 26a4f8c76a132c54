"""What stands in an item for a value that could not be read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Unreadable:
    """Stands for a value that could not be read; `kind` is the type that DynamoDB gave it."""

    kind: str

    def __str__(self) -> str:
        return f"<a value of DynamoDB's type {self.kind} that cannot be read>"


def unreadable_in(value: Any) -> Iterator[Unreadable]:
    """Every part of a value, at any depth, that could not be read."""
    if isinstance(value, Unreadable):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from unreadable_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from unreadable_in(inner)
