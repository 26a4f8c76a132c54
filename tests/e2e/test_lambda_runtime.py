"""What `sam build` makes runs in Lambda's runtime: a ticket of the table comes back diagnosed."""

import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Any

import boto3
import pytest

from board.help import HELP
from local.aws.emulator import Emulator, isolate
from local.aws.stack import Stack
from local.claude.server import StandIn
from local.demo.events import load_event, load_ticket
from tests.support.built_stack import FUNCTIONS, SHIPPED, BuiltStack
from tests.support.runtime_emulator import PYTHON, RuntimeEmulator, emulator_binary

needs_emulator = pytest.mark.skipif(
    emulator_binary() is None,
    reason="no Runtime Interface Emulator for this machine in the SAM CLI's package",
)

NO_BYTECODE = {"PYTHONDONTWRITEBYTECODE": "1"}  # what is built is shared by all tests
Start = Callable[[str], RuntimeEmulator]
CreateStack = Callable[..., Stack]


@pytest.fixture
def start(built_stack: BuiltStack, emulator: Emulator, stack: Stack, stand_in: StandIn) -> Start:
    """`start("DiagnoseFunction")`, with what the template gives it and nothing of this process."""

    def function(logical_id: str) -> RuntimeEmulator:
        environment = {**stack.environment(logical_id), "ANTHROPIC_BASE_URL": stand_in.url}
        isolate(environment, emulator.url)
        return RuntimeEmulator(logical_id, built_stack.unpacked, environment)

    return function


@needs_emulator
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
        for reading in diagnosed["diagnosis_record"]["answer"]["metric_readings"]
        if reading["name"] == "store.heartbeat_age_seconds"
    ]
    assert reading["value"] == str(ticket["metric_snapshot"]["store"]["heartbeat_age_seconds"])


@needs_emulator
@pytest.mark.parametrize(
    ("logical_id", "event", "answer"),
    [
        ("DiagnoseFunction", "diagnose-remove", None),
        ("RearmFunction", "rearm-due", {"batchItemFailures": []}),
        ("SweepFunction", "sweep-schedule", {}),
        (
            "FeedbackFunction",
            "feedback-confirmed",
            "Nothing was written: there is no ticket tkt-20261120-0936-ledger-db.",
        ),
        ("BoardFunction", "board-describe", {"markdown": HELP}),
    ],
)
def test_each_function_of_the_built_artifact_answers_when_there_is_nothing_to_do(
    logical_id: str, event: str, answer: object, start: Start
) -> None:
    with start(logical_id) as running:
        assert running.invoke(load_event(event)) == answer


@needs_emulator
def test_the_built_webhook_lets_nobody_in_who_is_not_known(
    built_stack: BuiltStack, emulator: Emulator, create_stack: CreateStack
) -> None:
    opened = create_stack(WebhookDoor="true")
    secret_id = opened.ref("WebhookSecret")
    opened.secrets.put_secret_value(SecretId=secret_id, SecretString="not-that-of-the-sample")
    environment = opened.environment("WebhookFunction")
    isolate(environment, emulator.url)

    with RuntimeEmulator("WebhookFunction", built_stack.unpacked, environment) as webhook:
        answer = webhook.invoke(load_event("webhook-alertmanager"))

    assert (answer["statusCode"], json.loads(answer["body"])) == (401, {"error": "not authorised"})


UNCHECKED_HASH = 1
"""The flags of bytecode that is used without a look at its source. Source: PEP 552."""


@pytest.mark.parametrize("name", SHIPPED)
def test_every_module_is_shipped_with_bytecode_that_python_will_use(
    built_stack: BuiltStack, name: str
) -> None:
    with zipfile.ZipFile(built_stack.archives / f"{name}.zip") as archive:
        compiled = [path for path in archive.namelist() if path.endswith(".pyc")]
        flags = {int.from_bytes(archive.read(path)[4:8], "little") for path in compiled}
        modules = {path for path in archive.namelist() if path.endswith(".py")}
    sources = {
        str(path.parent.parent / f"{path.name.removesuffix('.cpython-313.pyc')}.py")
        for path in map(PurePosixPath, compiled)
    }

    assert flags == {UNCHECKED_HASH}
    assert sources == modules


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_ships_its_own_package_alone(built_stack: BuiltStack, name: str) -> None:
    with zipfile.ZipFile(built_stack.archives / f"{name}.zip") as archive:
        assert {path.split("/")[0] for path in archive.namelist()} == {name.removesuffix("Function").lower()}


