"""Each function's role in template.yaml allows the calls that its code makes to AWS, and no others."""

import json
import time
from collections.abc import Iterator, Mapping
from typing import Any

import boto3
import pytest
from boto3.dynamodb.types import TypeSerializer
from botocore.client import BaseClient

import diagnose.wiring
import feedback.wiring
import intake.wiring
import notify.wiring
import rearm.wiring
import sweep.wiring
import webhook.wiring
from local.aws.function import LocalFunction, import_handler
from local.aws.names import ACCOUNT
from local.aws.stack import Stack
from local.claude.faults import Fault, Kind
from local.claude.server import StandIn
from local.demo.events import load_event, load_ticket
from runtime.observability import metrics
from tests.conftest import CreateStack
from tests.support.sdk_connections import close_when_called
from tests.support.told import record
from tests.support.webhook_samples import SECRET

Permission = tuple[str, str]

BY_LAMBDA = {
    "DescribeStream", "GetRecords", "GetShardIterator", "ListStreams",
    "ReceiveMessage", "DeleteMessage", "GetQueueAttributes",
    "CreateLogStream", "PutLogEvents", "PutTraceSegments", "PutTelemetryRecords",
}  # fmt: skip
"""What Lambda does in the function's name: reading its event sources, logs, traces."""


OF_SOURCES = {
    "application-signals", "cloudformation", "cloudtrail", "codedeploy", "ecs", "health", "lambda", "logs",
    "ssm", "tag", "xray",
}  # fmt: skip
"""Services that only sources of evidence ask: test_rights_of_sources.py."""


class Pipeline:
    """Invokes the functions one at a time and notes the calls that each makes."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.table = boto3.resource("dynamodb").Table(stack.ref("TicketsTable"))
        self.used: dict[str, set[Permission]] = {}
        self._running = ""

    def invoke(self, function: str, event: dict[str, Any]) -> Any:
        self._running = function
        resource = self.stack.template.resource(function)
        handler = import_handler(self.stack.template, resource)
        answer = LocalFunction(resource, self.stack.template.names, handler).invoke(event)
        self._running = ""
        return answer

    def put(self, name: str) -> dict[str, Any]:
        """Writes a ticket; the event that its stream would bring."""
        ticket = load_ticket(name)
        self.table.put_item(Item=ticket)
        image = {key: TypeSerializer().serialize(value) for key, value in ticket.items()}
        keys = {"ticket_id": image["ticket_id"]}
        record = {"eventID": name, "eventName": "INSERT", "dynamodb": {"Keys": keys, "NewImage": image}}
        return {"Records": [record]}

    def tickets(self) -> list[dict[str, Any]]:
        return [dict(item) for item in self.table.scan()["Items"]]

    def finished(self) -> dict[str, Any]:
        """The event of the stream that a finished diagnosis brings."""
        [item] = [each for each in self.tickets() if each.get("diagnosis_status") == "done"]
        return {"Records": [record(item, {**item, "diagnosis_status": "running"})]}

    def put_alarm(self, name: str) -> None:
        """An alarm on a metric of a namespace of one's own, whose neighbours are listed."""
        boto3.client("cloudwatch").put_metric_alarm(
            AlarmName=name,
            Namespace="Shop",
            MetricName="Errors",
            Dimensions=[{"Name": "Stage", "Value": "prod"}],
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=5,
            ComparisonOperator="GreaterThanThreshold",
        )

    def note(self, service: str, operation: str, parameters: Mapping[str, Any]) -> None:
        if not self._running or service in OF_SOURCES:
            return
        for call, of in _parts(operation, parameters):
            called = (f"{service}:{call}", self._resource(service, call, of))
            self.used.setdefault(self._running, set()).add(called)

    def _resource(self, service: str, operation: str, parameters: Mapping[str, Any]) -> str:
        match service:
            case "cloudwatch":
                is_of_alarms = operation in ("DescribeAlarms", "DescribeAlarmHistory", "ListTagsForResource")
                return f"arn:aws:cloudwatch:*:{ACCOUNT}:alarm:*" if is_of_alarms else "*"
            case "dynamodb":
                tables = ("TicketsTable", "SubjectsTable", "StateTable")
                asked = parameters.get("TableName") or next(iter(parameters["RequestItems"]))
                [table] = [name for name in tables if self.stack.ref(name) == asked]
                index = f"/index/{parameters['IndexName']}" if "IndexName" in parameters else ""
                return self.stack.arn(table) + index
            case "sqs":
                queues = (
                    *("RetryQueue", "DeadLetterQueue", "StreamFailureQueue"),
                    *("IntakeQueue", "IntakeDeadLetterQueue"),
                )
                [queue] = [q for q in queues if self.stack.ref(q) == parameters["QueueUrl"]]
                return self.stack.arn(queue)
            case "events":
                return self.stack.arn("EventBus")
            case "sns":
                return str(parameters["TopicArn"])
            case _:
                return str(parameters["SecretId"])


