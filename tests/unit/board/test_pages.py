"""The pages: whatever stands on a ticket is only words there, and nothing on a page runs or leads astray."""

import re
from typing import Any

import pytest

from board.pages.notice import broken, gone, not_understood
from board.pages.report import report_page
from board.pages.ticket import MOST_BYTES
from board.request import Request, View
from runtime.characters import HIDDEN
from runtime.items import storable
from tests.integration.tickets.standing import FOUND, STANDS, TICKET
from tests.support.drawn_pages import (
    CONSOLE,
    ENDPOINT,
    NARROW,
    WIDE,
    frame,
    listed,
    ticket,
    whole_ticket,
)
from tests.support.injections import INJECTIONS
from tests.support.widget_page import Page


@pytest.mark.not_followed
@pytest.mark.parametrize(
    ("context", "attempts"),
    [(WIDE, INJECTIONS[::2]), (NARROW, INJECTIONS[1::2])],
    ids=["wide and light", "narrow and dark"],
)
def test_whatever_a_ticket_says_is_only_words_on_every_page(
    context: dict[str, Any], attempts: list[str]
) -> None:
    for at, text in enumerate(attempts):
        item = whole_ticket(lambda _, text=text: text)
        met = {"deferred_reason": text, "diagnosis_error": {"message": text}}
        running = {**item, **STANDS["deferred"], **met}
        without = {**item, "diagnosis_record": text, "diagnosis": text, "metric_snapshot": {text: text}}
        members = [{"ticket_id": text, "member_since": text, "status": text, "subject": text}]
        pages = [
            ticket((item, running, without)[at % 3], members, context),
            listed(item, running, {**item, "ticket_id": "other", "incident_id": text}, context=context),
            Page(report_page(frame(context, view="report", ticket_id=text), item, members)),
            Page(gone(frame(context), text, text)),
        ]
        for page in pages:
            page.check()
            assert not HIDDEN.search(page.markup.replace("\n", ""))
            assert {button.endpoint for button in page.buttons} == {ENDPOINT}


def test_a_button_means_the_ticket_by_its_exact_id_whatever_that_is() -> None:
    for text in INJECTIONS[::8]:
        page = ticket(whole_ticket(ticket_id=text))
        assert page.button("Resolve").call["ticket_id"] == text


def test_an_id_that_cannot_be_seen_can_still_be_pressed() -> None:
    item = whole_ticket(ticket_id="\u202e", incident_id="\u200b")
    member = {"ticket_id": "\u2060", "member_since": "2027-01-15T07:31:00Z"}
    calls = [button.call["ticket_id"] for button in ticket(item, [member]).check().buttons[2:]]
    assert {"\u202e", "\u200b", "\u2060"} == set(calls)
    assert listed({"ticket_id": "\u202e"}).check().button("(hidden characters)").call["ticket_id"] == "\u202e"


def test_a_ticket_shows_all_that_is_known() -> None:
    page = ticket(whole_ticket(), [{"ticket_id": "m-1", "member_since": "2027-01-15T07:31:00Z"}]).check()

    for words in (
        *("A slow disk holds up tikv-4", "a slow disk", "confidence: low", "the model said high"),
        *("tikv-4 → tidb", "its commits wait for the disk", "1 check unknown", "1 check passed"),
        *("changing", "df -h", "a letter that looks like another", "data loss", "41.2 ms", "A1"),
        *("less likely", "the disk's errors", "traces: not allowed", "missing: disk model (in its label)"),
        "Known cause, upheld: ticket T-0, diagnosed at then, confirmed by ops at now",
        *("The diagnosis cites M9", "+1 min", "it was", "Replaced because: why", "0.07", "log cut", "held"),
    ):
        assert words in page.words, words
    assert [each.attributes["href"] for each in page.named("a")] == [CONSOLE]


def test_a_chart_has_baseline_onset_threshold_and_changes_and_says_so_in_words() -> None:
    page = ticket(whole_ticket())

    [title] = page.named("title")
    assert title.text == (
        "connections from 07:00 to 07:39 UTC: first 0, lowest 0, highest 6, last 4; baseline 3; threshold 5; "
        "onset 07:30"
    )
    kinds = {each.attributes.get("class") for each in page.elements if "svg" in each.parents}
    assert {"dx-line", "dx-base", "dx-limit", "dx-onset", "dx-axis"} <= kinds
    assert "dx-change" not in kinds  # it lies after the last point
    early = whole_ticket()
    early["diagnosis_record"]["answer"]["timeline"][-1]["at"] = "2027-01-15T07:12:00Z (-18 min)"
    marked = ticket(early)
    assert "dx-change" in {each.attributes.get("class") for each in marked.elements}
    assert "07:12 x" in marked.words


