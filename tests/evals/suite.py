"""Suites of cases: this repository's own, and a folder of somebody else's, read by path."""

from dataclasses import dataclass
from math import ceil
from pathlib import Path

from tests.evals.case import CASES, Case, Expected, cases
from tests.support.opensre import RdsIncident, incidents_in

WELL = "healthy"
"""OpenSRE's category of incidents that are none, or over."""


class SuiteError(Exception):
    """Raised when a folder holds no cases; the text says which."""


@dataclass(frozen=True)
class Suite:
    """Cases under one name."""

    name: str
    cases: tuple[Case, ...]


def own() -> Suite:
    return Suite("this repository's cases", cases(CASES))


def suite_in(folder: Path) -> Suite:
    """A folder of files like those in `cases/`, or of OpenSRE's incidents. Raises SuiteError, ValueError."""
    if not folder.is_dir():
        raise SuiteError(f"there is no folder {folder}")
    found = cases(folder) or tuple(_of_opensre(each) for each in incidents_in(folder))
    if not found:
        raise SuiteError(f"{folder} holds neither cases (*.yaml) nor incidents of OpenSRE")
    return Suite(folder.name, found)


def _of_opensre(incident: RdsIncident) -> Case:
    """Its required words are those of one good answer: half of them are enough, and the verdict has to fit.

    Those that the evidence itself holds have to be in the prompt.
    """
    well = incident.category == WELL
    everything = incident.text().casefold()
    cause = tuple((word,) for word in incident.required)
    return Case(
        name=incident.name,
        kind="healthy" if well else "incident",
        now=incident.last_time,
        ticket=incident.item(by_name=False),
        sources=(),
        expected=Expected(
            verdicts=("no_action",) if well else ("action_required", "action_suggested"),
            components=(),
            cause=cause,
            least=ceil(len(cause) / 2),
            innocent=(),
            forbidden=(),
            in_prompt=tuple(word for word in incident.required if word.casefold() in everything),
        ),
    )
