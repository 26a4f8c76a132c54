"""What stands next to a subject, and what is open there."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from diagnose.evidence.clients import Clients
from diagnose.evidence.facts import Kind
from diagnose.evidence.incident import Incident
from diagnose.evidence.looked import Found
from diagnose.evidence.sources.neighbours.source import (
    ALARMS,
    CALLS,
    STACK,
    TAGGED,
    TICKETS,
    Neighbours,
)
from local.aws.api.troubles import denied
from local.aws.emulator import Emulator
from local.aws.names import ACCOUNT, REGION
from local.aws.recorded.account import Account
from local.aws.recorded.application_signals import service
from local.aws.stack import Stack
from runtime.items import open_dynamodb
from subjects.subject import Subject
from tests.support.incidents import incident
from tests.support.looking import NOW, after, empty, lines, look, not_asked, unseen

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

ORDERS_ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:orders"
ORDERS = {"subject_id": "orders", "depends_on": ["orders-db", "queue"], "resources": ["orders"]}


@pytest.fixture
def subjects(stack: Stack) -> "Table":
    return open_dynamodb().Table(stack.ref("SubjectsTable"))


@pytest.fixture
def tickets(stack: Stack) -> "Table":
    return open_dynamodb().Table(stack.ref("TicketsTable"))


@pytest.fixture
def source(subjects: "Table", tickets: "Table", clients: Clients, account: Account) -> Neighbours:
    return Neighbours(subjects, tickets, clients, 60.0)


def affected(record: Mapping[str, Any] | None = ORDERS, **attributes: Any) -> Incident:
    found = incident(NOW, subject="orders", component="orders", **attributes)
    return replace(found, subject=Subject.from_item(record) if record else None)


def open_ticket(tickets: "Table", ticket_id: str, **attributes: Any) -> None:
    least = {"ticket_id": ticket_id, "status": "open", "invariant_name": "slow", "message": "slow"}
    tickets.put_item(Item={**least, **attributes})


def raise_alarm(account: Account, name: str, **dimensions: str) -> None:
    told = [{"Name": name, "Value": value} for name, value in dimensions.items()]
    account.alarms.add({"AlarmName": name, "Namespace": "AWS/RDS", "MetricName": "CPU", "Dimensions": told})
    account.alarms.went(name, "ALARM", NOW - timedelta(minutes=3))


def test_what_it_depends_on_and_what_depends_on_it_with_what_is_open_there(
    source: Neighbours, subjects: "Table", tickets: "Table", account: Account
) -> None:
    subjects.put_item(Item=ORDERS)
    subjects.put_item(
        Item={"subject_id": "orders-db", "kind": "database", "resources": ["orders-db-1"], "depends_on": []}
    )
    subjects.put_item(Item={"subject_id": "checkout", "depends_on": ["orders"], "description": "the shop"})
    open_ticket(tickets, "t-db", subject="orders-db", severity="critical")
    open_ticket(tickets, "t-old", subject="orders-db", status="resolved")
    open_ticket(tickets, "t-far", subject="payroll")
    raise_alarm(account, "db-cpu", DBInstanceIdentifier="orders-db-1")
    raise_alarm(account, "payroll-cpu", DBInstanceIdentifier="payroll-1")

    looked = look(source, affected())

    told = lines(looked)
    since = f"{NOW - timedelta(minutes=3):%Y-%m-%dT%H:%M:%SZ}"
    assert (
        "it depends on orders-db (database); open tickets: t-db (slow, open, critical); "
        f"in ALARM: db-cpu since {since}"
    ) in told
    assert "it depends on queue (no record of it was read)" in told
    assert "checkout depends on it: the shop" in told
    [rings] = [fact for each in looked if isinstance(each, Found) for fact in each.sections[0].facts if fact]
    assert (rings.kind, rings.at) == (Kind.ALARM, NOW - timedelta(minutes=3))
    assert "in the subjects' records: queue: has no record" in told
    assert unseen(looked) == {}


def test_its_own_ticket_and_alarm_are_not_its_neighbours(
    source: Neighbours, subjects: "Table", tickets: "Table", account: Account
) -> None:
    subjects.put_item(Item=ORDERS)
    open_ticket(tickets, "t-9", subject="orders")
    open_ticket(tickets, "t-other", component="orders")
    raise_alarm(account, "orders-errors", FunctionName="orders")
    raise_alarm(account, "orders-slow", FunctionName="orders")

    told = lines(look(source, affected(alarm="orders-errors")))

    [itself] = [line for line in told if line.startswith("the subject itself")]
    assert "open tickets: t-other (slow, open)" in itself
    assert "t-9" not in itself
    assert "in ALARM: orders-slow since" in itself
    assert "orders-errors" not in itself


def test_the_stack_tells_of_neighbours_where_nothing_was_written_down(
    source: Neighbours, account: Account
) -> None:
    account.stacks.add("shop", NOW)
    account.stacks.resource("shop", "Orders", "AWS::Lambda::Function", "orders", NOW)
    account.stacks.resource("shop", "Jobs", "AWS::SQS::Queue", "shop-jobs", NOW)
    account.stacks.resource("shop", "OrdersRole", "AWS::IAM::Role", "shop-OrdersRole", NOW)
    raise_alarm(account, "jobs-old", QueueName="shop-jobs")

    looked = look(source, affected(None, resource=f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:orders"))

    [told] = lines(looked)
    assert told.startswith("beside it in stack shop: SQS Queue shop-jobs (Jobs); in ALARM: jobs-old")
    assert not_asked(looked) == {"subjects it depends on": "the subject has no record"}


def test_application_signals_tells_who_calls_whom(source: Neighbours, account: Account) -> None:
    orders, table = service("orders"), {"Type": "AWS::Resource", "Identifier": "orders-table"}
    account.signals.add(service("billing"))
    account.signals.add(orders)
    account.signals.depends(orders, table, "POST /orders")
    account.signals.depends(orders, table, "GET /orders")
    account.signals.depends(service("storefront"), orders)
    account.signals.depends(service("storefront"), service("billing"))
    raise_alarm(account, "orders-table-throttles", TableName="orders-table")

    looked = look(source, affected(None, resource=ORDERS_ARN))

    below, above = lines(looked)
    assert below.startswith(
        "it calls orders-table, by Application Signals; in ALARM: orders-table-throttles since"
    )
    assert above == "storefront calls it, by Application Signals"
    assert CALLS not in empty(looked)


def test_what_bears_the_tag_of_its_application_is_near(source: Neighbours, account: Account) -> None:
    account.tags.add(ORDERS_ARN, Application="shop", stage="prod")
    account.tags.add(f"arn:aws:sqs:{REGION}:{ACCOUNT}:shop-jobs", Application="shop")
    account.tags.add(f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/shop", Application="shop")
    account.tags.add(f"arn:aws:sqs:{REGION}:{ACCOUNT}:payroll-jobs", Application="payroll", stage="prod")

    looked = look(source, affected(None, resource=ORDERS_ARN))

    assert lines(looked) == ["tagged Application=shop, as it is: sqs shop-jobs"]
    assert TAGGED not in empty(looked)


def test_of_a_tag_that_everything_bears_the_first_pages_are_read(
    source: Neighbours, account: Account
) -> None:
    for arn in [ORDERS_ARN, *(f"arn:aws:sqs:{REGION}:{ACCOUNT}:q-{number}" for number in range(350))]:
        account.tags.add(arn, app="all")

    looked = look(source, affected(None, resource=ORDERS_ARN))

    assert unseen(looked) == {TAGGED: "there are too many: more than 3 pages"}
    assert lines(looked)[-1] == "not shown: 259 neighbours"


def test_calls_without_end_are_read_to_a_bound(source: Neighbours, account: Account) -> None:
    account.signals.add(service("orders"))
    for number in range(450):
        account.signals.depends(service("orders"), service(f"below-{number}"))

    looked = look(source, affected(None, resource=ORDERS_ARN))

    assert unseen(looked) == {CALLS: "there are too many: more than 4 pages"}
    assert lines(looked)[0] == "it calls below-0, by Application Signals"


def test_at_its_deadline_each_way_says_what_it_did_not_read(source: Neighbours, account: Account) -> None:
    account.tags.add(ORDERS_ARN, app="shop")
    account.signals.add(service("orders"))

    looked = look(source, affected(None, resource=ORDERS_ARN), after(0))

    assert {place: why.partition(" for")[0] for place, why in unseen(looked).items()} == {
        CALLS: "no time was left",
        STACK: "no answer",
        TAGGED: "no time was left",
        TICKETS: "no time was left",
        ALARMS: "no time was left",
    }
    assert empty(looked) == []


def test_without_a_tag_of_an_application_or_a_service_that_is_said(
    source: Neighbours, account: Account
) -> None:
    account.tags.add(ORDERS_ARN, stage="prod")
    account.signals.add(service("billing"))

    assert {CALLS, TAGGED} <= {*empty(look(source, affected(None, resource=ORDERS_ARN)))}


def test_what_is_told_by_several_stands_once(source: Neighbours, subjects: "Table", account: Account) -> None:
    subjects.put_item(Item={"subject_id": "queue", "resources": ["shop-jobs"]})
    account.stacks.add("shop", NOW)
    account.stacks.resource("shop", "Orders", "AWS::Lambda::Function", "orders", NOW)
    account.stacks.resource("shop", "Jobs", "AWS::SQS::Queue", "shop-jobs", NOW)
    account.tags.add(ORDERS_ARN, app="shop")
    account.tags.add(f"arn:aws:sqs:{REGION}:{ACCOUNT}:shop-jobs", app="shop")

    told = lines(
        look(source, affected({"subject_id": "orders", "depends_on": ["queue"]}, resource=ORDERS_ARN))
    )

    assert told == ["it depends on queue"]


def test_an_alarm_is_where_its_metric_is_or_else_where_its_name_says(
    source: Neighbours, subjects: "Table", account: Account
) -> None:
    subjects.put_item(Item={"subject_id": "orders-db"})
    subjects.put_item(Item={"subject_id": "orders-db-replica"})
    raise_alarm(account, "orders-db-replica-lag")
    raise_alarm(account, "replica-of-orders-db-replica", DBInstanceIdentifier="orders-db")
    record = {"subject_id": "orders", "depends_on": ["orders-db", "orders-db-replica"]}

    database, replica = lines(look(source, affected(record)))

    assert "in ALARM: replica-of-orders-db-replica since" in database
    assert "in ALARM: orders-db-replica-lag since" in replica


def test_where_nothing_is_open_that_is_said(source: Neighbours, subjects: "Table") -> None:
    subjects.put_item(Item={"subject_id": "orders"})

    looked = look(source, affected({"subject_id": "orders"}, resource="orders"))

    assert lines(looked) == []
    assert empty(looked) == ["subjects around orders", CALLS, STACK, TICKETS, ALARMS]
    assert not_asked(looked) == {TAGGED: "no resource is named by its ARN"}


def test_a_circle_of_dependencies_is_named_and_ends(source: Neighbours, subjects: "Table") -> None:
    for name, below in (("orders", "a"), ("a", "b"), ("b", "orders")):
        subjects.put_item(Item={"subject_id": name, "depends_on": [below]})

    told = lines(look(source, affected({"subject_id": "orders", "depends_on": ["a"]})))

    assert "it depends on a" in told
    assert any("circle of dependencies: orders -> a -> b -> orders" in line for line in told)


def test_records_that_are_garbage_cost_themselves_alone(source: Neighbours, subjects: "Table") -> None:
    subjects.put_item(Item={"subject_id": "odd", "depends_on": 7, "resources": {"a": {"b": "c"}}})
    subjects.put_item(Item={"subject_id": "checkout", "depends_on": "orders"})

    assert "checkout depends on it" in lines(look(source, affected()))


@pytest.mark.parametrize(
    ("service", "operation", "place"),
    [
        ("cloudwatch", "DescribeAlarms", ALARMS),
        ("cloudformation", "DescribeStackResources", STACK),
        ("application-signals", "ListServices", CALLS),
        ("resourcegroupstaggingapi", "GetResources", TAGGED),
        ("dynamodb", "Query", TICKETS),
        ("dynamodb", "Scan", "subjects around orders"),
    ],
)
def test_what_is_not_allowed_is_named_and_costs_nothing_else(
    source: Neighbours,
    subjects: "Table",
    emulator: Emulator,
    service: str,
    operation: str,
    place: str,
) -> None:
    subjects.put_item(Item={"subject_id": "checkout", "depends_on": ["orders"]})
    emulator.api.troubles = {(service, operation): denied(service, operation)}

    looked = look(source, affected(resource=ORDERS_ARN))

    assert unseen(looked) == {place: f"not allowed: {service}:{operation}"}
    assert place not in empty(looked)


def test_ten_thousand_alarms_are_read_to_the_deadline(source: Neighbours, account: Account) -> None:
    for number in range(10_000):
        raise_alarm(account, f"alarm-{number:05}", DBInstanceIdentifier=f"db-{number}")

    looked = look(source, affected(None), after(8))

    [why] = [why for place, why in unseen(looked).items() if place == ALARMS]
    assert why.startswith("there are too many: ")
    assert ALARMS not in empty(looked)


def test_another_accounts_alarms_cannot_be_looked_at(source: Neighbours) -> None:
    looked = look(source, affected(resource=f"arn:aws:lambda:{REGION}:999900001111:function:orders"))

    assert unseen(looked)[ALARMS] == "it is in another account: 999900001111"


def test_tickets_over_many_pages_are_all_read(
    source: Neighbours, tickets: "Table", emulator: Emulator
) -> None:
    names = [f"x-{number}" for number in range(30)]
    asked_for: list[Any] = []

    def query(asked: Mapping[str, Any]) -> dict[str, Any]:
        asked_for.append(asked)
        start = int(asked.get("ExclusiveStartKey", {}).get("ticket_id", {"S": "0"})["S"])
        if asked["ExpressionAttributeValues"] == {":v0": {"S": "open"}} or start:
            items = [
                {"ticket_id": {"S": name}, "subject": {"S": "orders"}} for name in names[start : start + 10]
            ]
            more = {"LastEvaluatedKey": {"ticket_id": {"S": str(start + 10)}}} if start < 20 else {}
            return {"Items": items, **more}
        return {"Items": []}

    emulator.api.operations = {**emulator.api.operations, ("dynamodb", "Query"): query}

    [told] = lines(look(source, affected(None)))

    assert told.endswith("and 25 more")
