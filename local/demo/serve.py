"""Keeps the stack up on this machine until Ctrl-C, for AWS clients and `sam local invoke`.

The tickets that events/ names are there, in the states that those events assume.
"""

import argparse
import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Console

from local.aws.emulator import PortTakenError
from local.aws.intervals import Intervals
from local.aws.names import REGION
from local.aws.ports import AWS_PORT, CLAUDE_PORT
from local.aws.stack import Stack
from local.claude.server import StandIn
from local.demo.events import EVENTS, load_event
from local.demo.functions_output import functions_output
from local.demo.running_stack import Plan, RunningStack, running
from local.demo.terminal import Terminal
from local.demo.watch import Watch

CREDENTIALS = "AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test"
INTERVALS = Intervals(idle_poll_seconds=0.5)
NOTE = [
    "AWS is an emulator in this process; its tables, queues and mappings are read from template.yaml.",
    "A stand-in answers in Claude's place, by plain rules: no finding here is written by Claude.",
]


def seeded(stack: Stack) -> list[str]:
    """Put each stream event's new image into the table; gives back the tickets' ids."""
    ids = []
    for image in _new_images():
        stack.dynamodb.put_item(TableName=stack.ref("TicketsTable"), Item=image)
        ids.append(image["ticket_id"]["S"])
    return ids


def _new_images() -> Iterator[Mapping[str, Any]]:
    for path in sorted(EVENTS.glob("*.json")):
        for record in load_event(path.stem).get("Records", []):
            image = record.get("dynamodb", {}).get("NewImage")
            if image:
                yield image


def guide(system: RunningStack, ids: list[str], *, delivers: bool) -> list[str]:
    """What can be done with the stack, ready to be copied."""
    table = system.stack.ref("TicketsTable")
    claude = system.stand_in.url if system.stand_in else ""
    mappings = (
        "Event source mappings and the sweep's schedule run: a ticket that you write is diagnosed, and in"
        " five minutes sweep brings back the seeded ticket that waits. --no-mappings leaves all to you."
        if delivers
        else "No event source mapping runs: nothing moves until you invoke a function."
    )
    key = f'{{"ticket_id": {{"S": "{ids[-1]}"}}}}'
    minimal = ", ".join(
        f'"{name}": {{"S": "{value}"}}'
        for name, value in {
            "ticket_id": "mine-1",
            "status": "open",
            "invariant_name": "disk_await_below_10ms",
            "message": "disk.await_ms is 41",
        }.items()
    )
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
        "",
        "With Docker (on Linux add: --docker-network host --add-host host.docker.internal:127.0.0.1):",
        "sam local invoke DiagnoseFunction -e events/diagnose-insert.json --env-vars events/env.json",
        "Without:",
        f"{sys.executable} -m local.demo.invoke DiagnoseFunction events/diagnose-insert.json",
        "",
        "Ctrl-C ends it, and all that is in it.",
    ]


def main() -> int:
    """Serve until SIGINT or SIGTERM; 2 when a port is taken."""
    parser = argparse.ArgumentParser(prog="python -m local.demo.serve", description=__doc__)
    parser.add_argument(
        "--no-mappings", action="store_true", help="only serve: run no event source mapping or schedule"
    )
    parser.add_argument("--aws-port", type=int, default=AWS_PORT, help="events/env.json expects %(default)s")
    parser.add_argument(
        "--claude-port", type=int, default=CLAUDE_PORT, help="events/env.json expects %(default)s"
    )
    parser.add_argument("--logs", action="store_true", help="show the functions' log lines as well")
    arguments = parser.parse_args()
    over = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: over.set())
    terminal = Terminal(Console(file=sys.stdout, highlight=False))
    plan = Plan(
        StandIn(port=arguments.claude_port),
        intervals=INTERVALS,
        port=arguments.aws_port,
        starting_position="LATEST",
    )
    try:
        with (
            functions_output(shown=arguments.logs) as log,
            running(plan, Watch(terminal.transition)) as system,
        ):
            ids = seeded(system.stack)
            terminal.notice("What is not real here", NOTE)
            for line in guide(system, ids, delivers=not arguments.no_mappings):
                terminal.line(line)
            if log is not None:
                terminal.line(f"The functions' log is in {log}.")
            if not arguments.no_mappings:
                system.mappings.start()
            over.wait()
    except PortTakenError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
