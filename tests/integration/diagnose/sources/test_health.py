"""AWS Health's events around the onset."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from diagnose.evidence.clients import Clients
from diagnose.evidence.gathering import gather
from diagnose.evidence.sources.health import Health
from local.aws.api.troubles import denied
from local.aws.emulator import Emulator
from local.aws.names import ACCOUNT, REGION
from local.aws.recorded.account import Account
from tests.support.incidents import incident
from tests.support.looking import NOW, after, empty, lines, look, unseen

PLACE = f"AWS Health's events in {REGION}"
ONSET = NOW - timedelta(hours=1)
AFFECTED = incident(
    NOW, resource=f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:orders", first_seen_at=ONSET.isoformat()
)


def test_events_of_the_incidents_service_come_first_with_their_times(
    clients: Clients, account: Account
) -> None:
    start = ONSET - timedelta(minutes=10)
    account.health.add("EC2", "AWS_EC2_OPERATIONAL_ISSUE", ONSET, "EC2 is slow")
    account.health.add("LAMBDA", "AWS_LAMBDA_OPERATIONAL_ISSUE", start, "Lambda is slow")

    first, second = lines(look(Health(clients, 60.0), AFFECTED))

    assert first == (
        "LAMBDA, a service of the incident, AWS_LAMBDA_OPERATIONAL_ISSUE, open, "
        f"{REGION}, from {start:%Y-%m-%dT%H:%M:%SZ}"
    )
    assert second.startswith("EC2, AWS_EC2_OPERATIONAL_ISSUE, open")


def test_what_was_over_long_before_is_not_told(clients: Clients, account: Account) -> None:
    old = ONSET - timedelta(days=3)
    account.health.add("LAMBDA", "AWS_LAMBDA_OPERATIONAL_ISSUE", old, "over", end=old + timedelta(hours=1))

    looked = look(Health(clients, 60.0), AFFECTED)

    assert (lines(looked), empty(looked), unseen(looked)) == ([], [PLACE], {})


def test_an_account_without_the_support_plan_is_told_as_one(clients: Clients, account: Account) -> None:
    account.health.subscribed = False

    looked = look(Health(clients, 60.0), AFFECTED)

    assert unseen(looked) == {PLACE: "AWS answers only accounts with a Business support plan or better"}


def test_what_is_not_allowed_is_named(clients: Clients, account: Account, emulator: Emulator) -> None:
    emulator.api.troubles = {("health", "DescribeEvents"): denied("health", "DescribeEvents")}

    context = gather(AFFECTED, (), [Health(clients, 60.0)])

    assert context.gaps == ("could not look: AWS Health: not allowed: health:DescribeEvents",)


def test_pages_without_an_end_are_read_to_a_bound(clients: Clients, api: Emulator) -> None:
    def endless(asked: Mapping[str, Any]) -> dict[str, Any]:
        return {"events": [], "nextToken": "again"}

    api.api.operations = {("health", "DescribeEvents"): endless}

    looked = look(Health(clients, 60.0), AFFECTED)

    assert unseen(looked) == {f"the rest of {PLACE}": "there were more than 5 pages"}
    assert empty(looked) == []


def test_at_its_deadline_it_says_so(clients: Clients, account: Account) -> None:
    looked = look(Health(clients), AFFECTED, after(1))

    assert unseen(looked) == {f"the rest of {PLACE}": "no time was left"}
