"""A diagnosis for people who are told of it: how sure it is, the chain, what to run, what is not known."""

from collections.abc import Iterator, Mapping
from typing import Any

from notify.findings import Command, Findings, Origin
from rendering.blocks import Block, Bullets, Code, CodeBlock, Heading, Line, Link, Paragraph, Strong
from rendering.labels import EFFECTS, KNOWN_CAUSE, level_words, origin_words
from rendering.room import Room

MOST_COMMANDS = 3
"""The first ones: the rest is on the ticket."""
MOST_REASONS = 3


def of_diagnosis(findings: Findings, item: Mapping[str, Any], link: str, room: Room) -> list[Block]:
    """Headline, confidence, origin, chain, next step, commands, what was not looked at, the ticket."""
    headline = findings.headline or findings.beginning
    return [
        *([Paragraph((Strong(room.text(headline)),))] if headline else []),
        *_confidence(findings, room),
        *_known_cause(findings.known_cause, room),
        *_titled("Causal chain", room.listed(findings.chain, lambda hop: (_hop(hop, room),))),
        *_titled("What to do", list(_doing(findings, room))),
        *_titled("Not looked at", room.listed(findings.not_looked_at, lambda place: (room.text(place),))),
        *of_ticket(item, link, room),
    ]


def of_ticket(item: Mapping[str, Any], link: str, room: Room) -> list[Block]:
    """What the ticket says, and where to read on."""
    told = (
        ("Says:", "message"),
        ("Invariant:", "invariant_name"),
        ("Component:", "component"),
        ("Subject:", "subject"),
        ("Severity:", "severity"),
        ("Since:", "first_seen_at"),
        ("Member of:", "incident_id"),
    )
    lines: list[Line] = [
        (Strong(name), room.text(said)) for name, key in told if (said := text_of(item, key))
    ]
    shown = room.text(text_of(item, "ticket_id"))
    where = Link("The ticket in the console", link) if link else Strong("Ticket:")
    return [
        Heading("Ticket"),
        *([Bullets(tuple(lines))] if lines else []),
        Paragraph((where, *([Code(shown)] if shown else []))),
    ]


def text_of(item: Mapping[str, Any], name: str) -> str:
    """An attribute as text; "" where it is none."""
    value = item.get(name)
    return value if isinstance(value, str) else ""


def _confidence(findings: Findings, room: Room) -> list[Block]:
    if not findings.confidence:
        return []
    reasons = "; ".join(room.text(reason).rstrip(".") for reason in findings.reasons[:MOST_REASONS])
    said = findings.said
    model = f"the model said {level_words(said)}" if said and said != findings.confidence else ""
    why = ": ".join(part for part in (model, reasons) if part)
    shown = Strong(f"Confidence: {level_words(room.text(findings.confidence))}")
    return [Paragraph((shown, *([f"({room.text(why)})"] if why else [])))]


def _known_cause(known: Origin | None, room: Room) -> list[Block]:
    if known is None:
        return []
    told = origin_words(known.ticket_id, known.diagnosed_at, known.confirmed_by, known.confirmed_at)
    return [Paragraph((Strong(KNOWN_CAUSE), f"{room.text(told)}. Other causes were not weighed anew."))]


def _hop(hop: Any, room: Room) -> str:
    since = f", since {room.text(hop.since)}" if hop.since else ""
    return f"{room.text(hop.way)}{since}: {room.text(hop.how)}"


def _doing(findings: Findings, room: Room) -> Iterator[Block]:
    if findings.action:
        yield Paragraph((room.text(findings.action),))
    shown = findings.commands[: min(MOST_COMMANDS, room.most)]
    for command in shown:
        yield from _command(command, room)
    if left := len(findings.commands) - len(shown):
        yield Paragraph((f"{left} more commands are on the ticket.",))


def _command(command: Command, room: Room) -> Iterator[Block]:
    """Its class first; half a command is not shown, and one that hides something says what."""
    marks = f"; look closely: {'; '.join(command.marks)}" if command.marks else ""
    why = f"({room.text(command.why + marks)})" if command.why or marks else ""
    effect = Strong(EFFECTS.get(command.effect, "effect not known"))
    purpose = room.text(command.purpose).rstrip(".:")
    yield Paragraph((effect, *([why] if why else []), *([f"{purpose}:"] if purpose else [])))
    if len(command.command) <= room.longest:
        yield CodeBlock(command.command)
    else:
        yield Paragraph(
            (f"A command of {len(command.command)} characters is not shown here: it is on the ticket.",)
        )


def _titled(title: str, blocks: list[Block]) -> list[Block]:
    return [Heading(title), *blocks] if blocks else []
