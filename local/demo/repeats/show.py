"""A violation that comes back: diagnosed in full, confirmed, known the second time, and another the third."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from local.claude.faults import Fault, Kind
from local.claude.server import StandIn
from local.demo.reality import CHAT, EMULATED, NO_SOURCES, REAL, SHORTENED, STAND_IN, WHAT_IS_REAL
from local.demo.repeats.answer import answer
from local.demo.repeats.incident import AS_BEFORE, OF_THE_DISK, ticket
from local.demo.running_stack import Plan, RunningStack, running
from local.demo.terminal import Terminal
from local.demo.ticket_counts import count, tickets_in
from local.demo.watch import FINISHED, Watch

STORY = (
    "An alarm is diagnosed in full, and a person confirms the cause. It comes back with the same evidence,"
    " and then with other evidence."
)
BY_HAND = "The first diagnosis is played back; it was written by hand (local/demo/repeats), not by Claude."
MOVED_BACK = "The first diagnosis is dated back by a day: its incident is of yesterday."
FIRST, AGAIN, OTHER = "orders-api-5xx-1", "orders-api-5xx-2", "orders-api-5xx-3"
DAY = timedelta(days=1)
TIMEOUT_SECONDS = 30.0
AT_MOST = 0.1
"""The part of a full diagnosis's tokens that the question about a known cause may take."""


def show_repeat(terminal: Terminal) -> bool:
    """Play it and show what came of it; whether that is as it must be."""
    now = datetime.now(UTC)
    stand_in = StandIn(latency=0.2)
    stand_in.script(Fault(Kind.ANSWER, answer=answer(now - DAY)))
    notes = [REAL, EMULATED, CHAT, STAND_IN, BY_HAND, MOVED_BACK, SHORTENED, NO_SOURCES]
    terminal.notice(WHAT_IS_REAL, notes)
    terminal.line(STORY, "bold")
    plan = Plan(stand_in, hurry=True, looks=False, parameters={"ReadSimilar": "true"})
    with running(plan, Watch(terminal.transition)) as system:
        system.mappings.start()
        _diagnose(ticket(FIRST, now - DAY), system)
        terminal.line(_confirm(system), "bold")
        _date_back(system)
        terminal.line(
            "The same alarm, with the same evidence: Claude is asked whether the cause holds.", "bold"
        )
        _diagnose(ticket(AGAIN, now - timedelta(minutes=8), AS_BEFORE), system)
        terminal.line("The same alarm, but it is the disk: code sees that before anybody is asked.", "bold")
        _diagnose(ticket(OTHER, now - timedelta(minutes=8), OF_THE_DISK), system)
        stored = tickets_in(system.stack, [FIRST, AGAIN, OTHER])
        counted = count(system.stack, [FIRST, AGAIN, OTHER], stand_in, drained=True)
        calls = [call.input_tokens + call.output_tokens for call in stand_in.calls]
        again = str(stored[AGAIN].get("diagnosis", "no diagnosis"))
        terminal.markdown(f"{AGAIN}, as stored on the ticket", again)
        for message in system.chat.in_thread(AGAIN):
            terminal.document(f"{AGAIN}: what the chat shows", "\n".join(message.lines()))
        for note in stored[OTHER].get("diagnosis_notes", ()):
            terminal.line(f"Note on {OTHER}: {note}")
    terminal.notice(WHAT_IS_REAL, notes)
    terminal.table("Tokens, as the stand-in counts them", _tokens(stored))
    terminal.table("The count", counted.rows())
    wrong = list(_wrong(stored, calls))
    for line in wrong:
        terminal.line(line, "red")
    return counted.finished and not wrong


def _diagnose(made: Mapping[str, Any], system: RunningStack) -> None:
    system.put(made)
    ticket_id = str(made["ticket_id"])
    system.mappings.drain(lambda: system.all_in([ticket_id], *FINISHED), TIMEOUT_SECONDS)
    system.mappings.drain(timeout=10)


def _confirm(system: RunningStack) -> str:
    """A person presses the button below the chat's message; what it answers."""
    pressed = {"ticket_id": FIRST, "generation": "0", "action": "confirmed"}
    return f"A person presses the button: {system.mappings.invoke('FeedbackFunction', pressed)}"


def _date_back(system: RunningStack) -> None:
    yesterday = (datetime.now(UTC) - DAY + timedelta(hours=1)).isoformat(timespec="milliseconds")
    system.stack.dynamodb.update_item(
        TableName=system.stack.ref("TicketsTable"),
        Key={"ticket_id": {"S": FIRST}},
        UpdateExpression="SET diagnosed_at = :at",
        ExpressionAttributeValues={":at": {"S": re.sub(r"\+00:00$", "Z", yesterday)}},
    )


def _tokens_of(item: Mapping[str, Any]) -> int:
    usage = item.get("diagnosis_usage", {})
    return int(usage.get("input_tokens", 0)) + int(usage.get("output_tokens", 0))


def _tokens(stored: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, str]]:
    full, short, other = (_tokens_of(stored[each]) for each in (FIRST, AGAIN, OTHER))
    return [
        (f"{FIRST}: the full diagnosis", f"{full:,}"),
        (f"{AGAIN}: the known cause, held", f"{short:,}"),
        ("the known cause in percent of the full diagnosis", f"{100 * short / max(1, full):.1f}"),
        (f"{OTHER}: other evidence, diagnosed in full", f"{other:,}"),
    ]


def _wrong(stored: Mapping[str, Mapping[str, Any]], calls: list[int]) -> list[str]:
    """What is not as it must be, each in a sentence."""
    held = {each: (stored[each].get("diagnosis_record") or {}).get("known_cause") for each in stored}
    found = []
    if (held[AGAIN] or {}).get("ticket_id") != FIRST:
        found.append(f"{AGAIN} does not point to the known cause of {FIRST}")
    if held[FIRST] or held[OTHER]:
        found.append("a known cause is claimed where there is none")
    if _tokens_of(stored[AGAIN]) > AT_MOST * _tokens_of(stored[FIRST]):
        found.append("the known cause took more than a tenth of the full diagnosis")
    if len(calls) != 3:
        found.append(f"there were {len(calls)} calls, and there must be 3")
    return found
