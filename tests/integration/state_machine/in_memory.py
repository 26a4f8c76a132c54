"""What the use cases need of DynamoDB and SQS, in memory: some thirty times faster than moto.

tests/integration/test_in_memory_aws.py holds it against moto. Without size limits and pages.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count
from typing import Any

from boto3.dynamodb.conditions import ConditionBase
from boto3.dynamodb.types import TypeSerializer
from botocore.exceptions import ClientError

from tests.integration.state_machine.calls import Calls
from tests.support.conditions import holds
from tests.support.fake_clock import FakeClock

Item = dict[str, Any]
CLAUSE = re.compile(r"(SET|ADD|REMOVE) (.+?)(?= (?:SET|ADD|REMOVE) |$)")
COMMA = re.compile(r", (?![^(]*\))")
FALLBACK = re.compile(r"if_not_exists\((\S+), (\S+)\)")
MOST_MESSAGES = 10


@dataclass
class Watched:
    """Has every call pass by `calls`, as botocore's events do; without them it is nobody's concern."""

    calls: Calls | None = field(default=None, kw_only=True)

    def _call(self, name: str, answer: Callable[[], Any]) -> Any:
        if self.calls is None:
            return answer()
        self.calls.before(name)
        answered, error = _outcome(answer)
        if self.calls.is_sent_again():
            answered, error = _outcome(answer)
        self.calls.after(name)
        if error is not None:
            raise error
        return answered


@dataclass
class InMemoryTable(Watched):
    """A table as boto3's resource shows it. `changes` collects the images before and after each write.

    `indexes` maps the name of an index to its hash key and the attributes that it shows.
    """

    key: str
    items: dict[str, Item]
    changes: list[tuple[Item | None, Item | None]]
    indexes: Mapping[str, tuple[str, frozenset[str]]] = field(default_factory=dict)

    def get_item(self, **asked: Any) -> Any:
        return self._call("GetItem", lambda: _shown("Item", self.items.get(asked["Key"][self.key])))

    def put_item(self, **asked: Any) -> Any:
        return self._call("PutItem", lambda: self._put(asked))

    def delete_item(self, **asked: Any) -> Any:
        return self._call("DeleteItem", lambda: self._write(asked["Key"][self.key], None))

    def update_item(self, **asked: Any) -> Any:
        return self._call("UpdateItem", lambda: self._update(asked))

    def query(self, **asked: Any) -> Any:
        key, others = asked["KeyConditionExpression"], asked.get("FilterExpression")
        condition = key if others is None else key & others
        return self._call("Query", lambda: {"Items": self._in_index(asked["IndexName"], condition)})

    def scan(self, **asked: Any) -> Any:
        condition = asked.get("FilterExpression")
        return self._call("Scan", lambda: {"Items": self._in_index(asked["IndexName"], condition)})

    def _put(self, asked: Item) -> Item:
        item = _stored(asked["Item"])
        _check(self.items.get(item[self.key], {}), asked)
        return self._write(item[self.key], item)

    def _update(self, asked: Item) -> Item:
        id_ = asked["Key"][self.key]
        old = self.items.get(id_, {})
        _check(old, asked)
        new = _updated({**asked["Key"], **old}, asked)
        self._write(id_, new)
        return _shown("Attributes", new) if asked.get("ReturnValues") == "ALL_NEW" else {}

    def _write(self, id_: str, new: Item | None) -> Item:
        old = self.items.pop(id_, None)
        if new is not None:
            self.items[id_] = new
        if old != new:  # a write that changes nothing leaves no stream record
            self.changes.append((old, new))
        return {}

    def _in_index(self, name: str, condition: ConditionBase | None = None) -> list[Item]:
        hash_key, shown = self.indexes[name]
        found = [item for item in self.items.values() if hash_key in item]
        found = [item for item in found if condition is None or holds(condition, item)]
        found.sort(key=lambda item: str(item[self.key]))
        return [{attribute: item[attribute] for attribute in shown & item.keys()} for item in found]


@dataclass
class Message:
    """One message; hidden until it is visible."""

    body: str
    sent_at: float
    visible_at: float
    receipt: str
    received: int = 0


@dataclass
class Queue:
    """Messages, and the queue's settings; `dead_letters` takes what was received `most_receives` times."""

    visibility_seconds: float
    retention_seconds: float
    dead_letters: str | None = None
    most_receives: int = 0
    messages: list[Message] = field(default_factory=list)


