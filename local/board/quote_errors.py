"""A diagnosis of the incident in local/demo/live that was written by hand, so that one reads like a real one.

What its sources find is minutes old, so the times in the answer are written as minutes from now: {-20}.
"""

import json
import re
from datetime import datetime, timedelta
from pathlib import Path

from local.claude.faults import Fault, Kind
from local.demo.events import ALARM
from local.demo.running_stack import RunningStack

ANSWER = Path(__file__).parent / "written" / "quote-errors.json"
MINUTES = re.compile(r"\{(-?\d+(?:\.\d+)?)\}")
ALARMED_MINUTES_AGO = 10
"""When the alarm went off, by local/demo/live/checkout/alarms.json."""


def answer_of(system: RunningStack) -> Fault:
    """What has the stand-in give the answer to whoever asks about the alarm's ticket."""
    alarm = system.account.alarms.state_of(ALARM)
    alarmed: datetime = alarm["StateUpdatedTimestamp"]
    now = alarmed + timedelta(minutes=ALARMED_MINUTES_AGO)

    def moment(found: re.Match[str]) -> str:
        return f"{now + timedelta(minutes=float(found[1])):%Y-%m-%dT%H:%M:%SZ}"

    answer = json.loads(MINUTES.sub(moment, ANSWER.read_text("utf-8")))
    return Fault(Kind.ANSWER, times=None, match=str(alarm["AlarmArn"]), answer=answer)
