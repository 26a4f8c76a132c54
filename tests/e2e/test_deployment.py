"""What `sam deploy` makes, on an emulator that enforces the stack's roles.

The tests are the life of one deployment, in order: deploying takes most of the time.
"""

from collections.abc import Iterator
from datetime import datetime

import pytest

from local.claude.faults import Fault, Kind
from local.claude.server import StandIn
from local.demo.events import load_ticket
from tests.support.built_stack import BuiltStack
from tests.support.deployment import Deployment
from tests.support.ministack_process import PYTHON, Ministack
from tests.support.webhook_samples import SECRET

pytestmark = pytest.mark.skipif(
    not PYTHON.exists(), reason="no Python 3.13 for the emulator: local/find_python313 found none"
)
TOO_LONG_TO_WAIT_IN_PLACE = 25


@pytest.fixture(scope="module")
def claude() -> Iterator[StandIn]:
    with StandIn() as running:
        yield running


@pytest.fixture(scope="module")
def deployed(
    built_stack: BuiltStack, claude: StandIn, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Deployment]:
    folder = tmp_path_factory.mktemp("deployment")
    with pytest.MonkeyPatch.context() as environment, Ministack(folder) as aws:
        for name, value in aws.environment().items():
            environment.setenv(name, value)
        deployment = Deployment(built_stack.built, folder / "stack", aws, claude).deploy()
        deployment.put_api_key("sk-test-key")
        yield deployment


def put_ticket(deployed: Deployment, ticket_id: str, **attributes: str) -> None:
    deployed.tickets.put_item(Item={**load_ticket("tikv-store-down"), "ticket_id": ticket_id, **attributes})


def test_a_ticket_is_diagnosed(deployed: Deployment) -> None:
    put_ticket(deployed, "healthy")

    diagnosed = deployed.await_ticket("healthy", status="diagnosed")

    assert diagnosed["diagnosis_status"] == "done"
    assert diagnosed["diagnosis_record"]["answer"]["primary"]["diagnosis"]


def test_an_event_of_a_monitor_becomes_a_diagnosis_that_machines_and_people_are_told_of(
    deployed: Deployment,
) -> None:
    deployed.listen()
    told = {"version": 1, "violation_key": "disk_nearly_full:db-7", "at": "2026-11-28T02:11:30Z"}
    facts = {"invariant_name": "disk_nearly_full", "message": "96 % full", "component": "db-7"}
    deployed.put_event("Ticket Opened", {**told, "ticket": facts})

    ticket_id = str(deployed.await_ticket_of("disk_nearly_full:db-7", status="diagnosed")["ticket_id"])
    event, mail = deployed.heard("machines", ticket_id), deployed.heard("people", ticket_id)
    assert (event["detail-type"], event["detail"]["ticket"]["ticket_id"]) == ("Ticket Diagnosed", ticket_id)
    assert "Next step: " in mail["Message"][:300]

    assert deployed.press("confirmed", ticket_id).startswith("Noted: the diagnosis of ")
    deployed.put_event("Ticket Resolved", {**told, "at": "2026-11-28T02:15:00Z"})
    resolved = deployed.await_ticket_of("disk_nearly_full:db-7", status="resolved")
    assert (resolved["ticket_id"], resolved["diagnosis_feedback"]["verdict"]) == (ticket_id, "confirmed")
    assert deployed.heard("machines", ticket_id)["detail-type"] == "Ticket Resolved"
    assert "Resolved" in deployed.heard("people", ticket_id)["Subject"]


def test_a_ticket_behind_a_rate_limit_is_put_off_and_brought_back(
    deployed: Deployment, claude: StandIn
) -> None:
    claude.script(Fault(Kind.RATE_LIMIT, retry_after=TOO_LONG_TO_WAIT_IN_PLACE))
    put_ticket(deployed, "limited")

    put_off = deployed.await_ticket("limited", diagnosis_status="deferred")
    back = deployed.await_ticket("limited", status="diagnosed")

    assert datetime.fromisoformat(back["diagnosed_at"]).timestamp() >= int(put_off["not_before"])


def test_a_dead_letter_is_redriven_once_its_ticket_is_mended(deployed: Deployment) -> None:
    put_ticket(deployed, "without-a-message", message="")

    failed = deployed.await_ticket("without-a-message", diagnosis_status="failed")
    assert "message" in failed["diagnosis_error"]["message"]

    deployed.tickets.update_item(
        Key={"ticket_id": "without-a-message"},
        UpdateExpression="SET message = :text",
        ExpressionAttributeValues={":text": "store 4 has sent no heartbeat for 40 s"},
    )

    assert deployed.redrive_dead_letters() == 1
    deployed.await_ticket("without-a-message", status="diagnosed")


def test_sweep_finds_a_ticket_whose_wake_up_was_lost(deployed: Deployment, claude: StandIn) -> None:
    claude.script(Fault(Kind.RATE_LIMIT, retry_after=600))
    put_ticket(deployed, "without-a-wake-up")
    deployed.await_ticket("without-a-wake-up", diagnosis_status="deferred")
    deployed.lose_wake_ups()

    deployed.sweep(open_gate=True)

    deployed.await_ticket("without-a-wake-up", status="diagnosed")


def test_a_changed_parameter_takes_effect(deployed: Deployment) -> None:
    before = deployed.ticket("healthy")["diagnosis_usage"]["cost_usd"]

    deployed.deploy(PriceInputUsdPerMtok="300", PriceOutputUsdPerMtok="1500", WebhookDoor="true")
    put_ticket(deployed, "at-another-price")

    dear = deployed.await_ticket("at-another-price", status="diagnosed")
    assert dear["diagnosis_usage"]["cost_usd"] > 50 * before


def test_a_webhook_that_was_switched_on_knows_its_senders(deployed: Deployment) -> None:
    """What comes after that is not to be seen here: IAM of the emulator has no `events:source` to compare."""
    deployed.put_secret("WebhookSecretArn", SECRET)

    assert deployed.call_webhook("POST", "what-somebody-guessed") == 401
    assert deployed.call_webhook("DELETE", SECRET) == 405


def test_the_tables_outlive_the_stack_and_a_new_one_takes_them_over(deployed: Deployment) -> None:
    tables = deployed.outputs["TicketsTableName"], deployed.outputs["StateTableName"]

    deployed.delete()
    assert deployed.ticket("healthy")["status"] == "diagnosed"

    put_ticket(deployed, "written-meanwhile")
    deployed.take_over(*tables)
    deployed.deploy()
    deployed.put_api_key("sk-test-key")

    assert (deployed.outputs["TicketsTableName"], deployed.outputs["StateTableName"]) == tables
    deployed.await_ticket("written-meanwhile", status="diagnosed")
