"""The buttons of the chat: what they write, and the line that they are answered with."""

import json
from collections.abc import Iterator
from io import StringIO
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest
from boto3.dynamodb.conditions import ConditionExpressionBuilder
from botocore.client import BaseClient

import feedback.app
import feedback.wiring
from local.aws.stack import Stack
from local.demo.events import load_event
from runtime.items import open_dynamodb
from tests.integration.tickets.standing import GENERATION, NOW, STANDS, TICKET
from tests.integration.tickets.tables import get, put
from tests.support.fake_clock import FakeClock
from tests.support.in_process import aws
from tests.support.invoked_pipeline import Context
from tests.support.shared_clients import shared_clients
from tests.support.throttled_aws import throttled

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

DIAGNOSED = {**TICKET, **STANDS["done"], "status": "diagnosed"}
ACTIONS = ("confirmed", "wrong", "rediagnose", "acknowledge")


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with aws(FakeClock(NOW)) as created, shared_clients():
        feedback.wiring.people.cache_clear()
        yield created
        feedback.wiring.people.cache_clear()


@pytest.fixture
def table(stack: Stack) -> "Table":
    tickets = open_dynamodb().Table(stack.ref("TicketsTable"))
    tickets.delete_item(Key={"ticket_id": "T-1"})
    return tickets


def press(payload: Any) -> str:
    clock = FakeClock(NOW)
    answer = feedback.app.handler(payload, Context(clock, NOW + 30))
    assert isinstance(answer, str)
    assert answer.isprintable()
    assert len(answer) < 300
    return answer


def pressed(action: str, generation: object = str(GENERATION), **others: object) -> str:
    return press({"ticket_id": "T-1", "generation": generation, "action": action, **others})


@pytest.mark.parametrize("action", ["confirmed", "wrong"])
def test_a_verdict_is_written_and_the_second_press_says_that_it_stands(table: "Table", action: str) -> None:
    put(table, DIAGNOSED)

    assert pressed(action, words="it was the disk").startswith("Noted: the diagnosis of T-1 is ")
    assert pressed(action).startswith("Nothing to do: ")
    said = get(table)["diagnosis_feedback"]
    assert (said["verdict"], said["words"], said["by"]) == (action, "it was the disk", "the chat")


def test_a_fresh_diagnosis_is_asked_for(table: "Table") -> None:
    put(table, DIAGNOSED)

    assert pressed("rediagnose") == "T-1 will be diagnosed again."
    assert get(table)["rediagnose"] == "asked for in the chat"
    assert pressed("rediagnose").startswith("Nothing to do: ")


def test_a_ticket_is_acknowledged(table: "Table") -> None:
    put(table, generation=GENERATION)

    assert pressed("acknowledge") == "T-1 is acknowledged."
    assert get(table)["status"] == "acknowledged"
    assert pressed("acknowledge").startswith("Nothing to do: ")


@pytest.mark.parametrize("action", ACTIONS)
def test_a_stale_button_writes_nothing_and_says_so(table: "Table", action: str) -> None:
    before = put(table, DIAGNOSED, generation=GENERATION + 1)

    assert "has gone on since this message" in pressed(action)
    assert get(table) == before


@pytest.mark.parametrize("action", ACTIONS)
def test_of_an_unknown_ticket_nothing_is_made(table: "Table", action: str) -> None:
    assert pressed(action) == "Nothing was written: there is no ticket T-1."
    assert get(table) == {}


def test_a_verdict_on_a_ticket_without_a_diagnosis_is_refused(table: "Table") -> None:
    put(table, STANDS["running"])

    assert pressed("confirmed") == "Nothing was written: T-1 has no diagnosis at the moment."


@pytest.mark.parametrize(
    ("payload", "named"),
    [
        (None, "payload: must be"),
        ("confirmed", "payload: must be"),
        ([], "payload: must be"),
        (41, "payload: must be"),
        ({}, "ticket_id: missing"),
        ({"ticket_id": "", "action": "wrong"}, "ticket_id: must not be empty"),
        ({"ticket_id": {"S": "T-1"}, "action": "wrong"}, "ticket_id: must be text"),
        ({"ticket_id": "é" * 2000, "action": "wrong"}, "ticket_id: must be text of at most 2048 bytes"),
        ({"ticket_id": "T-1"}, "action: missing"),
        ({"ticket_id": "T-1", "action": "delete"}, "action: must be 'confirmed', 'wrong'"),
        ({"ticket_id": "T-1", "action": ["wrong"]}, "action: must be 'confirmed', 'wrong'"),
        ({"ticket_id": "T-1", "action": "<!channel>"}, "got ??channel?"),
        ({"ticket_id": "T-1", "action": "wrong", "generation": "last"}, "generation: must be a whole number"),
        ({"ticket_id": "T-1", "action": "wrong", "generation": -1}, "generation: must be 0 or more"),
        ({"ticket_id": "T-1", "action": "wrong", "generation": "9" * 5000}, "generation: "),
        ({"ticket_id": "T-1", "action": "wrong", "words": 1}, "words: must be text"),
    ],
)
def test_what_is_no_press_is_answered_with_field_and_value(table: "Table", payload: Any, named: str) -> None:
    before = put(table, DIAGNOSED)

    assert named in press(payload)
    assert press(payload).startswith("Nothing was written: ")
    assert get(table) == before


