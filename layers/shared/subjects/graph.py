"""What stands on what, as the subjects' records say: walks down, up, and both ways at once."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from subjects.subject import Subject

HOPS = 2
"""So far away a subject is still next to another."""
MOST_DEPENDENCIES = 50
"""So many subjects are looked at in a walk along what depends on what."""
ReadMany = Callable[[Sequence[str]], Mapping[str, Subject]]


def dependencies(subject: Subject, read_many: ReadMany) -> tuple[dict[str, int], tuple[str, ...]]:
    """All that a subject stands on, with the number of steps to each, nearest first; and what is wrong there.

    Each is read once, so a circle ends, and is named; after MOST_DEPENDENCIES the walk ends, and says so.
    """
    steps: dict[str, int] = {}
    faults: list[str] = []
    parents = {subject.subject_id: ""}
    layer, known = [subject], 0
    while layer:
        known += 1
        named: list[str] = []
        for each in layer:
            for name in each.depends_on:
                if name in _path(parents, each.subject_id):
                    circle = " -> ".join(_circle(parents, each.subject_id, name))
                    faults.append(f"circle of dependencies: {circle}")
                elif name not in parents:
                    parents[name] = each.subject_id
                    named.append(name)
        if len(steps) + len(named) > MOST_DEPENDENCIES:
            faults.append(f"more than {MOST_DEPENDENCIES} dependencies: the farther ones were not looked at")
            named = named[: MOST_DEPENDENCIES - len(steps)]
        steps |= dict.fromkeys(named, known)
        found = read_many(named) if named else {}
        faults += (f"{name}: has no record" for name in named if name not in found)
        layer = [found[name] for name in named if name in found]
    return steps, tuple(dict.fromkeys(faults))


def _path(parents: Mapping[str, str], name: str) -> list[str]:
    """The way back to the subject where the walk began, itself first."""
    way = []
    while name:
        way.append(name)
        name = parents[name]
    return way


def _circle(parents: Mapping[str, str], last: str, name: str) -> Iterable[str]:
    way = _path(parents, last)
    return [*reversed(way[: way.index(name) + 1]), name]


def dependents(name: str, subjects: Iterable[Subject]) -> dict[str, int]:
    """What stands on a subject, with the number of steps to it, up to HOPS; a circle ends where it began."""
    standing: dict[str, list[str]] = {}
    for each in subjects:
        for below in each.depends_on:
            standing.setdefault(below, []).append(each.subject_id)
    steps: dict[str, int] = {}
    layer = [name]
    for far in range(1, HOPS + 1):
        layer = [
            above
            for below in layer
            for above in standing.get(below, ())
            if above != name and steps.setdefault(above, far) == far
        ]
    return steps


def within_reach(name: str, subjects: Iterable[Subject]) -> dict[str, int]:
    """The subjects up to HOPS steps away, whichever depends on which, with the number of steps; not itself.

    A name that has no record of its own connects those that depend on it all the same.
    """
    beside: dict[str, list[str]] = {}
    for each in subjects:
        for below in each.depends_on:
            beside.setdefault(each.subject_id, []).append(below)
            beside.setdefault(below, []).append(each.subject_id)
    steps = {name: 0}
    layer = [name]
    for far in range(1, HOPS + 1):
        layer = [
            other
            for one in layer
            for other in dict.fromkeys(beside.get(one, ()))
            if steps.setdefault(other, far) == far
        ]
    del steps[name]
    return steps
