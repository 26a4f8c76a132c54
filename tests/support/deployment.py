"""The built stack, deployed by the SAM CLI to an emulator, and what a person does with it there."""

import http.client
import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

import boto3

from local.aws.template import ROOT
from local.claude.server import StandIn
from tests.support.built_stack import run
from tests.support.ministack_process import Ministack

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table
    from mypy_boto3_sqs import SQSClient

STACK = "differential"
SAM = ROOT / ".venv-sam" / "bin" / "sam"
TIMEOUT_SECONDS = 60
"""In place of 300, so that a rate limit need not be long to be too long to wait for in place."""
_PATIENCE_SECONDS = 180.0


class Deployment:
    """The built stack on `aws`, but for the addresses of AWS and Claude and the functions' time-out."""

    def __init__(self, built: Path, folder: Path, aws: Ministack, claude: StandIn) -> None:
        self._aws = aws
        self._template = _with_addresses(built, folder, aws.url, claude.url)

    def deploy(self, **parameters: str) -> Self:
        """Creates the stack, or changes these parameters of it."""
        run(
            *(SAM, "deploy", "--template-file", self._template, "--config-file", ROOT / "samconfig.toml"),
            *("--stack-name", STACK, "--no-confirm-changeset"),
            *(["--parameter-overrides", *(f"{k}={v}" for k, v in parameters.items())] if parameters else []),
            environment=self._aws.environment(),
        )
        [stack] = self._client("cloudformation").describe_stacks(StackName=STACK)["Stacks"]
        self.outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
        return self

    def delete(self) -> None:
        run(SAM, "delete", "--stack-name", STACK, "--no-prompts", environment=self._aws.environment())

    def take_over(self, tickets_table: str, state_table: str) -> None:
        tables = f"TICKETS_TABLE={tickets_table}", f"STATE_TABLE={state_table}"
        run("make", "import-tables", f"STACK={STACK}", *tables, environment=self._aws.environment())

    def put_api_key(self, key: str) -> None:
        self.put_secret("AnthropicApiKeyArn", key)

    def put_secret(self, output: str, value: str) -> None:
        secret = self.outputs[output]
        self._client("secretsmanager").put_secret_value(SecretId=secret, SecretString=value)

    @property
    def tickets(self) -> "Table":
        table: Table = boto3.resource("dynamodb", endpoint_url=self._aws.url).Table(
            self.outputs["TicketsTableName"]
        )
        return table

    def ticket(self, ticket_id: str) -> dict[str, Any]:
        return self.tickets.get_item(Key={"ticket_id": ticket_id}, ConsistentRead=True)["Item"]

    def await_ticket(self, ticket_id: str, **wanted: str) -> dict[str, Any]:
        """The ticket, as soon as it has these attributes."""
        return self._await(lambda: self.ticket(ticket_id), wanted)

    def _await(
        self, look: Callable[[], dict[str, Any]], wanted: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """What is found, as soon as something is and has these attributes."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not (found := look()) or not (wanted or {}).items() <= found.items():
            if time.monotonic() > deadline:
                log = self._aws.log.read_text("utf-8")[-5_000:]
                raise AssertionError(f"after {_PATIENCE_SECONDS:g} s it is {found}\n{log}")
            time.sleep(0.2)
        return found

    def await_ticket_of(self, violation_key: str, **wanted: str) -> dict[str, Any]:
        """The ticket of this violation, as soon as there is one with these attributes."""

        def look() -> dict[str, Any]:
            found = [
                each for each in self.tickets.scan()["Items"] if each.get("violation_key") == violation_key
            ]
            return dict(found[0]) if found else {}

        return self._await(look, wanted)

    def put_event(self, detail_type: str, detail: dict[str, Any]) -> None:
        """What a producer tells on the stack's bus."""
        entry = {"EventBusName": self.outputs["EventBusName"], "Source": "com.example.monitor"}
        told = {**entry, "DetailType": detail_type, "Detail": json.dumps(detail)}
        assert self._client("events").put_events(Entries=[told])["FailedEntryCount"] == 0

    def listen(self) -> None:
        """Puts a queue behind what the stack tells machines, and one behind what it mails."""
        arns = {name: self._open_queue(name) for name in ("machines", "people")}
        events, bus = self._client("events"), self.outputs["EventBusName"]
        events.put_rule(Name="machines", EventBusName=bus, EventPattern='{"source": ["differential"]}')
        events.put_targets(Rule="machines", EventBusName=bus, Targets=[{"Id": "q", "Arn": arns["machines"]}])
        topic = self.outputs["MessageTopicArn"]
        self._client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arns["people"])

    def heard(self, by: str, ticket_id: str) -> dict[str, Any]:
        """The next message in one of these queues that is about the ticket; others are passed over."""
        url = self._sqs.get_queue_url(QueueName=by)["QueueUrl"]

        def look() -> dict[str, Any]:
            for each in self._sqs.receive_message(QueueUrl=url).get("Messages", []):
                self._sqs.delete_message(QueueUrl=url, ReceiptHandle=each["ReceiptHandle"])
                if ticket_id in each["Body"]:
                    return dict(json.loads(each["Body"]))
            return {}

        return self._await(look)

    def press(self, action: str, ticket_id: str) -> str:
        """What a button of the chat is answered with."""
        payload = json.dumps({"ticket_id": ticket_id, "action": action})
        answer = self._client("lambda").invoke(
            FunctionName=self.outputs["FeedbackFunctionName"], Payload=payload
        )
        return str(json.loads(answer["Payload"].read()))

    def sweep(self, **event: bool) -> None:
        """What the schedule does every five minutes, or a person by hand."""
        answer = self._client("lambda").invoke(
            FunctionName=self.outputs["SweepFunctionName"], Payload=json.dumps(event)
        )
        assert "FunctionError" not in answer, answer["Payload"].read()

    def redrive_dead_letters(self) -> int:
        """Moves the dead letters to RetryQueue, one by one: the emulator has no StartMessageMoveTask."""
        sqs = self._sqs
        source = self.outputs["DeadLetterQueueUrl"]
        moved = 0
        while messages := sqs.receive_message(QueueUrl=source).get("Messages"):
            for message in messages:
                sqs.send_message(QueueUrl=self._retry_queue, MessageBody=message["Body"])
                sqs.delete_message(QueueUrl=source, ReceiptHandle=message["ReceiptHandle"])
                moved += 1
        return moved

    def lose_wake_ups(self) -> None:
        self._sqs.purge_queue(QueueUrl=self._retry_queue)

    def call_webhook(self, method: str, secret: str) -> int:
        """The status that a sender is answered with, by the emulator's own address for the function's URL."""
        url_id = (urlsplit(self.outputs["WebhookUrl"]).hostname or "").partition(".")[0]
        headers = {"authorization": f"Bearer {secret}"}
        connection = http.client.HTTPConnection(urlsplit(self._aws.url).netloc, timeout=60)
        try:
            connection.request(method, f"/_aws/lambda-url/{url_id}/", body="{}", headers=headers)
            return connection.getresponse().status
        finally:
            connection.close()

    def _open_queue(self, name: str) -> str:
        """Anybody may send to it; its ARN."""
        said = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [said]})
        url = self._sqs.create_queue(QueueName=name, Attributes={"Policy": policy})["QueueUrl"]
        found = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return found["Attributes"]["QueueArn"]

    @property
    def _retry_queue(self) -> str:
        name = self.outputs["RetryQueueArn"].rsplit(":", 1)[-1]
        return self._sqs.get_queue_url(QueueName=name)["QueueUrl"]

    @property
    def _sqs(self) -> "SQSClient":
        sqs: SQSClient = self._client("sqs")
        return sqs

    def _client(self, service: str) -> Any:
        client: Any = boto3.client(service, endpoint_url=self._aws.url)  # type: ignore[call-overload]
        return client


def _with_addresses(built: Path, folder: Path, aws: str, claude: str) -> Path:
    """A template of its own beside links to what was built, which other tests share."""
    folder.mkdir()
    text = (built / "template.yaml").read_text("utf-8")
    for before, after in {
        "AWS_ENDPOINT_URL: ''": f"AWS_ENDPOINT_URL: {aws}",
        "ANTHROPIC_BASE_URL: ''": f"ANTHROPIC_BASE_URL: {claude}",
        "Timeout: 300": f"Timeout: {TIMEOUT_SECONDS}",
    }.items():
        assert before in text, f"the built template has no {before}"
        text = text.replace(before, after)
    for path in built.iterdir():
        if path.is_dir():
            (folder / path.name).symlink_to(path)
    template = folder / "template.yaml"
    template.write_text(text, "utf-8")
    return template
