"""PagerDuty's webhooks of version 3: one event of one incident.

Source: PagerDuty, "Webhooks Overview", event types and the incident.
"""

from typing import Any

from runtime.clock import iso
from webhook.fields import Fields
from webhook.senders.read import MOST_BYTES_OF_A_MESSAGE, MOST_BYTES_OF_AN_ID, Read, ticket, violation_key
from webhook.senders.told import TicketOpened, TicketResolved

OPENS = ("incident.triggered", "incident.reopened")
RESOLVES = "incident.resolved"


def read_pagerduty(body: Any, arrived: float) -> Read:
    """An incident that was triggered, reopened or resolved; other events tell of no violation."""
    event = Fields(body).map("event")
    kind = event.required("event_type")
    if kind not in (*OPENS, RESOLVES):
        return Read(ignored=1)
    incident, at = event.map("data"), event.time("occurred_at", arrived)
    key = violation_key("pagerduty", incident.required("id", most=MOST_BYTES_OF_AN_ID))
    if kind == RESOLVES:
        return Read(
            [TicketResolved(violation_key=key, at=at, reason=incident.map("resolve_reason").text("type"))]
        )
    title = incident.required("title")
    service = incident.map("service").text("summary")
    severity = incident.map("priority").text("summary") or incident.text("urgency")
    context = {
        "number": incident.text("number"),
        "incident_key": incident.text("incident_key"),
        "urgency": incident.text("urgency"),
        "page": incident.text("html_url"),
    }
    opened = TicketOpened(
        violation_key=key,
        at=at,
        ticket=ticket(
            title,
            incident.text("title", most=MOST_BYTES_OF_A_MESSAGE),
            Fields({"service": service, "component": service, "severity": severity}),
            first_seen_at=iso(incident.time("created_at", at.timestamp())),
            subject_context={name: value for name, value in context.items() if value},
        ),
    )
    return Read([opened])
