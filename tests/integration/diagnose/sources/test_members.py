"""The alarms that joined an incident, as its prompt tells them."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from diagnose.evidence.facts import Kind
from diagnose.evidence.gathering import gather
from diagnose.evidence.looked import Found
from diagnose.evidence.sources.members import FIRST, LAST, PLACE, IncidentMembers
from local.aws.api.troubles import denied
from local.aws.emulator import Emulator
from local.aws.stack import Stack
from runtime.clock import iso
from runtime.items import open_dynamodb
from tests.support.incidents import incident
from tests.support.looking import NOW, after, empty, lines, look, not_asked, unseen

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

HEAD = "storm-1"


@pytest.fixture
def tickets(stack: Stack) -> "Table":
    return open_dynamodb().Table(stack.ref("TicketsTable"))


@pytest.fixture
def source(tickets: "Table") -> IncidentMembers:
    return IncidentMembers(tickets, 60.0)


def join(tickets: "Table", number: int, at: datetime, **attributes: Any) -> None:
    member = {
        "ticket_id": f"m-{number}",
        "status": "open",
        "incident_id": HEAD,
        "member_since": iso(at),
        "invariant_name": f"slow-{number}",
        "component": f"fn-{number}",
        "monitor_state": "alarm",
    }
    tickets.put_item(Item={**member, **attributes})


def test_they_are_told_in_order_of_their_onset_with_offsets(
    source: IncidentMembers, tickets: "Table"
) -> None:
    join(tickets, 1, NOW + timedelta(minutes=4), subject="ledger", severity="critical")
    join(tickets, 2, NOW - timedelta(minutes=1), monitor_state="ok", component={"store": 7})
    join(tickets, 3, NOW, incident_id="another")

    head = incident(NOW, ticket_id=HEAD, members=2, first_seen_at=NOW.isoformat())
    context = gather(head, (), [source])

    [section] = [section for section in context.sections if section.name == "members"]
    first, second = (f"{NOW + timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%SZ}" for minutes in (-1, 4))
    assert section.lines == (
        f'{first} (-1 min): slow-2, on {{"store": 7}}, over',
        f"{second} (+4 min): slow-1, on fn-1, subject ledger, critical, in alarm",
    )
    assert [fact.kind for fact in section.facts if fact] == [Kind.ALARM, Kind.ALARM]


def test_of_ten_thousand_the_first_and_the_last_are_told_in_two_reads(
    source: IncidentMembers, tickets: "Table"
) -> None:
    for number in range(FIRST + LAST + 20):
        join(tickets, number, NOW + timedelta(seconds=number))
    reads = list[dict[str, Any]]()
    tickets.meta.client.meta.events.register(
        "provide-client-params.dynamodb.Query", lambda params, **_: reads.append(params)
    )

    told = lines(look(source, incident(NOW, ticket_id=HEAD, members=10_000)))

    assert len(told) == FIRST + 1 + LAST
    assert "slow-0," in told[0]
    assert told[FIRST] == f"not shown, between these: {10_000 - FIRST - LAST} alarms"
    assert f"slow-{FIRST + LAST + 19}," in told[-1]
    assert [read["Limit"] for read in reads] == [FIRST, LAST]


def test_where_the_two_ends_meet_nobody_is_told_twice(source: IncidentMembers, tickets: "Table") -> None:
    for number in range(FIRST + 3):
        join(tickets, number, NOW + timedelta(seconds=number))

    told = lines(look(source, incident(NOW, ticket_id=HEAD, members=FIRST + 3)))

    assert len(told) == len(set(told)) == FIRST + 3


def test_a_ticket_that_nothing_has_joined_is_not_looked_for(source: IncidentMembers) -> None:
    assert not_asked(look(source, incident(NOW))) == {PLACE: "nothing has joined it"}


def test_members_that_are_not_there_were_looked_for(source: IncidentMembers) -> None:
    assert empty(look(source, incident(NOW, ticket_id=HEAD, members=1))) == [PLACE]


def test_where_it_may_not_look_it_says_so(source: IncidentMembers, api: Emulator) -> None:
    api.api.troubles = {("dynamodb", "Query"): denied}

    assert "Query" in unseen(look(source, incident(NOW, ticket_id=HEAD, members=1)))[PLACE]


def test_odd_values_cost_themselves_alone(source: IncidentMembers, tickets: "Table") -> None:
    join(tickets, 1, NOW, member_since="soon", monitor_state="?", invariant_name="x" * 9000, component="a\nb")

    looked = look(source, incident(NOW, ticket_id=HEAD, members=1), after(9))
    [found] = looked
    assert isinstance(found, Found)
    [line] = found.sections[0].lines
    assert line.startswith("at an unknown time: xxx")
    assert len(line) < 500
    assert "\n  b, state unknown" in line