def test_hostile_names_and_words_do_not_act_in_the_answer_or_hide_on_the_ticket(table: "Table") -> None:
    hostile = "<!channel> @here *b* _i_ [x](https://evil.example) \x1b[31m\u202e\x00"
    put(table, DIAGNOSED, ticket_id=hostile)
    try:
        payload = {"ticket_id": hostile, "generation": str(GENERATION), "action": "wrong", "words": hostile}
        answer = press(payload)
        assert not set(answer) & set("<>@*[]()")
        assert "_i_" not in answer
        assert "evil.example" not in answer
        assert get(table, hostile)["diagnosis_feedback"]["words"].isprintable()
        assert press({**payload, "generation": "7"}).isprintable()
    finally:
        table.delete_item(Key={"ticket_id": hostile})


def test_aws_in_trouble_is_said_counted_and_logged_and_nothing_is_raised(
    table: "Table", logged: StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    put(table, DIAGNOSED)

    with throttled("UpdateItem"):
        assert pressed("wrong") == feedback.app.NOT_WRITTEN

    [metrics] = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert metrics["FeedbackNotWritten"] == [1.0]
    [line] = [json.loads(line) for line in logged.getvalue().splitlines()]
    assert (line["level"], line["ticket_id"], line["action"]) == ("ERROR", "T-1", "wrong")


def test_a_ticket_with_no_room_is_not_cut_for_what_a_person_says(table: "Table") -> None:
    put(table, DIAGNOSED, log_tail="x" * 408_500)
    before = get(table)

    assert pressed("wrong", words="w" * 2000) == feedback.app.NOT_WRITTEN
    assert get(table) == before


@pytest.mark.parametrize(
    "name", ["feedback-confirmed", "feedback-wrong", "feedback-rediagnose", "feedback-acknowledge"]
)
def test_the_sample_events_are_presses_of_the_shipped_diagnosed_ticket(table: "Table", name: str) -> None:
    event = load_event(name)
    put(table, DIAGNOSED, ticket_id=event["ticket_id"], generation=0)

    assert not press(event).startswith("Nothing")


def test_the_role_names_the_attributes_that_are_written_compared_or_read_and_no_others(
    stack: Stack, table: "Table"
) -> None:
    """Of a nested attribute the outermost name counts. Source: DynamoDB, dynamodb:Attributes."""
    [policy] = stack.template.resource("FeedbackRole").properties["Policies"]
    allowed = {
        statement["Action"]: set(statement["Condition"]["ForAllValues:StringEquals"]["dynamodb:Attributes"])
        for statement in policy["PolicyDocument"]["Statement"]
        if "dynamodb" in str(statement["Action"])
    }
    named: dict[str, set[str]] = {}
    call: Any = BaseClient._make_api_call  # type: ignore[attr-defined]

    def noted(client: BaseClient, operation: str, request: Any) -> Any:
        names = set(request.get("ProjectionExpression", "ticket_id").split(", ")) | request["Key"].keys()
        if "ConditionExpression" in request:
            built = ConditionExpressionBuilder().build_expression(request["ConditionExpression"])
            names |= set(built.attribute_name_placeholders.values()) - {"verdict", "words"}
            names |= set(request["ExpressionAttributeNames"].values())
        named.setdefault(f"dynamodb:{operation}", set()).update(names)
        assert "ReturnValues" not in request
        return call(client, operation, request)

    for start in (DIAGNOSED, {**TICKET, "status": "open"}, {**TICKET, "status": "resolved"}):
        put(table, start)
        with mock.patch.object(BaseClient, "_make_api_call", noted):
            for action in ACTIONS:
                pressed(action)
                pressed(action, "", words="w")
    assert named == allowed
