"""Every command against the local stack: what a person is told, what is then so, and the exit code."""

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from cli.main import main
from local.aws.api.troubles import denied
from local.aws.emulator import Emulator
from local.aws.mappings import Mappings
from local.aws.runbook.operations import operations
from local.aws.stack import Stack
from local.aws.template import ROOT
from tests.support.records import RECORD

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

HOSTILE = "\x1b]0;owned\x07\x1b[2J\u202e <b>[link](http://evil.example)</b> \u0665 日本語"
Ask = Callable[..., "Answer"]


class Answer:
    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def data(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def table(emulator: Emulator, stack: Stack) -> Iterator["Table"]:
    emulator.api.operations = operations(stack, Mappings(stack))
    yield boto3.resource("dynamodb").Table(stack.ref("TicketsTable"))
    emulator.api.operations = {}


SESSION = cache(boto3.Session)
"""A session reads its services' models once; each command would do it anew."""


@pytest.fixture
def ask(table: "Table", capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Ask:
    monkeypatch.setattr(boto3, "Session", SESSION)

    def run(*arguments: str) -> Answer:
        code = main(arguments)
        told = capsys.readouterr()
        return Answer(code, told.out, told.err)

    return run


def put(table: "Table", ticket_id: str = "t-1", **attributes: Any) -> None:
    table.put_item(
        Item={
            "ticket_id": ticket_id,
            "status": "open",
            "invariant_name": "queue_drains",
            "message": "9,412 messages wait",
            **attributes,
        }
    )


def item(table: "Table", ticket_id: str = "t-1") -> dict[str, Any]:
    return dict(table.get_item(Key={"ticket_id": ticket_id}, ConsistentRead=True)["Item"])


def test_the_severest_is_listed_first_then_the_oldest(table: "Table", ask: Ask) -> None:
    put(table, "young", first_seen_at="2026-02-01T00:00:00Z")
    put(table, "old", first_seen_at="2026-01-01T00:00:00Z")
    put(table, "grave", severity="critical")
    put(table, "over", status="resolved")
    listed = ask("list", "--json").data
    assert [row["ticket_id"] for row in listed["tickets"]] == ["grave", "old", "young"]
    assert listed["more"] == 0


def test_a_list_is_chosen_by_state_severity_subject_and_incident(table: "Table", ask: Ask) -> None:
    put(table, "a", severity="critical", subject="ledger")
    put(table, "b", diagnosis_status="deferred", component="ledger")
    put(table, "c", status="resolved")

    def ids(*options: str) -> list[str]:
        return sorted(row["ticket_id"] for row in ask("list", "--json", *options).data["tickets"])

    assert ids("--severity", "CRITICAL") == ["a"]
    assert ids("--subject", "ledger") == ["a", "b"]
    assert ids("--state", "deferred") == ["b"]
    assert ids("--state", "waiting", "--state", "open") == ["a"]
    assert ids("--state", "resolved") == ["c"]
    assert ids("--incident", "a") == ["a"]


def test_a_long_list_comes_in_pages(table: "Table", ask: Ask) -> None:
    for number in range(5):
        put(table, f"t-{number}")
    first, last = (ask("list", "--json", "--limit", "2", "--page", page).data for page in ("1", "3"))
    assert (len(first["tickets"]), first["more"]) == (2, 3)
    assert (len(last["tickets"]), last["more"]) == (1, 0)
    assert "3 more: --page 2" in ask("list", "--limit", "2").out


def test_an_empty_list_says_so(ask: Ask) -> None:
    assert ask("list").out.strip() == "No ticket."
    assert ask("list", "--severity", "x").out.strip() == "No ticket is of that kind."


def test_a_ticket_is_shown_with_what_keeps_it_and_what_it_was(table: "Table", ask: Ask) -> None:
    history = [{"diagnosis": "Formerly the **disk**.", "diagnosed_at": "2026-01-01T00:00:00.000Z"}]
    put(table, diagnosis_status="deferred", deferred_reason="the key is refused", log_tail="ERROR full")
    assert "the key is refused" in ask("show", "t-1").out
    assert "ERROR full" in ask("show", "t-1", "--evidence").out
    put(
        table, "t-2", diagnosis_status="done", diagnosis="## Cause\n\nThe *queue*.", diagnosis_history=history
    )
    shown = ask("show", "t-2", "--history").out
    assert shown.index("Formerly the disk") < shown.index("The queue.")
    assert ask("show", "t-2", "--raw").data["diagnosis"].startswith("## Cause")


def test_a_page_past_the_end_says_how_many_there_are(table: "Table", ask: Ask) -> None:
    put(table)
    assert ask("list", "--page", "9").out.strip() == "No ticket is on page 9; there are 1."


def test_an_unknown_ticket_is_named(ask: Ask) -> None:
    for command in ("show", "watch", "rediagnose", "acknowledge", "hold"):
        answer = ask(command, "nobody")
        assert (answer.code, answer.out) == (1, "")
        assert "nobody" in answer.err


def test_what_people_write_is_on_the_ticket(table: "Table", ask: Ask) -> None:
    put(table, status="diagnosed", diagnosis_status="done", diagnosis="x")
    assert ask("feedback", "t-1", "confirmed", "the pool was full").code == 0
    assert ask("rediagnose", "t-1", "look at the replica").code == 0
    assert ask("hold", "t-1").code == 0
    assert ask("resolve", "t-1", "--yes").code == 0
    written = item(table)
    assert written["diagnosis_feedback"]["words"] == "the pool was full"
    assert written["diagnosis_feedback"]["verdict"] == "confirmed"
    assert written["rediagnose"] == "look at the replica"
    assert (written["held"], written["status"]) == (True, "resolved")
    assert ask("hold", "t-1", "--release").code == 0
    assert item(table)["held"] is False


def test_a_second_press_changes_nothing_and_says_so(table: "Table", ask: Ask) -> None:
    put(table, "new")
    put(table, status="diagnosed", diagnosis_status="done", diagnosis="x", incident_id="i-1")
    for command in (
        ("acknowledge", "new"),
        ("hold", "t-1"),
        ("feedback", "t-1", "wrong", "the disk"),
        ("rediagnose", "t-1"),
        ("detach", "t-1", "--yes"),
        ("resolve", "t-1", "--yes"),
    ):
        assert ask(*command, "--json").data["outcome"] == "done"
        once = item(table, command[1])
        again = ask(*command, "--json")
        assert (again.code, again.data["outcome"]) == (0, "already so")
        assert item(table, command[1]) == once


def test_what_is_not_so_is_refused(table: "Table", ask: Ask) -> None:
    put(table)
    answers = [ask("detach", "t-1", "--yes"), ask("feedback", "t-1", "wrong")]
    assert [answer.code for answer in answers] == [1, 1]
    assert "no member" in answers[0].err
    assert "no diagnosis" in answers[1].err


def test_what_cannot_be_taken_back_asks_first(
    table: "Table", ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(table)
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    assert ask("resolve", "t-1").code == 130
    assert item(table)["status"] == "open"
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    assert ask("resolve", "t-1").code == 0
    assert item(table)["status"] == "resolved"


def test_a_ticket_is_opened_from_options(table: "Table", ask: Ask) -> None:
    [opened] = ask("open", "--invariant", "disk_free", "--message", "2 % left", "--json").data["opened"]
    written = item(table, opened)
    assert (written["status"], written["message"]) == ("open", "2 % left")
    assert opened.startswith("disk_free-")


def test_tickets_are_opened_from_a_file_once(
    table: "Table", ask: Ask, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [
        json.dumps({"ticket_id": f"f-{n}", "status": "open", "invariant_name": "i", "message": "m"})
        for n in range(2)
    ]
    file = tmp_path / "tickets.jsonl"
    file.write_text("\n".join(lines), "utf-8")
    assert ask("open", str(file), "--json").data == {"opened": ["f-0", "f-1"]}
    again = ask("open", str(file))
    assert (again.code, "f-0: there is a ticket of this id (so with 1 more)" in again.err) == (1, True)
    file.write_text("\n".join([*lines, lines[0].replace("f-0", "f-2")]), "utf-8")
    partly = ask("open", str(file))
    assert (partly.code, partly.out.split(":")[0]) == (1, "f-2")


def test_a_file_with_faults_opens_nothing_and_names_it(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.TextIOWrapper(io.BytesIO(b'[{"ticket_id": "", "status": "open"}, {"ticket_id": 3}]'))
    monkeypatch.setattr("sys.stdin", written)
    answer = ask("open", "-")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith("differential: standard input, ticket 1: ticket_id: must be")
    assert "more faults" in answer.err


WRONG_USAGE = {
    ("open", "--message", "m"): "--invariant",
    ("list", "--older", "5x"): "30m, 2h or 7d",
    ("list", "--state", "odd"): "'odd' is not one of",
    ("show",): "TICKET_ID",
    ("show", ""): "'TICKET_ID': must be a text of 1 to 2048 bytes, got \"\"",
    ("hold", "x" * 2049): "(2051 chars)",
    ("show", "t-\udcff"): "no text in UTF-8: t-\\udcff",
    ("list", "--state", "\x1b[2J"): "\\x1b[2J",
    ("feedback", "t-1", "perhaps"): "perhaps",
    ("nothing",): "nothing",
}


def test_wrong_usage_ends_with_2_and_names_what_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, said in WRONG_USAGE.items():
        assert main(arguments) == 2
        [line] = capsys.readouterr().err.splitlines()
        assert said in line


def test_watching_ends_with_the_outcome(table: "Table", ask: Ask) -> None:
    put(table, "done", diagnosis_status="done", status="diagnosed")
    put(table, "failed", diagnosis_status="failed")
    put(table, "over", status="resolved")
    assert [ask("watch", ticket).code for ticket in ("done", "failed", "over")] == [0, 1, 0]


def test_ctrl_c_ends_a_watch(table: "Table", ask: Ask) -> None:
    put(table)
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "layers" / "shared"), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "cli", "watch", "t-1"]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as watch:
        assert watch.stdout
        assert watch.stdout.readline().split()[1:] == ["waiting"]
        watch.send_signal(signal.SIGINT)
        out, err = watch.communicate()
    assert (watch.returncode, out, err.strip()) == (130, "", "interrupted; nothing is half done")


def test_the_gate_is_shown_and_opened(stack: Stack, table: "Table", ask: Ask) -> None:
    assert ask("gate", "--json").data == {"open": True}
    state = boto3.resource("dynamodb").Table(stack.ref("StateTable"))
    closed: dict[str, Any] = {
        "state_id": "capacity",
        "gate": "account",
        "gate_until": 9_999_999_999,
        "gate_reason": "no key",
    }
    state.put_item(Item=closed)
    shown = ask("gate", "--json").data
    assert (shown["open"], shown["kind"], shown["reason"]) == (False, "account", "no key")
    opened = ask("gate", "open", "--yes").out.splitlines()
    assert opened[-1] == "The gate is open: Claude is called."  # the function runs, and logs, in this process


def test_the_day_s_spend_is_told_against_its_cap(create_stack: Any, emulator: Emulator, ask: Ask) -> None:
    stack = create_stack(DailySpendCapUsd="5")
    emulator.api.operations = operations(stack, Mappings(stack))
    told = ask("spend", "--json").data
    assert (told["spent_usd"], told["cap_usd"]) == (0.0, 5.0)


def test_dead_letters_are_brought_back(stack: Stack, ask: Ask) -> None:
    assert ask("redrive", "--json").data == {"redriven": 0}
    queue = stack.ref("DeadLetterQueue")
    boto3.client("sqs").send_message(QueueUrl=queue, MessageBody='{"kind": "gate", "opens_at": 0}')
    assert ask("redrive", "--yes", "--json").data == {"redriven": 1}


def test_the_doctor_finds_a_closed_gate_and_a_letter(stack: Stack, ask: Ask) -> None:
    boto3.resource("dynamodb").Table(stack.ref("StateTable")).put_item(
        Item={"state_id": "capacity", "gate": "account", "gate_until": 9_999_999_999, "gate_reason": HOSTILE}
    )
    boto3.client("sqs").send_message(QueueUrl=stack.ref("DeadLetterQueue"), MessageBody="x")
    odd = {"ticket_id": "odd", "status": "open", "waiting_since": "since Monday"}
    boto3.resource("dynamodb").Table(stack.ref("TicketsTable")).put_item(Item=odd)
    answer = ask("doctor", "--json")
    health = {finding["what"]: finding["health"] for finding in answer.data["findings"]}
    assert answer.code == 1
    assert (health["gate"], health["dead letters"], health["oldest waiting ticket"]) == ("bad", "bad", "good")
    assert health["Lambda's quota"] == "could not look"
    assert "differential redrive" in ask("doctor").out


def test_another_stack_is_named(ask: Ask) -> None:
    answer = ask("list", "--stack", "staging")
    assert answer.code == 3
    assert "there is no stack staging" in answer.err


def test_a_stack_that_is_none_of_ours_is_named(emulator: Emulator, ask: Ask) -> None:
    described = {"Stacks": [{"StackName": "differential", "Outputs": []}]}
    ours = {"CreationTime": "2026-01-01", "StackStatus": "CREATE_COMPLETE", **described["Stacks"][0]}
    emulator.api.operations = {("cloudformation", "DescribeStacks"): lambda _: {"Stacks": [ours]}}
    for command in (("list",), ("show", "t"), ("gate",), ("resolve", "t", "--yes"), ("doctor",)):
        answer = ask(*command)
        assert answer.code == 3
        assert "has no output" in answer.err
        assert "it is another stack" in answer.err


def test_rights_that_do_not_suffice_are_named(table: "Table", emulator: Emulator, ask: Ask) -> None:
    put(table)
    emulator.api.troubles = {("dynamodb", "Query"): denied("dynamodb", "Query")}
    try:
        listed, held = ask("list"), ask("hold", "t-1")
    finally:
        emulator.api.troubles = {}
    assert listed.code == 3
    assert "may not Query: User: local is not authorized to perform: dynamodb:Query" in listed.err
    assert held.code == 0


def test_missing_credentials_are_named(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    SESSION.cache_clear()
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, "/nowhere")
    answer = ask("list")
    assert answer.code == 3
    assert "aws sso login" in answer.err
    assert "(no-one) could not be found" in ask("list", "--profile", "no-one").err


def test_no_text_of_a_ticket_drives_the_terminal(
    table: "Table", ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    fields = ("message", "component", "subject", "severity", "log_tail", "diagnosis", "deferred_reason")
    put(table, diagnosis_status="done", **dict.fromkeys(fields, HOSTILE))
    for width in ("40", "200"):
        monkeypatch.setenv("COLUMNS", width)
        for command in (("list",), ("show", "t-1", "--evidence", "--history"), ("watch", "t-1")):
            out = ask(*command).out
            assert out
            assert not {"\x1b", "\x07", "\u202e"} & set(out)


def test_a_half_written_ticket_of_an_older_version_is_shown(table: "Table", ask: Ask) -> None:
    table.put_item(Item={"ticket_id": "t-1", "status": "open", "diagnosis_history": "none", "severity": 3})
    assert ask("list").code == 0
    assert ask("show", "t-1", "--history").code == 0


def kinds_in(token: Token) -> set[str]:
    return {token.type, *(child.type for child in token.children or ())}


def test_a_report_tells_what_is_known_and_names_the_gaps(table: "Table", ask: Ask) -> None:
    put(table, first_seen_at="2026-01-01T00:00:00Z", diagnosis_status="done", diagnosis_record=RECORD)
    put(table, "m-1", incident_id="t-1", member_since="2026-01-01T00:01:30.000Z", subject="shop")
    out = ask("report", "t-1").out
    for told in (
        "The pool was full",
        "after 00:05:00",
        "m-1",
        "after 00:01:30",
        "db to api",
        "E1 says nothing",
    ):
        assert told in out
    assert "traces" in out
    told = ask("report", "t-1", "--json").data
    assert told["cause"]["confidence"] == "low"
    assert told["cost"]["cost_usd"] is None
    assert "Nobody has said what helped." in told["gaps"]
    said = {"verdict": "confirmed", "words": "restarted it", "by": "ann", "at": "2026-01-02T00:00:00Z"}
    put(table, diagnosis_status="done", diagnosis_record=RECORD, diagnosis_feedback=said)
    assert "ann, 2026-01-02T00:00:00Z: confirmed restarted it" in ask("report", "t-1").out.replace("`", "")


def test_a_report_of_odd_and_hostile_records_drives_nothing(table: "Table", ask: Ask) -> None:
    odd: list[Any] = [
        "text",
        {"version": 1, "answer": [HOSTILE]},
        {"answer": {"headline": HOSTILE, "primary": 3}},
    ]
    for record in odd:
        put(table, diagnosis_record=record, message=HOSTILE, first_seen_at=HOSTILE, diagnosis_notes=[HOSTILE])
        answer = ask("report", "t-1")
        assert answer.code == 0
        assert not {"\x1b", "\x07", "\u202e"} & set(answer.out)
        kinds = {kind for token in MarkdownIt().parse(answer.out) for kind in kinds_in(token)}
        assert not {"link_open", "html_inline", "html_block", "image"} & kinds
    assert ask("report", "nobody").code == 1
