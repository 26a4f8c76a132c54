"""Imports point one way: door, use case, adapters and domain; the domain reaches no AWS and no SDK."""

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from cli import VERSION
from local.aws.template import ROOT

# The source is read and not run: there is nothing to follow.
pytestmark = pytest.mark.not_followed

SOURCES = (ROOT / "functions", ROOT / "layers" / "shared", ROOT)
PACKAGES = {
    "runtime": set(),
    "rendering": {"runtime"},
    "events": {"runtime", "tickets"},
    "notify": {"runtime", "tickets", "rendering", "events"},
    "capacity": {"runtime"},
    "tickets": {"runtime"},
    "subjects": {"runtime", "tickets"},
    "timeseries": {"tickets"},
    "views": {"runtime", "tickets", "rendering"},
    "rearm": {"runtime", "capacity", "tickets"},
    "sweep": {"runtime", "capacity", "tickets", "events"},
    "feedback": {"runtime", "tickets"},
    "board": {"runtime", "tickets", "rendering", "timeseries", "views"},
    "webhook": {"runtime", "tickets", "events"},
    "diagnose": {"runtime", "capacity", "tickets", "subjects", "rendering", "timeseries"},
    "intake": {"runtime", "tickets", "events", "subjects"},
}
"""What each package may import beside itself."""
ROOMS = ["diagnose.evidence", "diagnose.diagnosis", "diagnose.claude", "diagnose"]
"""The rooms of diagnose, each of which may import those before it."""
DOMAIN = [
    "tickets.ticket",
    "tickets.states",
    "tickets.trimming",
    "subjects.graph",
    "subjects.names",
    "diagnose.evidence.sections",
    "diagnose.evidence.looked",
    "diagnose.evidence.onset",
    "diagnose.evidence.prompt",
    "diagnose.evidence.redaction.redactor",
    "diagnose.diagnosis.schema",
    "diagnose.diagnosis.checks.checking",
    "diagnose.diagnosis.confidence",
    "diagnose.diagnosis.record",
    "diagnose.diagnosis.rendering.ticket_text",
    "rendering.plain",
    "rendering.slack",
    "rendering.jira",
    "diagnose.diagnosis.commands.judging",
    "rendering.links",
]
LOCAL = {
    "local.addresses": set(),
    "local.claude": {"local.addresses"},
    "local.aws.tables": set(),
    "local.aws.api": {"local.aws.tables"},
    "local.aws": {"local.addresses", "local.aws.tables", "local.aws.api"},
    "local.aws.runbook": {"local.aws", "local.aws.api"},
    "local.demo": {"local.addresses", "local.claude", "local.aws", "local.aws.runbook"},
    "local.board": {"local.addresses", "local.claude", "local.aws", "local.demo"},
    "local.pictures": {"local.aws", "local.board", "local.demo"},
    "local": {"local.aws"},
}
"""The rooms of the stack on one machine, and what each may import beside itself."""
VENDORS = {"boto3", "botocore", "anthropic", "aws_lambda_powertools"}


def modules(package: str) -> list[str]:
    folder = next(root / package for root in SOURCES if (root / package).is_dir())
    return [
        ".".join(path.relative_to(folder.parent).with_suffix("").parts)
        for path in folder.rglob("*.py")
        if path.name != "__init__.py"
    ]


def path_of(module: str) -> Path | None:
    found = [root / f"{module.replace('.', '/')}.py" for root in SOURCES]
    return next((path for path in found if path.is_file()), None)


@cache
def imports(module: str) -> frozenset[str]:
    """What a module imports when it is run; what is there for type checkers only does not count."""
    path = path_of(module)
    return frozenset(_imported(ast.parse(path.read_text("utf-8")))) if path else frozenset()


def _imported(node: ast.AST) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                continue
            case ast.Import(names=names):
                yield from (name.name for name in names)
            case ast.ImportFrom(module=str(module), names=names):
                inner = [f"{module}.{name.name}" for name in names]
                yield from ([name for name in inner if path_of(name)] or [module])
            case _:
                yield from _imported(child)


def reached(module: str) -> set[str]:
    """What a module imports, directly or by way of ours."""
    found, new = set(), {module}
    while new:
        found |= new
        new = {name for known in new for name in imports(known)} - found
    return found - {module}


