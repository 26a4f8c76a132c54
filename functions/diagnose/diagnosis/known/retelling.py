"""The known cause told anew: with today's ids, and without figures that today's evidence does not hold."""

import re
from collections.abc import Iterator, Mapping, Sequence

from diagnose.diagnosis.checked import Effect
from diagnose.diagnosis.checks.figures import Figures
from diagnose.diagnosis.checks.times import Known
from diagnose.diagnosis.commands.judging import judge
from diagnose.diagnosis.known.today import Again
from diagnose.diagnosis.reading.items import Items
from diagnose.diagnosis.reading.names import folded
from diagnose.diagnosis.reading.quantities import QUOTED, quantities
from diagnose.diagnosis.reading.written_times import CLOCK, OFFSET, STAMP, Offset, Stamp, TimeOfDay, times_of
from diagnose.diagnosis.record import RecordedOrigin
from diagnose.diagnosis.schema import Citation, Command, Diagnosis, Hop, Hypothesis, TimelineEntry
from rendering.labels import origin_words
from timeseries.figures import counted

LEFT_OUT = "…"
LONGEST_HEADLINE = 300
LONGEST_SHOWN = 200
IDENTIFIER = re.compile(r"[\w./:@-]*\d[\w./:@-]*")
DURATION = re.compile(r"-{0,2}[\w-]*=?\d+(?:\.\d+)?(?:ms|s|m|h|d|[kKMG]i?B?)?")
BY_HAND = "Write rediagnose on the ticket for a full diagnosis."


class Retelling:
    """Texts of then, checked against the items of today that they are told of."""

    def __init__(self, items: Items) -> None:
        self._items = items
        self._figures = Figures(items)
        self._known = Known(items)

    def of(self, text: str, ids: Sequence[str]) -> str:
        """The text with "…" in place of each time and figure that none of these items holds."""
        parts: list[str] = []
        at = 0
        for start, end in _times(text):
            parts += [self._without_figures(text[at:start], ids), self._time(text[start:end], ids)]
            at = end
        return "".join((*parts, self._without_figures(text[at:], ids)))

    def _time(self, written: str, ids: Sequence[str]) -> str:
        told = times_of(written)
        every: tuple[Stamp | TimeOfDay | Offset, ...] = (*told.stamps, *told.clocks, *told.offsets)
        known = self._known
        is_held = any(
            known.says(id_, written.strip()) or any(known.agrees(id_, each) for each in every) for id_ in ids
        )
        return written if is_held and every else LEFT_OUT

    def _without_figures(self, text: str, ids: Sequence[str]) -> str:
        def held(found: re.Match[str]) -> str:
            said = list(quantities(QUOTED, found[0]))
            is_held = all(any(self._figures.hold(id_, each) for id_ in ids) for each in said)
            return found[0] if is_held and said else LEFT_OUT

        return QUOTED.sub(held, text)

    def names_only_today(self, command: Command) -> bool:
        """Whether it may be run today: what it names is there, if only in numbers where it just reads."""
        effect = judge(command.command).effect
        said = IDENTIFIER.findall(command.command)
        if effect is Effect.READ_ONLY:
            said = [word for word in said if not DURATION.fullmatch(word) or len(word) > 6]
        return all(folded(word.strip("./:@-")) in self._items.everything for word in said)


