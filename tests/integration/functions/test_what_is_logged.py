"""What the functions say at INFO: the ticket's id on every line, and nothing of its text or of any secret."""

import json
import logging
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from diagnose.evidence.sources.similar import SimilarTickets
from local.claude.faults import Fault, Kind
from local.claude.server import StandIn
from rearm.rearm_ticket import RearmTicket
from runtime.settings import SettingsError
from tests.support.invoked_pipeline import TICKET_ID, InvokedPipeline, invoked_pipeline

CANARY = "canary-93b1f0"
KEY = f"sk-{CANARY}-key"


@pytest.fixture
def pipeline(stand_in: StandIn) -> Iterator[InvokedPipeline]:
    with invoked_pipeline(stand_in) as opened:
        opened.set_key(KEY)
        yield opened


@pytest.fixture
def said(
    logged: StringIO, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> Callable[[], str]:
    """All that a function could have written anywhere: our log, other libraries' logs, both streams."""
    caplog.set_level(logging.INFO)

    def everything() -> str:
        streams = capfd.readouterr()
        return f"{logged.getvalue()}\n{caplog.text}\n{streams.out}\n{streams.err}"

    return everything


def put_with_canaries(pipeline: InvokedPipeline, **attributes: Any) -> None:
    texts = {
        "message": f"{CANARY} in the message",
        "log_tail": f"{CANARY} in the log\nsecond line",
        "metric_snapshot": {CANARY: 41, "await": f"41 {CANARY}"},
        "topology": {"node": CANARY},
        "subject_context": [CANARY],
        "component": CANARY,
        "severity": {"not text": CANARY},
        "attempts": CANARY,
    }
    pipeline.put(**{**texts, **attributes})


ENDS: list[tuple[list[Fault], str]] = [
    ([], "done"),
    ([Fault(Kind.REFUSAL)], "failed"),
    ([Fault(Kind.NOT_JSON, times=2)], "failed"),
    ([Fault(Kind.MISFIT, times=2)], "failed"),
    ([Fault(Kind.TRUNCATED, times=2)], "failed"),
    ([Fault(Kind.PROMPT_TOO_LONG, times=2)], "failed"),
    ([Fault(Kind.RATE_LIMIT, retry_after=600)], "deferred"),
    ([Fault(Kind.UNAUTHORISED)], "deferred"),
    ([Fault(Kind.BAD_REQUEST)], "deferred"),
    ([Fault(Kind.DROP, times=2)], "deferred"),
    ([Fault(Kind.SERVER_ERROR)], "done"),
]


@pytest.mark.parametrize(
    ("faults", "ends"), ENDS, ids=["+".join(f.kind for f in faults) or "done" for faults, _ in ENDS]
)
def test_every_line_has_the_tickets_id_and_none_its_text_however_the_ticket_ends(
    pipeline: InvokedPipeline, said: Callable[[], str], logged: StringIO, faults: list[Fault], ends: str
) -> None:
    pipeline.stand_in.script(*faults)
    put_with_canaries(pipeline)

    pipeline.deliver()

    assert pipeline.item()["diagnosis_status"] == ends
    lines = [json.loads(line) for line in logged.getvalue().splitlines()]
    assert {line.get("ticket_id") for line in lines} == {TICKET_ID}
    assert CANARY not in said()


def test_the_lines_of_other_packages_have_the_tickets_id_too(
    pipeline: InvokedPipeline, said: Callable[[], str], logged: StringIO
) -> None:
    pipeline.put()

    pipeline.deliver()

    lines = [json.loads(line) for line in logged.getvalue().splitlines()]
    assert {line.get("logger") for line in lines} == {None, "httpx2"}
    assert {(line["function_request_id"], line["ticket_id"]) for line in lines} == {("req-1", TICKET_ID)}


def test_the_key_is_not_logged_at_debug_either(
    pipeline: InvokedPipeline, said: Callable[[], str], logged: StringIO, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    pipeline.put()

    pipeline.deliver()

    lines = [json.loads(line) for line in logged.getvalue().splitlines()]
    assert any(line["level"] == "DEBUG" and line["logger"].startswith("anthropic") for line in lines)
    assert KEY not in said()


def test_a_message_that_wakes_a_ticket_has_its_id_on_every_line(
    pipeline: InvokedPipeline,
    logged: StringIO,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level(logging.INFO)

    def fails(*_: object) -> None:
        logging.getLogger("botocore").warning("the clocks differ")
        raise RuntimeError("out of order")

    monkeypatch.setattr(RearmTicket, "handle", fails)
    message = {"ticket_id": TICKET_ID, "generation": 0, "kind": "failed"}

    pipeline.rearm(message, "not ours", {**message, "ticket_id": "t-2"})

    ids = [json.loads(line).get("ticket_id") for line in logged.getvalue().splitlines()]
    assert ids == [TICKET_ID, TICKET_ID, None, "t-2", "t-2"]


@pytest.mark.parametrize(
    "secret", [f"two words {CANARY}", f'{{"key": "{CANARY}"}}', f'{{"api_key": "{CANARY}"']
)
def test_no_unusable_secret_is_logged(
    pipeline: InvokedPipeline, said: Callable[[], str], secret: str
) -> None:
    pipeline.set_key(secret)
    pipeline.put()

    pipeline.deliver()

    assert pipeline.item()["diagnosis_status"] == "deferred"
    assert CANARY not in said()
    assert CANARY not in json.dumps(pipeline.item(), default=str)


def test_no_text_of_a_bad_ticket_is_logged(pipeline: InvokedPipeline, said: Callable[[], str]) -> None:
    put_with_canaries(pipeline, message={"not text": CANARY})

    pipeline.deliver()

    assert CANARY in pipeline.item()["diagnosis_error"]["message"]
    assert CANARY not in said()


def test_no_text_is_logged_when_our_own_parts_fail(
    pipeline: InvokedPipeline, said: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    error: Any = {"Error": {"Code": "InternalServerError", "Message": "sorry"}}

    def fails(*_: object) -> None:
        raise ClientError(error, "UpdateItem")

    monkeypatch.setattr(SimilarTickets, "read", fails)
    monkeypatch.setattr(pipeline.diagnose_ticket.runs, "complete", fails)
    monkeypatch.setattr(pipeline.diagnose_ticket.runs, "release", fails)
    put_with_canaries(pipeline)

    with pytest.raises(ClientError):
        pipeline.deliver()

    assert "a source of evidence failed" in (everything := said())
    assert "could not be written yet" in everything
    assert CANARY not in everything


def test_one_tickets_id_is_not_on_the_next_ones_lines(pipeline: InvokedPipeline, logged: StringIO) -> None:
    pipeline.put("t-1")
    pipeline.put("t-2")
    pipeline.deliver()
    pipeline.diagnose()

    ids = [json.loads(line).get("ticket_id") for line in logged.getvalue().splitlines()]
    assert ids == ["t-1", "t-2", None]


SETTINGS = [
    ("TICKETS_TABLE", None, "missing"),
    ("TICKETS_TABLE", "", "missing"),
    ("STATE_TABLE", None, "missing"),
    ("CONCURRENCY", "many", 'must be a whole number, got "many"'),
    ("CONCURRENCY", "0", 'must be 1 or more, got "0"'),
]
RETRY_QUEUE = ("RETRY_QUEUE_URL", None, "missing")
DIAGNOSE_SETTINGS = [
    RETRY_QUEUE,
    ("DEAD_LETTER_QUEUE_URL", None, "missing"),
    ("DAILY_SPEND_CAP_USD", "-0.01", 'must be 0 or more, got "-0.01"'),
    ("DAILY_SPEND_CAP_USD", "nan", 'must be 0 or more, got "nan"'),
    ("DAILY_SPEND_CAP_USD", "10 USD", 'must be a number, got "10 USD"'),
    ("CLAUDE_PROVIDER", "azure", "must be 'anthropic', 'bedrock' or 'aws', got \"azure\""),
    ("ANTHROPIC_SECRET_ID", None, "missing"),
    ("MODEL", "", "missing"),
    ("EFFORT", "huge", "must be 'low', 'medium', 'high', 'xhigh' or 'max', got \"huge\""),
    ("MAX_OUTPUT_TOKENS", "100000", 'must be 21000 or less, got "100000"'),
    ("PROMPT_TOKENS", "1.5", 'must be a whole number, got "1.5"'),
    ("PRICE_INPUT_USD_PER_MTOK", "-3", 'must be 0 or more, got "-3"'),
]
FUNCTIONS = {"diagnose": "diagnose_ticket", "rearm": "rearm_ticket", "sweep": "sweep_tickets"}


@pytest.mark.parametrize(
    ("function", "name", "value", "error"),
    [
        *((function, *setting) for function in FUNCTIONS for setting in SETTINGS),
        *(("diagnose", *setting) for setting in DIAGNOSE_SETTINGS),
        ("rearm", *RETRY_QUEUE),
    ],
)
def test_a_missing_or_wrong_setting_gives_one_error_that_names_it(
    pipeline: InvokedPipeline,
    monkeypatch: pytest.MonkeyPatch,
    function: str,
    name: str,
    value: str | None,
    error: str,
) -> None:
    if value is None:
        monkeypatch.delenv(name)
    else:
        monkeypatch.setenv(name, value)

    with pytest.raises(SettingsError, match=f"^environment variable {name}: {error}$") as raised:
        pipeline.invoke_cold(function)

    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_botocore_has_nothing_to_say_of_a_cold_start(
    pipeline: InvokedPipeline,
    logged: StringIO,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    function: str,
) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)  # one that knows its credentials says nothing

    pipeline.invoke_cold(function)

    loggers = [json.loads(line).get("logger", "") for line in logged.getvalue().splitlines()]
    assert [name for name in loggers if name.startswith("botocore")] == []


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_cold_function_with_its_settings_right_starts(pipeline: InvokedPipeline, function: str) -> None:
    pipeline.invoke_cold(function)
