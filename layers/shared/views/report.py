"""A draft of the record of an incident: what its ticket and its members say, and nothing besides.

What is not known is named under `gaps`, and among them, under `unread` too, what was there and could not be
read: the record of another version, a part of another form.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from tickets.feedback import feedback_of
from views.record import Reading, iso, time_in, unread

Facts = dict[str, Any]
ABOUT = ("severity", "invariant_name", "subject", "component", "message")
MOMENTS = {
    "first_seen_at": "first seen",
    "waiting_since": "taken up for diagnosis",
    "acknowledged_at": "acknowledged",
    "diagnosed_at": "diagnosed",
    "last_seen_at": "last seen",
}
ORIGIN = ("ticket_id", "diagnosed_at", "confirmed_by", "confirmed_at")
COST = ("input_tokens", "output_tokens", "seconds", "cost_usd")


def facts_of(item: Mapping[str, Any], members: Iterable[Mapping[str, Any]]) -> Facts:
    """The report as data: the shape of `report --json`. Offsets are in seconds from the onset."""
    read = Reading()
    record = read.map(item.get("diagnosis_record"), "diagnosis_record")
    answer = read.map(record.get("answer", record), "answer")  # the first version was the answer alone
    onset = time_in(item.get("first_seen_at"))
    joined = [_member(read, member, onset) for member in members]
    history = read.maps(item.get("diagnosis_history"), "diagnosis_history")
    usage = read.map(item.get("diagnosis_usage"), "diagnosis_usage")
    facts: Facts = {
        **read.fields(item, ("ticket_id", "status", *ABOUT), "ticket"),
        **read.fields(answer, ("headline", "verdict"), "answer"),
        "onset": iso(onset) if onset else "",
        "timeline": _timeline(read, item, answer, onset),
        "members": sorted(joined, key=lambda member: (member["at"] == "", member["at"])),
        "cause": _cause(read, record, answer),
        "people": _people(read, (*history, item)),
        "not_looked_at": read.texts(record.get("not_looked_at"), "not_looked_at"),
        "missing": [
            read.fields(each, ("what", "where"), "answer.missing_data")
            for each in read.maps(answer.get("missing_data"), "answer.missing_data")
        ],
        "notes": read.texts(item.get("diagnosis_notes"), "diagnosis_notes"),
        "cost": {name: usage.get(name) for name in COST},
        "unread": list(unread(item.get("diagnosis_record"), read.odd)),
    }
    return facts | {"gaps": list(_gaps(facts, item))}


def _timeline(
    read: Reading, item: Mapping[str, Any], answer: Mapping[str, Any], onset: datetime | None
) -> list[Facts]:
    place = "answer.timeline"
    ours: list[tuple[Any, str, list[str]]] = [
        (item.get(name), what, []) for name, what in MOMENTS.items() if item.get(name)
    ]
    told = [
        (
            each.get("at"),
            read.text(each.get("event"), f"{place}.event"),
            read.texts(each.get("evidence"), f"{place}.evidence"),
        )
        for each in read.maps(answer.get("timeline"), place)
    ]
    entries = [
        {**_at(read, at, onset), "what": what, "evidence": evidence} for at, what, evidence in ours + told
    ]
    return sorted(entries, key=lambda entry: (entry["offset_seconds"] is None, entry["offset_seconds"] or 0))


def _member(read: Reading, item: Mapping[str, Any], onset: datetime | None) -> Facts:
    names = ("ticket_id", "status", "subject", "component", "invariant_name")
    return {**_at(read, item.get("member_since"), onset), **read.fields(item, names, "member")}


def _cause(read: Reading, record: Mapping[str, Any], answer: Mapping[str, Any]) -> Facts:
    primary = read.map(answer.get("primary"), "answer.primary")
    confidence = read.map(record.get("confidence"), "confidence")
    known = read.map(record.get("known_cause"), "known_cause")
    place = "answer.primary.chain"
    return {
        "text": read.text(primary.get("diagnosis"), "answer.primary.diagnosis"),
        "confidence": read.text(confidence.get("shown"), "confidence.shown"),
        "confidence_said": read.text(confidence.get("said"), "confidence.said"),
        "reasons": read.texts(confidence.get("reasons"), "confidence.reasons"),
        "chain": [
            {
                **read.fields(each, ("from_component", "to_component", "how", "since"), place),
                "evidence": read.texts(each.get("evidence"), f"{place}.evidence"),
            }
            for each in read.maps(primary.get("chain"), place)
        ],
        "checks": [
            read.fields(each, ("name", "place", "result", "says"), "checks")
            for each in read.maps(record.get("checks"), "checks")
        ],
        "known_cause": read.fields(known, ORIGIN, "known_cause") if known else {},
    }


def _people(read: Reading, diagnoses: Iterable[Mapping[str, Any]]) -> list[Facts]:
    """What was said of each, once: one that is being replaced is on the ticket and in its history."""
    found: list[Facts] = []
    for each in diagnoses:
        said = _said(read, each)
        found += [said] if said and said not in found else []
    return found


def _said(read: Reading, item: Mapping[str, Any]) -> Facts:
    feedback, told = feedback_of(item), item.get("diagnosis_feedback")
    if not (feedback.verdict or feedback.words):
        return {}
    return {
        "verdict": feedback.verdict.value if feedback.verdict else "",
        "words": feedback.words,
        **read.fields(told if isinstance(told, Mapping) else {}, ("by", "at"), "diagnosis_feedback"),
        "of_diagnosis": read.text(item.get("diagnosed_at"), "diagnosed_at"),
    }


def _gaps(facts: Facts, item: Mapping[str, Any]) -> Iterable[str]:
    if not facts["onset"]:
        yield "When it began is unknown, so there are no offsets."
    if not facts["cause"]["text"]:
        yield "There is no diagnosis on record."
    yield from facts["unread"]
    if item.get("incident_id"):
        yield f"This ticket is a member of incident {item['incident_id']}; report that for the whole."
    if not any(said["verdict"] for said in facts["people"]):
        yield "Nobody has confirmed the cause or called it wrong."
    if not any(said["words"] for said in facts["people"]):
        yield "Nobody has said what helped."
    if facts["status"] == "resolved":
        yield "When it was resolved is not recorded."
    else:
        yield "It is not resolved."
    yield from facts["notes"]


def _at(read: Reading, value: Any, onset: datetime | None) -> Facts:
    found = time_in(value)
    offset = (found - onset).total_seconds() if found and onset else None
    return {"at": iso(found) if found else read.text(value, "a time"), "offset_seconds": offset}
