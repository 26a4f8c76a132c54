"""What template.yaml declares, created in the AWS emulator: tables, queues and secrets."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from local.aws.bus import create_buses
from local.aws.intrinsics import TemplateError
from local.aws.names import REGION
from local.aws.template import Resource, Template

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodbstreams import DynamoDBStreamsClient
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sqs import SQSClient

TABLE_SETTINGS = (
    "AttributeDefinitions",
    "BillingMode",
    "GlobalSecondaryIndexes",
    "KeySchema",
    "LocalSecondaryIndexes",
    "ProvisionedThroughput",
)


@dataclass(frozen=True)
class Stack:
    """The created stack: where it is and what its resources are called.

    Without an endpoint its clients go where boto3 goes by itself: to moto, in a process that mocks AWS.
    """

    endpoint: str | None
    template: Template

    def ref(self, logical_id: str) -> str:
        """A resource's physical id: a table's name, a queue's URL, a secret's ARN."""
        return str(self.template.names.ref(logical_id))

    def arn(self, logical_id: str) -> str:
        return self.template.names.attribute(logical_id, "Arn")

    def environment(self, function: str) -> dict[str, str]:
        """The environment variables that the template gives to one function."""
        variables = self.template.resource(function).properties.get("Environment", {}).get("Variables", {})
        return {name: "" if value is None else str(value) for name, value in variables.items()}

    def shared_environment(self) -> dict[str, str]:
        """The environment of every function at once, for handlers that share this process."""
        shared: dict[str, str] = {}
        for function in self.template.of_type("AWS::Serverless::Function"):
            for name, value in self.environment(function.logical_id).items():
                if shared.setdefault(name, value) != value:
                    raise TemplateError(
                        f"{function.logical_id} sets {name} differently from another function"
                    )
        return shared

    @property
    def dynamodb(self) -> "DynamoDBClient":
        client: DynamoDBClient = _client("dynamodb", self.endpoint)
        return client

    @property
    def streams(self) -> "DynamoDBStreamsClient":
        client: DynamoDBStreamsClient = _client("dynamodbstreams", self.endpoint)
        return client

    @property
    def sqs(self) -> "SQSClient":
        client: SQSClient = _client("sqs", self.endpoint)
        return client

    @property
    def events(self) -> Any:
        return _client("events", self.endpoint)

    @property
    def sns(self) -> Any:
        return _client("sns", self.endpoint)

    @property
    def secrets(self) -> "SecretsManagerClient":
        client: SecretsManagerClient = _client("secretsmanager", self.endpoint)
        return client


def create(endpoint: str | None, template: Template, secrets: Mapping[str, str] | None = None) -> Stack:
    """Create the template's tables, queues, secrets, topics, buses and rules.

    `secrets` maps logical ids to values. Event source mappings and schedules are not created: moto's would
    call Docker (see mappings.py). Nor are subscriptions, which are mail: see topics.py.
    """
    stack = Stack(endpoint, template)
    for table in template.of_type("AWS::DynamoDB::Table"):
        _create_table(stack, table)
    queues = template.of_type("AWS::SQS::Queue")
    for queue in queues:
        stack.sqs.create_queue(QueueName=_name(stack, queue), Attributes=_queue_attributes(queue))  # type: ignore[arg-type]
    for queue in queues:
        if "RedrivePolicy" in queue.properties:
            policy = json.dumps(queue.properties["RedrivePolicy"])
            stack.sqs.set_queue_attributes(
                QueueUrl=stack.ref(queue.logical_id), Attributes={"RedrivePolicy": policy}
            )
    for secret in template.of_type("AWS::SecretsManager::Secret"):
        value = (secrets or {}).get(secret.logical_id)
        made = stack.secrets.create_secret(Name=_name(stack, secret))
        if value is not None:
            stack.secrets.put_secret_value(SecretId=made["ARN"], SecretString=value)
        template.names.learn(secret.logical_id, "Ref", made["ARN"])
    for topic in template.of_type("AWS::SNS::Topic"):
        stack.sns.create_topic(Name=_name(stack, topic))
    create_buses(stack.events, template)
    return stack


def _create_table(stack: Stack, table: Resource) -> None:
    settings: dict[str, Any] = {
        key: table.properties[key] for key in TABLE_SETTINGS if key in table.properties
    }
    if "StreamSpecification" in table.properties:
        settings["StreamSpecification"] = {"StreamEnabled": True, **table.properties["StreamSpecification"]}
    made = stack.dynamodb.create_table(TableName=_name(stack, table), **settings)["TableDescription"]
    if "LatestStreamArn" in made:
        stack.template.names.learn(table.logical_id, "StreamArn", made["LatestStreamArn"])


def _queue_attributes(queue: Resource) -> dict[str, str]:
    """A queue's own attributes as strings; the redrive policy waits until the queue that it names exists."""
    left_out = {"QueueName", "RedrivePolicy", "RedriveAllowPolicy", "SqsManagedSseEnabled", "Tags"}
    return {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in queue.properties.items()
        if name not in left_out
    }


def _name(stack: Stack, resource: Resource) -> str:
    names = stack.template.names
    named = resource.properties.get(names.naming_property(resource.logical_id) or "")
    return str(named or names.physical_name(resource.logical_id))


_clients: dict[tuple[str, str | None], Any] = {}


def _client(service: str, endpoint: str | None) -> Any:
    """One client per service and endpoint, with its own credentials and no proxy."""
    if (service, endpoint) not in _clients:
        _clients[service, endpoint] = boto3.client(  # type: ignore[call-overload]
            service,
            endpoint_url=endpoint,
            region_name=REGION,
            aws_access_key_id="local",
            aws_secret_access_key="local",  # noqa: S106 - the emulator takes any
            config=Config(proxies={}, retries={"total_max_attempts": 2}, max_pool_connections=20),
        )
    return _clients[service, endpoint]
