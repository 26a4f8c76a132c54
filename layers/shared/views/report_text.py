"""The draft of a report for people: its facts as headings, lines and lists."""

from collections.abc import Iterable
from typing import Any

from rendering.blocks import Block, Bullets, Heading, Line, Paragraph, Strong
from rendering.labels import KNOWN_CAUSE, VERDICTS, level_words, origin_words
from rendering.room import Room
from views.report import ABOUT, ORIGIN, Facts


def blocks_of(facts: Facts, room: Room) -> list[Block]:
    """The report for people, with no more of each list and text than there is room for."""

    def section(name: str, entries: Iterable[Line], without: str) -> list[Block]:
        listed = room.listed(entries, lambda line: tuple(_fit(part, room) for part in line))
        return [Heading(name), *(listed or [Paragraph((without,))])]

    cause = facts["cause"]
    spent = [
        (f"{name.replace('_', ' ')}:", str(value))
        for name, value in facts["cost"].items()
        if value is not None
    ]
    sure = level_words(cause["confidence"]) or "unknown"
    headline = facts["headline"] or facts["invariant_name"]
    about = [
        (f"{name.replace('_', ' ')}:", facts[name]) for name in ("ticket_id", "status", *ABOUT) if facts[name]
    ]
    if facts["verdict"]:
        about.append(("verdict:", VERDICTS.get(facts["verdict"], facts["verdict"])))
    return [
        Heading(room.text(f"Draft of a report: {headline or facts['ticket_id']}")),
        Bullets(tuple(tuple(room.text(part) for part in line) for line in about)),
        *section("Timeline", map(_moment_line, facts["timeline"]), "No time is known."),
        *section("Members", map(_member_line, facts["members"]), "No other ticket is known to belong to it."),
        Heading("Cause, as diagnosed"),
        Paragraph(
            (room.text(cause["text"]), Strong("Confidence:"), room.text(sure))
            if cause["text"]
            else ("None is known.",)
        ),
        *_origin(cause["known_cause"], room),
        *section("Chain", map(_hop_line, cause["chain"]), "No chain is recorded."),
        *section("Checks of the answer", map(_check_line, cause["checks"]), "No check is recorded."),
        *section("What people said", map(_said_line, facts["people"]), "Nobody has said anything of it."),
        *section("Not looked at", ((each,) for each in facts["not_looked_at"]), "Nothing is recorded."),
        *section("What the answer missed", map(_missing_line, facts["missing"]), "Nothing is recorded."),
        *section("Cost of the diagnosis", spent, "Unknown."),
        *section("Gaps of this draft", ((gap,) for gap in facts["gaps"]), "None is known."),
    ]


def _origin(known: Facts, room: Room) -> list[Block]:
    """Where a known cause comes from, if it is one."""
    told = (known.get(name, "") for name in ORIGIN)
    return [Paragraph((Strong(KNOWN_CAUSE), room.text(origin_words(*told))))] if known else []


def _moment_line(entry: Facts) -> Line:
    seen = f"(evidence: {', '.join(entry['evidence'])})" if entry["evidence"] else ""
    return tuple(filter(None, (entry["at"], _offset(entry), entry["what"], seen)))


def _member_line(member: Facts) -> Line:
    about = member["subject"] or member["component"]
    shown = (member["at"], _offset(member), member["ticket_id"], member["status"], about)
    return tuple(filter(None, (*shown, member["invariant_name"])))


def _hop_line(hop: Facts) -> Line:
    seen = ", ".join(hop["evidence"]) or "none"
    since = f"since {hop['since']}" if hop["since"] else ""
    ends = f"{hop['from_component']} to {hop['to_component']}:"
    return tuple(filter(None, (ends, hop["how"], since, f"(evidence: {seen})")))


def _check_line(check: Facts) -> Line:
    return tuple(filter(None, (f"{check['result']}:", check["name"], check["place"], check["says"])))


def _said_line(said: Facts) -> Line:
    who = f"{said['by'] or 'somebody'}, {said['at'] or 'at an unknown time'}:"
    of = f"(of the diagnosis of {said['of_diagnosis']})" if said["of_diagnosis"] else ""
    return tuple(filter(None, (who, said["verdict"], said["words"], of)))


def _missing_line(missing: Facts) -> Line:
    return tuple(filter(None, (missing["what"], missing["where"] and f"(where: {missing['where']})")))


def _fit(part: Any, room: Room) -> Any:
    return room.text(part) if isinstance(part, str) else part


def _offset(entry: Facts) -> str:
    seconds = entry["offset_seconds"]
    if seconds is None:
        return ""
    minutes, rest = divmod(abs(round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"({'before' if seconds < 0 else 'after'} {hours:02}:{minutes:02}:{rest:02})"
