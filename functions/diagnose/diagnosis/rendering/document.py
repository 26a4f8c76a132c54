"""A diagnosis as blocks, in the order in which a person needs them, for every place where it is read."""

from collections.abc import Sequence

from diagnose.diagnosis.checked import Checked
from diagnose.diagnosis.record import RecordedOrigin
from diagnose.diagnosis.rendering.acting import acting
from diagnose.diagnosis.rendering.grounds import grounds
from diagnose.evidence.prompt import Prompt
from rendering.blocks import Block, Code, Heading, Paragraph
from rendering.room import Room, shortened

LONGEST_ERROR = 4000
"""What a server says may be a page of any length."""


def document(
    checked: Checked, notes: Sequence[str], prompt: Prompt, room: Room, known: RecordedOrigin | None = None
) -> list[Block]:
    """What to do, then what it rests on, then what was not seen, in doubt or unusable."""
    return [*acting(checked, room, known), *grounds(checked, notes, prompt, room)]


def error(kind: str, message: str, request_id: str | None, at: str) -> list[Block]:
    """Of a ticket that could not be diagnosed, headed so that nobody takes it for a finding."""
    return _headed(
        f"This ticket was not diagnosed ({kind}): {shortened(message, LONGEST_ERROR)}",
        Paragraph(
            (
                _when(at, request_id),
                "Write the attribute",
                Code("rediagnose"),
                "with any new text to have it tried again.",
            )
        ),
    )


def trouble(kind: str, message: str, request_id: str | None, at: str, again_at: str) -> list[Block]:
    """Of a ticket that waits because its last attempt came to nothing."""
    return _headed(
        f"This ticket is not diagnosed yet. Last met ({kind}): {shortened(message, LONGEST_ERROR)}",
        Paragraph((f"{_when(at, request_id)} It is tried again at {again_at}.",)),
    )


def _headed(what: str, then: Paragraph) -> list[Block]:
    return [Heading("Diagnosis error"), Paragraph((what,)), then]


def _when(at: str, request_id: str | None) -> str:
    return f"At {at}." + (f" Request id: {shortened(request_id, 200)}." if request_id else "")
