"""What commands do, by their words: a large table."""

import pytest

from diagnose.diagnosis.checked import Effect
from diagnose.diagnosis.commands.judging import judge
from tests.unit.diagnose.diagnosis.commands.rows import CHANGING, DESTRUCTIVE, READ_ONLY, rows


@pytest.mark.parametrize("command", rows(READ_ONLY))
def test_it_only_reads(command: str) -> None:
    judged = judge(command)
    assert (judged.effect, judged.why) == (Effect.READ_ONLY, judged.why)


@pytest.mark.parametrize("command", rows(CHANGING))
def test_it_changes_something(command: str) -> None:
    judged = judge(command)
    assert (judged.effect, judged.why) == (Effect.CHANGING, judged.why)


@pytest.mark.parametrize("command", rows(DESTRUCTIVE))
def test_it_deletes_or_destroys(command: str) -> None:
    judged = judge(command)
    assert (judged.effect, judged.why) == (Effect.DESTRUCTIVE, judged.why)
