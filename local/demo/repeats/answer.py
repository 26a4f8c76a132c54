"""The full diagnosis of the incident when it came the first time, written by hand and not by Claude."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from local.demo.repeats.incident import stamp

WRITTEN = Path(__file__).with_suffix(".json")
MINUTES = {"{reads}": -6, "{waits}": -3, "{fails}": 0}
"""When the export began to read, sessions to wait and requests to fail, from the onset."""


def answer(onset: datetime) -> dict[str, Any]:
    """To the ticket of that onset as it is without a `Shape`; its ids are those of that evidence."""
    text = WRITTEN.read_text("utf-8")
    for name, minutes in MINUTES.items():
        text = text.replace(name, stamp(onset.replace(second=0, microsecond=0) + timedelta(minutes=minutes)))
    answer: dict[str, Any] = json.loads(text)
    return answer
