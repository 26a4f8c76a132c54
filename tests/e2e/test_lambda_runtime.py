"""What `sam build` makes runs in Lambda's runtime: a ticket of the table comes back diagnosed."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest

from local.aws.emulator import Emulator, isolate
from local.aws.runtime_emulator import ARCHITECTURE, PYTHON, RuntimeEmulator, emulator_binary
from local.aws.stack import Stack
from local.aws.template import ROOT
from local.claude.server import StandIn
from local.demo.events import load_event, load_ticket

pytestmark = [
    pytest.mark.skipif(
        not PYTHON.exists(), reason="no Python 3.13 for the Lambda runtime: local/find_python313 found none"
    ),
    pytest.mark.skipif(
        emulator_binary() is None,
        reason="no Runtime Interface Emulator for this machine in the SAM CLI's package",
    ),
]


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The artifact, built from the working tree by the command that builds it for a deployment."""
    folder = tmp_path_factory.mktemp("build")
    run = subprocess.run(
        ["make", "build", f"ARCH={ARCHITECTURE}", f"BUILD_DIR={folder}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return folder


Start = Callable[[str], RuntimeEmulator]


@pytest.fixture
def start(build: Path, emulator: Emulator, stack: Stack, stand_in: StandIn) -> Start:
    """`start("DiagnoseFunction")`, with what the template gives it and nothing of this process."""

    def function(logical_id: str) -> RuntimeEmulator:
        environment = {**stack.environment(logical_id), "ANTHROPIC_BASE_URL": stand_in.url}
        isolate(environment, emulator.url)
        return RuntimeEmulator(logical_id, build, environment)

    return function


def test_the_built_artifact_diagnoses_a_ticket(start: Start, stack: Stack, stand_in: StandIn) -> None:
    ticket = load_ticket("tikv-store-down")
    table = boto3.resource("dynamodb").Table(stack.ref("TicketsTable"))
    table.put_item(Item=ticket)

    with start("DiagnoseFunction") as diagnose:
        diagnose.invoke(load_event("diagnose-insert"))
        log = diagnose.log()

    diagnosed: dict[str, Any] = table.get_item(Key={"ticket_id": ticket["ticket_id"]})["Item"]
    assert diagnosed["diagnosis_status"] == "done", log
    assert diagnosed["status"] == "diagnosed"
    assert stand_in.answered == 1
    [reading] = [
        reading
        for reading in diagnosed["diagnosis_record"]["metric_readings"]
        if reading["name"] == "store.heartbeat_age_seconds"
    ]
    assert reading["value"] == str(ticket["metric_snapshot"]["store"]["heartbeat_age_seconds"])


@pytest.mark.parametrize(
    ("logical_id", "event", "answer"),
    [
        ("DiagnoseFunction", "diagnose-remove", None),
        ("RearmFunction", "rearm-due", {"batchItemFailures": []}),
        ("SweepFunction", "sweep-schedule", {}),
    ],
)
def test_each_function_of_the_built_artifact_answers_when_there_is_nothing_to_do(
    logical_id: str, event: str, answer: object, start: Start
) -> None:
    with start(logical_id) as running:
        assert running.invoke(load_event(event)) == answer
