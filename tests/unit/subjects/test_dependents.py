"""What stands on a subject, and what is near it either way."""

from hypothesis import given
from hypothesis import strategies as st

from subjects.graph import dependents, within_reach
from subjects.subject import Subject


def subjects(**depends_on: list[str]) -> list[Subject]:
    return [Subject(subject_id=name, depends_on=tuple(below)) for name, below in depends_on.items()]


def test_two_steps_up_and_no_further() -> None:
    every = subjects(web=["api"], api=["orders"], orders=["db"], mobile=["web"], audit=["orders"])

    assert dependents("orders", every) == {"api": 1, "audit": 1, "web": 2}


def test_a_circle_ends_where_it_began() -> None:
    assert dependents("a", subjects(a=["c"], b=["a"], c=["b"])) == {"b": 1, "c": 2}


def test_a_subject_that_points_at_itself_is_not_its_own_neighbour() -> None:
    assert dependents("a", subjects(a=["a"])) == {}


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.lists(st.sampled_from("abcdef"), max_size=4))))
def test_whatever_points_at_whatever_it_ends(records: list[tuple[str, list[str]]]) -> None:
    every = [Subject(subject_id=name, depends_on=tuple(below)) for name, below in records]
    steps = dependents("a", every)

    assert "a" not in steps
    assert set(steps.values()) <= {1, 2}


def test_what_is_near_is_so_whichever_depends_on_which() -> None:
    every = subjects(web=["api"], api=["orders"], orders=["db"], audit=["db"], report=["audit"])

    assert within_reach("orders", every) == {"db": 1, "api": 1, "web": 2, "audit": 2}


def test_what_has_no_record_connects_those_that_depend_on_it() -> None:
    assert within_reach("a", subjects(a=["ghost"], b=["ghost"])) == {"ghost": 1, "b": 2}


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.lists(st.sampled_from("abcdef"), max_size=4))))
def test_whoever_is_near_has_the_other_near(records: list[tuple[str, list[str]]]) -> None:
    every = [Subject(subject_id=name, depends_on=tuple(below)) for name, below in records]
    near = {name: within_reach(name, every) for name in "abcdef"}

    for one, others in near.items():
        assert one not in others
        assert all(near[other][one] == far for other, far in others.items())
