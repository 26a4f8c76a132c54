"""The board on the stack's table: what is listed, what a click shows, what each button writes."""

import json
from collections.abc import Iterator
from io import StringIO
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest
from boto3.dynamodb.conditions import ConditionExpressionBuilder
from botocore.client import BaseClient

import board.app
import board.wiring
from board.help import HELP
from board.pages.listing import ROWS
from board.request import Action
from local.aws.stack import Stack
from local.demo.events import load_event
from runtime.items import open_dynamodb, storable
from tests.integration.tickets.standing import GENERATION, NOW, STANDS, TICKET
from tests.integration.tickets.tables import get, put
from tests.support.fake_clock import FakeClock
from tests.support.in_process import aws
from tests.support.invoked_pipeline import Context
from tests.support.shared_clients import shared_clients
from tests.support.throttled_aws import throttled
from tests.support.widget_page import Page

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

DIAGNOSED = {**TICKET, **STANDS["done"], "status": "diagnosed"}
MEMBER = {
    **DIAGNOSED,
    "diagnosed_at": "2026-01-15T08:00:00Z",
    "incident_id": "head",
    "member_since": "2027-01-15T07:00:00Z",
}


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with aws(FakeClock(NOW)) as created, shared_clients():
        board.wiring.board.cache_clear()
        yield created
        board.wiring.board.cache_clear()


@pytest.fixture
def table(stack: Stack) -> "Table":
    tickets = open_dynamodb().Table(stack.ref("TicketsTable"))
    with tickets.batch_writer() as batch:
        for item in tickets.scan(ProjectionExpression="ticket_id")["Items"]:
            batch.delete_item(Key={"ticket_id": item["ticket_id"]})
    return tickets


def call(payload: dict[str, Any] | None = None, **forms: str) -> Page:
    """What the dashboard gets, and shows, when it calls with what a button carries and what was typed."""
    context = {"theme": "light", "width": 1000, "height": 600, "forms": {"all": forms}, "params": {}}
    clock = FakeClock(NOW)
    event = {"widgetContext": context, **(payload or {})}
    answer = board.app.handler(event, Context(clock, NOW + 30))
    assert isinstance(answer, str)
    return Page(answer).check()


def opened(ticket_id: str = "T-1", **others: Any) -> Page:
    return call({"view": "ticket", "ticket_id": ticket_id, **others})


def press(page: Page, name: str, **forms: str) -> Page:
    return call(page.button(name).call, **forms)


def said(page: Page) -> str:
    [line] = [each for each in page.elements if each.attributes.get("role") == "status"]
    return line.text


def test_the_list_leads_to_a_ticket_and_back(table: "Table") -> None:
    put(table, DIAGNOSED, severity="critical", subject="ledger", first_seen_at="2027-01-15T07:00:00Z")
    put(table, STANDS["deferred"], ticket_id="T-2", first_seen_at="2027-01-15T06:00:00Z")
    put(table, status="resolved", ticket_id="T-3")

    page = call()
    rows = [row.text for row in page.named("tr")[1:]]
    assert ["T-1" in rows[0], "T-2" in rows[1], len(rows)] == [True, True, 2]
    assert "2 tickets: 1 deferred, 1 done." in page.words
    ticket = press(page, "disk latency, ticket T-1")
    assert "store 4 is down" in ticket.words
    assert "T-2" in press(ticket, "← All tickets").words


def test_state_and_severity_choose_and_stay_chosen(table: "Table") -> None:
    for at, severity in enumerate(("critical", "warning", "critical")):
        put(table, DIAGNOSED, ticket_id=f"T-{at}", severity=severity)
    put(table, status="resolved", ticket_id="over", severity="critical")

    page = press(call(), "Show", state="", severity="critical")
    assert ["T-0" in page.words, "T-1" in page.words, "T-2" in page.words] == [True, False, True]
    back = press(press(page, "disk latency, ticket T-2"), "← All tickets")
    assert ["T-0" in back.words, "T-1" in back.words] == [True, False]
    assert "over" in press(call(), "Show", state="resolved", severity="").words
    assert "No ticket is of that kind." in press(call(), "Show", state="failed", severity="").words


