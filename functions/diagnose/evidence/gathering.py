"""What an engineer on call would look at, gathered from all sources at once, each to its own deadline."""

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from typing import Protocol

from diagnose.evidence.facts import Fact, Kind
from diagnose.evidence.incident import Incident
from diagnose.evidence.lines import one_item
from diagnose.evidence.looked import CouldNotLook, Found, Looked, NotAsked, gaps
from diagnose.evidence.onset import Onset, settled
from diagnose.evidence.redaction.redactor import Redact, Redactor
from diagnose.evidence.sections import Context, Section, SourceRead, in_order
from diagnose.evidence.times import all_with_offsets, in_words, utc, with_offsets
from diagnose.evidence.why_not import why_not
from runtime.aws import POOL_CONNECTIONS, QUICK_CALL_SECONDS
from runtime.observability import logger

SOURCE_SECONDS = 5.0
"""What a source has when it does not say otherwise; more than the longest of its calls takes."""
SecondsLeft = Callable[[], float]


class Source(Protocol):
    """One kind of place to look, for as long as `seconds`.

    It says for each place what came of it. `until` gives the seconds that are left to begin a call in: one
    that is begun then ends within the source's time, even if it stalls. A source of many calls looks at it
    before each, and ends with what it has and a CouldNotLook for the rest. Its calls have to end by
    themselves, as QUICK_CALLS do: nobody can end a thread. What it has found goes through `redact` as a
    whole, before any of it is shortened.
    """

    @property
    def name(self) -> str: ...

    @property
    def seconds(self) -> float: ...

    def read(self, incident: Incident, redact: Redact, until: SecondsLeft) -> Sequence[Looked]: ...


@dataclass(frozen=True)
class SwitchedOff:
    """Stands for a source whose rights were not given."""

    name: str
    seconds: float = SOURCE_SECONDS

    def read(self, incident: Incident, redact: Redact, until: SecondsLeft) -> Sequence[Looked]:
        return [NotAsked(self.name, "switched off")]


_hanging: dict[Source, Future[Sequence[Looked]]] = {}
"""Those that did not end: each keeps one thread from its next tickets, and not one for every ticket."""


def gather(
    incident: Incident,
    told: Sequence[Looked],
    sources: Sequence[Source],
    redact: Redact | None = None,
) -> Context:
    """What was told, without its secrets, and what every source has. It takes as long as the slowest.

    What a source forgot to redact is redacted here, line by line. Each time gets its offset from the onset,
    which is settled only now: a source may know better than the ticket when it began.
    """
    redact = redact or Redactor()
    answers = list(_read_all(incident, sources, redact))
    looked = [*told, *(each for _, found in answers for each in found)]
    began = settled(incident.began, (at for found in _found(looked) for at in found.departures))
    own = [section for found in _found(told) for section in found.sections]
    theirs = [
        replace(section, lines=tuple(map(_as_one_item, _redacted(section.lines, redact))))
        for _, answer in answers
        for found in _found(answer)
        for section in found.sections
    ]
    sections = in_order([*own, _onset_section(began, incident), *theirs])
    return Context(
        tuple(_with_offsets(section, began) for section in sections if section.lines),
        all_with_offsets(redact(gaps(looked)), began.at),
        tuple(read for read, _ in answers),
        began.at,
        tuple(item for found in _found(looked) for item in found.earlier),
    )


def _read_all(
    incident: Incident, sources: Sequence[Source], redact: Redact
) -> Iterable[tuple[SourceRead, Sequence[Looked]]]:
    for source in [source for source, read in _hanging.items() if read.done()]:
        del _hanging[source]
    began = time.monotonic()
    took: dict[Source, float] = {}

    def read(source: Source) -> Sequence[Looked]:
        try:
            last_call = began + source.seconds - QUICK_CALL_SECONDS
            return source.read(incident, redact, lambda: last_call - time.monotonic())
        finally:
            took[source] = time.monotonic() - began

    pool = ThreadPoolExecutor(max_workers=POOL_CONNECTIONS)
    reads = {source: pool.submit(read, source) for source in sources if source not in _hanging}
    late: set[Source] = set()
    for source, future in sorted(reads.items(), key=lambda item: item[0].seconds):
        if wait([future], timeout=max(0.0, began + source.seconds - time.monotonic())).not_done:
            late.add(source)
    pool.shutdown(wait=not late, cancel_futures=True)
    for source in sources:
        if source in _hanging:
            why = "no answer yet to what was asked for an earlier ticket"
            found: Sequence[Looked] = [CouldNotLook(source.name, why)]
        elif source in late:
            _hanging[source] = reads[source]
            found = [CouldNotLook(source.name, f"no answer within {in_words(source.seconds)}")]
        else:
            found = _answer(source, reads[source])
        unread = any(isinstance(each, CouldNotLook) for each in found)
        yield SourceRead(source.name, took.get(source, source.seconds), unread), found


def _answer(source: Source, read: Future[Sequence[Looked]]) -> Sequence[Looked]:
    """What a source that ended has said; one that raised, or that did not say where it looked, is faulty."""
    if error := read.exception():
        logger.warning("a source of evidence failed", source=source.name, error=type(error).__name__)
        return [CouldNotLook(source.name, why_not(error))]
    found = list(read.result())
    if not found or any(isinstance(each, Found) and not _has_lines(each) for each in found):
        logger.warning("a source of evidence did not say where it looked", source=source.name)
        seen = [each for each in found if not isinstance(each, Found) or _has_lines(each)]
        return [*seen, CouldNotLook(source.name, "faulty: it did not say where it looked")]
    return found


def _found(looked: Iterable[Looked]) -> list[Found]:
    return [each for each in looked if isinstance(each, Found)]


def _redacted(lines: Sequence[str], redact: Redact) -> Sequence[str]:
    """The lines without secrets. All at once is much quicker than one by one, and nearly always enough."""
    text = "\n".join(lines)
    shown = redact(text)
    if shown == text:
        return lines
    parts: list[str] = shown.split("\n")
    one_by_one: Sequence[str] = parts if len(parts) == len(lines) else redact(tuple(lines))
    return one_by_one


def _as_one_item(line: str) -> str:
    """A line that a source forgot to clean could pass for several, and under ids of its own."""
    return line if line.isprintable() else one_item(line)


def _has_lines(found: Found) -> bool:
    return any(section.lines for section in found.sections)


def _onset_section(began: Onset, incident: Incident) -> Section:
    lines = (f"onset: {began}", f"looked at: {utc(incident.now)}")
    facts = (Fact(Kind.ONSET, began.at),)
    return Section("onset", "Onset, from which all offsets count", "E", lines, facts=facts)


def _with_offsets(section: Section, began: Onset) -> Section:
    """A log's lines get their offsets when it is known which are kept (budget.py)."""
    lines = section.lines if section.is_log else all_with_offsets(section.lines, began.at)
    return replace(section, title=with_offsets(section.title, began.at), lines=lines)