NAMES = """
import importlib, json, pkgutil, types
import anthropic, anthropic.lib.aws, anthropic.lib.bedrock, anthropic.resources, anthropic.types
def packages(of):
    yield of
    for found in pkgutil.walk_packages(of.__path__, of.__name__ + "."):
        if found.ispkg:
            yield importlib.import_module(found.name)
rooms = anthropic.types, anthropic.resources, anthropic.lib.aws, anthropic.lib.bedrock
values = {
    f"{package.__name__}.{name}": getattr(package, name)
    for package in (anthropic, *(package for room in rooms for package in packages(room)))
    for name in dir(package)
    if not name.startswith("_")
}
print(json.dumps({
    name: getattr(value, "__qualname__", "")
    for name, value in values.items()
    if not isinstance(value, types.ModuleType)
}))
"""


def test_the_shipped_sdk_has_every_name_of_the_installed_one(built_stack: BuiltStack) -> None:
    shipped = built_stack.unpacked / "DependenciesLayer" / "python"
    names = [
        json.loads(subprocess.check_output([python, "-c", NAMES], env={"PYTHONPATH": path, **NO_BYTECODE}))
        for python, path in ((PYTHON, str(shipped)), (sys.executable, ""))
    ]

    assert len(names[0]) > 1000
    assert names[0] == names[1]


def test_the_shipped_sdk_reads_half_of_its_modules_and_no_other_cloud(built_stack: BuiltStack) -> None:
    shipped = built_stack.unpacked / "DependenciesLayer" / "python"
    loaded = "import anthropic, sys, json; print(json.dumps([*sys.modules]))"
    environment = {"PYTHONPATH": str(shipped), **NO_BYTECODE}
    modules = json.loads(subprocess.check_output([PYTHON, "-c", loaded], env=environment))

    assert "anthropic" in modules
    assert not {"anthropic.lib.vertex", "anthropic.lib.bedrock", "anthropic.resources.beta"} & {*modules}


SLOW_TO_START = {
    "anthropic",  # diagnose.claude.on_first_call
    "asyncio",
    "botocore.docs.service",  # these and what they bring: layers/dependencies/deferred_imports.py
    "html.parser",
    "importlib.metadata",
    "multiprocessing",
    "s3transfer",
    "zipfile",
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_shipped_function_starts_without_what_it_does_not_use(built_stack: BuiltStack, name: str) -> None:
    package = name.removesuffix("Function").lower()
    paths = [
        built_stack.unpacked / name,
        *(built_stack.unpacked / layer / "python" for layer in ("DependenciesLayer", "SharedLayer")),
    ]
    environment = {
        **NO_BYTECODE,
        "PYTHONPATH": ":".join(map(str, paths)),
        "PYDANTIC_DISABLE_PLUGINS": "__all__",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    loaded = f"import boto3, sys, {package}.app; boto3.resource('dynamodb').Table('t'); print(*sys.modules)"
    modules = subprocess.check_output([PYTHON, "-c", loaded], env=environment, text=True).split()
    assert f"{package}.app" in modules
    assert not SLOW_TO_START & {*modules}


def test_what_was_deferred_is_there_when_it_is_asked_for(built_stack: BuiltStack) -> None:
    environment = {
        **NO_BYTECODE,
        "PYTHONPATH": str(built_stack.unpacked / "DependenciesLayer" / "python"),
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    asked = (
        "import boto3, boto3.s3.transfer, boto3.compat; from urllib3.http2 import extract_from_urllib3; "
        "print(boto3.compat.TRANSFER_CONFIG_SUPPORTS_CRT, boto3.client('sqs').send_message.__doc__, "
        "boto3.resource('dynamodb').Table('t').put_item.__doc__)"
    )
    told = subprocess.check_output([PYTHON, "-c", asked], env=environment, text=True)
    assert told.startswith("True")
    assert "QueueUrl" in told
    assert "ConditionExpression" in told


def test_the_layer_of_packages_stays_small(built_stack: BuiltStack) -> None:
    assert (built_stack.archives / "DependenciesLayer.zip").stat().st_size < 20 * 1024 * 1024
