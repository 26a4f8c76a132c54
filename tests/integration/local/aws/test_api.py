"""The runbook can be rehearsed on the local stack, and what it lacks is refused in AWS's own form."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError

from diagnose.wiring import diagnose_ticket
from local.aws.emulator import Emulator
from local.aws.mappings import Mappings
from local.aws.runbook.operations import operations
from local.aws.stack import Stack
from local.claude.faults import Fault, Kind
from local.claude.server import StandIn
from tests.support.sdk_connections import close_when_called

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

TICKET = {"ticket_id": "T-1", "status": "open", "invariant_name": "queue_drains"}


@pytest.fixture
def mappings(emulator: Emulator, stack: Stack, stand_in: StandIn) -> Iterator[Mappings]:
    with Mappings(stack) as running:
        emulator.api.operations = operations(stack, running)
        yield running
        emulator.api.operations = {}
    close_when_called(diagnose_ticket().claude)


@pytest.fixture
def outputs(mappings: Mappings) -> dict[str, str]:
    """As docs/operations.md reads them."""
    [described] = boto3.client("cloudformation").describe_stacks(StackName="differential")["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in described["Outputs"]}


@pytest.fixture
def table(outputs: dict[str, str]) -> "Table":
    return boto3.resource("dynamodb").Table(outputs["TicketsTableName"])


def status(table: "Table") -> object:
    item = table.get_item(Key={"ticket_id": TICKET["ticket_id"]}, ConsistentRead=True)["Item"]
    return item.get("diagnosis_status")


def test_the_outputs_are_all_there(outputs: dict[str, str], stack: Stack) -> None:
    assert outputs["RetryQueueArn"] == stack.arn("RetryQueue")
    assert outputs["AnthropicApiKeyArn"] == stack.ref("AnthropicApiKey")
    assert outputs["ProducersPolicyArn"].startswith("arn:aws:iam::")
    assert outputs["TicketsConsoleUrl"].endswith("table=differential-tickets")


def test_another_stack_does_not_exist(mappings: Mappings) -> None:
    with pytest.raises(ClientError, match="Stack with id staging does not exist") as refused:
        boto3.client("cloudformation").describe_stacks(StackName="staging")

    assert refused.value.response["Error"]["Code"] == "ValidationError"


def test_a_dead_letter_is_redriven_once_its_ticket_is_mended(
    mappings: Mappings, table: "Table", outputs: dict[str, str]
) -> None:
    table.put_item(Item=TICKET)
    mappings.drain(lambda: status(table) == "failed")
    table.update_item(
        Key={"ticket_id": "T-1"},
        UpdateExpression="SET message = :message",
        ExpressionAttributeValues={":message": "queue.depth is 8123"},
    )
    mappings.drain()

    sqs = boto3.client("sqs")
    source = outputs["DeadLetterQueueArn"]
    sqs.start_message_move_task(SourceArn=source, DestinationArn=outputs["RetryQueueArn"])
    [moved] = sqs.list_message_move_tasks(SourceArn=source)["Results"]

    assert (moved["Status"], moved["ApproximateNumberOfMessagesMoved"]) == ("COMPLETED", 1)
    mappings.drain(lambda: status(table) == "done")


def test_a_redrive_needs_a_destination_because_sqs_does_not_know_where_dead_letters_came_from(
    outputs: dict[str, str],
) -> None:
    sqs = boto3.client("sqs")
    source = outputs["DeadLetterQueueArn"]
    sqs.send_message(QueueUrl=outputs["DeadLetterQueueUrl"], MessageBody="{}")

    sqs.start_message_move_task(SourceArn=source)

    [failed] = sqs.list_message_move_tasks(SourceArn=source)["Results"]
    assert (failed["Status"], failed["FailureReason"]) == ("FAILED", "CouldNotDetermineMessageSource")


def test_only_a_queue_of_dead_letters_is_redriven(outputs: dict[str, str], stack: Stack) -> None:
    sqs = boto3.client("sqs")

    with pytest.raises(ClientError, match="must be configured as a Dead Letter Queue"):
        sqs.start_message_move_task(SourceArn=stack.arn("StreamFailureQueue"))
    with pytest.raises(sqs.exceptions.ResourceNotFoundException):
        sqs.start_message_move_task(SourceArn=f"{outputs['DeadLetterQueueArn']}-of-nobody")


def test_a_new_key_and_a_gate_opened_by_hand_bring_the_tickets_back(
    mappings: Mappings, table: "Table", outputs: dict[str, str], stand_in: StandIn
) -> None:
    stand_in.script(Fault(Kind.UNAUTHORISED))
    table.put_item(Item={**TICKET, "message": "slow"})
    mappings.drain(lambda: status(table) == "deferred")

    boto3.client("secretsmanager").put_secret_value(
        SecretId=outputs["AnthropicApiKeyArn"], SecretString="sk-new"
    )
    answer = boto3.client("lambda").invoke(
        FunctionName=outputs["SweepFunctionName"], Payload=b'{"open_gate": true}'
    )

    assert answer["StatusCode"] == 200
    assert json.loads(answer["Payload"].read()) == {"rearm": 1}
    mappings.drain(lambda: status(table) == "done")


def test_a_function_without_executions_leaves_tickets_waiting_until_it_gets_them_back(
    mappings: Mappings, table: "Table", outputs: dict[str, str], stand_in: StandIn
) -> None:
    client, diagnose = boto3.client("lambda"), outputs["DiagnoseFunctionName"]
    client.put_function_concurrency(FunctionName=diagnose, ReservedConcurrentExecutions=0)
    table.put_item(Item={**TICKET, "message": "slow"})
    mappings.drain(lambda: mappings.throttles() > 0)

    with pytest.raises(client.exceptions.TooManyRequestsException):
        client.invoke(FunctionName=diagnose, Payload=b"{}")
    assert status(table) is None

    client.put_function_concurrency(FunctionName=diagnose, ReservedConcurrentExecutions=1)
    mappings.drain(lambda: status(table) == "done")
    assert stand_in.answered == 1


def test_a_function_that_raises_says_so_as_lambda_does(mappings: Mappings, outputs: dict[str, str]) -> None:
    client = boto3.client("lambda")

    answer = client.invoke(FunctionName="differential-rearm", Payload=b"{}")

    assert answer["FunctionError"] == "Unhandled"
    assert json.loads(answer["Payload"].read()) == {"errorType": "KeyError", "errorMessage": "'Records'"}
    with pytest.raises(client.exceptions.ResourceNotFoundException, match="Function not found: nobody"):
        client.invoke(FunctionName="nobody")


@pytest.mark.parametrize(
    ("service", "operation", "arguments"),
    [
        ("cloudformation", "list_stacks", {}),  # in XML
        ("sqs", "cancel_message_move_task", {"TaskHandle": "x"}),  # in JSON
        ("lambda", "list_functions", {}),  # by its path; moto has it, and would run it in a container
        ("batch", "list_jobs", {}),
        ("ec2", "describe_host_reservations", {}),  # in XML of its own
        ("health", "describe_events", {}),  # a service that moto has not
        ("apigateway", "get_rest_apis", {}),  # one whose packages are not installed
    ],
)
def test_what_is_not_emulated_is_refused_by_name(
    mappings: Mappings, service: str, operation: str, arguments: dict[str, Any]
) -> None:
    client: Any = boto3.client(service)  # type: ignore[call-overload]
    name = client.meta.method_to_api_mapping[operation]

    with pytest.raises(ClientError, match=f"{service}: {name} is not emulated") as refused:
        getattr(client, operation)(**arguments)

    assert refused.value.response["Error"]["Code"] == "NotImplemented"
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501


def test_an_error_of_the_emulator_s_own_is_no_page_of_html(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("out of order")

    monkeypatch.setattr("moto.sqs.responses.SQSResponse.list_queues", broken)

    with pytest.raises(ClientError, match="out of order") as refused:
        stack.sqs.list_queues()

    assert refused.value.response["Error"]["Code"] == "InternalFailure"
