"""The tables and queues in memory answer as moto does, whatever they are asked in whatever order."""

from collections.abc import Callable
from typing import Any

import pytest
from boto3.dynamodb.conditions import Attr, ConditionBase, Key
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.integration.state_machine.calls import Calls
from tests.integration.state_machine.deployments import Deployment, in_memory, on_moto
from tests.support.fake_clock import FakeClock

# Other tests say what is covered; to follow these line by line would take minutes.
pytestmark = pytest.mark.not_followed

Ask = Callable[[Deployment], Any]

TEXTS, NUMBERS, OTHERS = (
    ["status", "rediagnose"],
    ["generation", "lease_until"],
    ["diagnosis_history", "held"],
)
texts, numbers = st.sampled_from(["open", "running", "x"]), st.integers(-2, 3)
others = st.one_of(st.booleans(), st.lists(st.fixed_dictionaries({"at": numbers, "said": texts}), max_size=2))
values = {**dict.fromkeys(TEXTS, texts), **dict.fromkeys(NUMBERS, numbers), **dict.fromkeys(OTHERS, others)}
ids, names = st.sampled_from(["T-1", "T-2"]), st.sampled_from(sorted(values))

leaves: st.SearchStrategy[ConditionBase] = st.one_of(
    st.builds(lambda name: Attr(name).exists(), names),
    st.builds(lambda name: Attr(name).not_exists(), names),
    st.builds(lambda name, value: Attr(name).eq(value), st.sampled_from(TEXTS), texts),
    st.builds(lambda name, value: Attr(name).is_in([value, "done"]), st.sampled_from(TEXTS), texts),
    st.builds(lambda name, value: Attr(name).lt(value), st.sampled_from(NUMBERS), numbers),
    st.builds(lambda name, value: Attr(name).gte(value), st.sampled_from(NUMBERS), numbers),
)
conditions = st.recursive(
    leaves, lambda few: st.builds(lambda a, b: a & b, few, few) | st.builds(lambda a, b: a | b, few, few)
)
# An item that an update creates has a wrong image in moto's stream; the pipeline's updates create no ticket.
exists = Attr("ticket_id").exists()
guards = st.fixed_dictionaries({}, optional={"ConditionExpression": conditions})


@st.composite
def updates(draw: st.DrawFn) -> dict[str, Any]:
    """An update as the pipeline writes them: attributes set, set unless they are there, added to, removed."""
    terms: dict[str, list[str]] = {"SET": [], "ADD": [], "REMOVE": []}
    placeholders, given_values = {}, {}
    for number, name in enumerate(draw(st.lists(names, min_size=1, max_size=4, unique=True))):
        placeholders[f"#{number}"] = name
        how = draw(
            st.sampled_from(["SET", "UNLESS", "REMOVE", "ADD"] if name in NUMBERS else ["SET", "REMOVE"])
        )
        if how != "REMOVE":
            given_values[f":{number}"] = draw(values[name])
        match how:
            case "REMOVE":
                terms["REMOVE"].append(f"#{number}")
            case "ADD":
                terms["ADD"].append(f"#{number} :{number}")
            case "UNLESS":
                terms["SET"].append(f"#{number} = if_not_exists(#{number}, :{number})")
            case "SET":
                terms["SET"].append(f"#{number} = :{number}")
    return {
        "UpdateExpression": " ".join(
            f"{clause} {', '.join(found)}" for clause, found in terms.items() if found
        ),
        "ExpressionAttributeNames": placeholders,
        **({"ExpressionAttributeValues": given_values} if given_values else {}),
        "ReturnValues": "ALL_NEW",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        **draw(guards),
    }


def ask(method: str, **asked: Any) -> Ask:
    return lambda deployed: getattr(deployed.tickets, method)(**asked)


def changes(deployed: Deployment) -> Any:
    return [(change.old, change.new) for change in deployed.changes()]


def send(queue: str, body: str, delay: int) -> Ask:
    return lambda deployed: deployed.sqs.send_message(
        QueueUrl=deployed.stack.ref(queue), MessageBody=body, DelaySeconds=delay
    )


def receive(queue: str, *, delete: bool) -> Ask:
    def received(deployed: Deployment) -> list[str]:
        url = deployed.stack.ref(queue)
        found = deployed.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        for message in found if delete else []:
            deployed.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return sorted(message["Body"] for message in found)

    return received


items = st.fixed_dictionaries({"ticket_id": ids}, optional=values)
ticket_update = st.builds(
    lambda id_, asked: ask(
        "update_item",
        Key={"ticket_id": id_},
        **{**asked, "ConditionExpression": exists & asked.get("ConditionExpression", exists)},
    ),
    ids,
    updates(),
)
state_update = st.builds(
    lambda asked: lambda deployed: deployed.state.update_item(Key={"state_id": "capacity"}, **asked),
    updates(),
)
table_asks: st.SearchStrategy[Ask] = st.one_of(
    st.builds(lambda item, guard: ask("put_item", Item=item, **guard), items, guards),
    ticket_update,
    ticket_update,
    state_update,
    st.builds(lambda id_: ask("delete_item", Key={"ticket_id": id_}), ids),
    st.builds(lambda id_: ask("get_item", Key={"ticket_id": id_}, ConsistentRead=True), ids),
    st.builds(
        lambda status, others: ask(
            "query", IndexName="by-status", KeyConditionExpression=Key("status").eq(status), **others
        ),
        texts,
        st.sampled_from([{}, {"FilterExpression": Attr("generation").exists()}]),
    ),
    st.just(ask("scan", IndexName="by-rediagnose")),
    st.just(changes),
)
queues = st.sampled_from(["RetryQueue", "RetryQueue", "DeadLetterQueue"])
queue_asks: st.SearchStrategy[Ask | int] = st.one_of(
    st.builds(send, queues, st.sampled_from(["a", "b", "c"]), st.sampled_from([0, 30, 900, 901])),
    st.builds(receive, queues, delete=st.sampled_from([False, False, True])),
    st.sampled_from([20, 200, 200, 1000, 15 * 86_400]),
)
quickly = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@quickly
@given(asks=st.lists(table_asks, min_size=5, max_size=20))
def test_the_tables_in_memory_answer_as_motos_do(asks: list[Ask]) -> None:
    clock = FakeClock()
    with on_moto(clock) as deploy_moto, in_memory(clock) as deploy_ours:
        moto, ours = deploy_moto(Calls(clock)), deploy_ours(Calls(clock))
        for asked in [*asks, changes]:
            assert answer(ours, asked) == answer(moto, asked)


@quickly
@given(asks=st.lists(queue_asks, min_size=5, max_size=25))
def test_the_queues_in_memory_answer_as_motos_do(asks: list[Ask | int]) -> None:
    clock = FakeClock()
    with on_moto(clock) as deploy_moto, in_memory(clock) as deploy_ours:
        moto, ours = deploy_moto(Calls(clock)), deploy_ours(Calls(clock))
        for asked in asks:
            if isinstance(asked, int):
                clock.advance(asked)
            else:
                assert answer(ours, asked) == answer(moto, asked)


def answer(deployed: Deployment, asked: Ask) -> Any:
    """What comes back, or why it was refused, without what only a vendor's answer has."""
    try:
        answered = asked(deployed)
    except ClientError as error:
        response: Any = error.response
        return response["Error"]["Code"], response.get("Item")
    if not isinstance(answered, dict):
        return answered
    return {name: answered[name] for name in ("Attributes", "Item", "Items") if name in answered}
