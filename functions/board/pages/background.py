"""How a diagnosis came about and what became of it: what people said, the ones before it, its cost, notes."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from board.drawing import chips
from board.drawing.moments import when
from board.pages.section import as_written, listed, section
from board.reading import map_of, maps_of, text_of
from rendering.html import SPACE, Html, joined, tag
from rendering.room import Room
from tickets.feedback import feedback_of

LONGEST_HISTORY = 8000
MOST_EARLIER = 4
"""The pipeline keeps three."""
Facts = Mapping[str, Any]


def background(item: Mapping[str, Any], facts: Facts, room: Room) -> Html:
    return joined(
        section(
            "What people said", listed(facts["people"], lambda said: _said(said, room), room) or _nobody(item)
        ),
        section("Earlier diagnoses", *_earlier(maps_of(item.get("diagnosis_history")), room)),
        section("Cost", *_cost(item)),
        section("Notes", listed([*facts["notes"], *facts["unread"]], room.text, room)),
    )


def _said(said: Facts, room: Room) -> Html:
    at = room.text(when(said["at"])) or "at an unknown time"
    who = f"{room.text(said['by'] or 'somebody')}, {at}"
    words = f": {room.text(said['words'])}" if said["words"] else ""
    return joined(chips.of_word(said["verdict"]), SPACE, tag("span", f"{who}{words}"))


def _nobody(item: Mapping[str, Any]) -> Html | None:
    if "diagnosis_record" not in item:
        return None
    return tag("p", "Nobody has confirmed this diagnosis or called it wrong.", class_="dx-muted")


def _earlier(formers: Sequence[Facts], room: Room) -> Iterator[Html]:
    """The last of them."""
    yield from (_former(each, room) for each in formers[-MOST_EARLIER:])
    if (left := len(formers) - MOST_EARLIER) > 0:
        words = f"{left} older ones are not shown here: the attribute diagnosis_history has them."
        yield tag("p", words, class_="dx-muted")


def _former(former: Facts, room: Room) -> Html:
    said = feedback_of(former)
    asked = text_of(former.get("rediagnose"))
    return tag(
        "details",
        tag(
            "summary",
            f"Diagnosed {room.text(when(former.get('diagnosed_at'))) or 'at an unknown time'}",
            f", {said.verdict.value}" if said.verdict else "",
        ),
        tag("p", f"Replaced because: {room.text(asked)}", dir="auto") if asked else None,
        as_written(text_of(former.get("diagnosis")), min(LONGEST_HISTORY, 2 * room.longest)),
    )


def _cost(item: Mapping[str, Any]) -> Iterator[Html]:
    usage = map_of(item.get("diagnosis_usage"))
    names = {
        "Dollars": usage.get("cost_usd"),
        "Input tokens": usage.get("input_tokens"),
        "of which cached": usage.get("cached_tokens"),
        "Output tokens": usage.get("output_tokens"),
        "Seconds": usage.get("seconds"),
        "Model": item.get("diagnosis_model"),
        "Prompt": item.get("prompt_version"),
        "Claude's request": item.get("claude_request_id"),
    }
    told = [(name, text_of(value)[:200]) for name, value in names.items() if text_of(value)]
    if told:
        pairs = (tag("div", tag("dt", name), tag("dd", value)) for name, value in told)
        yield tag("dl", *pairs, class_="dx-facts")
