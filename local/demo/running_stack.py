"""The whole system on this machine for as long as a `with` lasts: emulator, Claude, functions, mappings."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

from boto3.dynamodb.types import TypeSerializer

from local.addresses import LOOPBACK
from local.aws import stack
from local.aws.emulator import Emulator, isolate
from local.aws.function import Handler
from local.aws.intervals import Intervals
from local.aws.mappings import Mappings
from local.aws.recorded.account import Account
from local.aws.runbook.operations import every_operation
from local.aws.stack import Stack
from local.aws.stream_mapping import StartingPosition
from local.aws.template import Template
from local.claude.server import StandIn
from local.demo.chat import Chat
from local.demo.live.seeding import seed
from local.demo.shorter_waits import shorter_waits
from local.demo.watch import Watch

STAND_IN_KEY = "sk-local-stand-in"


@dataclass(frozen=True)
class Plan:
    """What a run does differently from the template, and whom it asks."""

    stand_in: StandIn | None = None
    """None asks the real Claude, with `api_key`."""
    api_key: str = STAND_IN_KEY
    intervals: Intervals = field(default_factory=Intervals)
    timeouts: Mapping[str, float] = field(default_factory=dict)
    handlers: Mapping[str, Handler] = field(default_factory=dict)
    hurry: bool = False
    """Shorten the functions' waits, see local/demo/shorter_waits.py."""
    port: int = 0
    bind: str = LOOPBACK
    """An address to listen on beside loopback."""
    starting_position: StartingPosition | None = None
    looks: bool = True
    """Whether the live sources of evidence are on, as by the template's defaults."""
    parameters: Mapping[str, str] = field(default_factory=dict)
    """The template's, where they are not its defaults."""
    seeded: bool = False
    """Have the incident in local/demo/live happen before anything starts."""


@dataclass(frozen=True)
class RunningStack:
    """The running system; `stand_in` is None when the real Claude is asked."""

    stack: Stack
    mappings: Mappings
    watch: Watch
    stand_in: StandIn | None
    account: Account
    chat: Chat

    def put(self, ticket: Mapping[str, Any]) -> None:
        """Write a ticket as a producer does: only if there is none of that id."""
        serialize = TypeSerializer().serialize
        self.stack.dynamodb.put_item(
            TableName=self.stack.ref("TicketsTable"),
            Item={name: serialize(value) for name, value in ticket.items()},
            ConditionExpression="attribute_not_exists(ticket_id)",
        )

    def all_in(self, tickets: Sequence[str], *states: str) -> bool:
        """Whether each of these tickets was last seen in one of `states`."""
        return all(self.watch.state(ticket) in states for ticket in tickets)


@contextmanager
def running(plan: Plan, watch: Watch) -> Iterator[RunningStack]:
    """Start everything but the mappings, which `system.mappings.start()` starts; stop everything at the end.

    This process's environment becomes that of the functions, for they are imported and run here.
    """
    with ExitStack() as started:
        emulator = started.enter_context(Emulator(plan.port, plan.bind))
        if plan.stand_in is not None:
            started.enter_context(plan.stand_in)
        template = Template.read(endpoint=emulator.url, parameters=plan.parameters)
        if not plan.looks:
            given = {**template.sources_off(), **plan.parameters}
            template = Template.read(endpoint=emulator.url, parameters=given)
        created = stack.create(emulator.url, template, {"AnthropicApiKey": plan.api_key})
        address = plan.stand_in.url if plan.stand_in else os.environ.get("ANTHROPIC_BASE_URL", "")
        for name in [name for name in os.environ if name.startswith("ANTHROPIC_")]:
            del os.environ[name]  # the key reaches the functions through Secrets Manager alone, as in AWS
        os.environ.update(created.shared_environment())
        isolate(os.environ, emulator.url, keep_proxies=plan.stand_in is None)
        if address:
            os.environ["ANTHROPIC_BASE_URL"] = address
        mappings = Mappings(
            created,
            plan.handlers,
            intervals=plan.intervals,
            observer=watch,
            timeouts=plan.timeouts,
            starting_position=plan.starting_position,
        )
        account = Account()
        emulator.api.operations = every_operation(created, mappings, account)
        if plan.seeded:
            watch.ignore(seed(account, created))
        started.callback(mappings.stop, wait_seconds=2)
        if plan.hurry:
            started.enter_context(shorter_waits())
        yield RunningStack(created, mappings, watch, plan.stand_in, account, Chat(created))
