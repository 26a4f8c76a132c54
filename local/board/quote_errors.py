"""The incident in local/demo/live as a monitor tells of it, with its metric, and a diagnosis written by hand.

What the live sources find is minutes old, so the times in the answer are written as minutes from now: {-20}.
"""

import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from local.claude.faults import Fault, Kind
from local.demo.events import ALARM, LIVE, load_ticket
from local.demo.running_stack import RunningStack

ANSWER = Path(__file__).parent / "written" / "quote-errors.json"
MINUTES = re.compile(r"\{(-?\d+(?:\.\d+)?)\}")
ALARMED_MINUTES_AGO = 10
"""When the alarm went off, by local/demo/live/checkout/alarms.json."""
FIRST_SEEN_MINUTES_AGO = 13
"""Where its metric left its baseline."""
MINUTES_SHOWN = 90


def ticket_of(system: RunningStack) -> Mapping[str, Any]:
    """As the monitor writes it: the alarm, and its metric as CloudWatch's GetMetricData has it."""
    alarm = system.account.alarms.state_of(ALARM)
    at = alarm["StateUpdatedTimestamp"]
    metric = {name: alarm[name] for name in ("Namespace", "MetricName", "Dimensions")}
    query = {"Id": "m", "MetricStat": {"Metric": metric, "Period": 60, "Stat": alarm["Statistic"]}}
    asked = {
        "MetricDataQueries": [query],
        "StartTime": at - timedelta(minutes=MINUTES_SHOWN),
        "EndTime": _now(system),
    }
    [found] = system.account.metrics.get_metric_data(asked)["MetricDataResults"]
    series = {
        "Label": alarm["MetricName"],
        "Timestamps": [_iso(each) for each in found["Timestamps"]],
        "Values": [Decimal(str(value)) for value in found["Values"]],
    }
    threshold = f"{alarm['Threshold']:g}"
    return {
        **load_ticket(LIVE),
        "message": f"{ALARM} is in ALARM: more than {threshold} errors a minute, three times in a row.",
        "first_seen_at": _iso(_now(system) - timedelta(minutes=FIRST_SEEN_MINUTES_AGO)),
        "metric_snapshot": {"MetricDataResults": [series], "threshold": Decimal(threshold)},
    }


def answer_of(system: RunningStack) -> Fault:
    """What has the stand-in give the answer to whoever asks about the ticket."""
    now = _now(system)

    def moment(found: re.Match[str]) -> str:
        return _iso(now + timedelta(minutes=float(found[1])))

    answer = json.loads(MINUTES.sub(moment, ANSWER.read_text("utf-8")))
    return Fault(Kind.ANSWER, times=None, match=str(load_ticket(LIVE)["violation_key"]), answer=answer)


def _now(system: RunningStack) -> datetime:
    """The minute that the incident's times count from."""
    alarmed: datetime = system.account.alarms.state_of(ALARM)["StateUpdatedTimestamp"]
    return alarmed + timedelta(minutes=ALARMED_MINUTES_AGO)


def _iso(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
