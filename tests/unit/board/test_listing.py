"""The list: nothing is left out or told twice, what is cut says so, and a look at it is bounded."""

import json
import re
from typing import Any

import pytest

from board.pages.listing import list_page
from board.tickets import MOST_MEMBERS, MOST_PAGES, MOST_READ, Tickets
from tests.support.drawn_pages import (
    frame,
    listed,
    whole_ticket,
)
from tests.support.widget_page import Page
from tickets.states import Status
from views.listing import Choice


def test_the_severity_that_is_chosen_can_be_seen_however_many_there_are() -> None:
    items = [{"ticket_id": f"t-{at}", "severity": f"a-{at:02}"} for at in range(30)]
    items += [{"ticket_id": f"c-{at}", "severity": say} for at, say in enumerate(("Critical", "critical"))]
    page = Page(list_page(frame(severity="zebra"), items, Choice(severity="zebra"), is_whole=True)).check()

    options = [each.attributes for each in page.named("option")]
    assert [each["value"] for each in options if "selected" in each] == ["", "zebra"]
    assert [each["value"] for each in options if each["value"].casefold() == "critical"] == ["Critical"]
    assert "Of this choice: 0." in page.words


@pytest.mark.parametrize(
    ("item", "says"),
    [
        ({}, "none yet"),
        ({"diagnosis_status": "deferred"}, "none yet"),
        ({"diagnosis_status": "failed"}, "none"),
        ({"diagnosis_status": "set_aside"}, "none"),
        ({"status": "resolved"}, "none"),
        ({"diagnosis_status": "done"}, "not known"),
        ({"status": "diagnosed", "diagnosis_status": "pending"}, "not known"),
        ({"diagnosis_status": "running", "diagnosis_summary": {"cause": "a disk"}}, "not known"),
    ],
)
def test_a_verdict_that_is_not_in_the_list_is_missing_or_not_known(item: dict[str, Any], says: str) -> None:
    page = listed({"ticket_id": "T-1", "status": "open", **item})
    assert page.named("td")[1].text == says


def test_an_empty_board_says_so() -> None:
    assert "All quiet" in Page(list_page(frame(), [], Choice(), is_whole=True)).check().words
    chosen = Choice(severity="critical")
    assert "No ticket is of that kind" in Page(list_page(frame(), [], chosen, is_whole=True)).words


def test_a_cut_list_says_so() -> None:
    assert "only 1 tickets were read, and newer ones may be among the others" in listed(whole_ticket()).words


class Endless:
    """An index without an end, in pages of so many tickets; counts those that are read."""

    def __init__(self, size: int) -> None:
        self.size, self.read = size, 0

    def page(self, *_: Any) -> tuple[list[dict[str, Any]], Any]:
        self.read += 1
        return [{"ticket_id": f"{self.read}-{at}"} for at in range(self.size)], self.read

    page_of_members = page


@pytest.mark.parametrize(("size", "pages", "found"), [(1000, 6, MOST_READ), (3, MOST_PAGES, 3 * MOST_PAGES)])
def test_a_look_reads_no_more_than_its_bound_however_much_there_is(size: int, pages: int, found: int) -> None:
    index: Any = Endless(size)
    items, is_whole = Tickets(index).listed(Status)
    assert (len(items), is_whole, index.read) == (found, False, pages)
    members, is_whole = Tickets(index).members("head")
    assert (len(members), is_whole) == (min(found, MOST_MEMBERS), False)


def test_members_stand_behind_their_incident_and_by_themselves_where_it_is_not_shown() -> None:
    head = {"ticket_id": "head", "status": "open"}
    members = [{"ticket_id": f"m-{at}", "status": "open", "incident_id": "head"} for at in range(3)]
    stray = {"ticket_id": "stray", "status": "open", "incident_id": "resolved-head"}
    page = listed(head, *members, stray).check()

    assert [row.text.count("m-0") for row in page.named("tbody")] == [0]
    assert "incident with 3 more" in page.words
    assert "member of resolved-head" in page.words


def test_a_thousand_tickets_are_paged_and_none_is_left_out_or_shown_twice() -> None:
    """Also those that begin at the same moment, or at none that is known."""
    items = [
        {"ticket_id": f"T-{at}", **({"first_seen_at": f"2027-01-15T{at % 24:02}:00:00Z"} if at % 9 else {})}
        for at in range(1000)
    ]
    seen: list[str] = []
    call: dict[str, Any] = {}
    while True:
        page = list_page(frame(**call), items, Choice(), is_whole=True)
        calls = [json.loads(found) for found in re.findall(r"<cwdb-action[^>]*>([^<]*)<", page)]
        seen += [each["ticket_id"] for each in calls if each["view"] == "ticket"]
        following = [each for each in calls if each.get("after")]
        if not following:
            break
        [call] = following
    assert len(seen) == len(set(seen)) == 1000
