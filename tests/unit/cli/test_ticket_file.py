"""A user's own tickets are read as a producer would write them; a bad file is named with all its faults."""

import gzip
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cli.ticket_file import TicketFileError, read_tickets

TICKET = {"ticket_id": "a", "status": "open"}
OTHER = {"ticket_id": "b", "status": "acknowledged"}
TYPED = {"ticket_id": {"S": "a"}, "status": {"S": "open"}}


def written(folder: Path, text: str | bytes, name: str = "mine.json") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def faults(folder: Path, text: str | bytes, name: str = "mine.json") -> list[str]:
    """What is said of the file, without the folder."""
    with pytest.raises(TicketFileError) as bad:
        read_tickets(written(folder, text, name))
    return [line.removeprefix(f"{folder}/") for line in str(bad.value).splitlines()]


def test_numbers_become_what_dynamodb_takes(tmp_path: Path) -> None:
    text = '{"ticket_id": "a", "status": "open", "metric_snapshot": {"await_ms": 41.2, "n": 3}}'
    [ticket] = read_tickets(written(tmp_path, text))
    assert ticket["metric_snapshot"] == {"await_ms": Decimal("41.2"), "n": 3}


def test_what_the_pipeline_can_judge_is_left_to_it(tmp_path: Path) -> None:
    [ticket] = read_tickets(written(tmp_path, json.dumps({**TICKET, "message": 7})))
    assert ticket["message"] == 7


@pytest.mark.parametrize(
    ("name", "text", "tickets"),
    [
        ("one.json", json.dumps(TICKET, indent=2), [TICKET]),
        ("list.json", json.dumps([TICKET, OTHER]), [TICKET, OTHER]),
        ("lines.jsonl", f"{json.dumps(TICKET)}\n\n{json.dumps(OTHER)}\n", [TICKET, OTHER]),
        ("lines.txt", f"{json.dumps(TICKET)}\r\n{json.dumps(OTHER)}", [TICKET, OTHER]),
        ("one-line.jsonl", f"{json.dumps(TICKET)}\n", [TICKET]),
        ("item.json", json.dumps(TYPED), [TICKET]),
        ("get-item.json", json.dumps({"Item": TYPED}), [TICKET]),
        ("scan.json", json.dumps({"Items": [TYPED], "Count": 1, "ScannedCount": 1}), [TICKET]),
        ("export.json", f"{json.dumps({'Item': TYPED})}\n" * 1, [TICKET]),
        ("export.json.gz", gzip.compress(json.dumps({"Item": TYPED}).encode(), mtime=0), [TICKET]),
        ("one.yaml", "ticket_id: a\nstatus: open\n", [TICKET]),
        (
            "list.yml",
            "- {ticket_id: a, status: open}\n- {ticket_id: b, status: acknowledged}",
            [TICKET, OTHER],
        ),
        ("documents.yaml", "ticket_id: a\nstatus: open\n---\n" + json.dumps(OTHER), [TICKET, OTHER]),
        ("utf-8-mark.json", b"\xef\xbb\xbf" + json.dumps(TICKET).encode(), [TICKET]),
        ("utf-16.json", json.dumps(TICKET).encode("utf-16"), [TICKET]),
        ("mark.yaml", b"\xef\xbb\xbfticket_id: a\nstatus: open", [TICKET]),
    ],
)
def test_tickets_are_taken_in_the_forms_in_which_teams_have_them(
    tmp_path: Path, name: str, text: str | bytes, tickets: list[dict[str, Any]]
) -> None:
    assert read_tickets(written(tmp_path, text, name)) == tickets


def test_every_type_of_dynamodb_s_is_read(tmp_path: Path) -> None:
    typed = {
        **TYPED,
        "metric_snapshot": {"M": {"n": {"N": "41.25"}, "l": {"L": [{"BOOL": True}, {"NULL": True}]}}},
        "tags": {"SS": ["x", "y"]},
        "numbers": {"NS": ["1", "2.5"]},
        "raw": {"B": "AQI="},
        "raws": {"BS": ["AQI="]},
    }
    [ticket] = read_tickets(written(tmp_path, json.dumps(typed)))
    assert ticket == {
        **TICKET,
        "metric_snapshot": {"n": Decimal("41.25"), "l": [True, None]},
        "tags": {"x", "y"},
        "numbers": {Decimal(1), Decimal("2.5")},
        "raw": b"\x01\x02",
        "raws": {b"\x01\x02"},
    }


def test_yaml_s_times_stay_text_and_fractions_as_they_are_written(tmp_path: Path) -> None:
    text = "ticket_id: a\nstatus: open\nfirst_seen_at: 2026-11-27T10:00:00Z\nn: 0.1\nlarge: 1_000.5\nheld: no"
    [ticket] = read_tickets(written(tmp_path, text, "mine.yaml"))
    assert ticket == {
        **TICKET,
        "first_seen_at": "2026-11-27T10:00:00Z",
        "n": Decimal("0.1"),
        "large": Decimal("1000.5"),
        "held": False,
    }


