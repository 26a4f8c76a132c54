"""The stream mapping's filter, read out of template.yaml: what wakes diagnose and what must not."""

from itertools import product
from typing import Any

import pytest
from moto.events.models import EventPattern
from samtranslator.yaml_helper import yaml_parse

from local.aws.template import TEMPLATE
from tickets import states
from tickets.states import DiagnosisStatus, Move

# The template alone is looked at: there is nothing of ours to follow.
pytestmark = pytest.mark.not_followed

Image = dict[str, dict[str, Any]] | None

DIAGNOSE = yaml_parse(TEMPLATE.read_text("utf-8"))["Resources"]["DiagnoseFunction"]["Properties"]
FILTERS = DIAGNOSE["Events"]["Stream"]["Properties"]["FilterCriteria"]["Filters"]
PATTERNS: list[Any] = [EventPattern.load(entry["Pattern"]) for entry in FILTERS]

WAITING = ("open", "Open", "OPEN", "acknowledged", "Acknowledged", "ACKNOWLEDGED")
STATUSES = (None, *WAITING, "diagnosed", "resolved", "opne")
DIAGNOSIS_STATUSES = (None, *DiagnosisStatus)
ASKED = (
    {"rediagnose": "once more, please"},
    {"incident_id": "i-1"},
    {"incident_id": "i-1", "detach": "another fault"},
    {"detach": "of nothing"},
)


def image(status: str | None = "open", diagnosis_status: str | None = None, **others: str) -> Image:
    attributes = {"ticket_id": "T-1", "status": status, "diagnosis_status": diagnosis_status, **others}
    return {name: {"S": value} for name, value in attributes.items() if value is not None}


def wakes(old: Image, new: Image) -> bool:
    name = "INSERT" if old is None else "REMOVE" if new is None else "MODIFY"
    images = {"OldImage": old, "NewImage": new}
    record = {
        "eventName": name,
        "eventSource": "aws:dynamodb",
        "dynamodb": {
            "Keys": {"ticket_id": {"S": "T-1"}},
            **{k: v for k, v in images.items() if v is not None},
        },
    }
    return any(pattern.matches_event(record) for pattern in PATTERNS)


def should_wake(old: Image, new: Image) -> bool:
    """The transitions in words, independent of how the patterns say them."""
    if new is None:
        return False

    def value(name: str, of: Image) -> str | None:
        return of[name]["S"] if of and name in of else None

    before, after = value("diagnosis_status", old), value("diagnosis_status", new)
    waits = value("status", new) in WAITING
    opened = waits and value("status", old) not in WAITING and after in (None, "pending", "done", "failed")
    erased = waits and after is None and before is not None
    rearmed = after == "pending" and before != "pending"
    asks = value("rediagnose", new) is not None
    asked = asks and value("rediagnose", old) is None
    detached = value("detach", new) is not None and value("detach", old) is None
    leaves = detached and value("incident_id", new) is not None
    left_over = asks and before == "running" and after in {"done", "failed"}
    return opened or erased or rearmed or asked or leaves or left_over


def test_every_pair_of_images_wakes_exactly_when_a_ticket_needs_it() -> None:
    images: list[Image] = [
        None,
        *(
            image(status, diagnosis_status, **asked)
            for status, diagnosis_status in product(STATUSES, DIAGNOSIS_STATUSES)
            for asked in ({}, *ASKED)
        ),
    ]

    wrong = [(old, new) for old, new in product(images, images) if wakes(old, new) != should_wake(old, new)]

    assert wrong == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(None, image(), id="a ticket is created"),
        pytest.param(None, image("acknowledged"), id="a ticket is created acknowledged"),
        pytest.param(None, image("OPEN"), id="a ticket is created in capitals"),
        pytest.param(image("resolved"), image("Open"), id="opened again in capitals"),
        pytest.param(image("resolved", "done"), image("open", "done"), id="opened again after its diagnosis"),
        pytest.param(image("resolved", "failed"), image("open", "failed"), id="opened again after it failed"),
        pytest.param(None, image("open", "pending"), id="intake opens a ticket"),
        pytest.param(
            image("resolved", "pending"),
            image("open", "pending"),
            id="resolved before its claim, opened again",
        ),
        pytest.param(image(" open"), image("open"), id="a status with a space is respelt"),
        pytest.param(image("draft"), image("open"), id="a status that was misspelt is mended"),
        pytest.param(image(None), image("open"), id="a status that was missing is added"),
        pytest.param(image("resolved"), image("open"), id="resolved before it was diagnosed, opened again"),
        pytest.param(
            image("open", "running", generation="1"), image(), id="overwritten while it is diagnosed"
        ),
        pytest.param(image("diagnosed", "done"), image(), id="overwritten after it was diagnosed"),
        pytest.param(image("open", "deferred"), image("acknowledged"), id="overwritten while it waits"),
        pytest.param(image("open", "deferred"), image("open", "pending"), id="its time has come"),
        pytest.param(image("open", "failed"), image("open", "pending"), id="redriven"),
        pytest.param(image("open", "running"), image("open", "pending"), id="its invocation was lost"),
        pytest.param(image("open"), image("open", "pending"), id="forgotten before it was met"),
        pytest.param(
            image("diagnosed", "done"),
            image("diagnosed", "done", rediagnose="new logs"),
            id="asked again when done",
        ),
        pytest.param(
            image("open", "failed"),
            image("open", "failed", rediagnose="mended"),
            id="asked again when failed",
        ),
        pytest.param(
            image("resolved", "done"),
            image("resolved", "done", rediagnose="why?"),
            id="asked again when resolved",
        ),
        pytest.param(
            image("open", "set_aside", incident_id="i-1"),
            image("open", "set_aside", incident_id="i-1", detach="another fault"),
            id="a member is detached",
        ),
        pytest.param(
            image("open", "running", rediagnose="wait"),
            image("diagnosed", "done", rediagnose="wait"),
            id="asked while it was diagnosed",
        ),
    ],
)
def test_wakes_for(old: Image, new: Image) -> None:
    assert wakes(old, new)


