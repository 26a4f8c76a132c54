"""The SDK's connections: they live as long as an execution environment, and in a test no longer than it."""

from typing import Any


def close_connections(claude: Any) -> None:
    """Ends those of a Claude, if it has asked yet."""
    connection = vars(claude)["_connection"]
    if connection is not None:
        connection.client.close()


def close_when_called(claude: Any) -> None:
    """The same for one that is built at the first call."""
    built = vars(claude)["_client"]
    if built is not None:
        close_connections(built)
