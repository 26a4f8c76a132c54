"""CloudWatch Logs around the onset, beside a window before it."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from diagnose.evidence.clients import Clients
from diagnose.evidence.gathering import SecondsLeft
from diagnose.evidence.incident import Incident
from diagnose.evidence.looked import CouldNotLook, Found, FoundNothing, Looked, NotAsked
from diagnose.evidence.redaction.redactor import Redact
from diagnose.evidence.sources.logs.group import LogGroup
from diagnose.evidence.sources.logs.insights import MOST_SCANNED, Volume, query_slice
from diagnose.evidence.sources.logs.reading import ERRORS, Slice, clipped, read_slice
from diagnose.evidence.sources.logs.sections import sections_of
from diagnose.evidence.times import Window
from diagnose.evidence.why_not import why_not
from rendering.links import to_log_group

AROUND = ((-1.0, 2.0), (2.0, 10.0), (-5.0, -1.0))
BEFORE = ((-10.0, -5.0), (-20.0, -10.0))
"""Minutes from the onset, in slices: what is nearest is read first, should there be too much."""
ORDER = (AROUND[0], BEFORE[0], AROUND[1], AROUND[2], BEFORE[1])
MOST_GROUPS = 5
ONLY_INSIGHTS = "INFREQUENT_ACCESS"
NOT_FOR_THIS_CLASS = ("InvalidOperationException", "InvalidParameterException")


class Logs:
    """FilterLogEvents, in slices, for up to MOST_GROUPS groups; Logs Insights where that is the only way."""

    name = "logs"

    def __init__(
        self, clients: Clients, seconds: float = 8.0, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.seconds = seconds
        self._clients = clients
        self._sleep = sleep

    def read(self, incident: Incident, redact: Redact, until: SecondsLeft) -> Sequence[Looked]:
        if not incident.log_groups:
            return [NotAsked("logs", "no log group is known")]
        looked: list[Looked] = []
        groups = incident.log_groups[:MOST_GROUPS]
        for place, written in enumerate(groups):
            group = LogGroup.of(written)
            share = _share(until, len(groups) - place)
            try:
                looked += self._read_group(group, incident, redact, share)
            except Exception as error:  # noqa: BLE001 - one group that fails must not cost the others
                looked.append(CouldNotLook(group.place(incident.home_account), why_not(error)))
        if left := incident.log_groups[MOST_GROUPS:]:
            looked.append(CouldNotLook(f"{len(left)} more log groups", f"only {MOST_GROUPS} are read"))
        return looked

    def _read_group(
        self, group: LogGroup, incident: Incident, redact: Redact, until: SecondsLeft
    ) -> list[Looked]:
        place = group.place(incident.home_account)
        if until() <= 0:
            return [CouldNotLook(place, "no time was left for it")]
        client = self._clients("logs", group.region or incident.region)
        described = _described(client, group, incident)
        if described is None:
            return [CouldNotLook(place, "there is no log group of this name")]
        onset = min(incident.began.at, incident.now)
        reading = _Reading(
            client, group.named(incident.home_account), onset, incident.now, until, self._sleep
        )
        if described.get("logGroupClass") == ONLY_INSIGHTS:
            around, before, gaps = reading.by_query(Volume.of(described, incident.now))
        else:
            try:
                around, before, gaps = reading.plainly()
            except ClientError as error:
                if error.response["Error"]["Code"] not in NOT_FOR_THIS_CLASS:
                    raise
                around, before, gaps = reading.by_query(Volume.of(described, incident.now))
        window = _window(onset, incident.now)
        looked: list[Looked] = []
        if sections := sections_of(place, around, before, redact):
            is_ours = not group.is_elsewhere(incident.home_account)
            link = to_log_group(group.region or incident.region, group.name) if is_ours else ""
            looked.append(Found(tuple(replace(section, link=link) for section in sections)))
        elif not gaps:
            looked.append(FoundNothing(place, window))
        return [*looked, *(CouldNotLook(f"{place}, {where}", why) for where, why in gaps)]


Gaps = list[tuple[Window, str]]


@dataclass(frozen=True)
class _Reading:
    """How one group is read: slices around the onset, slices before it, and what of them was not read."""

    client: Any
    named: dict[str, str]
    onset: datetime
    now: datetime
    until: SecondsLeft
    sleep: Callable[[float], None]

    def plainly(self) -> tuple[list[Slice], list[Slice], Gaps]:
        around: list[Slice] = []
        before: list[Slice] = []
        gaps: Gaps = []
        for minutes in ORDER:
            for start, end in clipped([minutes], self.onset, self.now):
                read = read_slice(self.client, self.named, start, end, self.until)
                (before if minutes in BEFORE else around).append(read)
                if read.why:
                    gaps.append((Window(read.read_to, end), read.why))
        around += [
            read_slice(self.client, self.named, read.read_to, read.end, self.until, ERRORS)
            for read in [read for read in around if read.why]
            if self.until() > 0
        ]
        return around, before, gaps

    def by_query(self, volume: Volume) -> tuple[list[Slice], list[Slice], Gaps]:
        """One query around the onset and one before, each narrowed to what may be scanned."""
        windows = [(-5.0, 10.0), (-20.0, -5.0)]
        if volume.expected(15) > MOST_SCANNED:
            windows = [(-1.0, 2.0), (-4.0, -1.0)]
        if volume.expected(3) > MOST_SCANNED:
            scanned = volume.expected(3) / 1e9
            allowed = MOST_SCANNED / 1e9
            why = f"a query of 3 minutes would scan about {scanned:.1f} GB, and {allowed:g} GB is allowed"
            return [], [], [(_window(self.onset, self.now), why)]
        slices: list[list[Slice]] = []
        gaps: Gaps = []
        for minutes in windows:
            slices.append([])
            for start, end in clipped([minutes], self.onset, self.now):
                read = query_slice(self.client, self.named, start, end, self.until, self.sleep)
                slices[-1].append(read)
                if read.why:
                    gaps.append((Window(read.read_to, end), read.why))
        return slices[0], slices[1], gaps


def _described(client: Any, group: LogGroup, incident: Incident) -> dict[str, Any] | None:
    """What CloudWatch Logs says of a group: None when there is none, nothing when it may not be asked."""
    if group.is_elsewhere(incident.home_account):
        return {}
    try:
        answer = client.describe_log_groups(logGroupNamePrefix=group.name, limit=50)
    except ClientError as error:
        if not why_not(error).startswith("not allowed"):
            raise
        return {}
    found = [each for each in answer.get("logGroups", ()) if each.get("logGroupName") == group.name]
    if not found and answer.get("nextToken"):
        return {}
    return dict(found[0]) if found else None


def _window(onset: datetime, now: datetime) -> Window:
    minutes = [minute for slices in (AROUND, BEFORE) for piece in slices for minute in piece]
    before, after = timedelta(minutes=-min(minutes)), timedelta(minutes=max(minutes))
    return Window.around(onset, before, after, now)


def _share(until: SecondsLeft, groups: int) -> SecondsLeft:
    """The time of one of the groups that are left: none takes another's."""
    rest = until() * (groups - 1) / groups
    return lambda: until() - rest
