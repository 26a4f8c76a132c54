"""Of what a finding is: of a component that is named, of another, or nobody can tell."""

from diagnose.diagnosis.reading.items import Items
from diagnose.diagnosis.reading.names import folded, is_named, resembles
from diagnose.evidence.facts import Kind

NAMELESS = frozenset(("metric_snapshot", "log_tail", "ticket", "traces"))
"""Sections of the ticket's own component, whose items and headings need not name it."""


def is_of(id_: str, name: str, items: Items, other: str = "") -> bool | None:
    """Whether an item's finding is of the component of this name; None where it cannot be told.

    1. Code knows what it is of, or the item or its heading names the component.
    2. It names the `other` end of the hop alone.
    3. The component is what the ticket is of, and the item is of the ticket without naming anything, is of
       another name of the same, or is a change or an alarm on it or next to it.
    4. The component is somewhere in the evidence, and the item has a part of its name, or no name: it may be.
    """
    fact = items.facts.get(id_)
    if fact and fact.of:
        return is_named(folded(fact.of), name)
    if id_ in items.naming(name):
        return True
    if other and other != name and id_ in items.naming(other):
        return False
    section = items.section(id_)
    if items.is_itself(name):
        if section in NAMELESS or items.is_itself_in(items.heading(id_)):
            return True
        if (
            fact
            and fact.kind in (Kind.CHANGE, Kind.ALARM)
            and fact.is_near
            and section in ("changes", "alarm")
        ):
            return True
        return None
    if not items.naming(name):
        return False
    if section in NAMELESS or resembles(folded(items.whole(id_)), name):
        return None
    return False