def _parts(operation: str, parameters: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """What IAM asks about: of a transaction each of its writes, of anything else the call itself.

    Source: IAM with DynamoDB transactions.
    """
    if operation != "TransactWriteItems":
        yield operation, parameters
        return
    for item in parameters["TransactItems"]:
        for kind, of in item.items():
            yield f"{kind}Item", of


@pytest.fixture
def stack(create_stack: CreateStack) -> Stack:
    return create_stack(WebhookDoor="true")


@pytest.fixture
def pipeline(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pipeline]:
    noting = Pipeline(stack)
    call = BaseClient._make_api_call  # type: ignore[attr-defined]

    def noted(client: Any, operation: str, parameters: Mapping[str, Any]) -> Any:
        noting.note(client.meta.service_model.service_name, operation, parameters)
        return call(client, operation, parameters)

    built = (
        diagnose.wiring.diagnose_ticket,
        rearm.wiring.rearm_ticket,
        sweep.wiring.sweep_tickets,
        notify.wiring.notify_people,
        intake.wiring.take_message,
        feedback.wiring.people,
        webhook.wiring.receive,
    )
    for collaborators in built:
        collaborators.cache_clear()
    monkeypatch.setattr(BaseClient, "_make_api_call", noted)
    # In Lambda the environment says so before the import; here another test may have imported it already.
    monkeypatch.setattr(metrics, "namespace", "Differential")
    yield noting
    close_when_called(diagnose.wiring.diagnose_ticket().claude)
    for collaborators in built:
        collaborators.cache_clear()


def allowed(stack: Stack, role: str) -> set[Permission]:
    [policy] = stack.template.resource(role).properties["Policies"]
    return {
        (action, resource)
        for statement in policy["PolicyDocument"]["Statement"]
        for action in _listed(statement["Action"])
        for resource in _listed(statement["Resource"])
        if action.partition(":")[2] not in BY_LAMBDA and action.partition(":")[0] not in OF_SOURCES
    } - {  # Lambda's, when it gives a record up
        ("sqs:SendMessage", stack.arn(queue)) for queue in ("StreamFailureQueue", "NotifyFailureQueue")
    }


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def message(**body: Any) -> dict[str, Any]:
    return {"Records": [{"messageId": "m", "body": json.dumps(body), "eventSource": "aws:sqs"}]}


def alarm(name: str, state: str, second: int, **tags: str) -> dict[str, Any]:
    """The sample alarm's change of that name and time as its queue brings it; tags it lacks are asked for."""
    event = load_event("intake-metric")
    [sample] = event["Records"]
    text = sample["body"].replace("checkout-errors-critical", name)
    body = json.loads(text)
    body["id"] = f"{name}-{state}-{second}"
    body["detail"]["state"] |= {"value": state, "timestamp": f"2026-11-28T02:10:{second:02d}Z"}
    body["detail"]["alarmTags"] = tags
    return {"Records": [{**sample, "body": json.dumps(body)}]}


def take_in_alarms(pipeline: Pipeline) -> None:
    """One opens, one joins, both repeat; one joins late, one is over; and something cannot be read."""
    invoked = [alarm("a", "ALARM", 1, subject="checkout"), alarm("b", "ALARM", 2), alarm("b", "ALARM", 3)]
    for event in invoked:
        pipeline.invoke("IntakeFunction", event)
    [head] = [each for each in pipeline.tickets() if each.get("members")]
    pipeline.table.update_item(
        Key={"ticket_id": head["ticket_id"]},
        UpdateExpression="SET diagnosis_status = :done",
        ExpressionAttributeValues={":done": "done"},
    )
    for event in (alarm("c", "ALARM", 4), alarm("b", "OK", 5), message(detail="?")):
        assert pipeline.invoke("IntakeFunction", event) == {"batchItemFailures": []}
    assert len([each for each in pipeline.tickets() if "incident_id" in each]) == 2


def press_buttons(pipeline: Pipeline, ticket_id: str) -> None:
    for action in ("acknowledge", "acknowledge"):
        answer = pipeline.invoke("FeedbackFunction", {"ticket_id": ticket_id, "action": action})
        assert ticket_id[:8] in answer


@pytest.mark.usefixtures("account")
def test_a_role_allows_what_its_function_does_and_nothing_else(
    pipeline: Pipeline, stack: Stack, stand_in: StandIn
) -> None:
    pipeline.invoke("DiagnoseFunction", pipeline.put("tikv-store-down"))
    stand_in.script(Fault(Kind.REFUSAL))
    failing = pipeline.put("ecs-out-of-memory-loop")
    pipeline.invoke("DiagnoseFunction", failing)
    stand_in.script(Fault(Kind.RATE_LIMIT, retry_after=400))
    pipeline.put_alarm("checkout-quote-errors")
    pipeline.invoke("DiagnoseFunction", pipeline.put("lambda-errors-after-deploy"))
    pipeline.put("rds-connections-exhausted")
    pipeline.invoke("SweepFunction", {})
    pipeline.invoke("RearmFunction", message(kind="gate", opens_at=int(time.time()) + 60))
    pipeline.invoke("SweepFunction", {"open_gate": True})
    pipeline.invoke("RearmFunction", message(kind="gate", opens_at=0))
    ticket_id = failing["Records"][0]["dynamodb"]["Keys"]["ticket_id"]["S"]
    pipeline.invoke("RearmFunction", message(kind="failed", ticket_id=ticket_id, generation=0))

    pipeline.invoke("NotifyFunction", pipeline.finished())
    pipeline.invoke("NotifyFunction", load_event("notify-delayed"))

    states = [str(item.get("diagnosis_status")) for item in pipeline.tickets()]
    assert sorted(states) == ["None", "done", "pending", "pending"]
    take_in_alarms(pipeline)
    press_buttons(pipeline, ticket_id)
    stack.secrets.put_secret_value(SecretId=stack.ref("WebhookSecret"), SecretString=SECRET)
    assert pipeline.invoke("WebhookFunction", load_event("webhook-plain"))["statusCode"] == 202

    # Any move reads a ticket that has grown too large to be written, to see what can be cut.
    tickets, subjects = stack.arn("TicketsTable"), stack.arn("SubjectsTable")
    seldom = {name: {("dynamodb:GetItem", tickets)} for name in ("DiagnoseFunction", "RearmFunction")}
    # What a subject depends on is read when there is a subject, members of an incident that has some.
    seldom["DiagnoseFunction"] |= {
        ("dynamodb:BatchGetItem", subjects),
        ("dynamodb:Scan", subjects),
        ("dynamodb:Query", f"{tickets}/index/by-incident"),
    }
    # An outage is told when it has lasted for ten minutes.
    told = {("dynamodb:PutItem", stack.arn("StateTable")), ("events:PutEvents", stack.arn("EventBus"))}
    seldom["SweepFunction"] = {("dynamodb:GetItem", tickets), *told}
    assert len(pipeline.used) == 7
    for function, used in pipeline.used.items():
        role = allowed(stack, function.replace("Function", "Role"))
        assert used - role == set(), f"{function} may not do what it does"
        assert role - used - seldom.get(function, set()) == set(), f"{function} may do what it never does"
