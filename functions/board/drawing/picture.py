"""A chart as SVG: one line over time, and lines for what it is seen against."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from board.drawing.chart import Chart, Mark
from rendering.html import Html, tag
from timeseries.figures import figure
from timeseries.series import Series, thinned

HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 190, 64, 12, 30, 22
MOST_POINTS = 240
BESIDE = 120
"""Where thresholds are named, to the right of the baseline's name."""
LABEL = 36
"""What the number of a mark takes, or of several."""
FARTHEST = 4.0
"""A threshold farther from the values than so many times their own range would flatten them: it is told."""


class Scale:
    """From times and values to places in the picture."""

    def __init__(self, chart: Chart, width: int) -> None:
        values = [*chart.series.values, *([] if chart.baseline is None else [chart.baseline])]
        low, high = min(values), max(values)
        reach = max(high - low, abs(high) * 0.1, 1e-9) * FARTHEST
        near = [level for _, level in _levels(chart) if low - reach <= level <= high + reach]
        self.low, self.high = min(low, *near, low), max(high, *near, high)
        room = max(self.high - self.low, abs(self.high) * 0.1, 1e-9) * 0.08
        self._bottom, self._top = self.low - room, self.high + room
        self._first, self._last = (at.timestamp() for at in (chart.series.times[0], chart.series.times[-1]))
        self.width = width

    def x(self, at: datetime) -> float:
        share = (at.timestamp() - self._first) / max(self._last - self._first, 1.0)
        return round(LEFT + share * (self.width - LEFT - RIGHT), 1)

    def y(self, value: float) -> float:
        share = (value - self._bottom) / (self._top - self._bottom)
        return round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), 1)

    def has_time(self, at: datetime) -> bool:
        return self._first <= at.timestamp() <= self._last

    def has_value(self, value: float) -> bool:
        return self._bottom <= value <= self._top


def picture(chart: Chart, changes: Sequence[Mark], width: int, title_id: str, words: str) -> Html:
    """`words` say what is seen for whoever does not see it; `changes` are numbered in their order."""
    scale = Scale(chart, width)
    return tag(
        "svg",
        tag("title", words, id=title_id),
        *_axes(chart.series, scale),
        *_seen_against(chart, scale),
        *_marks(chart, changes, scale),
        *_line(chart.series, scale),
        viewBox=f"0 0 {width} {HEIGHT}",
        role="img",
        aria_labelledby=title_id,
    )


def _axes(series: Series, scale: Scale) -> Iterator[Html]:
    right = scale.width - RIGHT
    for value in (scale.high, scale.low):
        y = scale.y(value)
        yield tag("line", x1=LEFT, y1=y, x2=right, y2=y, class_="dx-axis")
        yield tag("text", figure(value, series.unit), x=LEFT - 6, y=y + 4, text_anchor="end")
    for at, anchor in ((series.times[0], "start"), (series.times[-1], "end")):
        told = at.astimezone(UTC).strftime("%d %b %H:%M UTC")
        yield tag("text", told, x=scale.x(at), y=HEIGHT - 6, text_anchor=anchor)


def _seen_against(chart: Chart, scale: Scale) -> Iterator[Html]:
    """The baseline and the thresholds, each with its name at the left, where it is mostly quiet."""
    right, unit = scale.width - RIGHT, chart.series.unit
    if chart.baseline is not None:
        y = scale.y(chart.baseline)
        yield tag("line", x1=LEFT, y1=y, x2=right, y2=y, class_="dx-base")
        yield tag("text", f"baseline {figure(chart.baseline, unit)}", x=LEFT + 4, y=y - 4, class_="dx-told")
    for _, limit in chart.limits:
        if isinstance(limit, Series):
            yield tag("polyline", points=_points(limit, scale), class_="dx-limit")
    for name, level in _levels(chart):
        y = scale.y(level)
        if not scale.has_value(level):
            told, y = f"{name} {figure(level, unit)}: outside of the picture", TOP + 12
        else:
            told = f"{name} {figure(level, unit)}"
            yield tag("line", x1=LEFT, y1=y, x2=right, y2=y, class_="dx-limit")
        yield tag("text", told, x=LEFT + BESIDE, y=y - 4, class_="dx-told")


def _marks(chart: Chart, changes: Sequence[Mark], scale: Scale) -> Iterator[Html]:
    """The onset by its name, the changes by their numbers, above what is drawn."""
    bottom = HEIGHT - BOTTOM
    for first, last, places in _together([scale.x(change.at) for change in changes]):
        for x in places:
            yield tag("line", x1=x, y1=TOP, x2=x, y2=bottom, class_="dx-change")
        told = str(first) if first == last else f"{first} to {last}"
        yield tag("text", told, x=places[0], y=TOP - 3, text_anchor="middle", class_="dx-told")
    if chart.onset is not None and scale.has_time(chart.onset):
        x = scale.x(chart.onset)
        yield tag("line", x1=x, y1=TOP - 12, x2=x, y2=bottom, class_="dx-onset")
        anchor = "end" if x > scale.width / 2 else "start"
        at = x - 4 if anchor == "end" else x + 4
        yield tag("text", "onset", x=at, y=TOP - 14, text_anchor=anchor, class_="dx-told")


def _together(places: Sequence[float]) -> Iterator[tuple[int, int, list[float]]]:
    """Marks too near to one another for a number each: the first number, the last, and where they are."""
    group: list[float] = []
    for number, x in enumerate(places, 1):
        if group and x - group[0] > LABEL:
            yield number - len(group), number - 1, group
            group = []
        group.append(x)
    if group:
        yield len(places) - len(group) + 1, len(places), group


def _line(series: Series, scale: Scale) -> Iterator[Html]:
    yield tag("polyline", points=_points(series, scale), class_="dx-line")
    yield tag("circle", cx=scale.x(series.times[-1]), cy=scale.y(series.values[-1]), r=3, class_="dx-dot")


def _points(series: Series, scale: Scale) -> str:
    shown = thinned(series, MOST_POINTS)
    pairs = zip(shown.times, shown.values, strict=True)
    return " ".join(f"{scale.x(at)},{scale.y(value)}" for at, value in pairs)


def _levels(chart: Chart) -> list[tuple[str, float]]:
    return [(name, level) for name, level in chart.limits if isinstance(level, float)]