@dataclass
class InMemorySqs(Watched):
    """Queues by URL, as boto3's client shows them."""

    clock: FakeClock
    queues: dict[str, Queue]
    receipts: "count[int]"

    def send_message(self, **asked: Any) -> Any:
        return self._call("SendMessage", lambda: self._send(asked))

    def receive_message(self, **asked: Any) -> Any:
        queue = self.queues[asked["QueueUrl"]]
        return self._call("ReceiveMessage", lambda: {"Messages": self._receive(queue)})

    def delete_message(self, **asked: Any) -> Any:
        messages = self.queues[asked["QueueUrl"]].messages
        messages[:] = [message for message in messages if message.receipt != asked["ReceiptHandle"]]

    def _send(self, asked: Item) -> Item:
        delay = asked.get("DelaySeconds", 0)
        if not 0 <= delay <= 900:
            error: Any = {"Error": {"Code": "InvalidParameterValue", "Message": "DelaySeconds"}}
            raise ClientError(error, "SendMessage")
        now = self.clock.now()
        message = Message(asked["MessageBody"], now, now + delay, str(next(self.receipts)))
        self.queues[asked["QueueUrl"]].messages.append(message)
        return {}

    def _receive(self, queue: Queue) -> list[Item]:
        now = self.clock.now()
        received: list[Item] = []
        for message in list(queue.messages):
            if now - message.sent_at > queue.retention_seconds:
                queue.messages.remove(message)
            elif message.visible_at <= now and len(received) < MOST_MESSAGES:
                if queue.dead_letters and message.received >= queue.most_receives:
                    queue.messages.remove(message)
                    self.queues[queue.dead_letters].messages.append(message)
                    continue
                message.received += 1
                message.visible_at = now + queue.visibility_seconds
                received.append({"Body": message.body, "ReceiptHandle": message.receipt})
        return received


def _check(old: Item, asked: Item) -> None:
    condition = asked.get("ConditionExpression")
    if condition is None or holds(condition, old):
        return
    response: Any = {"Error": {"Code": "ConditionalCheckFailedException", "Message": "refused"}}
    if old and asked.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD":
        response["Item"] = TypeSerializer().serialize(old)["M"]
    raise ClientError(response, "UpdateItem")


def _outcome(answer: Callable[[], Any]) -> tuple[Any, ClientError | None]:
    try:
        return answer(), None
    except ClientError as error:
        return None, error


def _updated(old: Item, asked: Item) -> Item:
    names, values = (
        asked.get("ExpressionAttributeNames", {}),
        _stored(asked.get("ExpressionAttributeValues", {})),
    )
    new = dict(old)
    for clause, terms in CLAUSE.findall(asked["UpdateExpression"]):
        for term in COMMA.split(terms):
            placeholder, _, rest = term.replace(" = ", " ").partition(" ")
            name = names.get(placeholder, placeholder)
            if clause == "REMOVE":
                new.pop(name, None)
            elif clause == "ADD":
                new[name] = old.get(name, 0) + values[rest]
            elif fallback := FALLBACK.fullmatch(rest):
                first, second = fallback.groups()
                new[name] = old.get(names.get(first, first), values[second])
            else:
                new[name] = values[rest]
    return new


def _shown(name: str, item: Item | None) -> Item:
    return {name: dict(item)} if item else {}


def _stored(value: Any) -> Any:
    """As DynamoDB keeps it: numbers are Decimals."""
    if isinstance(value, Mapping):
        return {name: _stored(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_stored(inner) for inner in value]
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value
