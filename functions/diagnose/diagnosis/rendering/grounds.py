"""What the diagnosis rests on and what speaks against it: evidence, alternatives, gaps, doubts, notes."""

import re
from collections.abc import Iterable, Sequence

from diagnose.diagnosis.checked import Checked, JudgedCommand, Result
from diagnose.diagnosis.rendering.acting import command_words, ids, titled
from diagnose.diagnosis.schema import Alternative, Citation, Diagnosis, MetricReading, MissingData
from diagnose.evidence.prompt import Prompt
from rendering.blocks import (
    Block,
    Bullets,
    CodeBlock,
    Heading,
    Line,
    Link,
    Paragraph,
    Strong,
)
from rendering.room import RECORD, Room

OFFSET = re.compile(r"Z \((at the onset|[-+]\d[^()]{0,20})\)")
"""The distance of a time from the onset, as times.py writes it."""
CONSOLE = "console"


def grounds(checked: Checked, notes: Sequence[str], prompt: Prompt, room: Room) -> list[Block]:
    """From the evidence to the notes."""
    diagnosis = checked.diagnosis
    alternatives = list(zip(diagnosis.alternatives, checked.deciding, strict=True))
    shown = room.some(alternatives)
    return [
        *titled("Evidence", _evidence(diagnosis, prompt, room)),
        *titled("Timeline", _timeline(diagnosis, room), level=3),
        *titled("Metric readings", _readings(diagnosis, room), level=3),
        *(
            block
            for number, (alternative, judged) in enumerate(shown, 1)
            for block in _alternative(number, alternative, judged, room)
        ),
        *_more("alternatives", len(alternatives) - len(shown)),
        *titled("Not looked at", _unseen(diagnosis, prompt, room)),
        *titled("Not confirmed by the evidence", _doubts(checked, room)),
        *titled("Notes", room.listed(notes, lambda note: (room.text(note),))),
    ]


def _evidence(diagnosis: Diagnosis, prompt: Prompt, room: Room) -> list[Block]:
    """Why, the items cited for it, those of the chain that are not among them, and the components."""
    primary = diagnosis.primary
    cited = {citation.id for citation in primary.evidence}
    others = dict.fromkeys(id_ for hop in primary.chain for id_ in hop.evidence if id_ not in cited)
    items = [*primary.evidence, *(Citation(id=id_, shows=prompt.evidence.get(id_, "")) for id_ in others)]
    parts = "; ".join(f"{room.text(each.name)}: {each.role}" for each in room.some(diagnosis.components))
    reasoning = room.text(primary.reasoning)
    return [
        *([Paragraph((reasoning,))] if reasoning else []),
        *room.listed(items, lambda citation: _item(citation, prompt, room)),
        Paragraph((Strong("Components:"), parts or "not established")),
        *_more("components", len(diagnosis.components) - room.most),
    ]


def _item(citation: Citation, prompt: Prompt, room: Room) -> Line:
    """An id of ours stands out, with the source, how far from the onset, and a way to look for oneself."""
    shows = room.text(citation.shows)
    text = prompt.evidence.get(citation.id)
    if text is None:
        return (f"{room.text(citation.id)}: {shows}",)
    origin = prompt.origins.get(citation.id)
    at = OFFSET.search(text)
    where = ", ".join([*([room.text(origin.title)] if origin else []), *([at[1]] if at else [])])
    link = (Link(CONSOLE, origin.link),) if origin and origin.link else ()
    return (Strong(f"{citation.id}:"), *([shows] if shows else []), *([f"({where})"] if where else []), *link)


def _timeline(diagnosis: Diagnosis, room: Room) -> list[Block]:
    return room.listed(
        diagnosis.timeline,
        lambda entry: (f"{room.text(entry.at)}: {room.text(entry.event)}{ids(entry.evidence, room)}",),
    )


def _readings(diagnosis: Diagnosis, room: Room) -> list[Block]:
    return room.listed(
        diagnosis.metric_readings,
        lambda reading: (_reading(reading, room),),
    )


def _reading(reading: MetricReading, room: Room) -> str:
    value = f"{room.text(reading.name)} = {room.text(reading.value)} {room.text(reading.unit)}"
    return f"{value}: {room.text(reading.note)}{ids([reading.evidence], room)}"


def _alternative(
    number: int, alternative: Alternative, judged: JudgedCommand | None, room: Room
) -> Iterable[Block]:
    def cited(citation: Citation) -> str:
        return f"{room.text(citation.id)}: {room.text(citation.shows)}"

    told: list[tuple[str, str]] = [
        *(("For:", cited(citation)) for citation in room.some(alternative.supporting)),
        *(("Against:", cited(citation)) for citation in room.some(alternative.contradicting)),
        ("Conclusion:", room.text(alternative.conclusion)),
        ("What would decide:", room.text(alternative.deciding_observation)),
    ]
    yield Heading(f"Alternative {number}: {room.text(alternative.diagnosis)}")
    yield Bullets(tuple((Strong(name), text) for name, text in told if text))
    yield from _more(
        "citations", max(map(len, (alternative.supporting, alternative.contradicting))) - room.most
    )
    if judged and len(alternative.deciding_command) <= room.longest:
        yield Paragraph(command_words(judged, room))
        yield CodeBlock(alternative.deciding_command)


def _unseen(diagnosis: Diagnosis, prompt: Prompt, room: Room) -> list[Block]:
    """The places that code could not look at or did not, and what the model missed."""
    unseen: list[str | MissingData] = [*prompt.not_looked_at, *diagnosis.missing_data]
    return room.listed(
        unseen,
        lambda told: (room.text(told) if isinstance(told, str) else f"missing: {_missing(told, room)}",),
    )


def _missing(missing: MissingData, room: Room) -> str:
    where = room.text(missing.where)
    return f"{room.text(missing.what)}{f' (in {where})' if where else ''}"


def _doubts(checked: Checked, room: Room) -> list[Block]:
    """What did not pass, each once: what failed first, then what cannot be known."""
    found = {check.says: check.result for check in checked.checks if check.result is not Result.PASSED}
    return room.listed(
        checked.doubts,
        lambda says: (Strong(f"{found[says]}:"), f"The diagnosis {room.text(says)}"),
    )


def _more(what: str, left: int) -> list[Block]:
    return [Paragraph((f"{left} more {what} are not shown here: {RECORD}.",))] if left > 0 else []
