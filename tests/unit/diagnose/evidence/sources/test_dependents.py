"""What stands on a subject."""

from hypothesis import given
from hypothesis import strategies as st

from diagnose.evidence.sources.neighbours.subjects import dependents
from diagnose.evidence.subject import Subject


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
