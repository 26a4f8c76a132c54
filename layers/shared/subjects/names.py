"""Resources by the names that people, alarms and other services have for them."""

from collections.abc import Iterable
from dataclasses import dataclass

from subjects.discovery import Arn

SHORTEST = 3
"""Characters; a shorter name is found in whatever text."""


@dataclass(frozen=True)
class Resource:
    """A resource as it was written, which may be an ARN."""

    written: str
    arn: Arn | None = None

    @classmethod
    def of(cls, written: str) -> "Resource":
        return cls(written.strip(), Arn.read(written))

    @property
    def name(self) -> str:
        """As people say it: `orders` of `function:orders:7`, `web` of `service/prod/web`.

        What ends in a hash, as load balancers and target groups do, is named by the part before it.
        """
        if self.arn is None:
            return self.written
        parts = self.arn.name.split("/")
        if self.arn.service == "elasticloadbalancing" and len(parts) > 2:
            return parts[-2]
        if self.arn.name.startswith("function:"):
            return self.arn.name.split(":")[1]
        return parts[-1].rsplit(":", 1)[-1]

    def is_a(self, service: str, start: str) -> bool:
        """Whether its ARN is of this service, and its name there starts so: `function:`, `service/`."""
        return self.arn is not None and self.arn.service == service and self.arn.name.startswith(start)


def resources_of(written: Iterable[str]) -> tuple[Resource, ...]:
    return tuple(Resource.of(each) for each in dict.fromkeys(written) if each.strip())


def names_of(resources: Iterable[Resource]) -> tuple[str, ...]:
    """What to look for in a text that may mention the resources."""
    found = [text for each in resources for text in (each.written, each.name)]
    return tuple(dict.fromkeys(text for text in found if len(text) >= SHORTEST))


def mentions(text: str, names: Iterable[str]) -> bool:
    """Whether a text names one of them as a word of its own: `orders` is not in `orders-archive`."""
    return any(_has(text, name) for name in names)


def _has(text: str, name: str) -> bool:
    at = text.find(name)
    while at >= 0:
        end = at + len(name)
        if not _goes_on(text[at - 1 : at] if at else "") and not _goes_on(text[end : end + 1]):
            return True
        at = text.find(name, at + 1)
    return False


def _goes_on(character: str) -> bool:
    return bool(character) and (character.isalnum() or character in "-_")
