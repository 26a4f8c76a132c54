"""Evidence within its budget: each section has a share, and what one leaves unspent goes to the others."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from diagnose.evidence.abridging import abridge
from diagnose.evidence.log_reduction import longest_note, reduce_log
from diagnose.evidence.sections import Section, labelled
from diagnose.evidence.times import all_with_offsets, with_offsets
from diagnose.evidence.tokens import weight

SHARES = {
    "ticket": 4,
    "gaps": 1,
    "onset": 1,
    "log_tail": 6,
    "metric_snapshot": 4,
    "metrics": 4,
    "alarm": 2,
    "members": 2,
    "changes": 3,
    "log_differences": 3,
    "log": 6,
    "subject_context": 2,
    "subject": 1,
    "topology": 2,
    "neighbours": 2,
    "traces": 1,
    "health": 1,
    "template": 1,
    "runbook": 2,
    "similar": 1,
}
"""Parts of the room. When there is next to none, the section that comes first is the last to go."""
OTHER_SHARE = 2
"""Of a section that has no name here, as one of a new source may."""
LEAST_COUNTED = 100
"""Ids go on from one section to the next of the same prefix: they may be longer than its own lines need."""
GAPS = Section("gaps", "Gaps in the evidence", "X", ())
Fitted = tuple[Section, str]
"""A section within its room, and what is to be said of the lines left out; nothing where all are there."""


def fit(sections: Sequence[Section], room: int, onset: datetime | None = None) -> list[Fitted]:
    """The sections within `room` (in weights, tokens.py) together with what is said of the lines left out.

    The lines of logs get their offsets from the onset, and what these take is counted.

    1. A section that needs less than its share is left whole, and what it does not need is shared out again.
    2. The others are cut to their shares: logs last, with all that was left over; then the rest goes round
       once more, in the order of SHARES.
    3. When the room is too small even for what has to be said, sections are emptied, from the end of SHARES.
    The first line of the ticket, its message, always stays.
    """
    fitted: list[Fitted] = [(_dated(section, room, onset), "") for section in sections]
    costs = [_cost(section) for section, _ in fitted]
    if sum(costs) <= room:
        return fitted
    shares = _shares(sections, costs, room)
    cut = [place for place, share in enumerate(shares) if share < costs[place]]
    for again in (False, True):
        for place in sorted(cut, key=lambda place: (sections[place].is_log, _rank(sections[place]))):
            spare = room - sum(map(_cost_of, fitted[:place] + fitted[place + 1 :])) if again else 0
            if again and (spare <= _cost_of(fitted[place]) or sections[place].is_log):
                continue
            share = spare if again else shares[place] + _unspent(fitted, shares, cut, place)
            fitted[place] = _cut(sections[place], share, onset)
    for place in sorted(range(len(sections)), key=lambda place: -_rank(sections[place])):
        if sum(map(_cost_of, fitted)) > room:
            fitted[place] = _cut(sections[place], 0, onset)
    return fitted


def _dated(section: Section, room: int, onset: datetime | None) -> Section:
    """A log with the offsets of its times, if it may fit; of one that does not, few lines will need any."""
    if not section.is_log or onset is None or _cost(section) > room:
        return section
    return replace(section, lines=all_with_offsets(section.lines, onset))


def _shares(sections: Sequence[Section], costs: Sequence[int], room: int) -> list[int]:
    """What each may take: all that it needs, or its part of what those with small needs leave."""
    shares = list(costs)
    weights = {place: SHARES.get(section.name, OTHER_SHARE) for place, section in enumerate(sections)}
    while weights:
        unit = max(0, room) / sum(weights.values())
        content = [place for place, share in weights.items() if costs[place] <= share * unit]
        if not content:
            return [
                int(weights[place] * unit) if place in weights else share
                for place, share in enumerate(shares)
            ]
        for place in content:
            room -= costs[place]
            del weights[place]
    return shares


def _unspent(fitted: Sequence[Fitted], shares: Sequence[int], cut: Sequence[int], place: int) -> int:
    """For a log: what the sections that were cut before it left of their shares."""
    if not fitted[place][0].is_log:
        return 0
    done = [other for other in cut if fitted[other][1]]
    return max(0, sum(shares[other] - _cost_of(fitted[other]) for other in done))


def _cut(section: Section, room: int, onset: datetime | None) -> Fitted:
    """The section within `room`, or nothing of it; of the ticket its message."""
    if not section.lines:
        return section, ""
    overhead = _line_overhead(section)
    room -= weight(section.title) + overhead
    if section.is_log:
        room -= _note_cost(f"{section.title}: {longest_note(len(section.lines))}")
        size = (lambda line: weight(with_offsets(line, onset))) if onset else weight
        reduced = reduce_log(section.lines, room, size, overhead)
        note = f"{section.title}: {reduced.note}" if reduced.note else ""
        lines = all_with_offsets(reduced.lines, onset) if onset else reduced.lines
        return replace(section, lines=lines), note
    room -= _note_cost(f"{section.title}: {_left_out(len(section.lines), section, False)}")
    figures = {place for place, values in enumerate(section.exact) if values}
    abridged = abridge(section.lines, room, weight, overhead, section.name == "ticket", figures)
    exact = tuple(section.exact[place] for place in abridged.places if place < len(section.exact))
    facts = tuple(section.facts[place] for place in abridged.places if place < len(section.facts))
    note = _left_out(abridged.left_out, section, abridged.only_the_last)
    kept = replace(section, lines=abridged.lines, exact=exact, facts=facts)
    return kept, f"{section.title}: {note}" if note else ""


def _left_out(count: int, section: Section, only_the_last: bool) -> str:
    which = "the last " if only_the_last else ""
    where = "" if only_the_last else "; a line that follows lines left out begins with …"
    return f"{which}{count} of {len(section.lines)} lines were left out{where}" if count else ""


def _rank(section: Section) -> int:
    names = list(SHARES)
    return names.index(section.name) if section.name in names else len(names)


def _cost_of(fitted: Fitted) -> int:
    section, note = fitted
    return _cost(section) + (_note_cost(note) if note else 0)


def _cost(section: Section) -> int:
    """Of its heading and lines, with the longest id that may stand before each."""
    return weight(section.title + "".join(section.lines)) + _line_overhead(section) * (len(section.lines) + 1)


def _note_cost(note: str) -> int:
    return sum(weight(line) + _line_overhead(GAPS) for line in labelled("cut to fit", note))


def _line_overhead(section: Section) -> int:
    """Of one line: its id, the blank after it, the end of the line."""
    digits = len(str(max(LEAST_COUNTED, len(section.lines) + len(SHARES))))
    return weight(f"[{section.prefix}{'0' * digits}] \n")
