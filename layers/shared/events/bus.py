"""The stack's own bus in EventBridge."""

from typing import Any

SOURCE = "differential"
"""Of what the stack tells. Its intake listens to every source but this one, so that it never hears itself."""
MOST_BYTES = 256 * 1024
"""Of one entry: its source, its detail type and its detail. Source: EventBridge quotas, PutEvents."""


class EventRefusedError(Exception):
    """Raised when EventBridge has not taken an event; the text has its code and message."""


class EventBus:
    """Puts events on the bus; `client` is boto3's for EventBridge, `name` the bus's name or ARN."""

    def __init__(self, client: Any, name: str) -> None:
        self._client = client
        self._name = name

    def put(self, detail_type: str, detail: str, source: str = SOURCE) -> None:
        """Puts one event, its `detail` as JSON. Raises EventRefusedError, and what botocore raises."""
        answer = self._client.put_events(
            Entries=[
                {"Source": source, "DetailType": detail_type, "Detail": detail, "EventBusName": self._name}
            ]
        )
        if answer["FailedEntryCount"]:
            [entry] = answer["Entries"]
            raise EventRefusedError(f"{entry.get('ErrorCode')}: {entry.get('ErrorMessage')}")
