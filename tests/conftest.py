"""Fixtures of the local stack, for any test that asks: one emulator, fresh resources."""

import gc
import logging
import os
import socketserver
import sys
from collections.abc import Callable, Iterator
from io import StringIO

import pytest
import yaml
from hypothesis import settings

from local.aws import stack as local_stack
from local.aws.api.quick_moto import keep_moto_quick
from local.aws.emulator import Emulator, isolate
from local.aws.recorded.account import Account
from local.aws.stack import Stack
from local.aws.template import TEMPLATE, Template
from local.claude.server import StandIn
from tests.support.followed import Followed
from tests.support.sdk_connections import close_when_called
from tests.support.untraced import untraced

API_KEY = "sk-test-key"

# Powertools reads these when the functions are imported, which some test modules do before there is a stack.
os.environ |= {"POWERTOOLS_SERVICE_NAME": "differential", "POWERTOOLS_METRICS_NAMESPACE": "Differential"}

# The emulator and the stand-in answer in threads of their own.
socketserver.ThreadingMixIn.process_request_thread = untraced(  # type: ignore[method-assign]
    socketserver.ThreadingMixIn.process_request_thread
)

# What libyaml reads is the same, and read seven times as fast.
yaml.SafeLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # type: ignore[misc]

# What is imported stays, and most of what a test makes is freed without the cyclic collector: to have it look
# as often as Python does cost a third of pytest's collection and a tenth of the tests.
gc.set_threshold(50_000, 20, 20)

# An example may take its time on a busy machine.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores, since a test of a process or a deployment mostly waits."""
    return (os.cpu_count() or 1) + 1


LONGEST = (
    "tests/e2e/test_deployment.py",
    "tests/e2e/test_crash_points.py",
    "tests/e2e/test_demo.py",
    "tests/e2e/test_board.py",
    "tests/integration/diagnose/test_fault_matrix.py",
    "tests/integration/state_machine/test_state_machine.py",
    "tests/e2e/test_lambda_runtime.py",
    "tests/integration/diagnose/test_people_and_producers.py",
    "tests/integration/diagnose/test_bad_input.py",
    "tests/integration/state_machine/test_in_memory_aws.py",
    "tests/unit/stack/test_template.py",
)
"""The files that take longest, first the one that mostly waits: no core is idle while others work at one."""


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Followed())
    config.option.loadscopereorder = False  # xdist begins with the files of most tests: those take seconds


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    rank = {file: number for number, file in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(item.nodeid.partition("::")[0], len(LONGEST)))


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()


CreateStack = Callable[..., Stack]


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    """The AWS emulator, shared by the whole run; `create_stack` empties it."""
    keep_moto_quick()
    with Emulator() as running:
        yield running


@pytest.fixture
def create_stack(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[CreateStack]:
    """Create a stack in the emptied emulator: `create_stack()`, or with a template's text and parameters.

    The process's environment becomes that of the template's functions, for the length of the test.
    """

    def create(text: str | None = None, **parameters: str) -> Stack:
        emulator.reset()
        template = Template(
            TEMPLATE.read_text("utf-8") if text is None else text,
            parameters=parameters,
            endpoint=emulator.url,
        )
        created = local_stack.create(emulator.url, template, {"AnthropicApiKey": API_KEY})
        claude = {name: os.environ[name] for name in ("ANTHROPIC_BASE_URL",) if name in os.environ}
        environment = {**os.environ, **created.shared_environment(), **claude}
        isolate(environment, emulator.url)
        for name in set(os.environ) - set(environment):
            monkeypatch.delenv(name)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        _forget_collaborators()
        return created

    yield create
    _forget_collaborators()


@pytest.fixture
def stack(create_stack: CreateStack) -> Stack:
    """The template's stack with its parameters at their defaults, empty."""
    return create_stack()


@pytest.fixture
def account(emulator: Emulator, stack: Stack) -> Iterator[Account]:
    """What moto lacks of an account, to be seeded; `emulator.api.troubles` are gone after the test."""
    recorded = Account()
    emulator.api.operations = recorded.operations
    yield recorded
    emulator.api.operations, emulator.api.troubles = {}, {}


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    """The stand-in for Claude, where the SDK looks for the real one."""
    with StandIn() as running:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", running.url)
        yield running


@pytest.fixture
def logged() -> Iterator[StringIO]:
    """What the functions log, and other packages in them, as text; a line is a JSON object."""
    from runtime.observability import logger, others  # noqa: PLC0415 - see above

    written = StringIO()
    own = logger.registered_handler
    assert isinstance(own, logging.StreamHandler)
    before = [handler.setStream(written) for handler in (own, others)]
    yield written
    for handler, stream in zip((own, others), before, strict=True):
        handler.setStream(stream or sys.stdout)


def _forget_collaborators() -> None:
    """Have the functions build their clients anew: those that they kept belong to the last stack."""
    functions = ("diagnose", "rearm", "sweep", "intake", "notify", "feedback", "webhook")
    for name in (f"{function}.wiring" for function in functions):
        for member in vars(sys.modules[name]).values() if name in sys.modules else ():
            if hasattr(member, "cache_clear"):
                if member.cache_info().currsize and hasattr(member(), "claude"):
                    close_when_called(member().claude)
                member.cache_clear()
