"""Producers, people, time and AWS around the use cases, one act after another."""

import json
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import count, cycle
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import Attr
from botocore.exceptions import BotoCoreError, ClientError
from moto.events.models import EventPattern

from diagnose.claude.deadline import Deadline
from local.aws.mappings import stream_settings
from runtime.items import storable
from runtime.observability import metrics
from tests.integration.state_machine.calls import SAME, Act, Calls, Disturbance, KilledError
from tests.integration.state_machine.deployments import Deploy
from tests.integration.state_machine.fake_claude import FakeClaude, Nature, message_of
from tests.integration.state_machine.promises import LARGEST_SKEW_SECONDS, Actor, Item, Kind, Promises, Write
from tests.integration.state_machine.use_cases import UseCases
from tests.support.fake_clock import FakeClock
from tickets import states
from tickets.conditions import stands_as
from tickets.pending import opened_pending
from tickets.setting_aside import Reason, release, set_aside
from tickets.states import AWAITING_DIAGNOSIS
from tickets.stream_record import StreamRecord
from tickets.table import MoveRefusedError, TicketTable
from tickets.wake_up import FailedTicket, Message, read_message

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageTypeDef

PRODUCER, PERSON, INTAKE = Actor("producer"), Actor("person"), Actor("intake")
SECONDS: dict[Kind, float] = {"diagnose": 300.0, "rearm": 30.0, "sweep": 120.0}
"""How long an invocation of each function may take."""
REMEMBERED = 8
STATUSES = {"acknowledge": "acknowledged", "resolve": "resolved", "open again": "open"}
SKEWS = {
    "clock is slow": -LARGEST_SKEW_SECONDS / 2,
    "clock is fast": LARGEST_SKEW_SECONDS / 2,
    "clock is right": 0.0,
}


@dataclass
class Record:
    """A stream record that the filter has passed."""

    change: StreamRecord
    written_at: float
    attempts: int = 0


@dataclass
class Shard:
    """One ticket's records, delivered in order; the last one may be delivered again."""

    waiting: deque[Record] = field(default_factory=deque)
    last: Record | None = None


@dataclass
class Invocation:
    """Who acts, how many seconds are left to them, about which ticket, and whether they died or raised."""

    actor: Actor
    left: Callable[[], float]
    ticket_id: str
    raised: bool = False


class Filter:
    """The stream mapping's filter, which looks at a few strings of the images; its answers are kept."""

    def __init__(self, patterns: Iterable[str]) -> None:
        asked = [json.loads(pattern)["dynamodb"] for pattern in patterns]
        either = [images for one in asked for images in one.get("$or", [one])]
        self._names = sorted({name for images in either for image in images.values() for name in image})
        self._patterns: list[Any] = [EventPattern.load(json.dumps({"dynamodb": images})) for images in asked]
        self._said: dict[Any, bool] = {}

    def __call__(self, change: StreamRecord) -> bool:
        images = {"OldImage": change.old, "NewImage": change.new}
        seen = tuple((which, self._strings(image)) for which, image in images.items() if image)
        if seen not in self._said:
            event = {which: {name: {"S": text} for name, text in strings} for which, strings in seen}
            self._said[seen] = any(pattern.matches_event({"dynamodb": event}) for pattern in self._patterns)
        return self._said[seen]

    def _strings(self, image: Item) -> tuple[tuple[str, str], ...]:
        named = [(name, image[name]) for name in self._names if isinstance(image.get(name), str)]
        return (("ticket_id", ""), *named)


@cache
def _filter(*patterns: str) -> Filter:
    return Filter(patterns)


