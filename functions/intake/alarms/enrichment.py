"""What people say of an alarm by its tags: its system, how grave it is, whether it is for us."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from intake.observation import MonitorState, Observation, Place
from runtime.characters import bounded

PREFIX = "differential:"
NAMED: Mapping[str, tuple[str, ...]] = {
    "invariant_name": ("invariant", "invariant_name"),
    "component": ("component",),
    "subject": ("subject", "service", "application"),
    "severity": ("severity",),
}
"""By the ticket's attribute, the tags that say it: those with PREFIX first, in any case of letters."""
STACK = "aws:cloudformation:stack-name"
"""CloudFormation gives it to what it makes: the alarm's stack, which mostly is that of what it watches."""
STACK_WATCHED = f"{PREFIX}stack"
"""Where it is not; without the prefix a tag of this name may say anything."""
NO_STACK = "none"
MOST_BYTES_OF_A_VALUE = 512


class Tagged(Protocol):
    """What is asked of CloudWatch."""

    def tags_of(self, alarm: str) -> Mapping[str, str] | None: ...

    def is_muted(self, alarm: str) -> bool: ...


@dataclass(frozen=True)
class Selection:
    """A tag that an alarm must have, with this value or, where it is empty, any; no key selects all."""

    key: str = ""
    value: str = ""

    @classmethod
    def read(cls, text: str) -> "Selection":
        """Of `key` or `key=value`."""
        key, _, value = text.partition("=")
        return cls(key.strip(), value.strip())

    def takes(self, tags: Mapping[str, str]) -> bool:
        return self.key in tags and self.value in ("", tags[self.key])


@dataclass(frozen=True)
class TaggedAlarms:
    """The collaborators; it is the `Enrichment` of violations."""

    cloudwatch: Tagged
    selection: Selection

    @property
    def selects_by_tag(self) -> bool:
        return bool(self.selection.key)

    def with_tags(self, observation: Observation) -> Observation:
        """The same with its alarm's tags, where it has one and they can be known."""
        if not observation.alarm or observation.tags is not None:
            return observation
        return replace(observation, tags=self.cloudwatch.tags_of(observation.alarm))

    def is_selected(self, observation: Observation) -> bool:
        """Whether a ticket may be opened for it; also when its alarm's tags cannot be known.

        What no ticket is open for loses nothing when it is over, so that only an alarm's beginning is judged.
        """
        if not self.selects_by_tag or not observation.alarm or observation.state != MonitorState.ALARM:
            return True
        return observation.tags is None or self.selection.takes(observation.tags)

    def details(self, observation: Observation) -> Observation:
        """With what the alarm's tags say, which goes before what its name and its metrics do."""
        known = self.with_tags(observation)
        if not known.tags:
            return known
        tags = {name.lower(): value for name, value in known.tags.items()}
        said: dict[str, Any] = {name: _first(tags, names) for name, names in NAMED.items()}
        ticket = {**known.ticket, **{name: value for name, value in said.items() if value}}
        subject = said["subject"] or known.place.subject or said["component"]
        stack = bounded(tags.get(STACK_WATCHED, tags.get(STACK, "")), MOST_BYTES_OF_A_VALUE)
        place = Place(subject, known.place.resources, "" if stack == NO_STACK else stack)
        return replace(known, ticket=ticket, place=place)

    def is_muted(self, observation: Observation) -> bool:
        """Whether somebody has muted the alarm just now."""
        return bool(observation.alarm) and self.cloudwatch.is_muted(observation.alarm)


def _first(tags: Mapping[str, str], names: tuple[str, ...]) -> str:
    spelt = (*(f"{PREFIX}{name}" for name in names), *names)
    found = (bounded(tags.get(name, ""), MOST_BYTES_OF_A_VALUE) for name in spelt)
    return next((value for value in found if value), "")
