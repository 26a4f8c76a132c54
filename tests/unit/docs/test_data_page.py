"""docs/data.md: what it says of a ticket's fields is what the prompt holds."""

import re
from typing import Any

import pytest

from diagnose.evidence.inline import InlineContext
from diagnose.evidence.prompt import build_prompt
from diagnose.evidence.sections import Context
from local.aws.template import ROOT
from tickets.ticket import Ticket

PAGE = (ROOT / "docs" / "data.md").read_text("utf-8")
TICKET = {"ticket_id": "t-1", "status": "open", "invariant_name": "disk", "message": "await 29 ms"}
CHANGED: dict[str, Any] = {
    **dict.fromkeys(Ticket.model_fields, "changed"),
    "status": "acknowledged",
    "first_seen_at": 1_800_000_000,
    "last_seen_at": 1_800_000_000,
    "occurrence_count": 7,
    "held": True,
    "metric_snapshot": {"await": 29},
    "of another name": "changed",
    "diagnosis": "changed",
    "rediagnose": "changed",
}


def prompt(**changed: Any) -> str:
    ticket = Ticket.from_item({**TICKET, **changed})
    return build_prompt(Context(tuple(InlineContext().read(ticket)), ()), ticket.unusable, 30_000).user


@pytest.mark.parametrize("field", sorted(CHANGED.keys() - {"unusable"}))
def test_a_field_is_sent_if_the_page_says_so(field: str) -> None:
    sent = re.findall(r"^\|(.*)\| the ticket", PAGE, re.MULTILINE)
    said = f"`{field}`" in "".join(sent)

    assert (prompt(**{field: CHANGED[field]}) != prompt()) == said
