"""The operations of the runbook that moto lacks, answered by the local stack itself."""

import json
import threading
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import Any

from local.aws.api.application import Operation, Operations
from local.aws.api.errors import ApiError
from local.aws.function import FunctionError, LocalFunction, ThrottledError
from local.aws.mappings import Mappings
from local.aws.names import STACK_NAME
from local.aws.recorded.account import Account
from local.aws.runbook.message_moves import MessageMoves
from local.aws.stack import Stack


def operations(stack: Stack, mappings: Mappings) -> Operations:
    """The stack's outputs, invoking and stopping a function, and the redrive of dead letters."""
    moves = MessageMoves(stack)
    return {
        ("cloudformation", "DescribeStacks"): partial(describe_stacks, stack, datetime.now(UTC)),
        ("lambda", "Invoke"): partial(invoke, mappings.functions),
        ("lambda", "PutFunctionConcurrency"): partial(reserve, mappings.functions),
        ("sqs", "StartMessageMoveTask"): moves.start,
        ("sqs", "ListMessageMoveTasks"): moves.list,
    }


def every_operation(stack: Stack, mappings: Mappings, account: Account) -> Operations:
    """Those of the runbook, and what is recorded of the rest of the account: its other stacks, too."""
    ours = operations(stack, mappings)
    described = ("cloudformation", "DescribeStacks")
    either = _first_that_knows(ours[described], account.operations[described])
    return {**account.operations, **ours, described: either}


def _first_that_knows(first: Operation, then: Operation) -> Operation:
    def ask(asked: Mapping[str, Any]) -> Mapping[str, Any]:
        try:
            return first(asked)
        except ApiError:
            return then(asked)

    return ask


def describe_stacks(stack: Stack, created: datetime, asked: Mapping[str, Any]) -> dict[str, Any]:
    """The one stack there is, with its parameters and outputs."""
    template = stack.template
    stack_id = str(template.names.ref("AWS::StackId"))
    if asked.get("StackName", STACK_NAME) not in {STACK_NAME, stack_id}:
        raise ApiError("ValidationError", f"Stack with id {asked['StackName']} does not exist")
    described = {
        "StackName": STACK_NAME,
        "StackId": stack_id,
        "StackStatus": "CREATE_COMPLETE",
        "CreationTime": created,
        "Parameters": [
            {"ParameterKey": name, "ParameterValue": value} for name, value in template.parameters.items()
        ],
        "Outputs": [
            {"OutputKey": output.name, "OutputValue": output.value, "Description": output.description}
            for output in template.outputs()
        ],
    }
    return {"Stacks": [described]}


def invoke(functions: Mapping[str, LocalFunction], asked: Mapping[str, Any]) -> dict[str, Any]:
    """Lambda's Invoke, by name or ARN, for an answer or (`Event`) without waiting for one."""
    function = _named(functions, asked["FunctionName"])
    try:
        event = json.loads(asked.get("Payload") or b"{}")
    except ValueError as error:
        raise ApiError("InvalidRequestContentException", f"Could not parse request body: {error}") from error
    if asked.get("InvocationType") == "Event":
        threading.Thread(
            target=_run, args=(function, event), name=f"{function.name} event", daemon=True
        ).start()
        return {"StatusCode": 202, "Payload": b""}
    return _answer(function, event)


def reserve(functions: Mapping[str, LocalFunction], asked: Mapping[str, Any]) -> dict[str, Any]:
    """Lambda's PutFunctionConcurrency: how many may run at once, 0 being none."""
    executions = int(asked["ReservedConcurrentExecutions"])
    _named(functions, asked["FunctionName"]).reserved_concurrency = executions
    return {"ReservedConcurrentExecutions": executions}


def _named(functions: Mapping[str, LocalFunction], name: str) -> LocalFunction:
    for function in functions.values():
        if name in {function.name, function.arn}:
            return function
    raise ApiError("ResourceNotFoundException", f"Function not found: {name}", 404)


def _run(function: LocalFunction, event: Any) -> None:
    """For nobody who waits: what becomes of it is in the function's log, and is not tried again."""
    with suppress(ThrottledError, FunctionError):
        function.invoke(event)


def _answer(function: LocalFunction, event: Any) -> dict[str, Any]:
    answered = {"StatusCode": 200, "ExecutedVersion": "$LATEST"}
    try:
        return answered | {"Payload": json.dumps(function.invoke(event)).encode()}
    except ThrottledError as error:
        raise ApiError("TooManyRequestsException", "Rate Exceeded.", 429) from error
    except FunctionError as error:
        cause = error.__cause__
        failed = {"errorMessage": str(cause), "errorType": type(cause).__name__}
        return answered | {"FunctionError": "Unhandled", "Payload": json.dumps(failed).encode()}
