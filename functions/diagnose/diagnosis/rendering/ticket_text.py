"""What stands in the attribute `diagnosis` of a ticket, as Markdown: a diagnosis, an error, a wait."""

from collections.abc import Sequence

from diagnose.diagnosis.checked import Checked
from diagnose.diagnosis.record import RecordedOrigin
from diagnose.diagnosis.rendering.document import document, error, trouble
from diagnose.evidence.prompt import Prompt
from rendering.markdown import markdown
from rendering.room import within

MOST_BYTES = 128 * 1024
"""Of the 400 KB of an item. The longest answer that can be asked for, 21,000 tokens, is shown whole."""


def render(
    checked: Checked, notes: Sequence[str], prompt: Prompt, known: RecordedOrigin | None = None
) -> str:
    """The answer first, then what it rests on, then what was not seen, in doubt or unusable.

    `known`: it is a known cause, and where that comes from.
    """
    return within(MOST_BYTES, lambda room: document(checked, notes, prompt, room, known), markdown)


def render_error(kind: str, message: str, request_id: str | None, at: str) -> str:
    """What a person reads on a ticket that could not be diagnosed."""
    return markdown(error(kind, message, request_id, at))


def render_trouble(kind: str, message: str, request_id: str | None, at: str, again_at: str) -> str:
    """What a person reads on a ticket that waits because its last attempt came to nothing."""
    return markdown(trouble(kind, message, request_id, at, again_at))
