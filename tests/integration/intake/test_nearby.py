"""What is near an alarm's subject, by SubjectsTable as it is."""

from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest

from intake.storms.nearby import Nearby
from local.aws.api.troubles import denied
from local.aws.emulator import Emulator
from local.aws.stack import Stack
from runtime.items import open_dynamodb
from runtime.observability import metrics
from subjects.records import Records

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table


@pytest.fixture
def subjects(stack: Stack) -> "Table":
    return open_dynamodb().Table(stack.ref("SubjectsTable"))


@pytest.fixture
def nearby(subjects: "Table") -> Nearby:
    return Nearby(Records(subjects))


def put(subjects: "Table", **depends_on: Any) -> None:
    for subject_id, below in depends_on.items():
        subjects.put_item(Item={"subject_id": subject_id, "depends_on": below})


def test_what_is_two_steps_away_either_way_is_near(nearby: Nearby, subjects: "Table") -> None:
    put(subjects, web=["api"], api=["orders"], orders=["db"], audit=["db"], report=["audit"], other="x")

    assert nearby.of("orders") == {"api", "web", "db", "audit"}
    assert nearby.of("nobody") == frozenset()


def test_a_record_that_is_damaged_connects_what_can_be_read_of_it(nearby: Nearby, subjects: "Table") -> None:
    put(subjects, orders={"no": "list"}, web=["orders", 7])

    assert nearby.of("orders") == {"web", "7"}


def test_of_very_many_the_nearest_count(
    nearby: Nearby, subjects: "Table", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("intake.storms.nearby.MOST_NEAR", 3)
    put(subjects, hub=[], far=["s1"], **{f"s{number}": ["hub"] for number in range(4)})
    found = nearby.of("hub")

    assert len(found) == 3
    assert "far" not in found


def test_a_table_that_cannot_be_read_leaves_nothing_near_and_is_logged_and_counted(
    nearby: Nearby, subjects: "Table", emulator: Emulator, logged: StringIO
) -> None:
    put(subjects, web=["orders"])
    metrics.clear_metrics()
    emulator.api.troubles = {("dynamodb", "Scan"): denied("dynamodb", "Scan")}
    try:
        assert nearby.of("orders") == frozenset()
    finally:
        emulator.api.troubles = {}

    assert "the subjects could not be read" in logged.getvalue()
    assert metrics.metric_set["SubjectsNotRead"]["Value"] == [1]
    metrics.clear_metrics()


def test_a_table_that_takes_too_long_leaves_near_what_was_read_and_is_counted(
    nearby: Nearby, subjects: "Table", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("intake.storms.nearby.MOST_SECONDS", 0.0)
    put(subjects, web=["orders"])
    metrics.clear_metrics()

    assert nearby.of("orders") == frozenset()
    assert metrics.metric_set["SubjectsNotRead"]["Value"] == [1]
    metrics.clear_metrics()


def test_without_a_subject_nothing_is_asked() -> None:
    assert Nearby(None).of("orders") == frozenset()
    assert Nearby(Records(None)).of("") == frozenset()  # type: ignore[arg-type]
