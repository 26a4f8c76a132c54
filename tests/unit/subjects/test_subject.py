"""A subject's record: what its people wrote, whatever they wrote, and the circles in it."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subjects.graph import MOST_DEPENDENCIES, dependencies
from subjects.subject import Subject
from tests.support.dynamodb_values import VALUES


def subject(subject_id: str, *depends_on: str) -> Subject:
    return Subject(subject_id=subject_id, depends_on=depends_on)


def walk(*subjects: Subject) -> tuple[dict[str, int], tuple[str, ...]]:
    known = {each.subject_id: each for each in subjects}
    asked: list[str] = []

    def read_many(names: Sequence[str]) -> Mapping[str, Subject]:
        assert not set(names) & set(asked), "read twice"
        asked.extend(names)
        return {name: known[name] for name in names if name in known}

    return dependencies(subjects[0], read_many)


def test_a_record_is_read_as_it_was_written() -> None:
    found = Subject.from_item(
        {
            "subject_id": "orders",
            "description": {"what": "takes orders"},
            "depends_on": ["ledger", 7],
            "resources": "arn:aws:lambda:us-east-1:123456789012:function:orders",
            "metrics": [{"namespace": "Shop", "metric_name": "Orders", "dimensions": {"Stage": "prod"}}],
            "team": "anything else is left alone",
        }
    )

    assert found.faults == ()
    assert found.description == '{"what": "takes orders"}'
    assert found.depends_on == ("ledger", "7")
    assert found.resources == ("arn:aws:lambda:us-east-1:123456789012:function:orders",)
    assert found.metrics[0].dimensions == {"Stage": "prod"}


def test_what_does_not_fit_is_left_out_and_named() -> None:
    found = Subject.from_item(
        {"subject_id": "orders", "metrics": "cpu", "kind": {"a": 1}, "severity": "critical"}
    )

    assert (found.metrics, found.kind, found.severity) == ((), "", "critical")
    assert found.faults == (
        'kind: must be text, got {"a": 1}',
        'metrics: must be a list of namespace, metric_name, dimensions, got "cpu"',
    )


def test_a_subject_that_points_at_itself_says_so_and_has_its_other_dependencies() -> None:
    found = Subject.from_item({"subject_id": "orders", "depends_on": ["orders", "ledger"]})

    assert found.depends_on == ("ledger",)
    assert found.faults == ("depends_on: names the subject itself",)


@given(st.dictionaries(st.sampled_from([*Subject.model_fields, "other"]), VALUES, max_size=6))
def test_no_record_whatever_it_holds_costs_more_than_the_fields_that_do_not_fit(
    item: dict[str, object],
) -> None:
    found = Subject.from_item({**item, "severity": "critical", "subject_id": "orders"})

    assert (found.subject_id, found.severity) == ("orders", "critical")


def test_dependencies_come_nearest_first() -> None:
    steps, faults = walk(subject("a", "b", "c"), subject("b", "d"), subject("c", "d"), subject("d"))

    assert steps == {"b": 1, "c": 1, "d": 2}
    assert faults == ()


def test_a_circle_is_named_and_ends() -> None:
    steps, faults = walk(subject("a", "b"), subject("b", "c"), subject("c", "a"))

    assert steps == {"b": 1, "c": 2}
    assert faults == ("circle of dependencies: a -> b -> c -> a",)


def test_a_dependency_without_a_record_is_named() -> None:
    assert walk(subject("a", "ghost")) == ({"ghost": 1}, ("ghost: has no record",))


@given(st.lists(st.lists(st.integers(0, 9), max_size=4), min_size=10, max_size=10))
def test_every_walk_ends_and_reads_nothing_twice(edges: list[list[int]]) -> None:
    subjects = [subject(f"s{n}", *(f"s{to}" for to in tos if to != n)) for n, tos in enumerate(edges)]

    steps, _ = walk(*subjects)

    assert "s0" not in steps
    assert steps.keys() <= {each.subject_id for each in subjects}


@pytest.mark.parametrize("wide", [True, False])
def test_a_walk_has_an_end_however_many_there_are(wide: bool) -> None:
    count = 3 * MOST_DEPENDENCIES
    names = [f"s{number}" for number in range(count)]
    chain = [subject(name, after) for name, after in pairwise(names)]
    many = [subject("s0", *names[1:])] if wide else chain

    steps, faults = walk(*many)

    assert len(steps) == MOST_DEPENDENCIES
    assert any("the farther ones were not looked at" in fault for fault in faults)