class World:
    """All that can happen to tickets: by their id, and by how an invocation is disturbed."""

    def __init__(self, deploy: Deploy, clock: FakeClock, spend_cap_usd: float = 0.0) -> None:
        self.clock = clock
        self.calls = Calls(clock, self._overtaken)
        self.claude = FakeClaude(clock, self.calls, self._paid)
        self.deployed = deploy(self.calls)
        self.use_cases = UseCases(self.deployed, clock, self.claude, spend_cap_usd)
        self.promises = Promises(self.use_cases.dead_letters.sent)
        self._retry_queue = self.deployed.environment["RETRY_QUEUE_URL"]
        self._dead_letter_queue = self.deployed.environment["DEAD_LETTER_QUEUE_URL"]
        self.redriven: set[tuple[str, int]] = set()
        self.shards: dict[str, Shard] = defaultdict(Shard)
        self._table = self.deployed.producers_tickets
        self._serial = count(1)
        self._severities = cycle(("info", "critical", "warning"))
        self._acting: list[Invocation] = []
        self._history: deque[dict[str, Item]] = deque([{}], REMEMBERED)
        self._mapping = stream_settings(self.deployed.stack.template.resource("DiagnoseFunction"))
        self._wakes = _filter(*self._mapping.patterns)

    # Producers and people

    def produce(self, act: str, ticket_id: str, nature: str = Nature.PLAIN) -> None:
        with self._as(PRODUCER):
            match act:
                case "create set aside":
                    self._create(ticket_id, nature, {"diagnosis_status": "set_aside"})
                case "create pending":
                    self._create(ticket_id, nature, opened_pending(self.clock.now()))
                case "create":
                    self._create(ticket_id, nature, {})
                case "overwrite":
                    self._put(ticket_id, nature, {})
                case "bump":
                    self._change(ticket_id, "ADD occurrence_count :value", 1)
                case "delete":
                    self._unless_refused(lambda: self._table.delete_item(Key={"ticket_id": ticket_id}))

    def meddle(self, act: str, ticket_id: str) -> None:
        """A person's act."""
        with self._as(PERSON):
            match act:
                case "acknowledge" | "resolve" | "open again":
                    self._change(ticket_id, "SET #status = :value", STATUSES[act])
                case "edit":
                    self._change(
                        ticket_id, "SET message = :value", message_of(Nature.PLAIN, next(self._serial))
                    )
                case "hold":
                    self._change(ticket_id, "SET held = :value", True)
                case "ask again":
                    self._change(ticket_id, "SET rediagnose = :value", f"request {next(self._serial)}")
                case "take back":
                    self._change(ticket_id, "REMOVE rediagnose")

    def take_in(self, act: str, ticket_id: str) -> None:
        """What intake does to a ticket that no invocation works on."""
        item = self.promises.items.get(ticket_id, {})
        move = states.RELEASE if act == "release" else states.SET_ASIDE
        if not item or item.get("diagnosis_status") not in move.sources:
            return
        now = self.clock.now()
        update, removed = release(item, now) if act == "release" else set_aside(item, Reason.MUTED)
        if not update and not removed:
            return
        asked = Attr("ticket_id").exists() if act == "release" else Attr("rediagnose").not_exists()
        condition = stands_as(item) & asked & Attr("status").is_in(list(AWAITING_DIAGNOSIS))
        with self._as(INTAKE), suppress(MoveRefusedError):
            self.calls.wrote = True
            TicketTable(self._table).update(ticket_id, update, remove=removed, condition=condition)

    # AWS

    def deliver(
        self, ticket_id: str, disturbance: Disturbance | None = None, *, again: bool = False, lag: int = 0
    ) -> bool:
        """Delivers the ticket's next record (the last one `again`); false when there is none.

        A late record may wake another ticket; with a lag, as the index was so many acts ago.
        """
        self.look()
        self._show_index(lag)
        shard = self.shards[ticket_id]
        record = shard.last if again else next(iter(shard.waiting), None)
        if record is None:
            return False
        too_old = self.clock.now() - record.written_at > self._mapping.maximum_record_age
        if too_old or record.attempts > self._mapping.maximum_retry_attempts:
            self.lose(ticket_id)
            return True
        with self._invocation("diagnose", disturbance, ticket_id) as invocation:
            self.use_cases.diagnose_ticket.handle(record.change, Deadline(invocation.left))
        if invocation.raised:
            record.attempts += 1
        elif record in shard.waiting:
            shard.waiting.remove(record)
            shard.last = record
        return True

    def lose(self, ticket_id: str) -> None:
        """The ticket's next record has been trimmed, or given up."""
        shard = self.shards[ticket_id]
        if shard.waiting:
            shard.waiting.popleft()

    def deliver_messages(self, disturbance: Disturbance | None = None, *, keep: bool = False) -> int:
        """Delivers up to ten due messages of the retry queue; those that it is to `keep` come again."""
        queue = self._retry_queue
        received = self._receive(queue)
        handled = []
        if received:
            with self._invocation("rearm", disturbance) as invocation:
                for message in received:
                    wake_up = read_message(message["Body"])
                    with suppress(ClientError, BotoCoreError), self._redriven(wake_up, disturbance):
                        self.use_cases.rearm_ticket.handle(wake_up)
                        handled.append(message)  # one that raises is repeated alone
            if not (keep or invocation.raised):
                self._delete(queue, handled)
        return len(received)

    def redrive(self) -> None:
        """A person moves what is on the dead-letter queue to the retry queue."""
        queue = self._dead_letter_queue
        while messages := self._receive(queue):
            for message in messages:
                self.deployed.other_sqs.send_message(QueueUrl=self._retry_queue, MessageBody=message["Body"])
            self._delete(queue, messages)

    def sweep(self, disturbance: Disturbance | None = None, *, lag: int = 0, open_gate: bool = False) -> int:
        """One run of sweep; with a lag it sees the index as it was so many acts ago. Returns its moves."""
        self.look()
        self._show_index(lag)
        moved: dict[str, int] = {}
        with self._invocation("sweep", disturbance) as invocation:
            moved = self.use_cases.sweep_tickets.sweep(
                lambda: invocation.left() > 20, open_gate=open_gate
            ).moved
        return sum(moved.values())

    def perform(self, act: Act) -> None:
        """Any of the above, by its name and undisturbed; or time that passes."""
        match act.name:
            case "set aside" | "release":
                self.take_in(act.name, act.ticket_id)
            case "create" | "create pending" | "create set aside" | "overwrite" | "bump" | "delete":
                self.produce(act.name, act.ticket_id, act.nature)
            case "deliver" | "deliver again":
                self.deliver(act.ticket_id, again=act.name == "deliver again")
            case "deliver messages":
                self.deliver_messages()
            case "redrive":
                self.redrive()
            case "sweep" | "open the gate":
                self.sweep(open_gate=act.name == "open the gate")
            case "six minutes pass":
                self.clock.advance(360)
            case "clock is slow" | "clock is fast" | "clock is right":
                self.set_clock(SKEWS[act.name])
            case _:
                self.meddle(act.name, act.ticket_id)

    def set_clock(self, skew: float) -> None:
        """The clock is set to so many seconds off the true time; no time passes."""
        self.clock.advance(skew - self.calls.skew)
        self.calls.skew = skew

    def dead_letters(self) -> set[tuple[str, int]]:
        """The tickets on the dead-letter queue, with their generations."""
        found = [read_message(m["Body"]) for m in self._receive(self._dead_letter_queue)]
        return {
            (message.ticket_id, message.generation) for message in found if isinstance(message, FailedTicket)
        }

    @property
    def waiting(self) -> list[str]:
        """The tickets with records that wait to be delivered."""
        self.look()
        return sorted(ticket_id for ticket_id, shard in self.shards.items() if shard.waiting)

    @property
    def delivered(self) -> list[str]:
        """The tickets with a record that may be delivered again."""
        return sorted(ticket_id for ticket_id, shard in self.shards.items() if shard.last)

    def check_wake_ups(self) -> None:
        """Every unfinished ticket has a next wake-up in bounded time."""
        self.look()
        self.promises.check_wake_ups(self.clock.now(), lambda ticket_id: bool(self.shards[ticket_id].waiting))

    def look(self) -> None:
        """Takes in what was written since the last look, all of it by whoever acts now."""
        if not self.calls.wrote:
            return
        self.calls.wrote = False
        actor = self._acting[-1].actor if self._acting else PERSON
        others = [invocation for invocation in self._acting if invocation.actor is not actor]
        alive = frozenset(other.actor.token for other in others if other.left() > 0)
        for change in self.deployed.changes():
            wakes = self._wakes(change)
            self.promises.check(Write(change.ticket_id, actor, change.old, change.new, alive), wakes=wakes)
            if wakes:
                now = self.clock.now()
                change = replace(change, written_at=now - self.calls.skew)  # noqa: PLW2901 - as AWS's clock has it
                self.shards[change.ticket_id].waiting.append(Record(change, now))
        self._history.append(self.promises.items)

    def _show_index(self, lag: int) -> None:
        behind = self._history[max(0, len(self._history) - 1 - lag)] if lag else None
        self.use_cases.lagging_queries.behind = behind

    def _unless_refused(self, write: Callable[[], Any]) -> None:
        self.calls.wrote = True
        try:
            write()
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise

    def _create(self, ticket_id: str, nature: str, others: Item) -> None:
        self._put(ticket_id, nature, others, ConditionExpression=Attr("ticket_id").not_exists())

    def _put(self, ticket_id: str, nature: str, others: Item, **condition: Any) -> None:
        item = {"ticket_id": ticket_id, "status": "open", "invariant_name": "latency", "component": ticket_id}
        item |= {"severity": next(self._severities), **storable(others)}
        if nature != Nature.MALFORMED:
            item["message"] = message_of(nature, next(self._serial))
        self._unless_refused(lambda: self._table.put_item(Item=item, **condition))

    def _change(self, ticket_id: str, expression: str, value: Any = None) -> None:
        names: Any = {"ExpressionAttributeNames": {"#status": "status"}} if "#status" in expression else {}
        values: Any = {"ExpressionAttributeValues": {":value": value}} if value is not None else {}
        self._unless_refused(
            lambda: self._table.update_item(
                Key={"ticket_id": ticket_id},
                UpdateExpression=expression,
                ConditionExpression=Attr("ticket_id").exists(),
                **names,
                **values,
            )
        )

    def _receive(self, queue: str) -> list["MessageTypeDef"]:
        return self.deployed.other_sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get(
            "Messages", []
        )

    def _delete(self, queue: str, messages: list["MessageTypeDef"]) -> None:
        for message in messages:
            self.deployed.other_sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])

    def _overtaken(self, acts: tuple[Act, ...]) -> None:
        about = self._acting[-1].ticket_id
        for act in acts:
            self.perform(replace(act, ticket_id=about) if act.ticket_id == SAME else act)

    def _paid(self) -> None:
        self.look()
        self.promises.paid(self._acting[-1].actor)

    @contextmanager
    def _redriven(self, message: Message, disturbance: Disturbance | None) -> Iterator[None]:
        """A dead letter that is redriven brings its ticket back, if the ticket still stands as it says."""
        if not isinstance(message, FailedTicket):
            yield
            return
        self.look()
        item = self.promises.items.get(message.ticket_id, {})
        stands = (item.get("diagnosis_status"), item.get("generation")) == ("failed", message.generation)
        yield
        if message.kind == "failed":
            self.redriven.add((message.ticket_id, message.generation))
            if stands and item["status"] != "resolved" and not disturbance:
                self.look()
                assert self.promises.items[message.ticket_id]["diagnosis_status"] == "pending", (
                    "a redrive was lost"
                )

    @contextmanager
    def _as(
        self, actor: Actor, left: Callable[[], float] = lambda: 0.0, ticket_id: str = ""
    ) -> Iterator[Invocation]:
        """What is written meanwhile is this actor's; what was written before is not."""
        self.look()
        self._acting.append(Invocation(actor, left, ticket_id))
        try:
            yield self._acting[-1]
            self.look()
        finally:
            self._acting.pop()

    @contextmanager
    def _invocation(
        self, kind: Kind, disturbance: Disturbance | None, ticket_id: str = "T-1"
    ) -> Iterator[Invocation]:
        """An invocation, which may be killed, and may raise what AWS did to it but nothing else."""
        actor = Actor(kind, record_of=ticket_id)
        with (
            self.calls.invocation(SECONDS[kind], disturbance) as left,
            self._as(actor, left, ticket_id) as invocation,
        ):
            try:
                yield invocation
            except (KilledError, ClientError, BotoCoreError):
                invocation.raised = True
            finally:
                metrics.clear_metrics()
