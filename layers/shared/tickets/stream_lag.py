"""How far behind its tickets the stream is, told by diagnose and asked by sweep.

A ticket that was written before what the stream now delivers, and that nobody has claimed, is lost; one that
was written after it merely waits its turn.
"""

from decimal import Decimal
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from runtime.clock import Clock
from runtime.items import storable
from runtime.observability import logger

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

STATE_ID = "stream"
WORTH_TELLING_SECONDS = 300.0
"""A stream that is less far behind says nothing: it costs a write."""
TOLD_EVERY_SECONDS = 240.0
BELIEVED_SECONDS = 1200.0
"""A report that is older comes from a stream that is read no longer, or that has caught up."""


class StreamLag:
    """Keeps, in the state table, when the tickets were written that the stream delivers now."""

    def __init__(self, table: "Table", clock: Clock) -> None:
        self._table = table
        self._clock = clock
        self._told_at = 0.0

    def tell(self, written_at: float | None) -> None:
        """Takes in that the stream has just delivered what was written then (epoch seconds).

        Best effort: no diagnosis depends on it.
        """
        now = self._clock.now()
        if (
            written_at is None
            or now - written_at < WORTH_TELLING_SECONDS
            or now - self._told_at < TOLD_EVERY_SECONDS
        ):
            return
        self._told_at = now
        try:
            self._table.update_item(
                Key={"state_id": STATE_ID},
                UpdateExpression="SET written_at = :written_at, told_at = :told_at",
                ExpressionAttributeValues={":written_at": storable(written_at), ":told_at": storable(now)},
            )
        except (ClientError, BotoCoreError):
            logger.warning("could not tell how far behind the stream is", exc_info=True)

    def delivers(self) -> float:
        """When the tickets were written that the stream delivers now (epoch seconds)."""
        now = self._clock.now()
        item = self._table.get_item(Key={"state_id": STATE_ID}).get("Item", {})
        told_at, written_at = item.get("told_at"), item.get("written_at")
        if not isinstance(told_at, Decimal) or not isinstance(written_at, Decimal):
            return now
        return float(written_at) if now - float(told_at) <= BELIEVED_SECONDS else now
