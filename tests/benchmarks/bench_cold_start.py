"""How long a function takes from nothing to its first answer, beside a plain build of the same code.

Bar, as a share of the plain build: diagnose 0.45, all others 0.35. Written to docs/benchmarks.md.
"""

import statistics
import subprocess
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest

from local.aws.emulator import Emulator, isolate
from local.aws.stack import Stack
from local.claude.server import StandIn
from local.demo.events import load_event, load_ticket
from tests.benchmarks.cold_starts import Start, empty_function, seconds_of
from tests.benchmarks.page import machine, table, write_section
from tests.benchmarks.plain_build import plain_build
from tests.conftest import CreateStack
from tests.support.built_stack import build_once
from tests.support.runtime_emulator import PYTHON, emulator_binary
from tests.support.webhook_samples import SECRET

ROUNDS = 10
LAYER_MB = 20
VERDICTS = {True: "kept", False: "missed"}
TITLE = "Cold starts"
INTRODUCTION = """\
Written by `make bench`, or `make bench ONLY=cold_start` for this section alone.

From the first event to its answer, in a process that did not exist before: imports, wiring, and the first
event with all its calls to AWS and Claude (an emulator and a stand-in on the same machine). Each function
runs as Lambda runs it: from the archives that SAM uploads, unpacked, under the Runtime Interface Emulator,
with nothing written to disk. What a function that does nothing takes there ({nothing:.0f} ms: Python and the
runtime's client) is subtracted; the last column is the ratio with nothing subtracted.

The plain build is the same sources and the same locked packages by SAM's own Python build: no bytecode,
nothing pruned or rewritten, all functions in each archive. Medians of {rounds} in ms, shipped and plain by
turns, after one start of each that is not counted. {machine}; {python}.
"""


