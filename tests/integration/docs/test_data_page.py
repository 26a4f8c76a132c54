"""docs/data.md: what it says is sent of a ticket is what Claude is sent."""

import re
from typing import Any

from local.aws.template import ROOT
from tests.support.invoked_pipeline import InvokedPipeline
from tickets.ticket import Ticket

PAGE = (ROOT / "docs" / "data.md").read_text("utf-8")
SENT = re.findall(r"`(\w+)`", "".join(re.findall(r"^\|(.*)\| the ticket", PAGE, re.MULTILINE)))
CHANGED: dict[str, Any] = {
    **dict.fromkeys(
        {*Ticket.model_fields, "diagnosis", "rediagnose", "of_another_name"} - {"unusable"}, "changed"
    ),
    "status": "acknowledged",
    "first_seen_at": 1_800_000_000,
    "last_seen_at": 1_800_000_000,
    "occurrence_count": 7,
    "held": True,
    "metric_snapshot": {"await": 29},
}


def request(pipeline: InvokedPipeline, **attributes: Any) -> Any:
    """All that Claude is sent about a ticket with these attributes, if it is the only one."""
    ticket_id = pipeline.put(**attributes)["ticket_id"]
    pipeline.deliver()
    assert pipeline.item(ticket_id)["diagnosis_status"] == "done"
    pipeline.delete(ticket_id)
    return pipeline.stand_in.calls[-1].request


def test_the_page_names_the_attributes_that_are_sent_and_no_others(pipeline: InvokedPipeline) -> None:
    plain = request(pipeline)
    sent = {name for name, value in CHANGED.items() if request(pipeline, **{name: value}) != plain}

    assert sent == {name for name in SENT if name in CHANGED}
