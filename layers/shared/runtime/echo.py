"""A value of somebody else's inside an answer of ours."""

import re
from typing import Any

from runtime.faults import shown

ACTIVE = re.compile(
    r"""
    [^A-Za-z0-9\ _:/+=,.-]                # what formats, mentions or links
    | (?<!\d)\. | \.(?!\d) | (?<=/)/      # the dots of a host's name, the second slash of an address
    | (?<![A-Za-z0-9])_ | _(?![A-Za-z0-9])  # what slants a word
    """,
    re.VERBOSE,
)
"""What may act where chats, logs and pages show it."""


def echoed(value: Any) -> str:
    """The value as JSON without quotes, cut, with a question mark for each character that could act."""
    try:
        text = shown(value)
    except RecursionError:
        return "what is nested too deep to be shown"
    return ACTIVE.sub("?", text.removeprefix('"').removesuffix('"'))
