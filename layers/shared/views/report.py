"""A draft of the record of an incident: what its ticket and its members say, and nothing besides.

What is not known is named under `gaps`. A record of another version is read as far as its parts have the
usual form.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from rendering.blocks import Block, Bullets, Heading, Line, Paragraph, Strong
from rendering.labels import VERDICTS, level_words
from rendering.room import Room
from tickets.feedback import feedback_of
from tickets.moments import moment

Facts = dict[str, Any]
RECORD_VERSION = 3
ABOUT = ("severity", "invariant_name", "subject", "component", "message")
MOMENTS = {
    "first_seen_at": "first seen",
    "waiting_since": "taken up for diagnosis",
    "acknowledged_at": "acknowledged",
    "diagnosed_at": "diagnosed",
    "last_seen_at": "last seen",
}
COST = ("input_tokens", "output_tokens", "seconds", "cost_usd")


def facts_of(item: Mapping[str, Any], members: Iterable[Mapping[str, Any]]) -> Facts:
    """The report as data: the shape of `report --json`. Offsets are in seconds from the onset."""
    record = _map(item.get("diagnosis_record"))
    answer = _map(record.get("answer"))
    onset = _time(item.get("first_seen_at"))
    joined = [_member(member, onset) for member in members]
    facts: Facts = {
        "ticket_id": _text(item.get("ticket_id")),
        "status": _text(item.get("status")),
        **{name: _text(item.get(name)) for name in ABOUT},
        "headline": _text(answer.get("headline")),
        "verdict": _text(answer.get("verdict")),
        "onset": _iso(onset) if onset else "",
        "timeline": _timeline(item, answer, onset),
        "members": sorted(joined, key=lambda member: (member["at"] == "", member["at"])),
        "cause": _cause(record, answer),
        "people": [said for said in map(_said, (*_maps(item.get("diagnosis_history")), item)) if said],
        "not_looked_at": _texts(record.get("not_looked_at")),
        "missing": [
            {"what": _text(each.get("what")), "where": _text(each.get("where"))}
            for each in _maps(answer.get("missing_data"))
        ],
        "notes": _texts(item.get("diagnosis_notes")),
        "cost": {name: _map(item.get("diagnosis_usage")).get(name) for name in COST},
    }
    return facts | {"gaps": list(_gaps(facts, item, record))}


def blocks_of(facts: Facts, room: Room) -> list[Block]:
    """The report for people, with no more of each list and text than there is room for."""

    def section(name: str, entries: Iterable[Line], without: str) -> list[Block]:
        listed = room.listed(entries, lambda line: tuple(_fit(part, room) for part in line))
        return [Heading(name), *(listed or [Paragraph((without,))])]

    cause = facts["cause"]
    spent = [
        (f"{name.replace('_', ' ')}:", _text(value))
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
        *section("Chain", map(_hop_line, cause["chain"]), "No chain is recorded."),
        *section("Checks of the answer", map(_check_line, cause["checks"]), "No check is recorded."),
        *section("What people said", map(_said_line, facts["people"]), "Nobody has said anything of it."),
        *section("Not looked at", ((each,) for each in facts["not_looked_at"]), "Nothing is recorded."),
        *section("What the answer missed", map(_missing_line, facts["missing"]), "Nothing is recorded."),
        *section("Cost of the diagnosis", spent, "Unknown."),
        *section("Gaps of this draft", ((gap,) for gap in facts["gaps"]), "None is known."),
    ]


def _timeline(item: Mapping[str, Any], answer: Mapping[str, Any], onset: datetime | None) -> list[Facts]:
    ours: list[tuple[Any, str, list[str]]] = [
        (item.get(name), what, []) for name, what in MOMENTS.items() if item.get(name)
    ]
    told = [
        (each.get("at"), _text(each.get("event")), _texts(each.get("evidence")))
        for each in _maps(answer.get("timeline"))
    ]
    entries = [{**_at(at, onset), "what": what, "evidence": evidence} for at, what, evidence in ours + told]
    return sorted(entries, key=lambda entry: (entry["offset_seconds"] is None, entry["offset_seconds"] or 0))


def _member(item: Mapping[str, Any], onset: datetime | None) -> Facts:
    names = ("ticket_id", "status", "subject", "component", "invariant_name")
    return {**_at(item.get("member_since"), onset), **{name: _text(item.get(name)) for name in names}}


def _cause(record: Mapping[str, Any], answer: Mapping[str, Any]) -> Facts:
    primary, confidence = _map(answer.get("primary")), _map(record.get("confidence"))
    hop = ("from_component", "to_component", "how", "since")
    return {
        "text": _text(primary.get("diagnosis")),
        "confidence": _text(confidence.get("shown")),
        "confidence_said": _text(confidence.get("said")),
        "reasons": _texts(confidence.get("reasons")),
        "chain": [
            {**{name: _text(each.get(name)) for name in hop}, "evidence": _texts(each.get("evidence"))}
            for each in _maps(primary.get("chain"))
        ],
        "checks": [
            {name: _text(each.get(name)) for name in ("name", "place", "result", "says")}
            for each in _maps(record.get("checks"))
        ],
    }


def _said(item: Mapping[str, Any]) -> Facts:
    feedback, told = feedback_of(item), _map(item.get("diagnosis_feedback"))
    if not (feedback.verdict or feedback.words):
        return {}
    return {
        "verdict": feedback.verdict.value if feedback.verdict else "",
        "words": feedback.words,
        "by": _text(told.get("by")),
        "at": _text(told.get("at")),
        "of_diagnosis": _text(item.get("diagnosed_at")),
    }


def _gaps(facts: Facts, item: Mapping[str, Any], record: Mapping[str, Any]) -> Iterable[str]:
    if not facts["onset"]:
        yield "When it began is unknown, so there are no offsets."
    if not facts["cause"]["text"]:
        yield "There is no diagnosis on record."
    if record and record.get("version") != RECORD_VERSION:
        yield "The record of the diagnosis is of another version; parts of it may be missing here."
    if item.get("incident_id"):
        yield f"This ticket is a member of incident {_text(item['incident_id'])}; report that for the whole."
    if not any(said["verdict"] for said in facts["people"]):
        yield "Nobody has confirmed the cause or called it wrong."
    if not any(said["words"] for said in facts["people"]):
        yield "Nobody has said what helped."
    if facts["status"] == "resolved":
        yield "When it was resolved is not recorded."
    else:
        yield "It is not resolved."
    yield from facts["notes"]


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


def _at(value: Any, onset: datetime | None) -> Facts:
    found = _time(value)
    offset = (found - onset).total_seconds() if found and onset else None
    return {"at": _iso(found) if found else _text(value), "offset_seconds": offset}


def _time(value: Any) -> datetime | None:
    try:
        found = moment(value)
    except ValueError:
        return None
    return found if isinstance(found, datetime) else None


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds" if at.microsecond else "seconds").replace("+00:00", "Z")


def _text(value: Any) -> str:
    return "" if value is None or isinstance(value, Mapping | list | tuple | set) else str(value)


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _maps(value: Any) -> list[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def _texts(value: Any) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []
