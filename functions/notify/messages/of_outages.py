"""The messages about an outage of Claude's: that tickets wait, and that it is over."""

from events.outgoing import DiagnosisDelayed, DiagnosisResumed
from notify.messages.message import Message
from rendering.blocks import Block, Bullets, Code, Paragraph, Strong
from rendering.room import Room

WHY = {
    "provider": "Claude does not answer",
    "account": "Claude refuses this account or a setting of the stack",
    "shared": "Claude is busy",
}
WAIT = "none; they are diagnosed as soon as Claude answers, the severest first"
MEND = "mend what is said below, then open the gate by hand (runbook, Account faults)"


def of_delay(event: DiagnosisDelayed) -> Message:
    """That diagnoses are delayed."""
    why = WHY.get(event.gate, "Claude may not be called")
    tickets = "1 ticket waits" if event.waiting == 1 else f"{event.waiting} tickets wait"

    def body(room: Room) -> list[Block]:
        return [
            Bullets(
                (
                    (Strong("Since:"), room.text(event.since)),
                    (Strong("Waiting:"), tickets),
                    (Strong("Last met:"), room.text(event.reason)),
                )
            ),
            Paragraph(("No ticket is lost. Diagnoses that are asked for now wait, too.",)),
        ]

    return Message(
        id=event.id,
        thread=f"outage-{event.since}",
        event_type="Diagnosis Delayed",
        title=f"Diagnoses are delayed: {tickets}",
        label=f"Diagnoses are delayed: {tickets}",
        cause=f"{why} since {event.since}",
        next_step=MEND if event.gate == "account" else WAIT,
        body=body,
    )


def of_resumption(event: DiagnosisResumed) -> Message:
    """That Claude answers again."""
    left = (
        f"{event.waiting} still wait and are diagnosed one by one" if event.waiting else "none waits any more"
    )

    def body(room: Room) -> list[Block]:
        return [Paragraph(("The delay began at", Code(room.text(event.since)), "."))]

    return Message(
        id=event.id,
        thread=f"outage-{event.since}",
        event_type="Diagnosis Resumed",
        title=f"Diagnoses go on: {left}",
        label="Diagnoses go on",
        cause="Claude answers again" if event.waiting else "Claude answers again, or nobody asks",
        next_step=f"none; of the tickets, {left}",
        body=body,
    )