def test_what_the_diagnosis_was_made_from_is_drawn_before_what_the_ticket_came_with() -> None:
    times = [1_799_998_000 + 60 * at for at in range(30)]
    kept = {"times": times, "values": [7] * 30, "baseline": 7, "unit": "%", "is_alarms": False}
    charts = {
        "onset": "2027-01-15T07:40:00Z",
        "series": [{**kept, "name": "Errors", "is_alarms": True}, {**kept, "name": "CPU"}, {"name": "odd"}],
        "changes": [{"at": f"2027-01-15T07:{at}:00Z", "what": f"change {at}"} for at in (30, 31, 45)],
    }
    page = ticket(whole_ticket(diagnosis_charts=charts)).check()

    errors, cpu = (each.text for each in page.named("title"))
    assert errors.startswith("Errors from")
    assert "threshold 5" in errors  # it is what the alarm compared
    assert "threshold" not in cpu
    assert "onset 07:40" in cpu
    marks = [each.text for each in page.named("text") if each.attributes.get("class") == "dx-told"]
    assert [mark for mark in marks if mark[0].isdigit()] == ["1 to 2", "3"] * 2
    assert "change 45" in page.words


@pytest.mark.parametrize(
    ("snapshot", "says"),
    [
        (None, "no series of datapoints is stored"),
        ({"cpu": 41.2}, "no series of datapoints is stored"),
        ({"cpu": [{"timestamp": "2027-01-15T07:00:00Z", "value": 1}]}, "no series of datapoints is stored"),
        (
            {"cpu": [{"timestamp": f"2027-01-15T07:0{at}:00Z", "value": 1} for at in range(3)]},
            "too few points are stored to tell one. No threshold is stored.",
        ),
    ],
)
def test_what_cannot_be_drawn_is_said(snapshot: Any, says: str) -> None:
    assert says in ticket(whole_ticket(metric_snapshot=snapshot)).check().words


def test_a_threshold_far_from_the_values_is_told_instead_of_flattening_them() -> None:
    item = whole_ticket()
    item["metric_snapshot"]["threshold"] = 10_000
    page = ticket(storable(item))

    assert "threshold 10,000: outside of the picture" in page.words
    assert "dx-limit" not in {each.attributes.get("class") for each in page.elements}


ODD: list[Any] = [None, 0, "text", [], [1, "a"], {"verdict": 5}, {"answer": {"primary": "x"}}, b"x"]


@pytest.mark.parametrize("value", ODD, ids=str)
def test_a_half_written_ticket_or_one_of_another_version_still_has_its_page(value: Any) -> None:
    names = set(whole_ticket()) - {"ticket_id"}
    ticket(whole_ticket(**dict.fromkeys(names, value))).check()
    listed(whole_ticket(**dict.fromkeys(names, value)), {"ticket_id": "bare"}).check()


@pytest.mark.parametrize("name", sorted(set(whole_ticket()) - {"ticket_id"}))
def test_an_odd_value_costs_its_own_place_alone(name: str) -> None:
    for value in ([1, "a"], {"verdict": 5}):
        page = ticket(whole_ticket(**{name: value})).check()
        assert "Resolve" in page.words


def test_a_record_of_the_first_version_is_read() -> None:
    page = ticket(whole_ticket(diagnosis_record=FOUND["diagnosis_record"]))
    assert "disk latency" in page.check().words
    assert "of an unknown version" in page.words


@pytest.mark.parametrize(
    ("state", "says"),
    [
        (None, "It has not had its turn yet."),
        ("pending", "It waits for its turn."),
        ("running", "It is being diagnosed; open it again in a minute."),
        ("deferred", "It waits: busy."),
        ("failed", "It could not be diagnosed"),
        ("set_aside", "not diagnosed until somebody asks: severity."),
    ],
)
def test_a_ticket_without_a_diagnosis_says_why(state: str | None, says: str) -> None:
    page = ticket(dict(storable({**TICKET, **STANDS[state]}))).check()
    assert says in page.words
    assert [button.name for button in page.buttons if button.name in ("Confirmed", "Wrong")] == []
    assert "of an unknown version" not in page.words


def test_what_people_have_asked_for_is_said_until_it_is_done() -> None:
    page = ticket(whole_ticket(rediagnose="the pool was restored", detach="not ours"))
    assert "A fresh diagnosis is asked for: the pool was restored." in page.words
    assert "It is about to leave its incident." in page.words


def test_what_cannot_be_taken_back_or_costs_asks_first() -> None:
    page = ticket(whole_ticket())
    assert {button.name for button in page.buttons if button.question} == {
        "Resolve",
        "Diagnose again",
        "Detach",
    }


