"""Times that are named agree with the items that are cited for them."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from diagnose.diagnosis.checked import Check, Result
from diagnose.diagnosis.reading.claims import Claim, Claims
from diagnose.diagnosis.reading.items import Items
from diagnose.diagnosis.reading.names import folded
from diagnose.diagnosis.reading.written_times import (
    AT_THE_ONSET,
    Offset,
    Stamp,
    TimeOfDay,
    Times,
    times_of,
)

SECOND, MINUTE = 1, 60
UNKNOWN = frozenset(("", "unknown", "not known", "none", "n/a", "-"))


class Known:
    """The times of the items, worked out once for each."""

    def __init__(self, items: Items) -> None:
        self._items = items
        self._times: dict[str, Times] = {}
        self._texts: dict[str, str] = {}

    def says(self, id_: str, written: str) -> bool:
        """Whether an item has a time to the letter."""
        if id_ not in self._texts:
            self._texts[id_] = folded(self._items.whole(id_))
        return folded(written) in self._texts[id_]

    def of(self, id_: str) -> Times:
        if id_ not in self._times:
            self._times[id_] = times_of(self._items.whole(id_))
        return self._times[id_]

    def moments(self, id_: str) -> Iterator[datetime]:
        yield from (stamp.at for stamp in self.of(id_).stamps)
        fact = self._items.facts.get(id_)
        if fact and fact.at:
            yield fact.at.astimezone(UTC)

    def agrees(self, id_: str, said: Stamp | TimeOfDay | Offset) -> bool:
        match said:
            case Stamp():
                return any(_same(said, at) for at in self.moments(id_))
            case TimeOfDay():
                clocks = self.of(id_).clocks
                theirs = any(
                    each.clock == said.clock and (said.second < 0 or each.second == said.second)
                    for each in clocks
                )
                return theirs or any(_is_at(said, at) for at in self.moments(id_))
            case Offset():
                onset = self._items.onset
                found = [each.seconds for each in self.of(id_).offsets]
                found += [(at - onset).total_seconds() for at in self.moments(id_) if onset]
                return any(_is_so_far(said, seconds) for seconds in found)

    def is_at_onset(self, id_: str) -> bool:
        onset = self._items.onset
        return any(onset and abs(at - onset) < timedelta(minutes=1) for at in self.moments(id_))


def check_times(claims: Claims, items: Items) -> Iterator[Check]:
    known = Known(items)
    for claim in claims.cited:
        yield from _check(claim, items.there(claim.ids), known)


def _check(claim: Claim, there: list[str], known: Known) -> Iterator[Check]:
    at = "" if folded(claim.at) in UNKNOWN else claim.at
    if not there or not (at or claim.text):
        return
    of = ", ".join(there[:3])
    said = [*_all(times_of(at)), *_all(times_of(claim.text))]
    wrong = [
        each.written.strip()
        for each in dict.fromkeys(said)
        if not any(known.says(id_, each.written) or known.agrees(id_, each) for id_ in there)
    ]
    if wrong:
        says = f"names {', '.join(wrong[:3])}, which {of} does not say"
        yield Check("time", claim.place, Result.FAILED, says)
    elif said:
        yield Check("time", claim.place, Result.PASSED, f"names times that {of} says")
    elif at and not any(known.says(id_, at) for id_ in there):
        if AT_THE_ONSET in folded(at) and any(map(known.is_at_onset, there)):
            yield Check("time", claim.place, Result.PASSED, f"names the onset, which {of} says")
        else:
            yield Check("time", claim.place, Result.UNKNOWN, f"says {at[:80]!r}, which is no time of {of}")


def _all(times: Times) -> Iterable[Stamp | TimeOfDay | Offset]:
    return (*times.stamps, *times.clocks, *times.offsets)


def _same(said: Stamp, at: datetime) -> bool:
    """Cut off or rounded to what is written."""
    if said.has_seconds:
        return abs((said.at - at).total_seconds()) <= SECOND
    return said.at in (_cut(at), _cut(at + timedelta(seconds=MINUTE / 2)))


def _cut(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def _is_at(said: TimeOfDay, at: datetime) -> bool:
    if said.second < 0:
        return said.clock in (f"{at:%H:%M}", f"{at + timedelta(seconds=MINUTE / 2):%H:%M}")
    near = (at + timedelta(seconds=seconds) for seconds in (-SECOND, 0, SECOND))
    return f"{said.clock}:{said.second:02}" in {f"{each:%H:%M:%S}" for each in near}


def _is_so_far(said: Offset, seconds: float) -> bool:
    cut_off = int(seconds / said.unit) * said.unit
    return abs(said.seconds - seconds) <= said.unit / 2 or said.seconds == cut_off