@pytest.mark.parametrize(
    ("payload", "named"),
    [
        ({"view": "admin"}, "view: must be"),
        ({"state": "<b>"}, "state: must be one of open,"),
        ({"view": "ticket"}, "ticket_id: missing"),
        ({"action": "resolve"}, "ticket_id: missing"),
        ({"view": "ticket", "ticket_id": {"S": "T-1"}}, "ticket_id: must be text"),
        ({"ticket_id": "T-1", "action": "delete"}, "action: must be"),
        ({"ticket_id": "T-1", "action": "hold", "generation": "last"}, "generation: must be a whole number"),
        ({"ticket_id": "T-1", "action": "hold"}, "generation: missing"),
        ({"ticket_id": "T-1", "action": "wrong", "diagnosed_at": 5}, "diagnosed_at: must be text"),
        ({"after": "T-1"}, "after: "),
    ],
)
def test_what_asks_for_no_page_is_answered_with_field_and_value(
    table: "Table", payload: dict[str, Any], named: str
) -> None:
    before = put(table, DIAGNOSED)

    assert named in call(payload).words
    assert get(table) == storable(before)


@pytest.mark.parametrize(
    "event", [None, "x", [], 41, {}, {"widgetContext": 5}, {"widgetContext": {"forms": []}}]
)
def test_an_event_without_any_of_it_is_a_call_for_the_list(table: "Table", event: Any) -> None:
    answer = board.app.handler(event, Context(FakeClock(NOW), NOW + 30))
    assert isinstance(answer, str)
    assert "All quiet" in Page(answer).check().words


def test_cloudwatch_is_told_what_the_widget_is() -> None:
    assert board.app.handler({"describe": True}, Context(FakeClock(NOW), NOW + 30)) == {"markdown": HELP}


BUTTONS = {
    "Acknowledge": ("This ticket is acknowledged.", "acknowledged_by", "the board"),
    "Resolve": ("This ticket is resolved.", "status", "resolved"),
    "Hold": ("This ticket is held", "held", True),
    "Diagnose again": ("This ticket will be diagnosed again.", "rediagnose", "asked for on the board"),
    "Detach": ("This ticket leaves its incident", "detach", "asked for on the board"),
    "Confirmed": ("Noted: this diagnosis is confirmed.", "diagnosis_feedback.verdict", "confirmed"),
    "Wrong": ("Noted: this diagnosis is wrong.", "diagnosis_feedback.verdict", "wrong"),
}


@pytest.mark.parametrize("name", BUTTONS)
def test_a_button_writes_once_and_the_second_press_says_that_it_was_done(table: "Table", name: str) -> None:
    put(table, MEMBER)
    page = opened()
    line, attribute, value = BUTTONS[name]

    assert said(press(page, name)).startswith(line)
    outermost, _, inner = attribute.partition(".")
    written = get(table)[outermost]
    assert (written[inner] if inner else written) == value
    before = get(table)
    assert said(press(page, name)).startswith("Nothing to do: ")
    assert get(table) == before


def test_words_that_were_typed_are_kept_with_the_verdict_and_shown(table: "Table") -> None:
    put(table, DIAGNOSED)

    page = press(opened(), "Wrong", words="it was <b>the proxy</b>\u202e")
    told = get(table)["diagnosis_feedback"]
    assert (told["verdict"], told["words"], told["by"]) == ("wrong", "it was <b>the proxy</b>", "the board")
    assert "it was <b>the proxy</b>" in page.words
    assert said(press(page, "Confirmed")).startswith("Noted")


def test_a_held_ticket_can_be_released(table: "Table") -> None:
    put(table, DIAGNOSED, held=True)

    assert said(press(opened(), "Release")) == "Monitors may resolve this ticket again."
    assert get(table)["held"] is False


