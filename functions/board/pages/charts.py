"""The charts of a ticket, each also in words, and what they do not show."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from board.drawing.chart import Chart, charts_of
from board.drawing.moments import clock
from board.drawing.picture import picture
from rendering.html import Content, Html, tag
from rendering.room import shortened
from timeseries.figures import figure

MOST_CHARTS = 4


def charts(item: Mapping[str, Any], width: int) -> tuple[Content, ...]:
    """The pictures, those that left their baselines first, and what they do not show."""
    found = charts_of(item)
    shown = found[:MOST_CHARTS]
    figures = [_figure(chart, width, number) for number, chart in enumerate(shown, 1)]
    others = figures[1:]
    folded = [tag("details", tag("summary", f"More charts: {len(others)}"), *others)] if others else []
    return (*figures[:1], *folded, tag("p", " ".join(_missing(found, shown)), class_="dx-muted"))


def _figure(chart: Chart, width: int, number: int) -> Html:
    name = shortened(chart.series.full_name, 120)
    drawn = [mark for mark in chart.changes if chart.series.times[0] <= mark.at <= chart.series.times[-1]]
    return tag(
        "figure",
        tag("figcaption", name, dir="auto"),
        picture(chart, drawn, width, f"dx-chart-{number}", _words(chart, name)),
        tag(
            "ol",
            *(
                tag("li", f"{clock(mark.at)} {shortened(mark.what, 160)}", value=place, dir="auto")
                for place, mark in enumerate(drawn, 1)
            ),
            class_="dx-muted",
            aria_label="Changes that are marked",
        )
        if drawn
        else None,
    )


def _words(chart: Chart, name: str) -> str:
    """The picture for whoever does not see it."""
    times, values, unit = chart.series.times, chart.series.values, chart.series.unit
    figures = {"first": values[0], "lowest": min(values), "highest": max(values), "last": values[-1]}
    said = ", ".join(f"{which} {figure(value, unit)}" for which, value in figures.items())
    told = [f"{name} from {clock(times[0])} to {clock(times[-1])} UTC: {said}"]
    if chart.baseline is not None:
        told.append(f"baseline {figure(chart.baseline, unit)}")
    told += [f"{name} {figure(value, unit)}" for name, value in chart.limits if isinstance(value, float)]
    if chart.onset:
        told.append(f"onset {clock(chart.onset)}")
    return "; ".join(told)


def _missing(found: Sequence[Chart], shown: Sequence[Chart]) -> Iterator[str]:
    if not found:
        yield "Nothing can be drawn: no series of datapoints is stored on this ticket."
        return
    if len(found) > len(shown):
        yield f"{len(found) - len(shown)} more series are stored and not drawn."
    if any(chart.baseline is None for chart in shown):
        yield "Where no baseline is drawn, too few points are stored to tell one."
    if not any(chart.limits for chart in shown):
        yield "No threshold is stored."
    if not shown[0].onset:
        yield "When it began is not known."
    if not shown[0].changes:
        yield "No change is known of."
