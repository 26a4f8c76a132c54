"""What was sent to have a ticket diagnosed, as the stand-in received it."""

from collections.abc import Mapping
from typing import Any

from local.claude.requests import system_text, user_text
from local.claude.server import StandIn


def prompt_of(ticket: Mapping[str, Any], stand_in: StandIn | None) -> str:
    """Instructions and evidence of the call that the diagnosis on the ticket came from."""
    for call in stand_in.calls if stand_in else ():
        if call.request_id == ticket.get("claude_request_id"):
            return f"{system_text(call.request)}\n\n{user_text(call.request)}"
    return "No call led to a diagnosis."
