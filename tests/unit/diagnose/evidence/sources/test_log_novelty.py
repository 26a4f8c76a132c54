"""What is new in a log, more frequent, or gone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.evidence.sources.logs.novelty import Read, differences


def lines(*told: tuple[str, int]) -> list[str]:
    return [text.format(number) for text, count in told for number in range(1, count + 1)]


def said(before: list[str], during: list[str], minutes: float = 15) -> list[tuple[str, str]]:
    found = differences(Read(before, minutes), Read(during, minutes))
    return [
        (each.what, before[each.example] if each.what == "no longer" else during[each.example])
        for each in found
    ]


def test_an_error_that_was_not_there_before_comes_first() -> None:
    before = lines(("INFO handled request {} in 12 ms", 300))
    during = lines(("INFO handled request {} in 12 ms", 290), ("INFO refreshed cache {}", 3))
    during += lines(("ERROR connection {} refused by orders-db", 4))

    assert said(before, during) == [
        ("new", "ERROR connection 1 refused by orders-db"),
        ("new", "INFO refreshed cache 1"),
    ]


def test_a_kind_that_is_much_more_frequent_is_told_with_its_counts() -> None:
    before = lines(("GET /health {}", 100), ("WARN retry {} of 5", 4))
    during = lines(("GET /health {}", 104), ("WARN retry {} of 5", 80))
    [found] = differences(Read(before, 15), Read(during, 15))

    assert (found.what, found.before, found.during) == ("more often", 4, 80)


def test_what_has_stopped_is_told() -> None:
    before = lines(("INFO consumed message {}", 60), ("INFO tick {}", 20))

    assert said(before, lines(("INFO tick {}", 20))) == [("no longer", "INFO consumed message 60")]


def test_rates_count_and_not_numbers_when_one_window_could_not_be_read_whole() -> None:
    before, during = lines(("INFO tick {}", 400)), lines(("INFO tick {}", 40))

    assert differences(Read(before, 10), Read(during, 1)) == []


def test_one_more_or_less_of_a_rare_kind_is_chance() -> None:
    before = lines(("INFO tick {}", 50), ("INFO rotated key {}", 2))
    during = lines(("INFO tick {}", 52), ("INFO rotated key {}", 4))

    assert said(before, during) == []


@pytest.mark.parametrize(("before", "during"), [([], ["ERROR a"]), (["ERROR a"], []), ([], [])])
def test_nothing_is_new_where_there_is_nothing_to_compare(before: list[str], during: list[str]) -> None:
    assert differences(Read(before, 15), Read(during, 15)) == []


@given(st.lists(st.text(max_size=60), max_size=40), st.lists(st.text(max_size=60), max_size=40))
def test_whatever_is_logged_is_compared_and_counted_right(before: list[str], during: list[str]) -> None:
    for each in differences(Read(before, 15), Read(during, 15)):
        assert each.before <= len(before)
        assert each.during <= len(during)
        assert (each.what == "new") == (each.before == 0)
        assert (each.what == "no longer") == (each.during == 0)