def room_of(module: str) -> int:
    return next(index for index, room in enumerate(ROOMS) if module.startswith(f"{room}."))


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_imports_only_those_that_it_may(package: str) -> None:
    allowed = {package, *PACKAGES[package]}
    for module in modules(package):
        ours = {name.split(".")[0] for name in imports(module)} & PACKAGES.keys()
        assert ours <= allowed, module


def test_the_rooms_of_diagnose_import_one_way() -> None:
    for module in modules("diagnose"):
        rooms = [room_of(name) for name in imports(module) if name.startswith("diagnose.")]
        assert all(room <= room_of(module) for room in rooms), module


def test_only_what_asks_claude_loads_its_sdk() -> None:
    """It is most of a cold start, and whoever looks at a dashboard waits for it."""
    for function in PACKAGES.keys() - {"diagnose"}:
        for module in modules(function):
            assert "anthropic" not in {name.split(".")[0] for name in reached(module)}, module


def local_room_of(module: str) -> str:
    return max((room for room in LOCAL if f"{module}.".startswith(f"{room}.")), key=len)


@pytest.mark.parametrize("module", modules("local"))
def test_a_room_of_the_local_stack_imports_only_those_that_it_may(module: str) -> None:
    room = local_room_of(module)
    rooms = {local_room_of(name) for name in imports(module) if name.startswith("local.")}
    assert rooms <= {room, *LOCAL[room]}


def test_what_is_shipped_the_local_stack_and_the_tests_keep_apart() -> None:
    for package in PACKAGES:
        for module in modules(package):
            assert not {name.split(".")[0] for name in imports(module)} & {"local", "tests"}, module
    for module in modules("local"):
        assert not {name.split(".")[0] for name in imports(module)} & {"tests", *PACKAGES}, module


def test_the_command_line_imports_what_is_installed_with_it_and_the_extra_in_one_place() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    installed = set(project["tool"]["setuptools"]["packages"])
    assert project["project"]["version"] == VERSION
    assert {name.rpartition(".")[0] for name in modules("cli")} <= installed
    for module in modules("cli"):
        tops = {name.split(".")[0] for name in imports(module)}
        assert tops & (PACKAGES.keys() | {"local", "tests"}) <= installed, module
        assert module == "cli.assistant.server" or not tops & {"mcp", "mcp_types"}, module


@pytest.mark.parametrize("package", [*PACKAGES, "local"])
def test_no_module_reaches_itself(package: str) -> None:
    for module in modules(package):
        assert all(module not in imports(name) for name in reached(module)), module


@pytest.mark.parametrize("module", DOMAIN)
def test_the_domain_reaches_no_vendor(module: str) -> None:
    assert path_of(module)
    assert not {name.split(".")[0] for name in reached(module)} & VENDORS


@pytest.mark.parametrize(
    "use_case",
    [
        "diagnose.diagnose_ticket",
        "rearm.rearm_ticket",
        "sweep.sweep_tickets",
        "notify.notify_people",
        "intake.take_message",
    ],
)
def test_only_the_door_and_its_wiring_are_above_a_use_case(use_case: str) -> None:
    package = use_case.split(".", maxsplit=1)[0]
    above = {module for module in modules(package) if use_case in reached(module)}
    assert above == {f"{package}.app", f"{package}.wiring"}


SLOW_TO_START = {
    "anthropic",  # only a call to Claude needs it: diagnose.claude.on_first_call
    "httpx2",
    "asyncio",  # by way of Powertools' batch processor
    "aws_lambda_powertools.utilities.batch",
    "aws_lambda_powertools.utilities.data_classes",
    "aws_lambda_powertools.utilities.parser",
    "pydantic_settings",
}
"""What no function may import before it meets an event; docs/benchmarks.md has the cold starts."""


@pytest.mark.parametrize(
    "door",
    [
        f"{name}.app"
        for name in ("diagnose", "rearm", "sweep", "intake", "notify", "board", "feedback", "webhook")
    ],
)
def test_a_function_starts_without_what_is_slow_to_import(door: str) -> None:
    loaded = f"import sys, {door}; print(*sys.modules)"
    path = ":".join(str(root) for root in SOURCES)
    run = subprocess.run(
        [sys.executable, "-c", loaded], env={"PYTHONPATH": path}, capture_output=True, text=True, check=True
    )
    assert door in run.stdout.split()
    assert not SLOW_TO_START & set(run.stdout.split())
