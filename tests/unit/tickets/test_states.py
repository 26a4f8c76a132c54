"""The table of moves: its rows as the design has them, and nothing beside them."""

import pytest

from tickets import states
from tickets.states import AWAITING_DIAGNOSIS, MOVES, DiagnosisStatus, Move, Status, is_misspelt, meant_by

TABLE = {
    (None, "running"): {"diagnose"},
    ("pending", "running"): {"diagnose"},
    ("running", "done"): {"diagnose"},
    ("running", "deferred"): {"diagnose"},
    ("running", "failed"): {"diagnose"},
    ("deferred", "pending"): {"rearm", "sweep"},
    ("failed", "pending"): {"rearm", "diagnose", "sweep"},
    ("running", "pending"): {"sweep"},
    (None, "pending"): {"intake", "sweep"},
    ("set_aside", "pending"): {"diagnose", "sweep", "intake"},
    (None, "set_aside"): {"intake"},
    ("pending", "set_aside"): {"intake"},
    ("deferred", "set_aside"): {"intake"},
    ("done", "set_aside"): {"intake"},
    ("failed", "set_aside"): {"intake"},
    (None, "deferred"): {"diagnose", "sweep"},
    ("pending", "deferred"): {"diagnose", "sweep"},
    ("done", "pending"): {"diagnose", "sweep"},
    ("pending", "done"): {"sweep"},
    ("deferred", "done"): {"sweep"},
}
"""From, to, by. sweep makes diagnose's move to pending when a person's request got lost, and undoes it when
it was withdrawn."""


def steps(move: Move) -> set[tuple[str | None, str]]:
    return {(source, move.target.value) for source in move.sources}


def test_the_moves_are_the_designs() -> None:
    found: dict[tuple[str | None, str], set[str]] = {}
    for move in MOVES:
        for step in steps(move):
            found.setdefault(step, set()).update(move.by)

    assert found == TABLE


def test_every_named_move_is_in_the_table() -> None:
    assert set(MOVES) == {value for value in vars(states).values() if isinstance(value, Move)}


@pytest.mark.parametrize("status", DiagnosisStatus)
def test_every_status_can_be_entered_and_left(status: DiagnosisStatus) -> None:
    assert any(move.target == status for move in MOVES)
    assert any(status in move.sources for move in MOVES)


@pytest.mark.parametrize("status", [None, *DiagnosisStatus])
def test_from_every_status_a_ticket_can_still_be_diagnosed(status: DiagnosisStatus | None) -> None:
    reached: set[DiagnosisStatus | None] = {status}
    for _ in DiagnosisStatus:
        reached |= {move.target for move in MOVES if reached & set(move.sources)}

    assert DiagnosisStatus.DONE in reached


def test_only_what_is_running_ends_and_only_a_claim_sets_running() -> None:
    ends = {DiagnosisStatus.DONE, DiagnosisStatus.FAILED}

    ending = [move for move in MOVES if move.target in ends and move is not states.WITHDRAW]
    assert all(move.sources == (DiagnosisStatus.RUNNING,) for move in ending)
    assert [move for move in MOVES if move.target == DiagnosisStatus.RUNNING] == [states.CLAIM]


def test_a_ticket_is_diagnosed_while_it_is_open_or_acknowledged() -> None:
    assert set(AWAITING_DIAGNOSIS) == {Status.OPEN, Status.ACKNOWLEDGED}


@pytest.mark.parametrize("written", ["Open", "OPEN", " open", "open\n", "Acknowledged", " ACKNOWLEDGED "])
def test_a_status_is_meant_whatever_its_case_and_the_spaces_around_it(written: str) -> None:
    assert meant_by(written) == written.strip().lower()
    assert is_misspelt(written)


@pytest.mark.parametrize("written", ["open", "acknowledged", "diagnosed", "Resolved", " new", "", None, 5])
def test_what_is_written_well_or_wants_no_diagnosis_or_means_nothing_is_not_misspelt(written: object) -> None:
    assert not is_misspelt(written)


@pytest.mark.parametrize("written", [" new", "opne", "", None, 5, ["open"]])
def test_a_text_that_is_no_status_means_none(written: object) -> None:
    assert meant_by(written) is None
