"""An outage of Claude's is told once, with how many tickets wait, and once when it is over."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st

from capacity.state import CapacityState, Gate
from events.bus import EventRefusedError
from events.outgoing import DiagnosisDelayed, DiagnosisResumed
from notify.notify_people import NotToldError
from runtime.clock import iso
from sweep.outage import Outages
from tests.support.conditions import holds
from tests.support.fake_clock import FakeClock
from tests.support.told import Told

OPEN = CapacityState()
INTERVAL = 300.0


def closed(clock: FakeClock, gate: Gate = Gate.PROVIDER) -> CapacityState:
    return CapacityState(clock.now() + 60, gate, "server: 529 overloaded", strikes=3)


class StateTable:
    """StateTable in memory, with the two calls that are made of it."""

    def __init__(self) -> None:
        self.items: dict[str, dict[str, Any]] = {}

    def get_item(self, Key: Mapping[str, str], ConsistentRead: bool) -> dict[str, Any]:  # noqa: N803
        return {"Item": self.items[Key["state_id"]]} if Key["state_id"] in self.items else {}

    def put_item(self, Item: dict[str, Any], ConditionExpression: Any) -> None:  # noqa: N803
        if not holds(ConditionExpression, self.items.get(Item["state_id"], {})):
            raise ClientError({"Error": {"Code": "ConditionalCheckFailedException"}}, "PutItem")
        self.items[Item["state_id"]] = Item


class Bus:
    """The bus, which may refuse."""

    def __init__(self) -> None:
        self.told: list[tuple[str, dict[str, Any]]] = []
        self.refuses = False

    def put(self, detail_type: str, detail: str) -> None:
        if self.refuses:
            raise EventRefusedError("ThrottlingException")
        self.told.append((detail_type, json.loads(detail)))

    @property
    def kinds(self) -> list[str]:
        return [detail_type for detail_type, _ in self.told]


class Sweeps:
    """Sweep's looks at outages, one every interval, each in a fresh execution environment or not."""

    def __init__(self) -> None:
        self.clock, self.table, self.bus = FakeClock(), StateTable(), Bus()
        self.outages = self.restart()

    def restart(self) -> Outages:
        self.outages = Outages(self.table, self.bus, self.clock)  # type: ignore[arg-type]
        return self.outages

    def look(self, *, out: bool, waiting: int = 3, gate: Gate = Gate.PROVIDER) -> str | None:
        found = self.outages.look(closed(self.clock, gate) if out else OPEN, waiting)
        self.clock.sleep(INTERVAL)
        return found


def test_an_outage_is_told_when_it_has_lasted_and_again_when_it_is_over() -> None:
    sweeps = Sweeps()
    began = iso(sweeps.clock.now())
    looks = [sweeps.look(out=True, waiting=count) for count in (1, 2, 7, 9)]
    looks += [sweeps.look(out=False, waiting=4) for _ in range(4)]

    assert [look for look in looks if look] == ["Diagnosis Delayed", "Diagnosis Resumed"]
    [(_, delayed), (_, resumed)] = sweeps.bus.told
    assert DiagnosisDelayed.model_validate(delayed).waiting == 7
    assert (delayed["since"], delayed["gate"], delayed["reason"]) == (
        began,
        "provider",
        "server: 529 overloaded",
    )
    assert DiagnosisResumed.model_validate(resumed).waiting == 4
    assert resumed["since"] == began


@pytest.mark.parametrize(
    ("gate", "waiting", "looks"),
    [
        pytest.param(Gate.PROVIDER, 3, 2, id="shorter than ten minutes"),
        pytest.param(Gate.PROVIDER, 0, 9, id="nobody waits"),
        pytest.param(Gate.SPEND, 3, 9, id="the day's spend"),
    ],
)
def test_is_no_outage(gate: Gate, waiting: int, looks: int) -> None:
    sweeps = Sweeps()
    for _ in range(looks):
        sweeps.look(out=True, waiting=waiting, gate=gate)
    for _ in range(4):
        sweeps.look(out=False)

    assert sweeps.bus.told == []


def test_one_that_flaps_is_one_outage() -> None:
    sweeps = Sweeps()
    for out in [True, True, True, False, True, True, False, True, False, False, False, False]:
        sweeps.look(out=out)

    assert sweeps.bus.kinds == ["Diagnosis Delayed", "Diagnosis Resumed"]


def test_what_the_bus_refuses_is_told_by_the_next_run() -> None:
    sweeps = Sweeps()
    sweeps.look(out=True)
    sweeps.look(out=True)
    sweeps.bus.refuses = True
    with pytest.raises(EventRefusedError):
        sweeps.look(out=True)
    sweeps.bus.refuses = False
    sweeps.restart()

    assert sweeps.look(out=True) == "Diagnosis Delayed"
    assert sweeps.look(out=True) is None


def test_a_crash_between_telling_and_noting_tells_again_with_the_same_id() -> None:
    sweeps = Sweeps()
    sweeps.look(out=True)
    sweeps.look(out=True)
    before = dict(sweeps.table.items)
    sweeps.look(out=True)
    sweeps.table.items = before
    sweeps.restart()
    sweeps.look(out=True)

    assert sweeps.bus.kinds == ["Diagnosis Delayed"] * 2
    assert len({detail["id"] for _, detail in sweeps.bus.told}) == 1


