"""The metrics of what is affected: how they were before, when they left that, how they are now."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from statistics import median

from diagnose.evidence.clients import Clients
from diagnose.evidence.gathering import SOURCE_SECONDS, SecondsLeft
from diagnose.evidence.incident import Incident
from diagnose.evidence.looked import CouldNotLook, Found, FoundNothing, Looked, NotAsked
from diagnose.evidence.redaction.redactor import Redact
from diagnose.evidence.sections import Section
from diagnose.evidence.sources.metrics.listing import list_others
from diagnose.evidence.sources.metrics.reading import (
    MOST_QUERIES,
    Answers,
    period_of,
    read_metrics,
    told_period,
)
from diagnose.evidence.sources.metrics.siblings import SIBLINGS, Group, Wanted, wanted
from diagnose.evidence.sources.metrics.telling import tell
from diagnose.evidence.times import Window
from diagnose.evidence.why_not import why_not
from rendering.links import to_metrics
from timeseries.analysis import analyse
from timeseries.series import Series, series

BEFORE = timedelta(hours=3)
"""Of baseline before the onset."""
DAY = timedelta(days=1)
YESTERDAY_AROUND = (timedelta(minutes=15), timedelta(hours=1))
"""So long before the onset, and at most so long after it, a day earlier."""
CLOCKS_DISAGREE = timedelta(minutes=5)
MOST_GROUPS = 8


class Metrics:
    """CloudWatch's metrics: those of the alarm, of the subject and of the resources, and their siblings."""

    name = "metrics"
    seconds = SOURCE_SECONDS + 3.0

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def read(self, incident: Incident, redact: Redact, until: SecondsLeft) -> Sequence[Looked]:
        if not incident.metrics:
            return [NotAsked(self.name, "no metric or resource of AWS is named")]
        if incident.elsewhere:
            return [CouldNotLook(self.name, incident.elsewhere)]
        client = self._clients("cloudwatch", incident.region)
        looked: list[Looked] = []
        groups = dict(list(wanted(incident.metrics, incident.metric).items())[:MOST_GROUPS])
        for group, known in groups.items():
            if group[0] not in SIBLINGS and group[1]:
                place = f"other metrics of {told_group(group)}"
                try:
                    others, left_out = list_others(client, group, known, until)
                    known.extend(others)
                    looked += [CouldNotLook(place, left_out)] if left_out else []
                except Exception as error:  # noqa: BLE001 - the metrics that are named may be read all the same
                    looked.append(CouldNotLook(place, why_not(error)))
        asked = [each for known in groups.values() for each in known]
        if len(asked) > MOST_QUERIES:
            why = f"only {MOST_QUERIES} are asked for"
            looked.append(CouldNotLook(f"{len(asked) - MOST_QUERIES} farther metrics", why))
            asked = asked[:MOST_QUERIES]
        if not asked:
            return [*looked, FoundNothing("metrics of " + "; ".join(map(told_group, groups)))]
        window = Window(incident.began.at - BEFORE, max(incident.now, incident.began.at))
        period = period_of(window, incident.now - window.start)
        answers = read_metrics(client, asked, window, period, until)
        before, unread = _yesterday(client, incident, asked, period, until)
        looked += [*answers.unread, *unread]
        return [*looked, *_told(incident, groups, asked, answers, before, window, period)]


def _told(
    incident: Incident,
    groups: Mapping[Group, Sequence[Wanted]],
    asked: Sequence[Wanted],
    answers: Answers,
    before: Mapping[int, Decimal],
    window: Window,
    period: int,
) -> Iterator[Looked]:
    """A section for each group, and what had no datapoints in one line each."""
    latest = incident.now + CLOCKS_DISAGREE
    places = {id(each): place for place, each in enumerate(asked)}
    denied = {each.place for each in answers.unread}
    for group, members in groups.items():
        known: list[tuple[Series, int]] = []
        empty: list[str] = []
        for each in members:
            place = places.get(id(each))
            if place is None or f"metric {each.metric}" in denied:
                continue
            found = series(
                each.name, answers.points.get(place, ()), each.unit, latest=latest, is_alarms=each.is_alarms
            )
            if found.times:
                known.append((found, place))
            else:
                empty.append(each.name)
                if found.faults:
                    yield CouldNotLook(f"metric {each.metric}", f"faulty: {', '.join(found.faults)}")
        if known:
            told = tell(
                [analyse(found, incident.began.at) for found, _ in known],
                {found.full_name: before[place] for found, place in known if place in before},
            )
            title = f"Metrics of {told_group(group)}, {window}, {told_period(period)}"
            section = Section(
                "metrics", title, "M", told.lines, exact=told.exact, facts=told.facts, drawn=told.drawn
            )
            names = dict.fromkeys(asked[place].metric.name for _, place in known)
            link = to_metrics(incident.region, group[0], dict(group[1]), names)
            yield Found((replace(section, link=link),), told.departures)
        if empty:
            yield FoundNothing(f"datapoints of {told_group(group)}: {', '.join(empty)}", window)


def _yesterday(
    client: object, incident: Incident, asked: Sequence[Wanted], period: int, until: SecondsLeft
) -> tuple[dict[int, Decimal], list[Looked]]:
    """The median of each metric at the same time a day before."""
    place = "metrics at the same time yesterday"
    if until() <= 0:
        return {}, [CouldNotLook(place, "out of time")]
    earlier, later = YESTERDAY_AROUND
    onset = incident.began.at - DAY
    window = Window.around(onset, earlier, later, incident.now - DAY)
    if window.end - window.start < earlier:
        window = replace(window, end=window.start + earlier)
    try:
        answers = read_metrics(client, asked, window, period, until)
    except Exception as error:  # noqa: BLE001 - today's metrics are there all the same
        return {}, [CouldNotLook(place, why_not(error))]
    found = {place: series("", points) for place, points in answers.points.items()}
    medians = {place: Decimal(str(median(each.values))) for place, each in found.items() if each.values}
    return medians, list(answers.unread)


def told_group(group: Group) -> str:
    namespace, dimensions = group
    of = ", ".join(f"{name}={value}" for name, value in dimensions)
    return f"{namespace} {of}".strip()
