"""What a monitor has said of one violation, whatever door it came in by."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class MonitorState(StrEnum):
    """What a monitor says of a violation."""

    ALARM = "alarm"
    OK = "ok"
    INSUFFICIENT_DATA = "insufficient_data"


@dataclass(frozen=True)
class Place:
    """What an alarm is on: the subject's id, ARNs of resources, the name of a CloudFormation stack."""

    subject: str = ""
    resources: tuple[str, ...] = ()
    stack: str = ""


@dataclass(frozen=True)
class Observation:
    """One event, read and bounded. `at_ms` is the monitor's own time (epoch milliseconds).

    `ticket` holds a producer's attributes as docs/tickets.md has them; `alarm` is the alarm's ARN, or empty;
    `tags` are those that came along with the alarm, None when none did.
    """

    event_id: str
    violation_key: str
    state: MonitorState
    at_ms: int
    ticket: Mapping[str, Any]
    alarm: str
    place: Place
    reason: str
    tags: Mapping[str, str] | None = None
