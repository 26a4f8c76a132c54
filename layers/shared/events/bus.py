"""The stack's own bus in EventBridge."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from runtime.observability import logger

SOURCE = "differential"
"""Of what the stack tells. Its intake listens to every source but this one, so that it never hears itself."""
MOST_BYTES = 256 * 1024
"""Of one entry: its source, its detail type and its detail. Source: EventBridge quotas, PutEvents."""


MOST_ENTRIES = 10
"""Of one call, which may have MOST_BYTES in all. Source: EventBridge quotas, PutEvents."""
BYTES_AROUND_A_DETAIL = 512
"""More than the other parts of an entry of ours have."""


class EventRefusedError(Exception):
    """Raised when EventBridge has not taken an event; the text has its code and message."""


class EventBus:
    """Puts events on the bus that has this name; `connect` gives boto3's client when one is first put."""

    def __init__(self, connect: Callable[[], Any], name: str) -> None:
        self._connect = connect
        self._name = name

    def put(self, detail_type: str, detail: str, source: str = SOURCE) -> None:
        """Puts one event, its `detail` as JSON. Raises EventRefusedError, and what botocore raises."""
        answer = self._connect().put_events(
            Entries=[
                {"Source": source, "DetailType": detail_type, "Detail": detail, "EventBusName": self._name}
            ]
        )
        if answer["FailedEntryCount"]:
            [entry] = answer["Entries"]
            raise EventRefusedError(f"{entry.get('ErrorCode')}: {entry.get('ErrorMessage')}")

    def put_all(self, events: Sequence[tuple[str, str]], source: str) -> int:
        """Puts events, each a detail type and its detail as JSON; returns how many were not taken.

        Raises what boto3 does; the events after such a call are not put.
        """
        failed = 0
        for batch in _batches(events):
            entries = [
                {"Source": source, "DetailType": kind, "Detail": detail, "EventBusName": self._name}
                for kind, detail in batch
            ]
            answer = self._connect().put_events(Entries=entries)
            failed += answer["FailedEntryCount"]
            if codes := {each["ErrorCode"] for each in answer["Entries"] if each.get("ErrorCode")}:
                logger.warning("the bus has not taken events", codes=sorted(codes))
        return failed


def _batches(events: Sequence[tuple[str, str]]) -> Iterator[list[tuple[str, str]]]:
    """As many events to a call as it takes; one that is too large goes alone, to be refused alone."""
    batch: list[tuple[str, str]] = []
    room = MOST_BYTES
    for event in events:
        size = len(event[1].encode()) + BYTES_AROUND_A_DETAIL
        if batch and (size > room or len(batch) == MOST_ENTRIES):
            yield batch
            batch, room = [], MOST_BYTES
        batch.append(event)
        room -= size
    if batch:
        yield batch
