"""What is the same from call to call is marked for the API's cache, and what came out of it is counted."""

from collections.abc import Mapping
from typing import Any

from tests.support.invoked_pipeline import InvokedPipeline

CACHED = {"type": "ephemeral"}
ABOUT = {"runs on": "3 nodes", "owner": "anna@" + "example.com"}


def parts(request: Mapping[str, Any]) -> list[dict[str, Any]]:
    """System and message in the order in which the API reads them; each that is no list as one part."""
    [message] = request["messages"]
    content = message["content"]
    return [
        *request["system"],
        *([{"type": "text", "text": content}] if isinstance(content, str) else content),
    ]


def test_two_incidents_of_a_system_begin_alike_up_to_the_last_mark(pipeline: InvokedPipeline) -> None:
    for ticket_id, message in (("t-1", "disk slow, mail to bob@" + "example.com"), ("t-2", "pool full")):
        pipeline.put(ticket_id, message=message, subject_context=ABOUT)
        pipeline.deliver()

    one, other = (parts(call.request) for call in pipeline.stand_in.calls)

    assert [part.get("cache_control") for part in one] == [CACHED, CACHED, None]
    assert "[C1] runs on = 3 nodes" in one[1]["text"]
    assert one[:2] == other[:2]
    assert "pool full" in other[2]["text"]


def test_without_anything_that_is_known_of_the_system_the_instructions_are(pipeline: InvokedPipeline) -> None:
    pipeline.put(subject_context="")
    pipeline.deliver()

    [call] = pipeline.stand_in.calls

    assert [part.get("cache_control") for part in parts(call.request)] == [CACHED, None]