@pytest.mark.parametrize("name", BUTTONS)
def test_on_a_ticket_that_has_gone_on_nothing_is_written(table: "Table", name: str) -> None:
    put(table, MEMBER)
    page = opened()
    put(table, MEMBER, generation=GENERATION + 1)
    before = get(table)

    assert "has gone on since that page" in said(press(page, name))
    assert get(table) == before


def test_a_diagnosis_that_was_not_seen_is_not_judged(table: "Table") -> None:
    """Also that of a ticket which was deleted and written anew: its generations are counted anew."""
    put(table, MEMBER)
    page = opened()
    put(table, MEMBER, diagnosed_at="2026-01-15T09:00:00Z")
    before = get(table)

    for name in ("Confirmed", "Wrong"):
        assert "has gone on since that page" in said(press(page, name))
        assert get(table) == before
    assert said(press(opened(), "Confirmed")).startswith("Noted")
    assert "has gone on since that page" in said(press(page, "Confirmed"))


def test_nothing_is_written_because_somebody_looks(table: "Table") -> None:
    """The parameters of a widget come with every refresh, beside the call and in its context."""
    before = put(table, DIAGNOSED)
    parameters = {"view": "ticket", "ticket_id": "T-1", "action": "resolve", "generation": GENERATION}
    event = {"widgetContext": {"params": parameters}, **parameters}

    answer = board.app.handler(event, Context(FakeClock(NOW), NOW + 30))
    assert "action: must be a button" in str(answer)
    assert get(table) == storable(before)


@pytest.mark.parametrize("name", BUTTONS)
def test_of_a_ticket_that_was_deleted_nothing_is_made(table: "Table", name: str) -> None:
    put(table, MEMBER)
    page = opened()
    table.delete_item(Key={"ticket_id": "T-1"})

    assert said(press(page, name)) == "Nothing was written: there is no such ticket any more."
    assert get(table) == {}
    assert "There is no ticket T-1" in opened().words


def test_a_storm_is_one_incident_with_its_members(table: "Table") -> None:
    put(table, DIAGNOSED, ticket_id="head", members=40, monitor_state="alarm")
    with table.batch_writer() as batch:
        for at in range(40):
            since = f"2027-01-15T07:{at:02}:00Z"
            member = {**TICKET, "ticket_id": f"m-{at}", "incident_id": "head", "member_since": since}
            batch.put_item(Item=storable({**member, "subject": f"service-{at}"}))

    page = call()
    assert [row.text.count("incident with 40 more") for row in page.named("tr")[1:]] == [1]
    head = press(page, "disk latency, ticket head")
    assert "Members of this incident: 40" in head.words
    one = press(head, "m-7")
    assert "service-7" in one.words
    assert "Members of this incident" in press(one, "head").words


def test_pages_lead_through_all_tickets_once(table: "Table") -> None:
    with table.batch_writer() as batch:
        for at in range(3 * ROWS + 1):
            began = f"2027-01-15T07:{at // 2:02}:00Z"
            batch.put_item(Item=storable({**TICKET, "ticket_id": f"T-{at:03}", "first_seen_at": began}))

    page = call()
    seen: list[str] = []
    for left in (*[ROWS] * 2, 1, 0):
        seen += [button.call["ticket_id"] for button in page.buttons if button.call["view"] == "ticket"]
        if left:
            page = press(page, f"Next {left} of")
    assert seen == sorted(seen, reverse=True)
    assert len(set(seen)) == 3 * ROWS + 1
    assert "T-060" in press(page, "Newest").words


def test_records_of_older_versions_and_half_written_tickets_are_shown(table: "Table") -> None:
    put(table, DIAGNOSED)
    table.put_item(Item={"ticket_id": "half", "status": "open", "diagnosis_history": "none", "severity": 3})
    put(table, DIAGNOSED, ticket_id="text", diagnosis_record="{}", diagnosis="## Cause\n\nthe *disk*")

    assert len(call().named("tr")) == 4
    assert "disk latency" in opened().words
    assert "half" in opened("half").words
    assert "## Cause the *disk*" in opened("text").words
    for ticket_id in ("T-1", "half", "text"):
        report = press(opened(ticket_id), "Draft of a report")
        assert "Gaps of this draft" in report.words
        assert ticket_id in press(report, "← The ticket").words