def retold(again: Again, seen: Mapping[int, str]) -> Diagnosis:
    """The diagnosis of then on today's evidence; `seen` is what was seen today of each hop, by its number."""
    answer, items = again.cause.answer, again.items
    tell = Retelling(items)
    every = list(dict.fromkeys(again.ids.values()))
    chain = [_hop(hop, again, tell, seen.get(number, "")) for number, hop in enumerate(answer.primary.chain)]
    evidence = [
        Citation(id=id_, shows=_beginning(items.text(id_)))
        for id_ in dict.fromkeys(
            again.ids[each.id] for each in answer.primary.evidence if each.id in again.ids
        )
    ]
    left = sum(not tell.names_only_today(command) for command in answer.commands)
    headline = f"Known cause again: {tell.of(answer.headline, every)}"
    return Diagnosis(
        verdict=answer.verdict,
        headline=headline if len(headline) <= LONGEST_HEADLINE else _beginning(headline, LONGEST_HEADLINE),
        timeline=_timeline(every, items),
        components=[each for each in answer.components if items.naming(each.name)],
        metric_readings=[],
        primary=Hypothesis(
            diagnosis=tell.of(answer.primary.diagnosis, every),
            confidence=again.cause.shown,
            reasoning=_reasoning(again.cause.origin, left),
            evidence=evidence,
            chain=chain,
        ),
        alternatives=[],
        severity=answer.severity,
        recommended_action=tell.of(answer.recommended_action, every),
        commands=[command for command in answer.commands if tell.names_only_today(command)],
        risks=[tell.of(risk, every) for risk in answer.risks],
        missing_data=[],
    )


def hop_ids(hop: Hop, again: Again) -> list[str]:
    """Today's ids of what a hop rests on."""
    return list(dict.fromkeys(again.ids[id_] for id_ in hop.evidence if id_ in again.ids))


def _hop(hop: Hop, again: Again, tell: Retelling, seen: str) -> Hop:
    ids = hop_ids(hop, again)
    how = tell.of(hop.how, ids)
    return Hop(
        from_component=hop.from_component,
        to_component=hop.to_component,
        how=f"{how} Today: {seen}" if seen else how,
        since=_since(ids, again.items),
        evidence=ids,
    )


def _since(ids: Sequence[str], items: Items) -> str:
    """The earliest time that the items begin with, as it is written there."""
    stamps = [stamp for id_ in ids for stamp in times_of(items.text(id_)).stamps[:1]]
    return min(stamps, key=lambda stamp: stamp.at).written if stamps else "unknown"


def _timeline(ids: Sequence[str], items: Items) -> list[TimelineEntry]:
    """The items that say when they were, in order."""
    stamps = {id_: found[0] for id_ in ids if (found := times_of(items.text(id_)).stamps)}
    return [
        TimelineEntry(at=stamps[id_].written, event=_beginning(items.text(id_)), evidence=[id_])
        for id_ in sorted(stamps, key=lambda id_: stamps[id_].at)
    ]


def _reasoning(origin: RecordedOrigin, commands_left_out: int) -> str:
    """Ours but for the ids and names in it, and without a claim about anything that was not looked at."""
    left = ""
    if commands_left_out:
        what = counted(commands_left_out, "command")
        left = f" Left out: {what} with names that today's evidence does not have."
    come_from = origin_words(origin.ticket_id, origin.diagnosed_at, origin.confirmed_by, origin.confirmed_at)
    return (
        f"A known cause, upheld in place of a full diagnosis: {come_from}. Each of its observations was"
        " looked for anew and is there; nothing stands out near the incident that did not then. Times and"
        " figures of then that today's evidence does not hold are left out (…). Other causes were not"
        f" weighed.{left} {BY_HAND}"
    )


def _beginning(text: str, longest: int = LONGEST_SHOWN) -> str:
    """The text in one line, or its beginning up to a blank: half a figure would be a wrong one."""
    line = " ".join(text.split())
    if len(line) <= longest:
        return line
    head = line[: longest - 2]
    return f"{head[: head.rfind(' ')] if ' ' in head else ''} {LEFT_OUT}"


def _times(text: str) -> Iterator[tuple[int, int]]:
    """Where the times of a text stand, in order."""
    taken: list[tuple[int, int]] = []
    for pattern in (STAMP, CLOCK, OFFSET):
        for found in pattern.finditer(text):
            start, end = found.span()
            if all(end <= before or start >= after for before, after in taken):
                taken.append((start, end))
    return iter(sorted(taken))
