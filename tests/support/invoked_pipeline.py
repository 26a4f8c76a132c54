"""A pipeline whose functions are invoked through their own handlers, as Lambda invokes them."""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from unittest import mock

from moto.sqs.models import sqs_backends

import diagnose.app
import diagnose.wiring
import rearm.app
import rearm.wiring
import sweep.app
import sweep.wiring
from local.aws.names import ACCOUNT, REGION
from local.aws.stack import Stack
from local.aws.stream_mapping import Record
from local.claude.requests import user_text
from local.claude.server import StandIn
from local.demo.events import load_event
from tests.support.fake_clock import FakeClock
from tests.support.in_process import aws
from tests.support.pipeline import Pipeline
from tests.support.shared_clients import shared_clients

TICKET_ID = "t-1"


@dataclass(frozen=True)
class Context:
    """What Lambda hands to a handler beside the event; its time runs out by the test's clock."""

    clock: FakeClock
    ends: float
    function_name: str = "differential-function"
    memory_limit_in_mb: int = 1024
    invoked_function_arn: str = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:differential-function"
    aws_request_id: str = "req-1"

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self.ends - self.clock.now()) * 1000))


@dataclass(frozen=True)
class Sent:
    """A message on a queue, and the time (epoch seconds) from which it can be received."""

    body: dict[str, Any]
    visible_from: float


class InvokedPipeline(Pipeline):
    """The three functions, invoked with events as Lambda has them."""

    def __init__(self, stack: Stack, clock: FakeClock, stand_in: StandIn) -> None:
        super().__init__(stack, clock, stand_in)

    def put(self, ticket_id: str = TICKET_ID, **attributes: Any) -> dict[str, Any]:
        defaults = {"invariant_name": "disk_latency", "message": "await 41 ms > 10 ms"}
        return super().put(ticket_id, **{**defaults, **attributes})

    def update(self, ticket_id: str = TICKET_ID, **attributes: Any) -> None:
        super().update(ticket_id, **attributes)

    def delete(self, ticket_id: str = TICKET_ID) -> None:
        super().delete(ticket_id)

    def item(self, ticket_id: str = TICKET_ID) -> dict[str, Any]:
        return super().item(ticket_id)

    def asked(self, call: int = -1) -> str:
        """What Claude was asked in that call, without the instructions."""
        return user_text(self.stand_in.calls[call].request)

    def transitions(self) -> list[Record]:
        """What the template's filter lets through of that."""
        return [record for record in self.changes() if self.passes_filter(record)]

    def deliver(self) -> int:
        """Invokes diagnose, record by record, until nothing more passes the filter; how often that was."""
        invocations = 0
        while records := self.transitions():
            for record in records:
                self.diagnose(record)
                invocations += 1
        return invocations

    def diagnose(self, *records: Record, seconds: float = 300.0) -> None:
        self._invoke(diagnose.app.handler, {"Records": list(records)}, seconds)

    def rearm(self, *bodies: object) -> Any:
        """Hands over messages with these bodies and the ids m-0, m-1, ...; a text is a body as it stands."""
        records = [
            {
                "messageId": f"m-{number}",
                "receiptHandle": f"r-{number}",
                "body": body if isinstance(body, str) else json.dumps(body),
                "attributes": {},
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": self.stack.arn("RetryQueue"),
                "awsRegion": REGION,
            }
            for number, body in enumerate(bodies)
        ]
        return self._invoke(rearm.app.handler, {"Records": records}, 30.0)

    def sweep(self, seconds: float = 120.0, **event: Any) -> Any:
        return self._invoke(sweep.app.handler, event, seconds)

    def invoke_cold(self, function: str) -> None:
        """Invokes a function that has built nothing yet, with an event that makes it build everything."""
        module, wiring, event = {
            "diagnose": (diagnose.app, diagnose.wiring.diagnose_ticket, load_event("diagnose-monitor-bump")),
            "rearm": (rearm.app, rearm.wiring.rearm_ticket, load_event("rearm-due")),
            "sweep": (sweep.app, sweep.wiring.sweep_tickets, load_event("sweep-schedule")),
        }[function]
        wiring.cache_clear()
        try:
            module.handler(event, Context(self.clock, self.clock.now() + 300))
        finally:
            wiring.cache_clear()

    def sent(self, queue: str) -> list[Sent]:
        """The messages on a queue of the template, delayed ones too."""
        name = self.stack.arn(queue).rpartition(":")[2]
        found = sqs_backends[ACCOUNT][REGION].queues[name]._messages
        return [Sent(json.loads(message.body), message.delayed_until / 1000) for message in found]

    def _invoke(self, handler: Any, event: Mapping[str, Any], seconds: float) -> Any:
        context = Context(self.clock, self.clock.now() + seconds)
        with ExitStack() as patches:
            for module, name, built in (
                (diagnose.app, "diagnose_ticket", self.diagnose_ticket),
                (rearm.app, "rearm_ticket", self.rearm_ticket),
                (sweep.app, "sweep_tickets", self.sweep_tickets),
            ):
                patches.enter_context(mock.patch.object(module, name, return_value=built))
            return json.loads(json.dumps(handler(json.loads(json.dumps(event)), context)))


@contextmanager
def invoked_pipeline(stand_in: StandIn, **parameters: str) -> Iterator[InvokedPipeline]:
    """Fresh tables and queues, the template's parameters at their defaults but for those given."""
    clock = FakeClock()
    with aws(clock, **parameters) as stack, shared_clients():
        pipeline = InvokedPipeline(stack, clock, stand_in)
        try:
            yield pipeline
        finally:
            pipeline.close()
