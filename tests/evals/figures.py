"""The figures of a run, and the bars that were set before it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import mean, median

from tests.evals.judged import Judged, Line

REPEATS = 3


@dataclass(frozen=True)
class Figure:
    """One figure of one repeat; None where it has nothing to count. `bar` is the least, or a ceiling."""

    name: str
    of: Callable[[Sequence[Line]], float | None]
    bar: float | None = None
    is_ceiling: bool = False
    form: str = "{:.0%}"

    @property
    def bar_in_words(self) -> str:
        if self.bar is None:
            return ""
        return f"{'at most' if self.is_ceiling else 'at least'} {self.form.format(self.bar)}"

    def told(self, value: float | None) -> str:
        return "nothing to count" if value is None else self.form.format(value)

    def is_kept(self, value: float | None) -> bool:
        if self.bar is None or value is None:
            return True
        return value <= self.bar if self.is_ceiling else value >= self.bar


def _share(lines: Iterable[Line], holds: Callable[[Judged], bool]) -> float | None:
    """Of these lines; one without an answer is one that does not hold."""
    each = [line.judged is not None and holds(line.judged) for line in lines]
    return sum(each) / len(each) if each else None


def _incidents(lines: Iterable[Line]) -> list[Line]:
    return [line for line in lines if line.kind == "incident"]


def _well(lines: Iterable[Line]) -> list[Line]:
    return [line for line in lines if line.kind != "incident"]


def _with_chain(lines: Iterable[Line]) -> list[Line]:
    return [line for line in lines if line.judged and line.judged.grounded is not None]


FIGURES = (
    Figure("right cause first", lambda lines: _share(_incidents(lines), lambda it: it.right_cause), 0.7),
    Figure(
        "right cause among the first three",
        lambda lines: _share(_incidents(lines), lambda it: it.among_three),
        0.85,
    ),
    Figure("grounded chains", lambda lines: _share(_with_chain(lines), lambda it: it.grounded is True), 0.9),
    Figure(
        "sure and wrong",
        lambda lines: float(sum(line.judged.sure_and_wrong for line in lines if line.judged)),
        0.0,
        is_ceiling=True,
        form="{:.0f}",
    ),
    Figure(
        "healthy called healthy",
        lambda lines: _share(_well(lines), lambda it: it.well_called_well is True),
        0.75,
    ),
    Figure("answered", lambda lines: _share(lines, lambda _: True), 0.95),
    Figure("input tokens each", lambda lines: mean(line.used.input_tokens for line in lines), form="{:,.0f}"),
    Figure(
        "output tokens each", lambda lines: mean(line.used.output_tokens for line in lines), form="{:,.0f}"
    ),
    Figure(
        "US dollars each",
        lambda lines: mean(line.used.cost_usd for line in lines),
        0.14,
        is_ceiling=True,
        form="{:.3f}",
    ),
    Figure(
        "seconds each, the median",
        lambda lines: median(line.used.seconds for line in lines),
        120.0,
        is_ceiling=True,
        form="{:.1f}",
    ),
)
"""Fixed before any run: to change a bar is a change of its own, with its reason."""


def medians(lines: Iterable[Line]) -> dict[str, float | None]:
    """Of each figure the median over the repeats."""
    by_repeat = sorted(lines, key=lambda line: line.repeat)
    repeats = [list(group) for _, group in groupby(by_repeat, key=lambda line: line.repeat)]
    found: dict[str, float | None] = {}
    for figure in FIGURES:
        values = [value for repeat in repeats if (value := figure.of(repeat)) is not None]
        found[figure.name] = median(values) if values else None
    return found


def missed(measured: dict[str, float | None]) -> list[str]:
    """The figures that miss their bars, in words."""
    return [
        f"{figure.name}: {figure.told(measured[figure.name])}, and the bar is {figure.bar_in_words}"
        for figure in FIGURES
        if not figure.is_kept(measured[figure.name])
    ]
