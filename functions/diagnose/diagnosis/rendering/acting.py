"""What a person needs to act, on the first screen: verdict, headline, confidence, cause, chain, commands."""

import re
from collections.abc import Iterator, Mapping, Sequence

from diagnose.diagnosis.checked import Checked, JudgedCommand, Result
from diagnose.diagnosis.record import RecordedOrigin
from diagnose.diagnosis.schema import Command, Hop
from rendering.blocks import Block, CodeBlock, Heading, Line, Paragraph, Strong
from rendering.labels import EFFECTS, KNOWN_CAUSE, VERDICTS, level_words, origin_words
from rendering.room import RECORD, Room, shortened

NO_WORDS = "No words were given."
LONGEST_HEADLINE = 300
MOST_REASONS = 3
"""The rest is under the doubts: the first screen is to act by."""
WORST = (Result.PASSED, Result.UNKNOWN, Result.FAILED)
HOP = re.compile(r"\bchain\[(\d+)\]")
"""How a check names the place of a hop, the first as 0."""


def acting(checked: Checked, room: Room, known: RecordedOrigin | None = None) -> list[Block]:
    """From the verdict to the risks; `known` is where a known cause comes from."""
    diagnosis = checked.diagnosis
    return [
        Heading(VERDICTS[diagnosis.verdict]),
        Paragraph((Strong(shortened(diagnosis.headline, LONGEST_HEADLINE) or NO_WORDS),)),
        Paragraph(_confidence(checked, room, "as it was shown then" if known else "as the model said")),
        *_origin(known, room),
        Paragraph((Strong("Cause:"), room.text(diagnosis.primary.diagnosis) or NO_WORDS)),
        *_chain(checked, room),
        Heading("What to do"),
        Paragraph((room.text(diagnosis.recommended_action) or NO_WORDS,)),
        *_commands(checked, room),
        *titled("Risks", room.listed(diagnosis.risks, lambda risk: (room.text(risk),)), level=3),
    ]


def titled(title: str, blocks: list[Block], *, level: int = 2) -> list[Block]:
    """The blocks under a heading; nothing where there are none."""
    return [Heading(title, level), *blocks] if blocks else []


def command_words(judged: JudgedCommand, room: Room) -> Line:
    """What a command does when it is run, then why, and what a reader could not see in it."""
    marks = f"; look closely: {'; '.join(judged.marks)}" if judged.marks else ""
    return Strong(EFFECTS[judged.effect]), f"({room.text(judged.why + marks)})"


def _origin(known: RecordedOrigin | None, room: Room) -> list[Block]:
    if known is None:
        return []
    told = origin_words(known.ticket_id, known.diagnosed_at, known.confirmed_by, known.confirmed_at)
    return [Paragraph((Strong(KNOWN_CAUSE), f"{room.text(told)}. Other causes were not weighed anew."))]


def _confidence(checked: Checked, room: Room, unchanged: str) -> Line:
    said, shown = checked.confidence.said, checked.confidence.shown
    reasons = [room.text(reason).rstrip(".") for reason in checked.confidence.reasons[:MOST_REASONS]]
    left = len(checked.confidence.reasons) - MOST_REASONS
    because = "; ".join([*reasons, *([f"{left} more reasons, below"] if left > 0 else [])])
    model = f"the model said {level_words(said)}" if said != shown else unchanged
    told = f"{model}: {because}" if because else model
    return (
        Strong(f"Confidence: {level_words(shown)}"),
        f"({told}) · severity: {checked.diagnosis.severity}",
    )


def _chain(checked: Checked, room: Room) -> list[Block]:
    results = _hop_results(checked)

    def line(numbered: tuple[int, Hop]) -> Line:
        number, hop = numbered
        way = f"{room.text(hop.from_component)} → {room.text(hop.to_component)}"
        told = f"{way}, since {room.text(hop.since)}: {room.text(hop.how)}{ids(hop.evidence, room)}"
        found = results.get(number)
        return (Strong(f"{found}:"), told) if found else (told,)

    return titled("Causal chain", room.listed(enumerate(checked.diagnosis.primary.chain), line))


def _hop_results(checked: Checked) -> dict[int, str]:
    """What came of the checks of each hop, by its place, the worst of each: "order failed; 6 passed"."""
    found: dict[int, dict[str, Result]] = {}
    for check in checked.checks:
        if place := HOP.search(check.place):
            results = found.setdefault(int(place[1]), {})
            results[check.name] = max(results.get(check.name, check.result), check.result, key=WORST.index)
    return {place: _told(results) for place, results in found.items()}


def _told(results: Mapping[str, Result]) -> str:
    names = {result: [name for name, found in results.items() if found is result] for result in WORST}
    passed = len(names[Result.PASSED])
    doubtful = [result for result in reversed(WORST) if result is not Result.PASSED and names[result]]
    told = [f"{', '.join(names[result])} {result}" for result in doubtful]
    told += [f"{passed} passed"] if passed else []
    return "; ".join(told)


def ids(cited: Sequence[str], room: Room) -> str:
    """The ids in brackets, or nothing."""
    told = [room.text(id_) for id_ in room.some(cited)]
    more = len(cited) - len(told)
    return f" ({', '.join([*told, *([f'{more} more'] if more else [])])})" if told else ""


def _commands(checked: Checked, room: Room) -> Iterator[Block]:
    commands = checked.diagnosis.commands
    for command, judged in room.some(list(zip(commands, checked.commands, strict=True))):
        yield from _command(command, judged, room)
    if len(commands) > room.most:
        yield Paragraph((f"{len(commands) - room.most} more commands are not shown here: {RECORD}.",))


def _command(command: Command, judged: JudgedCommand, room: Room) -> Iterator[Block]:
    """What it does, the command as it stands, and what the model says of it; half a command is not shown."""
    purpose = room.text(command.purpose).rstrip(".:")
    yield Paragraph((*command_words(judged, room), *([f"{purpose}:"] if purpose else [])))
    if len(command.command) <= room.longest:
        yield CodeBlock(command.command)
    else:
        yield Paragraph((f"A command of {len(command.command)} characters is not shown here: {RECORD}.",))
    told = {"Changes": command.changes, "Risk": command.risk}
    said = " · ".join(f"{name}: {room.text(text)}" for name, text in told.items() if text.strip())
    if said:
        yield Paragraph((said,))
