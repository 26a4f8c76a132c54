"""What `make local` says when it is up: who may reach it, and what can be done with it."""

import sys

from local.addresses import ALL, LOOPBACK
from local.aws.names import REGION, STACK_NAME
from local.demo.running_stack import RunningStack

CREDENTIALS = "AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test"
BRIDGE = "172.17.0.1"
"""Where containers reach this machine under Docker Engine on Linux, unless it was set up otherwise."""
NOT_REAL = [
    "AWS is an emulator in this process; its tables, queues and mappings are read from template.yaml.",
    "A stand-in answers in Claude's place, by plain rules: no finding here is written by Claude.",
]
MINIMAL = {
    "ticket_id": "mine-1",
    "status": "open",
    "invariant_name": "disk_await_below_10ms",
    "message": "disk.await_ms is 41",
}


def exposure(bind: str) -> list[str]:
    """Who can do what with a stack that listens beside loopback; nothing when it does not."""
    if bind == LOOPBACK:
        return []
    who = (
        "every machine and container that reaches this machine over any network"
        if bind == ALL
        else f"whoever reaches {bind}, such as containers on that network"
    )
    return [
        f"Without a password, open to {who}.",
        "Tickets, messages and secrets of this stack can be read, written and deleted, functions invoked,",
        "and the stand-in told what to do. Write no ticket here that not everyone there may read.",
        "Nothing here reaches an AWS account, and no key of yours is in it.",
    ]


def guide(system: RunningStack, ids: list[str], *, delivers: bool, bind: str) -> list[str]:
    """What can be done with the stack, ready to be copied."""
    table = system.stack.ref("TicketsTable")
    claude = system.stand_in.url if system.stand_in else ""
    mappings = (
        "Event source mappings and the sweep's schedule run: a ticket that you write is diagnosed, and in"
        " five minutes sweep brings back the seeded ticket that waits. --no-mappings leaves all to you."
        if delivers
        else "No event source mapping runs: nothing moves until you invoke a function."
    )
    named = "FUNCTION=DiagnoseFunction EVENT=events/diagnose-insert.json"
    key = f'{{"ticket_id": {{"S": "{ids[-1]}"}}}}'
    minimal = ", ".join(f'"{name}": {{"S": "{value}"}}' for name, value in MINIMAL.items())
    return [
        f"AWS      {system.stack.endpoint}",
        f"Claude   {claude}   (POST {claude}/stand-in/faults makes it misbehave)",
        f"Tickets  {', '.join(ids)}",
        "",
        mappings,
        "",
        f"export AWS_ENDPOINT_URL={system.stack.endpoint} AWS_DEFAULT_REGION={REGION} {CREDENTIALS}",
        f"aws dynamodb put-item --table-name {table} --item '{{{minimal}}}'",
        f"aws dynamodb get-item --table-name {table} --key '{key}'",
        f"aws cloudformation describe-stacks --stack-name {STACK_NAME}   # then docs/operations.md",
        "",
        f"make invoke {named}",
        f"make sam-invoke {named}   # with Docker{_on_linux(bind)}",
        "",
        "Ctrl-C ends it, and all that is in it.",
    ]


def _on_linux(bind: str) -> str:
    """What Docker Engine needs there, whose containers do not reach this machine's loopback."""
    if sys.platform != "linux" or bind != LOOPBACK:
        return ""
    return f"; Docker Engine on Linux needs `make local BIND={BRIDGE}`"
