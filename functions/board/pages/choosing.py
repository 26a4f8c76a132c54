"""The form above the list: which tickets are shown, by state and severity."""

from collections import Counter
from collections.abc import Iterable, Sequence

from board.drawing.chips import MOST_CHARACTERS
from board.drawing.frame import Frame
from rendering.html import Html, tag
from rendering.words import one_line
from tickets.urgency import rank_of
from views.listing import STATES, Row

MOST_SEVERITIES = 12


def choosing(frame: Frame, rows: Sequence[Row]) -> Html:
    """What is chosen stays so, whatever else there is to choose from."""
    request = frame.request
    return tag(
        "form",
        _select("State", "state", STATES, request.state, "all that are open"),
        _select("Severity", "severity", _severities(rows, request.severity), request.severity, "any"),
        frame.call("Show", "Show the tickets of this state and severity", view="list"),
        class_="dx-row",
        aria_label="Which tickets are shown",
    )


def _severities(rows: Sequence[Row], chosen: str) -> list[str]:
    """What can be chosen, in any case: the one that is, then the most frequent; the severest first."""
    usable = [row.severity for row in rows if _is_usable(row.severity)]
    frequent = [low for low, _ in Counter(map(str.casefold, usable)).most_common(MOST_SEVERITIES)]
    spelt = {each.casefold(): each for each in [*reversed(usable), chosen]}
    shown = dict.fromkeys([*([chosen.casefold()] if chosen else []), *frequent])
    return sorted((spelt[low] for low in shown), key=lambda each: (rank_of(each), each))


def _is_usable(severity: str) -> bool:
    """Whether a page can hold it as it is written, so that the choice of it finds it."""
    return 0 < len(severity) <= MOST_CHARACTERS and severity == one_line(severity)


def _select(label: str, name: str, values: Iterable[str], chosen: str, for_none: str) -> Html:
    options = [tag("option", for_none, value="", selected=not chosen)]
    options += [
        tag("option", value.replace("_", " "), value=value, selected=value == chosen) for value in values
    ]
    return tag("label", label, tag("select", *options, name=name))
