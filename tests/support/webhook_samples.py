"""What each sender's webhook looks like, as events/ has it, and the secret that these are signed with."""

import json
from typing import Any

from local.demo.events import load_event

SECRET = "made-up-secret-of-the-samples"
SENDERS = ("alertmanager", "datadog", "grafana", "pagerduty", "plain")


def body_of(sender: str) -> Any:
    """A sender's body, to be changed at will."""
    return json.loads(load_event(f"webhook-{sender}")["body"])
