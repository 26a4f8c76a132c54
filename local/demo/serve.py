"""Keeps the stack up on this machine until Ctrl-C, for AWS clients and `sam local invoke`.

The tickets that events/ names are there, in the states that those events assume.
"""

import argparse
import ipaddress
import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Console

from local.addresses import AWS_PORT, CLAUDE_PORT, LOOPBACK, CannotListenError
from local.aws.intervals import Intervals
from local.aws.stack import Stack
from local.claude.server import StandIn
from local.demo.events import EVENTS, load_event
from local.demo.functions_output import functions_output
from local.demo.guide import BRIDGE, NOT_REAL, exposure, guide
from local.demo.running_stack import Plan, running
from local.demo.terminal import Terminal
from local.demo.watch import Watch

INTERVALS = Intervals(idle_poll_seconds=0.5)


def address(text: str) -> str:
    """The IPv4 address in `text`, for argparse."""
    try:
        return str(ipaddress.IPv4Address(text))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no IPv4 address, such as {BRIDGE}") from error


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
    parser.add_argument(
        "--bind", type=address, default=LOOPBACK, help="an address to listen on beside loopback, or 0.0.0.0"
    )
    parser.add_argument("--logs", action="store_true", help="show the functions' log lines as well")
    arguments = parser.parse_args()
    over = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: over.set())
    terminal = Terminal(Console(file=sys.stdout, highlight=False))
    plan = Plan(
        StandIn(port=arguments.claude_port, bind=arguments.bind),
        intervals=INTERVALS,
        port=arguments.aws_port,
        bind=arguments.bind,
        starting_position="LATEST",
        seeded=True,
    )
    try:
        with (
            functions_output(shown=arguments.logs) as log,
            running(plan, Watch(terminal.transition)) as system,
        ):
            ids = seeded(system.stack)
            terminal.notice("What is not real here", NOT_REAL)
            if exposed := exposure(arguments.bind):
                terminal.notice(f"Listening on {arguments.bind}", exposed)
            for line in guide(system, ids, delivers=not arguments.no_mappings, bind=arguments.bind):
                terminal.line(line)
            if log is not None:
                terminal.line(f"The functions' log is in {log}.")
            if not arguments.no_mappings:
                system.mappings.start()
            over.wait()
    except CannotListenError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
