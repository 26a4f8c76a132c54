"""A stack in this process: its tables, queues and stream, and the functions' use cases over them."""

from typing import Any

from moto.events.models import EventPattern

from local.aws.mappings import stream_settings
from local.aws.stack import Stack
from local.aws.stream_mapping import Record, as_event, changes_nothing
from local.claude.server import StandIn
from runtime.items import open_dynamodb
from tests.support.fake_clock import FakeClock
from tests.support.sdk_connections import close_when_called
from tests.support.use_cases import use_cases


class Pipeline:
    """What producers and people do, and what the stream carries of it; `stand_in` is who is asked.

    Real: the template's tables, queues, secret and stream filter, the functions' wiring, and the SDK's calls
    over HTTP to the stand-in. Who is invoked when is for the subclasses to say.
    """

    def __init__(self, stack: Stack, clock: FakeClock, stand_in: StandIn, **environment: str) -> None:
        self.stack, self.clock, self.stand_in = stack, clock, stand_in
        environment = {"ANTHROPIC_BASE_URL": stand_in.url, **environment}
        self.diagnose_ticket, self.rearm_ticket, self.sweep_tickets = use_cases(clock, environment)
        self._claude = self.diagnose_ticket.claude
        self.capacity = self.diagnose_ticket.capacity
        self.tickets = open_dynamodb().Table(stack.ref("TicketsTable"))
        self.mapping = stream_settings(stack.template.resource("DiagnoseFunction"))
        self._patterns: list[Any] = [EventPattern.load(pattern) for pattern in self.mapping.patterns]
        self._iterator = self._start_of_stream()

    def close(self) -> None:
        """Ends the SDK's connections."""
        close_when_called(self._claude)

    # What producers and people do

    def put(self, ticket_id: str, **attributes: Any) -> dict[str, Any]:
        """Writes the whole ticket, as a producer does; None leaves an attribute out."""
        ticket = {"ticket_id": ticket_id, "status": "open", **attributes}
        written = {name: value for name, value in ticket.items() if value is not None}
        self.tickets.put_item(Item=written)
        return written

    def update(self, ticket_id: str, **attributes: Any) -> None:
        """Sets attributes of a ticket; None removes one."""
        changes: Any = {
            name: {"Action": "DELETE"} if value is None else {"Action": "PUT", "Value": value}
            for name, value in attributes.items()
        }
        self.tickets.update_item(Key={"ticket_id": ticket_id}, AttributeUpdates=changes)

    def delete(self, ticket_id: str) -> None:
        self.tickets.delete_item(Key={"ticket_id": ticket_id})

    def item(self, ticket_id: str) -> dict[str, Any]:
        """The ticket as it is; empty when there is none."""
        found = self.tickets.get_item(Key={"ticket_id": ticket_id}, ConsistentRead=True).get("Item")
        return dict(found) if found else {}

    def items(self) -> list[dict[str, Any]]:
        return [dict(item) for item in self.tickets.scan(ConsistentRead=True)["Items"]]

    def set_key(self, secret: str) -> None:
        self.stack.secrets.put_secret_value(SecretId=self.stack.ref("AnthropicApiKey"), SecretString=secret)

    # What AWS does

    def changes(self) -> list[Record]:
        """What the stream carries since the last look, whether or not the filter lets it through."""
        answer = self.stack.streams.get_records(ShardIterator=self._iterator)
        self._iterator = answer["NextShardIterator"]
        records = [as_event(record, self.mapping.stream_arn) for record in answer["Records"]]
        return [record for record in records if not changes_nothing(record)]

    def passes_filter(self, record: Record) -> bool:
        """Whether the mapping's filter lets the record through."""
        return any(pattern.matches_event(record) for pattern in self._patterns)

    def _start_of_stream(self) -> str:
        arn, streams = self.mapping.stream_arn, self.stack.streams
        [shard] = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
        start = streams.get_shard_iterator(
            StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType=self.mapping.starting_position
        )
        return start["ShardIterator"]
