"""The evidence as the checks read it: items with their headings and findings, and what they may show."""

from bisect import bisect_right
from collections.abc import Iterable
from datetime import datetime
from functools import cached_property

from diagnose.diagnosis.reading.names import folded, forms, is_named, places_of
from diagnose.evidence.facts import Fact, Kind
from diagnose.evidence.looked import COULD_NOT_LOOK, NOT_ASKED
from diagnose.evidence.prompt import Prompt
from subjects.names import SHORTEST, resources_of

FOUND = frozenset((Kind.DEVIATION, Kind.CHANGE, Kind.ALARM, Kind.ERROR))
"""What shows that something is, or was made, other than before."""
GUIDANCE, HINT, GAP, TICKET = "G", "S", "X", "E"
LOGS = ("log", "log_tail")
UNSEEN = (f"{COULD_NOT_LOOK}: ", f"{NOT_ASKED}: ")
"""How the lines begin, by our own words, that say that nobody knows what is there."""
OF_ITSELF = ("component: ", "system: ", "resource: ", "log group: ")
"""The fields of the ticket that name what it is of."""
MESSAGE = "message: "
OWN_WORDS = frozenset(("ticket", "onset", "log_tail", "subject_context", "subject", "template", "topology"))
"""Sections that hold what a ticket or a record says, not what a source observed."""


class Items:
    """The items of a prompt, by their ids."""

    def __init__(self, prompt: Prompt) -> None:
        self._texts = prompt.evidence
        self._origins = prompt.origins
        self.facts = prompt.facts
        self.exact = prompt.exact
        self._naming: dict[str, frozenset[str]] = {}

    def __contains__(self, id_: str) -> bool:
        return id_ in self._texts

    def text(self, id_: str) -> str:
        return self._texts[id_]

    def whole(self, id_: str) -> str:
        """The item under its heading, which may say what it is of."""
        origin = self._origins.get(id_)
        return f"{origin.title}\n{self._texts[id_]}" if origin else self._texts[id_]

    def heading(self, id_: str) -> str:
        origin = self._origins.get(id_)
        return origin.title if origin else ""

    def section(self, id_: str) -> str:
        origin = self._origins.get(id_)
        return origin.section if origin else ""

    def there(self, ids: Iterable[str]) -> list[str]:
        """Those of the ids that are in the evidence."""
        return [id_ for id_ in ids if id_ in self._texts]

    def found(self, id_: str) -> Fact | None:
        """The finding of an item, unless it is that all is as usual."""
        fact = self.facts.get(id_)
        return fact if fact and fact.kind in FOUND else None

    def is_unseen(self, id_: str) -> bool:
        """Whether it says that a place was not looked at, so that nobody knows what is there."""
        return id_.startswith(GAP) and self._texts[id_].startswith(UNSEEN)

    def is_observed(self, id_: str) -> bool:
        """Whether a source observed it, and not the ticket, a record, a runbook or an earlier diagnosis."""
        if id_.startswith((GUIDANCE, HINT)) or self.is_unseen(id_):
            return False
        return self.section(id_) not in OWN_WORDS and not id_.startswith(TICKET)

    def log_ends(self, count: int) -> list[str]:
        """The last lines of each log."""
        logs: dict[str, list[str]] = {}
        for id_, origin in self._origins.items():
            if origin.section in LOGS:
                logs.setdefault(origin.title, []).append(id_)
        return [id_ for ids in logs.values() for id_ in ids[-count:]]

    @cached_property
    def onset(self) -> datetime | None:
        return next((fact.at for fact in self.facts.values() if fact.kind is Kind.ONSET), None)

    def naming(self, name: str) -> frozenset[str]:
        """The items that name it, in their text or in their heading."""
        if name not in self._naming:
            self._naming[name] = frozenset().union(*map(self._with_all, forms(name)))
        return self._naming[name]

    @property
    def ids(self) -> Iterable[str]:
        return self._texts

    @property
    def everything(self) -> str:
        """All texts, folded."""
        return self._joined[0]

    def is_itself(self, name: str) -> bool:
        """Whether it is the component, the system or the resource that the ticket is of.

        A ticket that names none of these is of what its message names.
        """
        return is_named(self._itself, name)

    def is_itself_in(self, text: str) -> bool:
        """Whether a text names what the ticket is of by one of its names."""
        return any(is_named(folded(text), name) for name in self._own_names)

    @cached_property
    def _own_names(self) -> frozenset[str]:
        """Names of what the ticket is of, as its fields give them: an ARN by its last part."""
        found: set[str] = set()
        for id_, text in self._texts.items():
            label, _, value = text.partition(": ")
            if id_.startswith(TICKET) and f"{label}: " in OF_ITSELF:
                found.update(each.name for each in resources_of(value.split(", ")))
        return frozenset(name for name in found if len(name) >= SHORTEST)

    @cached_property
    def _itself(self) -> str:
        fields = [text for id_, text in self._texts.items() if id_.startswith(TICKET)]
        named = [text.partition(": ")[2] for text in fields if text.startswith(OF_ITSELF)]
        told = named or [text for text in fields if text.startswith(MESSAGE)]
        return folded(" ; ".join(told))

    @cached_property
    def _joined(self) -> tuple[str, list[int], list[str]]:
        """All texts as one, where each begins, and its id."""
        starts: list[int] = []
        parts: list[str] = []
        at = 0
        for text in self._texts.values():
            part = folded(text)
            starts.append(at)
            parts.append(part)
            at += len(part) + 1
        return "\n".join(parts), starts, list(self._texts)

    @cached_property
    def _headings(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for id_, origin in self._origins.items():
            found.setdefault(origin.title, []).append(id_)
        return {folded(title): ids for title, ids in found.items()}

    def _with_all(self, form: tuple[str, ...]) -> frozenset[str]:
        each = [self._with(word) for word in form]
        return frozenset.intersection(*each)

    def _with(self, word: str) -> frozenset[str]:
        text, starts, ids = self._joined
        found = {ids[bisect_right(starts, at) - 1] for at in places_of(text, word)}
        for title, theirs in self._headings.items():
            if places_of(title, word):
                found.update(theirs)
        return frozenset(found)
