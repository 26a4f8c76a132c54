"""Prometheus' Alertmanager and Grafana: many alerts in one body, each with its labels.

Source: Prometheus, "Configuration", webhook_config, version 4; Grafana, "Configure webhook notifications".
"""

import hashlib
import json
from typing import Any

from runtime.clock import iso
from runtime.echo import echoed
from webhook.fields import BadFieldError, Fields
from webhook.senders.read import (
    MOST_BYTES_AROUND,
    MOST_BYTES_OF_A_MESSAGE,
    MOST_BYTES_OF_AN_ID,
    Read,
    ticket,
    violation_key,
)
from webhook.senders.told import TicketOpened, TicketResolved


def read_alertmanager(body: Any, arrived: float) -> Read:
    """Alerts of Alertmanager; those of a pair that is highly available have one key."""
    return _read(Fields(body), arrived, "alertmanager")


def read_grafana(body: Any, arrived: float) -> Read:
    """Alerts of Grafana, apart by organisation."""
    fields = Fields(body)
    return _read(fields, arrived, "grafana", fields.text("orgId") or "1")


def _read(body: Fields, arrived: float, *source: str) -> Read:
    read = Read()
    for where, value in body.each("alerts"):
        try:
            read.told.append(_told(Fields(value, where), arrived, source))
        except BadFieldError as error:  # the other alerts do not suffer for it
            read.faults.append(str(error))
    if (left_out := body.text("truncatedAlerts")) not in ("", "0"):
        read.faults.append(f"truncatedAlerts: must be 0, got {echoed(left_out)}: the sender left alerts out")
    return read


def _told(alert: Fields, arrived: float, source: tuple[str, ...]) -> TicketOpened | TicketResolved:
    labels, annotations = alert.map("labels"), alert.map("annotations")
    status = alert.chosen("status", "firing", "resolved")
    key = violation_key(*source, alert.text("fingerprint", most=MOST_BYTES_OF_AN_ID) or _fingerprint(labels))
    if status == "resolved":
        return TicketResolved(
            violation_key=key, at=alert.time("endsAt", arrived), reason="resolved by its sender"
        )
    began = alert.time("startsAt", arrived)
    context = {
        "labels": labels.plain(MOST_BYTES_AROUND // 2),
        "annotations": annotations.plain(MOST_BYTES_AROUND // 2),
        "source": alert.text("generatorURL"),
    }
    return TicketOpened(
        violation_key=key,
        at=began,
        ticket=ticket(
            labels.required("alertname"),
            _message(annotations),
            labels,
            first_seen_at=iso(began),
            metric_snapshot=alert.map("values").plain(MOST_BYTES_AROUND // 4),
            subject_context={name: value for name, value in context.items() if value},
        ),
    )


def _message(annotations: Fields) -> str:
    summary = annotations.text("summary", most=MOST_BYTES_OF_A_MESSAGE // 2)
    described = annotations.text("description", "message", most=MOST_BYTES_OF_A_MESSAGE // 2)
    return f"{summary.rstrip('.')}. {described}" if summary and described else summary or described


def _fingerprint(labels: Fields) -> str:
    """What Alertmanager's fingerprint is for, where it sends none: equal for equal labels."""
    text = json.dumps(labels.plain(MOST_BYTES_AROUND), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
