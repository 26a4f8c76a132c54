"""An incident with what is expected of its diagnosis; those of this repository are files in `cases/`."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast

import yaml

from diagnose.evidence.gathering import Source
from diagnose.evidence.times import utc
from tests.evals.recorded import recorded

CASES = Path(__file__).parent / "cases"
Kind = Literal["incident", "healthy", "recovered", "false alarm"]
"""All but the first are well: there is nothing left to repair."""


@dataclass(frozen=True)
class Expected:
    """What a right answer says, and what none may say.

    `cause` are groups of words: of each group one word has to be said, and of the groups `least` at least. Of
    `components` one has to be the cause. Those that are `innocent` may not be called it, and no text of
    `forbidden` may be claimed. Capitals do not count.
    """

    verdicts: tuple[str, ...]
    components: tuple[str, ...]
    cause: tuple[tuple[str, ...], ...]
    least: int
    innocent: tuple[str, ...]
    forbidden: tuple[str, ...]
    in_prompt: tuple[str, ...]


@dataclass(frozen=True)
class Blame:
    """A wrong answer to a case that is well: what it blames, and hops with the words of what they cite."""

    diagnosis: str
    hops: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class Case:
    """`ticket` is the item of the tickets' table, `sources` what the live ones answer, `now` when it is."""

    name: str
    kind: Kind
    now: datetime
    ticket: Mapping[str, Any]
    sources: tuple[Source, ...]
    expected: Expected
    blamed: Blame | None = None

    @property
    def is_well(self) -> bool:
        return self.kind != "incident"


@cache
def cases(folder: Path = CASES) -> tuple[Case, ...]:
    """Every case of a folder, by name. Raises ValueError for a file that is none, naming it."""
    return tuple(_case(path) for path in sorted(folder.glob("*.yaml")))


def _case(path: Path) -> Case:
    try:
        read: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
        ticket = {**read["ticket"], "metric_snapshot": _snapshot(read)}
        return Case(
            name=path.stem,
            kind=cast("Kind", read["kind"]),
            now=read["now"],
            ticket=json.loads(json.dumps(ticket, default=_moment), parse_float=Decimal),
            sources=tuple(recorded(each) for each in read.get("sources", ())),
            expected=_expected(read["expected"]),
            blamed=_blame(read.get("blamed")),
        )
    except (KeyError, TypeError, yaml.YAMLError) as error:
        raise ValueError(f"{path.name} is no case: {error!r}") from error


def _snapshot(read: Mapping[str, Any]) -> dict[str, Any]:
    """The ticket's readings, and the case's series as CloudWatch's GetMetricData has them."""
    readings = read["ticket"].get("metric_snapshot", {})
    if "series" not in read:
        return dict(readings)
    start, step = read["series"]["start"], timedelta(seconds=read["series"]["step"])
    series = [
        {
            "Label": metric["name"],
            "Dimensions": metric.get("of", {}),
            "Unit": metric["unit"],
            "Timestamps": [utc(start + step * place) for place in range(len(metric["values"]))],
            "Values": metric["values"],
        }
        for metric in read["series"]["metrics"]
    ]
    return {"series": series, **readings}


def _expected(said: Mapping[str, Sequence[Any]]) -> Expected:
    cause = tuple(tuple(str(group).split("|")) for group in said["cause"])
    return Expected(
        verdicts=_texts(said["verdicts"]),
        components=tuple(name for group in said["components"] for name in str(group).split("|")),
        cause=cause,
        least=len(cause),
        innocent=_texts(said["innocent"]),
        forbidden=_texts(said["forbidden"]),
        in_prompt=_texts(said["in_prompt"]),
    )


def _blame(said: Mapping[str, Any] | None) -> Blame | None:
    return Blame(said["diagnosis"], tuple(said["hops"])) if said else None


def _texts(values: Iterable[Any]) -> tuple[str, ...]:
    return tuple(map(str, values))


def _moment(value: object) -> str:
    if isinstance(value, datetime):
        return utc(value.astimezone(UTC))
    raise TypeError(f"{value!r} is neither text, number nor time")