def test_every_fault_of_a_ticket_is_said_at_once(tmp_path: Path) -> None:
    assert faults(tmp_path, '{"status": 3.7, "diagnosis_status": "done", "a": {"b": [1, NaN]}}') == [
        "mine.json: ticket_id: missing, must be a text that is not empty",
        "mine.json: status: must be open or acknowledged, not 3.7 (no other ticket is diagnosed)",
        (
            'mine.json: diagnosis_status: "done" belongs to the pipeline; '
            "leave it out to have this ticket diagnosed"
        ),
        "mine.json: a.b[1]: DynamoDB cannot hold NaN (numbers have at most 38 digits)",
    ]


def test_every_fault_of_a_file_is_said_at_once_with_its_place(tmp_path: Path) -> None:
    lines = [json.dumps(TICKET), "{", '{"ticket_id": 7, "status": "open"}', "[]", "null", json.dumps(TICKET)]
    assert faults(tmp_path, "\n".join(lines), "mine.jsonl") == [
        "mine.jsonl, line 2: not JSON: Expecting property name enclosed in double quotes at column 2",
        "mine.jsonl, line 3: ticket_id: must be a text that is not empty, not 7",
        "mine.jsonl, line 5: a ticket is an object with fields, not null",
        'mine.jsonl, line 6: ticket_id: "a" is that of line 1 too',
    ]
    assert faults(tmp_path, json.dumps([TICKET, {"ticket_id": "b"}, 1])) == [
        "mine.json, ticket 2: status: missing, must be open or acknowledged (no other ticket is diagnosed)",
        "mine.json, ticket 3: a ticket is an object with fields, not 1",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"ticket_id": "a",}', "not JSON: "),
        ("", "not JSON: Expecting value at line 1, column 1 (a file of YAML must be called .yaml or .yml)"),
        ("ticket_id: a\nstatus: open", "not JSON: Expecting value at line 1, column 1 (a file of YAML"),
        ("[]", "holds no ticket"),
        ('{"Items": []}', "holds no ticket"),
        ('"a"', 'a ticket is an object with fields, not "a"'),
        (b"\xff", "not UTF-8 text (invalid start byte at byte 0)"),
        (b"\x1f\x8bx", "not gzip, although it begins as gzip does: "),
        ("[" * 100_000, "nested too deeply"),
        ('{"ticket_id": "a", "status": "open", "n": ' + "[" * 40 + "]" * 40 + "}", "n[0]"),
        ('{"ticket_id": "a", "status": "open", "n": 1e126}', "n: DynamoDB cannot hold 1e+126"),
        ('{"ticket_id": "a", "status": "open", "n": ' + "7" * 39 + "}", "n: DynamoDB cannot hold 777"),
        ('{"ticket_id": "", "status": "open"}', 'ticket_id: must be a text that is not empty, not ""'),
        ('{"ticket_id": "a", "status": "Open"}', 'status: must be open or acknowledged, not "Open"'),
        ('{"ticket_id": "a", "status": ["open"]}', 'status: must be open or acknowledged, not ["open"]'),
        ('{"ticket_id": {"S": "a"}, "n": {"N": "many"}}', 'n: not DynamoDB JSON, got {"N": "many"}'),
        ('{"ticket_id": {"S": "a"}, "m": {"M": {"x": 1}}}', 'm: not DynamoDB JSON, got {"M": {"x": 1}}'),
    ],
)
def test_a_bad_file_is_named_with_what_is_wrong_in_it(tmp_path: Path, text: str | bytes, said: str) -> None:
    [fault] = faults(tmp_path, text)
    assert fault.startswith(f"mine.json: {said}")
    assert len(fault) < 200


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ticket_id: [a", "mine.yaml: not YAML: "),
        ("ticket_id: a\n\tstatus: open", "mine.yaml: not YAML: "),
        ("ticket_id: a\nstatus: open\nn: .nan", "mine.yaml: n: DynamoDB cannot hold NaN"),
        ("ticket_id: a\nstatus: open\n1: x", "mine.yaml: 1: the name of a field must be a text, not 1"),
        ("ticket_id: a\nstatus: open\nn: &n [*n]", "mine.yaml: n[0]"),
        ("!!python/object/apply:os.getcwd []", "mine.yaml: not YAML: could not determine a constructor"),
    ],
)
def test_bad_yaml_is_named_with_what_is_wrong_in_it(tmp_path: Path, text: str, said: str) -> None:
    [fault] = faults(tmp_path, text, "mine.yaml")
    assert fault.startswith(said)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(TicketFileError, match=r"nowhere\.json: No such file"):
        read_tickets(tmp_path / "nowhere.json")
