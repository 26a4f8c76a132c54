"""How far behind its tickets the stream is, told by diagnose and asked by sweep.

A ticket that was written before what the stream now delivers, and that nobody has claimed, is lost; one that
was written after it merely waits its turn.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from runtime.clock import Clock
from runtime.items import storable
from runtime.observability import logger

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

STATE_ID = "stream"
WORTH_TELLING_SECONDS = 60.0
"""A stream that is less far behind says nothing: it costs a write."""
TOLD_EVERY_SECONDS = 240.0
BELIEVED_SECONDS = 600.0
"""A report that is older comes from a stream that is read no longer, or that has caught up."""


@dataclass(frozen=True)
class Lag:
    """Both epoch seconds; where the stream is not behind, it delivers what is written now."""

    delivers: float
    """When the tickets were written that the stream delivers now."""
    behind_since: float

    def is_behind(self, now: float) -> bool:
        """Tickets wait in the stream."""
        return now - self.delivers >= WORTH_TELLING_SECONDS

    @property
    def drains_a_backlog(self) -> bool:
        """The stream still delivers what was written before it fell behind."""
        return self.delivers < self.behind_since


class StreamLag:
    """Keeps, in the state table, when the tickets were written that the stream delivers now."""

    def __init__(self, table: "Table", clock: Clock) -> None:
        self._table = table
        self._clock = clock
        self._told_at = 0.0
        self._behind_since = 0.0

    def tell(self, written_at: float | None) -> None:
        """Takes in that the stream has just delivered what was written then (epoch seconds).

        Best effort: no diagnosis depends on it.
        """
        now = self._clock.now()
        if written_at is None or now - written_at < WORTH_TELLING_SECONDS:
            return
        if now - self._told_at < TOLD_EVERY_SECONDS:
            return
        if now - self._told_at > BELIEVED_SECONDS:
            self._behind_since = now
        self._told_at = now
        told = {"written_at": written_at, "behind_since": self._behind_since, "told_at": now}
        try:
            self._table.update_item(
                Key={"state_id": STATE_ID},
                UpdateExpression="SET " + ", ".join(f"{name} = :{name}" for name in told),
                ExpressionAttributeValues={f":{name}": storable(value) for name, value in told.items()},
            )
        except (ClientError, BotoCoreError):
            logger.warning("could not tell how far behind the stream is", exc_info=True)

    def read(self) -> Lag:
        """What was told last, as long as it is to be believed.

        A stream of which nothing is known is on time.
        """
        now = self._clock.now()
        try:
            item = self._table.get_item(Key={"state_id": STATE_ID}).get("Item", {})
        except (ClientError, BotoCoreError):
            logger.warning("could not read how far behind the stream is", exc_info=True)
            item = {}
        told = [item.get(name) for name in ("told_at", "written_at", "behind_since")]
        told_at, delivers, behind_since = (float(t) if isinstance(t, Decimal) else 0.0 for t in told)
        return Lag(delivers, behind_since) if abs(now - told_at) <= BELIEVED_SECONDS else Lag(now, now)
