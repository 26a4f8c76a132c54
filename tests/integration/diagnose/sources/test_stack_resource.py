"""The resource's part of its CloudFormation template."""

from typing import Any

from diagnose.evidence.clients import Clients
from diagnose.evidence.gathering import gather
from diagnose.evidence.sources.stack_resource import MOST_LINES, StackResource
from local.aws.api.troubles import denied
from local.aws.emulator import Emulator
from local.aws.names import ACCOUNT, REGION
from local.aws.recorded.account import Account
from tests.support.incidents import incident
from tests.support.looking import NOW, after, empty, lines, look, not_asked, unseen

PLACE = "the resource's part of its CloudFormation template"
AFFECTED = incident(NOW, resource=f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:orders")


def stack(account: Account, properties: dict[str, Any]) -> None:
    resources = {
        "Orders": {"Type": "AWS::Lambda::Function", "Properties": properties},
        "Jobs": {"Type": "AWS::SQS::Queue"},
    }
    account.stacks.add("shop", NOW, {"Resources": resources})
    account.stacks.resource("shop", "Orders", "AWS::Lambda::Function", "orders", NOW)


def test_the_resource_is_shown_and_nothing_beside_it(clients: Clients, account: Account) -> None:
    secret = "hunter2-Zq9!x"
    stack(account, {"MemorySize": 128, "Environment": {"Variables": {"DB_PASSWORD": secret}}})

    told = lines(look(StackResource(clients, 60.0), AFFECTED))

    assert '  "MemorySize": 128,' in told
    assert not any("SQS" in line or secret in line for line in told)


def test_a_long_one_says_how_much_is_not_shown(clients: Clients, account: Account) -> None:
    stack(account, {f"Setting{number}": number for number in range(500)})

    told = lines(look(StackResource(clients, 60.0), AFFECTED))

    assert len(told) == MOST_LINES + 1
    assert told[-1].endswith("more lines are not shown")


def test_a_resource_that_is_in_no_stack_was_looked_for(clients: Clients, account: Account) -> None:
    looked = look(StackResource(clients, 60.0), AFFECTED)

    assert (empty(looked), unseen(looked)) == (["the CloudFormation stack of its resources"], {})


def test_without_a_resource_nobody_is_asked(clients: Clients) -> None:
    assert not_asked(look(StackResource(clients), incident(NOW))) == {PLACE: "no resource is known"}


def test_what_is_not_allowed_is_named(clients: Clients, account: Account, emulator: Emulator) -> None:
    stack(account, {})
    emulator.api.troubles = {("cloudformation", "GetTemplate"): denied("cloudformation", "GetTemplate")}

    context = gather(AFFECTED, (), [StackResource(clients, 60.0)])

    assert context.gaps == ("could not look: template: not allowed: cloudformation:GetTemplate",)


def test_a_template_without_the_resource_is_no_empty_one(clients: Clients, account: Account) -> None:
    stack(account, {})
    account.stacks.resource("shop", "Later", "AWS::SQS::Queue", "later", NOW)

    looked = look(StackResource(clients, 60.0), incident(NOW, resource="later"))

    assert unseen(looked) == {PLACE: "Later cannot be found in the template of shop"}


def test_at_its_deadline_it_says_so(clients: Clients, account: Account) -> None:
    stack(account, {})

    assert unseen(look(StackResource(clients), AFFECTED, after(2))) == {PLACE: "no time was left"}
