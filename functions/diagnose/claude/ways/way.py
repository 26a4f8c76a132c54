"""What the ways to Claude have in common."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import httpx2

from diagnose.claude.translation import ApiError

if TYPE_CHECKING:
    from anthropic import Anthropic, AnthropicBedrock


@dataclass(frozen=True)
class Connection:
    """The SDK's client, and what it was opened with, by which a renewed key is told from a refused one."""

    client: "Anthropic | AnthropicBedrock"
    key: object = field(repr=False)


class Way(Protocol):
    """Where Claude is asked, who is let in there, and what a refusal looks like."""

    def connect(self, http_client: Callable[[], httpx2.Client], *, fresh: bool = False) -> Connection:
        """A client that goes there by an HTTP client of ours; `fresh`: with what opens it read again.

        Raises AccountError when there is nothing that opens it.
        """

    def error_in(self, response: httpx2.Response, body: object, /) -> ApiError | None:
        """The service's own error; None when the response is somebody else's, such as a proxy's."""
