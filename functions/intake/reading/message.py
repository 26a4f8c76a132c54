"""What a message of the queue says of a violation, by the kind of its event."""

from collections.abc import Mapping
from typing import Any

from events.bus import SOURCE
from events.incoming import INCOMING
from intake.observation import Observation
from intake.reading.alarm import read_alarm
from intake.reading.envelope import Envelope, UnreadableError, validated
from intake.reading.producers import read_producers
from runtime.echo import echoed
from runtime.item_size import size_of

CLOUDWATCH = "aws.cloudwatch"
ALARM_CHANGES = "CloudWatch Alarm State Change"
MOST_BYTES = 256 * 1024
"""Of a ticket's attributes together: an item may have 400 KB, and its diagnosis needs room."""


def read_message(value: Mapping[str, Any], alarm_severity: str) -> Observation:
    """Raises UnreadableError. `alarm_severity` is that of alarms that do not state theirs."""
    event = validated(Envelope, value)
    if event.source == CLOUDWATCH and event.detail_type == ALARM_CHANGES:
        observation = read_alarm(event, alarm_severity)
    elif event.detail_type in INCOMING and event.source != SOURCE:
        observation = read_producers(event)
    else:
        raise UnreadableError(
            f"detail-type: must be {', '.join((ALARM_CHANGES, *INCOMING))}, got "
            f"{echoed(event.detail_type)} of {echoed(event.source)}"
        )
    if (size := size_of(observation.ticket)) > MOST_BYTES:
        raise UnreadableError(f"ticket: must have at most {MOST_BYTES} bytes, got {size}")
    return observation