@pytest.mark.parametrize(
    ("operation", "payload"),
    [
        ("Query", {}),
        ("GetItem", {"view": "ticket", "ticket_id": "T-1"}),
        ("UpdateItem", {"ticket_id": "T-1", "action": "wrong", "generation": GENERATION}),
    ],
)
def test_aws_in_trouble_is_said_counted_and_logged_and_nothing_is_raised(
    table: "Table",
    operation: str,
    payload: dict[str, Any],
    logged: StringIO,
    capsys: pytest.CaptureFixture[str],
) -> None:
    put(table, DIAGNOSED)

    with throttled(operation):
        page = call(payload)

    assert "AWS or the stack is in trouble" in page.words
    [metrics] = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert metrics["BoardNotShown"] == [1.0]
    [line] = [json.loads(line) for line in logged.getvalue().splitlines()]
    assert line["level"] == "ERROR"
    assert "T-1" in press(page, "Try again").words


def test_verdicts_are_counted_once(table: "Table", capsys: pytest.CaptureFixture[str]) -> None:
    put(table, DIAGNOSED)
    page = opened()
    for name in ("Confirmed", "Confirmed", "Wrong"):
        press(page, name)

    counted = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "_aws" in line]
    assert [set(each) & {"Confirmed", "CalledWrong"} for each in counted] == [{"Confirmed"}, {"CalledWrong"}]


def test_the_sample_events_are_of_the_shipped_diagnosed_ticket(table: "Table") -> None:
    for name in ("board-list", "board-ticket", "board-confirmed"):
        event = load_event(name)
        put(table, DIAGNOSED, ticket_id="tkt-20261120-0936-ledger-db", generation=0)
        answer = board.app.handler(event, Context(FakeClock(NOW), NOW + 30))
        assert isinstance(answer, str)
        assert "tkt-20261120-0936-ledger-db" in Page(answer).check().words


def test_the_role_may_do_what_the_board_does_and_no_more(stack: Stack, table: "Table") -> None:
    """Of a nested attribute the outermost name counts. Source: DynamoDB, dynamodb:Attributes."""
    [policy] = stack.template.resource("BoardRole").properties["Policies"]
    statements = {each["Sid"]: each for each in policy["PolicyDocument"]["Statement"]}
    condition = statements["WriteWhatPeopleSay"]["Condition"]
    allowed = set(condition["ForAllValues:StringEquals"]["dynamodb:Attributes"])
    indexes = {resource.rpartition("/")[2] for resource in statements["ListTickets"]["Resource"]}
    written: set[str] = set()
    asked: set[str] = set()
    operations: set[str] = set()
    make_call: Any = BaseClient._make_api_call  # type: ignore[attr-defined]

    def noted(client: BaseClient, operation: str, request: Any) -> Any:
        operations.add(operation)
        asked.update({request["IndexName"]} if operation == "Query" else set())
        if operation == "UpdateItem":
            built = ConditionExpressionBuilder().build_expression(request["ConditionExpression"])
            written.update(set(built.attribute_name_placeholders.values()) - {"verdict", "words"})
            written.update(request["ExpressionAttributeNames"].values(), request["Key"])
            assert "ReturnValues" not in request
        return make_call(client, operation, request)

    for start in (MEMBER, {**TICKET, "status": "open"}, {**MEMBER, "held": True, "status": "resolved"}):
        put(table, start)
        with mock.patch.object(BaseClient, "_make_api_call", noted):
            call()
            for action in Action:
                opened(action=action, generation=GENERATION, diagnosed_at="2026-01-15T08:00:00Z")
                opened(action=action, generation=GENERATION, words="w")
    assert written == allowed
    assert asked == indexes == {"by-status", "by-incident"}
    assert operations == {"Query", "GetItem", "UpdateItem"}
