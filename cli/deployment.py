"""A deployed stack, found by its name; what it consists of is told by its outputs.

`make local` answers as CloudFormation does, so there is one road for both.
"""

import os
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from cli.errors import LOCAL_ADDRESS, CliError, Exit

if TYPE_CHECKING:
    import boto3
    from mypy_boto3_dynamodb.service_resource import Table

LOCAL_ENDPOINT = f"http://{LOCAL_ADDRESS}"
LOCAL_REGION = "us-east-1"
CAPACITY = "capacity"
"""The key of the item in the state table that tells of the gate and of the spend."""


@dataclass(frozen=True)
class Where:
    """Which stack, by which credentials; empty values are left to the environment, as everywhere in AWS."""

    stack: str = "differential"
    profile: str = ""
    region: str = ""
    is_local: bool = False


class Deployment:
    """The stack's clients, tables, outputs and parameters, each looked up when it is first needed."""

    def __init__(self, where: Where) -> None:
        self.where = where

    @cached_property
    def session(self) -> "boto3.Session":
        import boto3  # noqa: PLC0415 - `--help` does without

        if self.where.is_local:
            return boto3.Session("local", "local", region_name=LOCAL_REGION)
        region = self.where.region or os.environ.get("AWS_REGION")  # boto3 knows AWS_DEFAULT_REGION alone
        return boto3.Session(profile_name=self.where.profile or None, region_name=region)

    def client(self, service: str) -> Any:
        """A boto3 client of this service."""
        from runtime.aws import CALLS  # noqa: PLC0415 - as above

        endpoint = {"endpoint_url": LOCAL_ENDPOINT} if self.where.is_local else {}
        return self.session.client(service, config=CALLS, **endpoint)  # type: ignore[call-overload]

    def output(self, name: str) -> str:
        """An output of the stack. Raises CliError where the stack has none of that name."""
        if name not in self._described["Outputs"]:
            raise CliError(
                f"stack {self.where.stack} has no output {name}: it is another stack, or an older version;"
                " name the right one with --stack, or deploy it again",
                Exit.UNREACHABLE,
            )
        return str(self._described["Outputs"][name])

    def parameter(self, name: str) -> str:
        """A parameter as the stack was deployed with; empty where it has none."""
        return str(self._described["Parameters"].get(name, ""))

    @cached_property
    def tickets(self) -> "Table":
        return self._table("TicketsTableName")

    @cached_property
    def state(self) -> "Table":
        return self._table("StateTableName")

    def capacity(self) -> dict[str, Any]:
        """What is kept of the gate and of the day's spend, as it is now."""
        found = self.state.get_item(Key={"state_id": CAPACITY}, ConsistentRead=True)
        return dict(found.get("Item", {}))

    def _table(self, output: str) -> "Table":
        from runtime.items import open_dynamodb  # noqa: PLC0415 - as above

        endpoint = LOCAL_ENDPOINT if self.where.is_local else None
        return open_dynamodb(session=self.session, endpoint=endpoint).Table(self.output(output))

    @cached_property
    def _described(self) -> dict[str, dict[str, str]]:
        from botocore.exceptions import ClientError  # noqa: PLC0415 - as above

        try:
            [stack] = self.client("cloudformation").describe_stacks(StackName=self.where.stack)["Stacks"]
        except ClientError as error:
            if "does not exist" not in error.response["Error"].get("Message", ""):
                raise
            raise CliError(
                f"there is no stack {self.where.stack} in {self.session.region_name};"
                " name it with --stack, and its region with --region",
                Exit.UNREACHABLE,
            ) from error
        return {
            "Outputs": {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", ())},
            "Parameters": {
                each["ParameterKey"]: each["ParameterValue"] for each in stack.get("Parameters", ())
            },
        }
