"""What was read of a log as sections: what is new in it, and its lines."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from diagnose.evidence.facts import Fact, Kind
from diagnose.evidence.lines import log_lines, one_item
from diagnose.evidence.redaction.redactor import Redact
from diagnose.evidence.sections import Section
from diagnose.evidence.severity import WARNING
from diagnose.evidence.sources.logs.novelty import Difference, Read, differences
from diagnose.evidence.sources.logs.reading import Event, Slice, united
from diagnose.evidence.times import in_words, utc
from runtime.both_ends import both_ends
from runtime.clock import iso
from timeseries.figures import counted, often

MOST_DIFFERENCES = 15
LONGEST_EXAMPLE = 500
AT_ONCE = 200
BETWEEN = "\x1e"


def sections_of(
    place: str, around: Sequence[Slice], before: Sequence[Slice], redact: Redact
) -> tuple[Section, ...]:
    """The sections of one log; none when nothing was read around the onset, nor before it.

    What is compared was read whole: what only a pattern found would seem to be more than before.
    """
    events, earlier = united(around), united(before)
    if not events and not earlier:
        return ()
    texts = redacted([event.text for event in events], redact)
    said = dict(zip(map(_key, events), texts, strict=True))
    lines = log_lines([_entry(event, text) for event, text in zip(events, texts, strict=True)])
    compared = united(read for read in around if not read.pattern)
    found = differences(_read(earlier, before), _read(compared, around))
    about = [
        f"around the onset {_amount(compared, around)}; before that {_amount(earlier, before)}",
        *_unreadable((*around, *before)),
    ]
    told = (*about, *_shown(found, compared, earlier, said, redact))
    facts = (*(None for _ in about), *(_fact(each, compared, earlier) for each in found[:MOST_DIFFERENCES]))
    title = f"What differs in {place} from before the onset"
    sections = [Section("log_differences", title, "L", told, facts=facts)]
    if lines:
        sections.append(Section("log", f"Lines of {place}, oldest first", "L", lines, is_log=True))
    return tuple(sections)


def redacted(texts: Sequence[str], redact: Redact) -> list[str]:
    """Each text without its secrets; many short ones at once, which takes a quarter of the time.

    Where a secret seems to reach from one text into the next, those are looked at one by one.
    """
    found: list[str] = []
    for start in range(0, len(texts), AT_ONCE):
        batch = [text.replace(BETWEEN, "") for text in texts[start : start + AT_ONCE]]
        parts = redact(f"\n{BETWEEN}\n".join(batch)).split(f"\n{BETWEEN}\n")
        found += parts if len(parts) == len(batch) else redact(batch)
    return found


def _shown(
    found: Sequence[Difference],
    during: Sequence[Event],
    earlier: Sequence[Event],
    said: Mapping[Any, str],
    redact: Redact,
) -> Iterator[str]:
    for difference in found[:MOST_DIFFERENCES]:
        if difference.what == "no longer":
            event = earlier[difference.example]
            text = redact(event.text)
        else:
            event = during[difference.example]
            text = said[_key(event)]
        which = "last" if difference.what == "no longer" else "first"
        when = "" if _says_when(event, text) else f" at {utc(event.at)}"
        example = both_ends(one_item(text), LONGEST_EXAMPLE)
        yield f"{difference.what}: {_counts(difference)}; {which}{when}: {example}"
    if (left_out := len(found) - MOST_DIFFERENCES) > 0:
        kinds = (
            "1 more kind of events differs" if left_out == 1 else f"{left_out} more kinds of events differ"
        )
        yield f"{kinds}, less severe or less rare"


def _counts(difference: Difference) -> str:
    """How often around the onset and how often before, as far as `what` does not say it."""
    if difference.what == "no longer":
        return f"{often(difference.before)} before"
    return often(difference.during) + (f", before {difference.before}" if difference.before else "")


def _fact(difference: Difference, during: Sequence[Event], earlier: Sequence[Event]) -> Fact | None:
    """A kind of line that is new, more often or no longer there; a new one that says all is well is none."""
    if difference.what == "no longer":
        return Fact(Kind.DEVIATION, earlier[difference.example].at)
    if difference.severity < WARNING:
        return None
    return Fact(Kind.DEVIATION, during[difference.example].at)


def _amount(events: Sequence[Event], slices: Sequence[Slice]) -> str:
    """How many events were read, of how much of the log, and of how many streams."""
    read = [each for each in slices if not each.pattern]
    if not read:
        return "nothing was read"
    start, end = min(each.start for each in read), max(each.end for each in read)
    minutes = sum(each.minutes for each in read)
    whole = "" if not any(each.why for each in read) else f", of which {in_words(60 * minutes)} were read"
    streams = len({event.stream for event in events})
    of_streams = f" of {streams} streams" if streams > 1 else ""
    return f"{counted(len(events), 'event')}{of_streams} from {utc(start)} to {utc(end)}{whole}"


def _unreadable(slices: Sequence[Slice]) -> Iterator[str]:
    if count := sum(read.unreadable for read in slices):
        events = counted(count, "event")
        yield f"{events} without a text, or of another time than was asked for, were left out"


def _read(events: Sequence[Event], slices: Sequence[Slice]) -> Read:
    return Read([event.text for event in events], sum(read.minutes for read in slices if not read.pattern))


def _entry(event: Event, text: str) -> dict[str, str]:
    """The event with its time, once: many programs begin their lines with it."""
    if _says_when(event, text):
        return {"message": text}
    return {"timestamp": iso(event.at), "message": text}


def _says_when(event: Event, text: str) -> bool:
    """Whether the text begins with the time of its event."""
    return text.startswith(utc(event.at).removesuffix("Z"))


def _key(event: Event) -> Any:
    return event.id or id(event)
