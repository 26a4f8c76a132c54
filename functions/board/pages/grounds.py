"""What the diagnosis rests on and what speaks against it: evidence, alternatives, gaps, doubts."""

from collections.abc import Mapping
from typing import Any

from board.drawing import chips
from board.drawing.moments import offset, when
from board.pages.diagnosis import alternatives
from board.pages.section import listed, section, table
from board.reading import answer_of, map_of, maps_of, text_of
from rendering.html import SPACE, Content, Html, joined, tag
from rendering.room import Room

Facts = Mapping[str, Any]


def grounds(item: Mapping[str, Any], facts: Facts, room: Room) -> Html:
    """Each part only where there is something of it; but what was not looked at is always told of."""
    record = map_of(item.get("diagnosis_record"))
    answer = answer_of(record)
    primary = map_of(answer.get("primary"))
    if not record:
        return Html("")
    return joined(
        section("Evidence", *_evidence(answer, primary, room)),
        section("Timeline", _timeline(facts, room)),
        section("Alternatives", *alternatives(record, room)),
        section("What was not looked at", *_unseen(facts, room)),
        section("Doubts", _doubts(facts, room)),
    )


def _evidence(answer: Facts, primary: Facts, room: Room) -> tuple[Content, ...]:
    def cells(entry: Facts, *names: str) -> list[str]:
        return [text_of(entry.get(name)) for name in names]

    reasoning = text_of(primary.get("reasoning"))
    return (
        tag("p", room.text(reasoning), dir="auto") if reasoning else None,
        table(
            "Evidence that is cited",
            ("Id", "What it shows"),
            maps_of(primary.get("evidence")),
            lambda each: cells(each, "id", "shows"),
            room,
        ),
        table(
            "Metric readings",
            ("Metric", "Value", "What it means", "Evidence"),
            maps_of(answer.get("metric_readings")),
            lambda each: [
                cells(each, "name")[0],
                " ".join(cells(each, "value", "unit")).strip(),
                *cells(each, "note", "evidence"),
            ],
            room,
        ),
        _components(answer, room),
    )


def _components(answer: Facts, room: Room) -> Html | None:
    parts = [
        f"{room.text(text_of(each.get('name')))} ({text_of(each.get('role'))[:40]})"
        for each in room.some(maps_of(answer.get("components")))
    ]
    return tag("p", tag("strong", "Components:"), SPACE, ", ".join(parts), dir="auto") if parts else None


def _timeline(facts: Facts, room: Room) -> Html | None:
    return table(
        "Timeline",
        ("When", "From the onset", "What", "Evidence"),
        facts["timeline"],
        lambda each: (
            when(each["at"]),
            offset(each["offset_seconds"]),
            each["what"],
            ", ".join(room.text(id_) for id_ in room.some(each["evidence"])),
        ),
        room,
    )


def _unseen(facts: Facts, room: Room) -> tuple[Content, ...]:
    missing = [
        f"missing: {each['what']}" + (f" (in {each['where']})" if each["where"] else "")
        for each in facts["missing"]
    ]
    told = [*facts["not_looked_at"], *missing]
    return (listed(told, room.text, room) or tag("p", "Nothing is recorded of it.", class_="dx-muted"),)


def _doubts(facts: Facts, room: Room) -> Html | None:
    found = {each["says"]: each["result"] for each in facts["cause"]["checks"] if each["result"] != "passed"}
    return listed(
        list(found.items()),
        lambda each: joined(
            chips.of_word(each[1]), SPACE, tag("span", f"The diagnosis {room.text(each[0])}")
        ),
        room,
    )
