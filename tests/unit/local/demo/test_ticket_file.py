"""A user's own ticket is read as a producer would write it; a bad file is named with what is wrong in it."""

from decimal import Decimal
from pathlib import Path

import pytest

from local.demo.ticket_file import TicketFileError, read_ticket


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "mine.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_numbers_become_what_dynamodb_takes(tmp_path: Path) -> None:
    path = written(
        tmp_path, '{"ticket_id": "a", "status": "open", "metric_snapshot": {"await_ms": 41.2, "n": 3}}'
    )
    assert read_ticket(path)["metric_snapshot"] == {"await_ms": Decimal("41.2"), "n": 3}


def test_what_the_pipeline_can_judge_is_left_to_it(tmp_path: Path) -> None:
    ticket = read_ticket(written(tmp_path, '{"ticket_id": "a", "status": "open", "message": 7}'))
    assert ticket["message"] == 7


def test_a_byte_order_mark_is_no_part_of_the_ticket(tmp_path: Path) -> None:
    path = written(tmp_path, b"\xef\xbb\xbf" + b'{"ticket_id": "a", "status": "open"}')
    assert read_ticket(path)["ticket_id"] == "a"


def test_every_fault_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(TicketFileError) as bad:
        read_ticket(written(tmp_path, '{"status": 3.7, "diagnosis_status": "done"}'))

    assert str(bad.value).partition("mine.json: ")[2] == (
        "ticket_id: missing, must be a text that is not empty; "
        "status: must be open or acknowledged, not 3.7 (no other ticket is diagnosed); "
        "diagnosis_status: belongs to the pipeline; leave it out to have this ticket diagnosed"
    )


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('{"ticket_id": "a",}', r"not JSON: .* at line 1, column 1\d"),
        ("", "not JSON: .* line 1, column 1"),
        ("[]", "one JSON object, not a list"),
        ('"a"', "one JSON object, not a text"),
        ("null", "one JSON object, not null"),
        ("1", "one JSON object, not a number"),
        (b"\xff\xfe", "not UTF-8"),
        ('{"ticket_id": "a", "status": "open", "n": NaN}', "NaN"),
        ('{"status": "open"}', "ticket_id: missing"),
        ('{"ticket_id": 7, "status": "open"}', "ticket_id: must be .* not 7"),
        ('{"ticket_id": "", "status": "open"}', "ticket_id: must be .* not ''"),
        ('{"ticket_id": "a"}', "status: missing, must be open or acknowledged"),
        ('{"ticket_id": "a", "status": "Open"}', "status: must be .* not 'Open'"),
        ('{"ticket_id": "a", "status": "open", "diagnosis_status": "done"}', "diagnosis_status: "),
    ],
)
def test_a_bad_file_is_named_with_what_is_wrong_in_it(tmp_path: Path, text: str | bytes, names: str) -> None:
    with pytest.raises(TicketFileError, match=rf"mine\.json: .*{names}|mine\.json: {names}"):
        read_ticket(written(tmp_path, text))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(TicketFileError, match=r"nowhere\.json: No such file"):
        read_ticket(tmp_path / "nowhere.json")