def test_the_largest_ticket_fits_an_answer_of_lambda() -> None:
    huge = whole_ticket(lambda text: f"{text} " + '"<&>' * 1500)
    page = ticket(huge, [{"ticket_id": f"m-{at}"} for at in range(500)])
    assert len(page.check().markup.encode()) <= MOST_BYTES


@pytest.mark.parametrize("name", sorted(set(whole_ticket()) - {"ticket_id", "incident_id"}))
def test_one_text_of_the_size_of_a_ticket_still_fits_an_answer(name: str) -> None:
    """Wherever it stands; of the two that are left out a key has 2,048 bytes at the most."""
    item = whole_ticket(**{name: '"' * 340_000})
    pages = (ticket(item), listed(item), Page(report_page(frame(view="report", ticket_id="T"), item, [])))
    assert [page for page in pages if len(page.markup.encode()) > MOST_BYTES] == []


def test_long_texts_of_many_tickets_members_and_series_fit_an_answer() -> None:
    long = '"' * 100_000
    names = ("status", "subject", "component", "invariant_name")
    members = [{"ticket_id": f"m-{at}", names[at % 4]: long} for at in range(60)]
    points = {
        "timestamps": [f"2027-01-15T07:0{at}:00Z" for at in range(9)],
        "values": list(range(9)),
        "unit": long,
    }
    item = whole_ticket(
        metric_snapshot={"cpu": points}, diagnosis_history=[{"diagnosis": long, "rediagnose": long}] * 40
    )
    many = [{"ticket_id": f"t-{at}", "severity": f"{at}{long}", "diagnosis_status": long} for at in range(30)]
    item["diagnosis_record"]["commands"] = [{"why": long, "marks": [long]}]
    for page in (ticket(item, members), listed(*many)):
        assert len(page.check().markup.encode()) <= MOST_BYTES
    assert "36 older ones are not shown here" in ticket(item).words
    assert "more characters are not shown" in ticket(item).words
    assert "30 in no known state" in listed(*many).words


@pytest.mark.parametrize("value", ["1.7e308", "-1.7e308", "5e-324", "9e125"])
def test_figures_at_the_ends_of_what_a_number_can_be_do_not_cost_the_page(value: str) -> None:
    points = [{"timestamp": f"2027-01-15T07:{at:02}:00Z", "value": value} for at in range(20)]
    ticket(whole_ticket(metric_snapshot={"cpu": points}, first_seen_at="2027-01-15T07:50:00Z")).check()


def test_a_diagnosis_that_is_being_replaced_is_said_to_be_the_one_before() -> None:
    for state in ("pending", "running", "set_aside"):
        assert "Below stands the diagnosis before." in ticket(whole_ticket(diagnosis_status=state)).words
    assert "Below stands the diagnosis before." not in ticket(whole_ticket()).words


@pytest.mark.parametrize("view", list(View))
def test_what_failed_offers_to_try_the_same_again(view: View) -> None:
    request = Request(view=view, ticket_id=None if view is View.LIST else "T-1", severity="critical")
    page = Page(broken(request, ENDPOINT)).check()

    assert page.button("Try again").call == {
        "view": view,
        **({} if view is View.LIST else {"ticket_id": "T-1"}),
        "severity": "critical",
    }


def test_a_page_that_does_not_exist_leads_back() -> None:
    page = Page(not_understood("view: must be 'list', got <b>", ENDPOINT)).check()
    assert page.button("All tickets").call["view"] == "list"


def test_the_theme_is_that_of_the_dashboard() -> None:
    [light], [dark] = (
        [each.attributes["class"] for each in listed(context=context).named("section")]
        for context in (WIDE, NARROW)
    )
    assert light == "dx cwdb-no-default-styles"
    assert dark == "dx dx-dark dx-narrow cwdb-no-default-styles"


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", [".dx", ".dx-dark"])
def test_every_text_has_the_contrast_of_wcag_aa(theme: str) -> None:
    """Source: WCAG 2.2, 1.4.3."""
    [block] = re.findall(
        re.escape(theme) + r"\{((?:--[^}]+))\}", Page(listed().markup).named("style")[0].text
    )
    colours = dict(re.findall(r"--([\w-]+):(#\w{6})", block))
    pairs = [
        (text, ground) for text in ("text", "muted", "link", "press", "bad") for ground in ("bg", "raised")
    ]
    pairs += [(kind, f"{kind}-bg") for kind in ("bad", "warn", "good", "calm")]
    pairs += [("on-press", "press"), ("text", "calm-bg")]
    for text, ground in pairs:
        light, dark = sorted((_luminance(colours[text]), _luminance(colours[ground])), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, (text, ground)