@pytest.mark.parametrize("diagnosis_status", DIAGNOSIS_STATUSES, ids=lambda status: status or "not met yet")
@pytest.mark.parametrize("status", ["open", "acknowledged", "diagnosed", "resolved"])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param({"occurrence_count": "4"}, {"occurrence_count": "5"}, id="a monitor counts up"),
        pytest.param({}, {"held": "true"}, id="a person holds it"),
        pytest.param({"notes": "?"}, {"notes": "seen before"}, id="a person edits notes"),
        pytest.param({}, {"noticed_at": "1790000000"}, id="sweep stamps it"),
        pytest.param({"lease_until": "1790000000"}, {"lease_until": "0"}, id="a lease is given back"),
        pytest.param(
            {"rediagnose": "a"}, {"rediagnose": "b"}, id="a request that is already open is reworded"
        ),
        pytest.param({"rediagnose": "a"}, {}, id="a request is taken back"),
        pytest.param({}, {"detach": "?"}, id="what is no member is detached"),
        pytest.param({"detach": "a"}, {"detach": "b", "incident_id": "i-1"}, id="detached already"),
        pytest.param({}, {"diagnosis_feedback": "wrong"}, id="a person says whether the diagnosis was right"),
    ],
)
def test_sleeps_when_nothing_but_this_changes(
    status: str, diagnosis_status: str | None, before: dict[str, str], after: dict[str, str]
) -> None:
    assert not wakes(image(status, diagnosis_status, **before), image(status, diagnosis_status, **after))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(None, image("resolved"), id="created resolved"),
        pytest.param(None, image("opne"), id="created with a misspelt status"),
        pytest.param(image("Open"), image("open"), id="a status in capitals is respelt"),
        pytest.param(None, image(None), id="created without a status"),
        pytest.param(image("open"), image("acknowledged"), id="acknowledged before it was met"),
        pytest.param(
            image("open", "running"), image("acknowledged", "running"), id="acknowledged while diagnosed"
        ),
        pytest.param(image("open", "running"), image("resolved", "running"), id="resolved while diagnosed"),
        pytest.param(image("open", "running"), image("diagnosed", "done"), id="diagnosed"),
        pytest.param(image(), None, id="deleted"),
        pytest.param(image("open", "pending"), None, id="deleted while it waits"),
    ],
)
def test_sleeps_when(old: Image, new: Image) -> None:
    assert not wakes(old, new)


@pytest.mark.parametrize("status", WAITING)
@pytest.mark.parametrize(
    ("move", "source"),
    [
        pytest.param(move, source, id=f"{source or 'absent'} to {move.target}")
        for move in states.MOVES
        for source in move.sources
    ],
)
def test_of_the_pipelines_own_moves_only_those_to_pending_wake(
    move: Move, source: DiagnosisStatus | None, status: str
) -> None:
    old, new = image(status, source), image(status, move.target)

    assert wakes(old, new) == (move.target is DiagnosisStatus.PENDING)


def test_lambda_takes_the_filter() -> None:
    assert len(FILTERS) <= 5
    assert all(len(entry["Pattern"]) <= 4096 for entry in FILTERS)