@pytest.mark.parametrize("spoilt", [{"since": "x"}, {"version": []}, {"since": None}], ids=str)
def test_an_item_that_was_not_written_by_us_is_no_outage(spoilt: dict[str, Any]) -> None:
    sweeps = Sweeps()
    sweeps.table.items["outage"] = {"state_id": "outage", **spoilt}
    sweeps.look(out=True)

    assert sweeps.bus.told == []


@settings(max_examples=60, deadline=None)
@given(looks=st.lists(st.tuples(st.booleans(), st.booleans()), max_size=40))
def test_beginnings_and_ends_take_turns_and_nothing_is_told_twice(looks: list[tuple[bool, bool]]) -> None:
    sweeps = Sweeps()
    for out, restarts in [*looks, *[(False, False)] * 4]:
        if restarts:
            sweeps.restart()
        sweeps.look(out=out)

    assert sweeps.bus.kinds == ["Diagnosis Delayed", "Diagnosis Resumed"] * (len(sweeps.bus.told) // 2)
    assert len({detail["id"] for _, detail in sweeps.bus.told}) == len(sweeps.bus.told)


def event(detail_type: str, **fields: Any) -> dict[str, Any]:
    """An outage, as it comes by the bus."""
    detail = {
        "version": 1,
        "id": f"outage/now/{detail_type}",
        "at": "2026-11-20T10:05:01.220Z",
        "since": "2026-11-20T09:55:00.000Z",
        "waiting": 7,
        **fields,
    }
    return {"detail-type": detail_type, "source": "differential", "detail": detail}


DELAYED = event("Diagnosis Delayed", gate="provider", reason="server: 529 <!channel> https://evil.example")


class TestPeopleAreTold:
    def test_of_the_outage_and_of_its_end_once_each_in_one_thread(self, told: Told) -> None:
        resumed = event("Diagnosis Resumed", waiting=4)
        outcomes = [told.invoke(each) for each in (DELAYED, DELAYED, resumed, resumed)]

        assert [next(iter(outcome.values())) for outcome in outcomes] == [
            "Diagnosis Delayed: told",
            "Diagnosis Delayed: told before",
            "Diagnosis Resumed: told",
            "Diagnosis Resumed: told before",
        ]
        delay, end = told.by("mail")
        assert delay["Subject"] == "Diagnoses are delayed: 7 tickets wait"
        assert delay["Message"].startswith(
            "Diagnoses are delayed: 7 tickets wait. Cause: Claude does not answer since "
            "2026-11-20T09:55:00.000Z. Next step: none; they are diagnosed as soon as Claude answers, the sev"
        )
        assert end["Message"].startswith(
            "Diagnoses go on. Cause: Claude answers again. Next step: none; of the"
        )
        threads = [json.loads(each["Message"])["metadata"]["threadId"] for each in told.by("slack")]
        assert len(threads) == 2
        assert len(set(threads)) == 1
        assert told.events() == []

    def test_nothing_in_its_reason_acts(self, told: Told) -> None:
        told.invoke(DELAYED)

        description = json.loads(told.by("slack")[0]["Message"])["content"]["description"]
        assert "<!" not in description
        assert "https://" not in description

    def test_an_account_fault_says_what_a_person_has_to_do(self, told: Told) -> None:
        told.invoke(event("Diagnosis Delayed", gate="account", reason="authentication"))

        assert "then open the gate by hand" in told.by("mail")[0]["Message"][:300]

    def test_what_sns_refuses_is_told_by_the_next_try(self, told: Told) -> None:
        def refuse(**_request: Any) -> Any:
            raise ClientError({"Error": {"Code": "Throttled"}}, "Publish")

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(told.use_case.topics.client, "publish", refuse)
            with pytest.raises(NotToldError):
                told.invoke(DELAYED)

        assert told.invoke(DELAYED) == {"Diagnosis Delayed": "Diagnosis Delayed: told"}

    def test_a_way_that_refuses_does_not_have_the_others_told_again(self, told: Told) -> None:
        client = told.use_case.topics.client
        publish = client.publish

        def refuse_slack(**request: Any) -> Any:
            if request["TopicArn"] == told.use_case.topics.slack:
                raise ClientError({"Error": {"Code": "AuthorizationError"}}, "Publish")
            return publish(**request)

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(client, "publish", refuse_slack)
            for _ in range(2):
                with pytest.raises(NotToldError, match="slack"):
                    told.invoke(DELAYED)
        assert len(told.by("mail")) == 1

        assert told.invoke(DELAYED) == {"Diagnosis Delayed": "Diagnosis Delayed: told"}
        assert len(told.by("slack")) == 1
        assert told.by("mail") == []

    def test_what_is_no_outage_is_an_error(self, told: Told) -> None:
        with pytest.raises(ValueError, match="waiting"):
            told.invoke(event("Diagnosis Resumed", waiting="many"))
