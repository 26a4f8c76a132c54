"""The local dashboard acts on a widget's actions as CloudWatch's user guide says; the widget is made up."""

import http.client
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from local.aws.function import LocalFunction
from local.aws.template import Template
from local.board.frame import Frame
from local.board.server import BoardServer
from local.pictures.board import settled, widget
from tests.support.board_page import Watched

pytestmark = pytest.mark.not_followed

ARN = "arn:aws:lambda:us-east-1:123456789012:function:differential-board"


def action(label: str, content: str = "{}", **attributes: str) -> str:
    written = " ".join(f'{name}="{value}"' for name, value in {"endpoint": ARN, **attributes}.items())
    return f'<button type="button">{label}</button><cwdb-action {written}>{content}</cwdb-action>'


WIDGET = "".join(
    (
        '<p id="said">SAID</p>',
        '<form><input name="words" aria-label="words"><input name="on" type="checkbox"></form>',
        action("call", '{"said": "called"}', action="call"),
        action("window", '{"said": "in a window"}', action="call", display="popup"),
        action("twice", '{"said": "twice"}', action="call", event="dblclick"),
        action("ask", '{"said": "asked"}', action="call", confirmation="Sure?"),
        action("shown", "<p>kept in the page</p>", display="popup"),
        action("over", "<p>hovered</p>", event="mouseenter", action="html"),
        action("broken", "{said", action="call"),
        action("other", "{}", action="call", endpoint="arn:other"),
    )
)
events: list[dict[str, Any]] = []


def made_up(event: dict[str, Any], _context: Any) -> str:
    events.append(event)
    return WIDGET.replace("SAID", str(event.get("said", "loaded")))


@pytest.fixture(scope="module")
def server() -> Iterator[BoardServer]:
    template = Template.read()
    function = LocalFunction(template.resource("BoardFunction"), template.names, made_up)
    with BoardServer(Frame(function, "made up", {"a": 1}, {"timeRange": False}), ["a note"]) as running:
        yield running


@pytest.fixture(scope="module")
def eye(chromium: Browser, server: BoardServer) -> Iterator[Watched]:
    with chromium.new_page() as page:
        yield Watched(page, server.url)


@pytest.fixture
def page(eye: Watched) -> Iterator[Page]:
    yield eye.opened()
    assert eye.acted == []


def said(page: Page, text: str) -> None:
    expect(page.locator("#said").first).to_have_text(text)


def test_a_call_is_made_with_its_own_parameters_and_what_was_typed(page: Page) -> None:
    page.get_by_label("words").fill("a <b>")
    page.get_by_role("button", name="call").click()
    said(page, "called")
    sent = events[-1]
    context = sent.pop("widgetContext")
    assert sent == {"said": "called"}
    assert context["forms"] == {"all": {"words": "a <b>"}}
    assert (context["theme"], context["params"], context["title"]) == ("light", {"a": 1}, "made up")
    assert 800 < context["width"] <= 880
    assert context["timeRange"]["relativeStart"] == 3 * 3600 * 1000


def test_an_action_waits_for_its_event_and_for_an_answer(page: Page) -> None:
    page.get_by_role("button", name="twice").click()
    said(page, "loaded")
    page.get_by_role("button", name="twice").dblclick()
    said(page, "twice")
    page.get_by_role("button", name="ask").click()
    expect(page.locator("#confirmation")).to_contain_text("Sure?")
    page.get_by_role("button", name="Cancel").click()
    said(page, "twice")
    page.get_by_role("button", name="ask").click()
    page.get_by_role("button", name="Confirm", exact=True).click()
    said(page, "asked")


def test_what_is_shown_is_shown_where_the_action_says(page: Page) -> None:
    page.get_by_role("button", name="shown").click()
    expect(page.locator("#popup")).to_contain_text("kept in the page")
    said(page, "loaded")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="window").click()
    expect(page.locator("#popup #said")).to_have_text("in a window")
    page.keyboard.press("Escape")
    expect(page.locator("#popup")).to_be_hidden()
    page.get_by_role("button", name="over").dispatch_event("mouseenter")
    expect(widget(page)).to_have_text("hovered")


def test_a_broken_action_is_named(page: Page) -> None:
    page.get_by_role("button", name="broken").click()
    expect(page.locator("#trouble")).to_contain_text("is not JSON")
    page.get_by_role("button", name="other").click()
    expect(page.locator("#trouble")).to_contain_text("There is no function 'arn:other' here")


def test_the_widget_is_called_anew_by_what_the_dashboard_says(page: Page) -> None:
    before = len(events)
    page.get_by_label("Time range").select_option("24")
    page.get_by_label("Theme").select_option("dark")
    settled(page)
    page.get_by_role("button", name="Refresh").click()
    settled(page)
    assert [each["widgetContext"]["theme"] for each in events[before:]] == ["dark", "dark"]
    assert all(each["a"] == 1 for each in events[before:])


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"host": "evil.example", "content-type": "application/json"}, "{}", 403),
        ({"content-type": "text/plain"}, '{"endpoint": "a", "event": {}}', 403),
        ({"content-type": "application/json"}, "[", 400),
        ({"content-type": "application/json"}, '{"endpoint": "a", "event": []}', 400),
    ],
)
def test_nobody_else_may_call(server: BoardServer, headers: dict[str, str], body: str, status: int) -> None:
    connection = http.client.HTTPConnection(str(urlsplit(server.url).netloc), timeout=10)
    connection.request("POST", "/call", body, headers)
    answer = connection.getresponse()
    assert (answer.status, list(json.loads(answer.read()))) == (status, ["error"])
    connection.close()
