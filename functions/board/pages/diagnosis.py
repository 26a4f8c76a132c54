"""What a person needs to act: the cause and how sure it is, the charts, its chain, what to do."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from board.drawing import chips
from board.pages.charts import charts
from board.pages.section import as_written, ids, listed, more, section
from board.reading import answer_of, map_of, maps_of, text_of, texts_of
from rendering.html import SPACE, Content, Html, joined, lines, tag
from rendering.labels import KNOWN_CAUSE, level_words, origin_words
from rendering.room import RECORD, Room

HOP = re.compile(r"\bchain\[(\d+)\]")
"""How a check names the place of a hop, the first as 0."""
RESULTS = ("failed", "unknown", "passed")

Facts = Mapping[str, Any]


def diagnosis(item: Mapping[str, Any], facts: Facts, room: Room, width: int) -> Html:
    """Of a record that cannot be read, and of a ticket that has none, the text as it is stored."""
    record = map_of(item.get("diagnosis_record"))
    answer = answer_of(record)
    cause = facts["cause"]
    if not cause["text"]:
        return joined(_text(item, room), section("Charts", *charts(item, width)))
    return joined(
        section("Cause", *_cause(cause, room)),
        section("Charts", *charts(item, width)),
        section("Causal chain", *_chain(cause, room)),
        section("What to do", *_to_do(answer, record, room)),
    )


def _text(item: Mapping[str, Any], room: Room) -> Html | None:
    written = text_of(item.get("diagnosis"))
    if not written.strip():
        return None
    title = "Diagnosis, as it is written on the ticket"
    return section(title, as_written(written, 4 * room.longest))


def _cause(cause: Facts, room: Room) -> Iterable[Content]:
    yield tag("p", room.text(cause["text"]), dir="auto")
    shown, said = cause["confidence"], cause["confidence_said"]
    model = f"the model said {level_words(said)}" if said and said != shown else ""
    if shown:
        yield tag(
            "div",
            chips.of_word(shown, "confidence: "),
            tag("span", model, class_="dx-muted"),
            class_="dx-row",
        )
    yield listed(cause["reasons"], room.text, room)
    if known := cause["known_cause"]:
        told = origin_words(**known)
        yield tag("p", tag("strong", KNOWN_CAUSE), SPACE, room.text(told), dir="auto")


def _chain(cause: Facts, room: Room) -> Iterable[Content]:
    results: dict[int, Counter[str]] = {}
    for check in cause["checks"]:
        if place := HOP.search(check["place"]):
            results.setdefault(int(place[1]), Counter())[check["result"]] += 1
    hops = [
        _hop(hop, results.get(place, Counter()), room) for place, hop in enumerate(room.some(cause["chain"]))
    ]
    if hops:
        yield tag("ol", *hops, class_="dx-chain")
        yield more(cause["chain"], room, "p")


def _hop(hop: Facts, results: Counter[str], room: Room) -> Html:
    ends = dict.fromkeys(room.text(hop[end]) for end in ("from_component", "to_component") if hop[end])
    since = f"since {room.text(hop['since'])}" if hop["since"] else ""
    checks = [
        chips.chip(
            f"{results[result]} {'check' if results[result] == 1 else 'checks'} {result}", chips.KINDS[result]
        )
        for result in RESULTS
        if results[result]
    ]
    return tag(
        "li",
        tag("div", tag("strong", " → ".join(ends)), tag("span", since, class_="dx-muted"), class_="dx-row"),
        tag("div", room.text(hop["how"])),
        tag("div", *checks, ids(hop["evidence"], room), class_="dx-row"),
        dir="auto",
    )


def _to_do(answer: Facts, record: Facts, room: Room) -> Iterable[Content]:
    if action := text_of(answer.get("recommended_action")):
        yield tag("p", room.text(action), dir="auto")
    commands = answer.get("commands")
    judged = record.get("commands")
    if isinstance(commands, list):
        for place, command in enumerate(room.some(commands)):
            of_code = judged[place] if isinstance(judged, list) and place < len(judged) else None
            yield _command(map_of(command), map_of(of_code), room)
        yield more(commands, room, "p")
    if risks := texts_of(answer.get("risks")):
        yield tag("h4", "Risks")
        yield listed(risks, room.text, room)


def _command(command: Facts, judged: Facts, room: Room) -> Html | None:
    """What code says that it does, then the command as it stands; half a command is not shown."""
    written = text_of(command.get("command"))
    if not written.strip():
        return None
    marks = texts_of(judged.get("marks"))
    said = [text_of(judged.get("why")), *([f"look closely: {'; '.join(marks)}"] if marks else [])]
    told = {name: text_of(command.get(name)) for name in ("changes", "risk")}
    said += [f"{name.capitalize()}: {words}" for name, words in told.items() if words]
    effect = text_of(judged.get("effect"))
    return joined(
        tag(
            "div",
            chips.of_word(effect) or chips.chip("effect not judged", "dx-warn"),
            tag("span", room.text(text_of(command.get("purpose")))),
            class_="dx-row",
        ),
        tag("pre", tag("code", lines(written)), dir="ltr")
        if len(written) <= room.longest
        else tag("p", f"A command of {len(written):,} characters is not shown here: {RECORD}."),
        tag("p", " · ".join(room.text(each) for each in said if each), class_="dx-muted", dir="auto"),
    )


def alternatives(record: Facts, room: Room) -> Sequence[Content]:
    """Other causes, each folded, with what speaks for and against it."""
    answer = answer_of(record)
    found = maps_of(answer.get("alternatives"))
    return [*(_alternative(each, room) for each in room.some(found)), more(found, room, "p")]


def _alternative(alternative: Facts, room: Room) -> Html:
    said = [
        (name, f"{text_of(each.get('id'))}: {text_of(each.get('shows'))}")
        for name, field in (("For", "supporting"), ("Against", "contradicting"))
        for each in room.some(maps_of(alternative.get(field)))
    ]
    said += [
        ("Conclusion", text_of(alternative.get("conclusion"))),
        ("What would decide", text_of(alternative.get("deciding_observation"))),
    ]
    command = text_of(alternative.get("deciding_command"))
    return tag(
        "details",
        tag("summary", room.text(text_of(alternative.get("diagnosis"))), dir="auto"),
        tag(
            "ul",
            *(
                tag("li", tag("strong", f"{name}:"), SPACE, room.text(words), dir="auto")
                for name, words in said
                if words
            ),
        ),
        tag("pre", tag("code", lines(command)), dir="ltr") if 0 < len(command) <= room.longest else None,
    )