class Tables:
    """The tables that the events meet."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        dynamodb = boto3.resource("dynamodb")
        self._tickets = dynamodb.Table(stack.ref("TicketsTable"))
        self._state = dynamodb.Table(stack.ref("StateTable"))

    def put(self, **changes: Any) -> Callable[[], None]:
        """Puts the sample ticket with these changes, and opens the gate."""

        def prepare() -> None:
            item: dict[str, Any] = {**load_ticket("tikv-store-down"), **changes}
            self._tickets.put_item(Item=item)
            self._state.delete_item(Key={"state_id": "capacity"})

        return prepare

    def put_behind_a_closed_gate(self) -> None:
        self.put()()
        closed: dict[str, Any] = {
            "state_id": "capacity",
            "gate": "account",
            "gate_until": round(time.time()) + 3000,
        }
        self._state.put_item(Item=closed)

    def expect(self, **attributes: Any) -> Callable[[], None]:
        """The ticket has these attributes afterwards."""
        return self.expect_of(self.ticket_id, **attributes)

    def expect_of(self, ticket_id: str, **attributes: Any) -> Callable[[], None]:
        """As `expect`, of another ticket."""

        def check() -> None:
            item = self._tickets.get_item(Key={"ticket_id": ticket_id})["Item"]
            assert {name: item.get(name) for name in attributes} == attributes

        return check

    @property
    def ticket_id(self) -> str:
        return str(load_ticket("tikv-store-down")["ticket_id"])

    def starts(self) -> list[Start]:
        insert, retry = load_event("diagnose-insert"), load_event("rearm-due")
        message = f'{{"ticket_id":"{self.ticket_id}","generation":0,"kind":"failed"}}'
        retry["Records"] = [{**retry["Records"][0], "body": message}]
        duplicate = {"diagnosis_status": "done", "status": "diagnosed"}
        overdue = {"diagnosis_status": "deferred", "generation": 0, "not_before": 1}
        failed = {"diagnosis_status": "failed", "generation": 0}
        pending = self.expect(diagnosis_status="pending")
        return [
            Start(
                "diagnose, with a call",
                "DiagnoseFunction",
                insert,
                0.45,
                self.put(),
                self.expect(**duplicate),
            ),
            Start(
                "diagnose, a duplicate",
                "DiagnoseFunction",
                insert,
                0.45,
                self.put(**duplicate),
                self.expect(**duplicate),
            ),
            Start(
                "diagnose, gate closed",
                "DiagnoseFunction",
                insert,
                0.45,
                self.put_behind_a_closed_gate,
                self.expect(diagnosis_status="deferred"),
            ),
            Start("rearm", "RearmFunction", retry, 0.35, self.put(**failed), pending),
            Start(
                "sweep",
                "SweepFunction",
                load_event("sweep-schedule"),
                0.35,
                self.put(**overdue),
                pending,
            ),
        ]

    def starts_at_the_doors(self) -> list[Start]:
        """Of the functions that alarms come in by, and messages go out."""
        told, finished = load_event("intake-ticket-opened"), load_event("notify-diagnosed")
        opened = "disk-nearly-full-f4553749-20261128T021130000Z"
        of_notify = str(finished["Records"][0]["dynamodb"]["Keys"]["ticket_id"]["S"])
        diagnosed = {"ticket_id": of_notify, "diagnosis_status": "done", "status": "diagnosed"}
        pressed = {"ticket_id": of_notify, "generation": "0", "action": "confirmed"}
        return [
            Start("intake", "IntakeFunction", told, 0.35, self.empty, self.expect_of(opened, status="open")),
            Start(
                "notify",
                "NotifyFunction",
                finished,
                0.35,
                self.put(**diagnosed),
                self.expect_of(of_notify, notified={"diagnosed": 0}),
            ),
            Start(
                "feedback",
                "FeedbackFunction",
                pressed,
                0.35,
                self.put(**diagnosed),
                lambda: self.expect_words(of_notify, "confirmed"),
            ),
            Start(
                "webhook",
                "WebhookFunction",
                load_event("webhook-plain"),
                0.35,
                self.set_secret,
                self.expect_an_event,
            ),
        ]

    def empty(self) -> None:
        """Nothing is known of the violation: its ticket is opened."""
        for kept, key in ((self._tickets, "ticket_id"), (self._state, "state_id")):
            for item in kept.scan()["Items"]:
                kept.delete_item(Key={key: item[key]})

    def set_secret(self) -> None:
        secret = self._stack.ref("WebhookSecret")
        self._stack.secrets.put_secret_value(SecretId=secret, SecretString=SECRET)

    def expect_an_event(self) -> None:
        """What the webhook has put on the bus is on the queue behind it."""
        sqs, queue = self._stack.sqs, self._stack.ref("IntakeQueue")
        [message] = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
        assert "disk_await_high:store-7" in message["Body"]
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])

    def expect_words(self, ticket_id: str, verdict: str) -> None:
        item = self._tickets.get_item(Key={"ticket_id": ticket_id})["Item"]
        assert item["diagnosis_feedback"]["verdict"] == verdict  # type: ignore[index, call-overload]


@pytest.mark.skipif(
    not PYTHON.exists() or emulator_binary() is None,
    reason="needs Python 3.13 and the Runtime Interface Emulator for the built artifact",
)
def bench_cold_start(
    emulator: Emulator, create_stack: CreateStack, stand_in: StandIn, tmp_path: Path
) -> None:
    stack = create_stack(WebhookDoor="true")
    builds = {"shipped": build_once(tmp_path / "shipped"), "plain": plain_build(tmp_path / "plain")}
    nothing = empty_function(tmp_path / "nothing")
    floor = statistics.median(seconds_of(nothing, "Nothing", {}, {}) for _ in range(ROUNDS))
    rows, missed = [], []
    tables = Tables(stack)
    for start in (*tables.starts(), *tables.starts_at_the_doors()):
        environment = {**stack.environment(start.function), "ANTHROPIC_BASE_URL": stand_in.url}
        isolate(environment, emulator.url)
        taken = defaultdict(list)
        for _ in range(1 + ROUNDS):
            for name, build in builds.items():
                start.prepare()
                taken[name].append(
                    seconds_of(build.unpacked, start.function, start.event, environment) - floor
                )
                start.check()
        shipped, plain = (statistics.median(taken[name][1:]) for name in builds)
        kept = shipped / plain <= start.bar
        milliseconds = [f"{seconds * 1000:.0f}" for seconds in (shipped, plain)]
        whole = (shipped + floor) / (plain + floor)
        ratios = f"{shipped / plain:.3f}", f"{start.bar}", VERDICTS[kept], f"{whole:.3f}"
        rows.append([start.name, *milliseconds, *ratios])
        missed += [] if kept else [start.name]
    python = subprocess.run([PYTHON, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    introduction = INTRODUCTION.format(nothing=floor * 1000, rounds=ROUNDS, machine=machine(), python=python)
    figures = table(["start", "shipped", "plain", "ratio", "bar", "the bar is", "whole"], rows)
    layer = (builds["shipped"].archives / "DependenciesLayer.zip").stat().st_size / 1024**2
    verdict = VERDICTS[layer <= LAYER_MB]
    size = f"The layer of packages is {layer:.1f} MB zipped; its bar, {LAYER_MB} MB, is {verdict}."
    print(f"\n{figures}\n{size}")
    write_section(TITLE, f"{introduction}\n{figures}\n\n{size}")
    assert layer <= LAYER_MB
    assert not missed
