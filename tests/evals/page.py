"""docs/evals.md, written anew by every run."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from local.aws.template import ROOT
from tests.benchmarks.page import table
from tests.evals.figures import FIGURES, REPEATS, Figure, medians
from tests.evals.judged import Line
from tests.evals.planted import Planted
from tests.evals.suite import Suite
from tests.evals.way import Way
from tests.evals.without_key import Blamed, Sent

PAGE = ROOT / "docs" / "evals.md"
NOT_MEASURED = "not measured, no key"
HEAD = """# Evals

Written by `make eval`. Each case is an incident: a ticket, the evidence as it was recorded, what is right
to say of it, and what is wrong. It goes through the functions' own gathering, redaction, prompt, checks
and rendering. The cases are in `tests/evals/cases/`, made up; CONTRIBUTING.md says how to add one. With
`ANTHROPIC_API_KEY` set, Claude is asked each case three times, and your key pays; without one nobody is
asked, and only what needs no model is measured. `make eval SUITE=path` measures a folder of incidents
beside them.
"""
WORTHLESS = (
    "**These figures are worthless: the stand-in answered, by plain word rules, not Claude.** They show\n"
    "that the whole road of a run works, and nothing else. No bar is held against them."
)
WHAT_COUNTS = """\
A cause is right when the verdict is one that is expected, the words of the cause are in the headline, the
diagnosis or its reasoning, one of its components is called the cause, and nothing is claimed that is known
to be wrong. It is among the first three when one of the first two alternatives says it. A chain is grounded
when no check of it failed; an answer that asks for action and has no chain is not. Sure and wrong is a
wrong cause that is shown with high confidence after the checks: a count, not a share. An incident that is
none, or over, is called healthy by the verdict "no action". What was not answered counts as wrong. Of a
suite that is not this repository's only words of a right answer are known: half of them are enough, which
copying out the evidence can reach by itself."""


@dataclass(frozen=True)
class Results:
    """What a run found; without a way to ask there are no `lines`."""

    suites: Sequence[Suite]
    sent: Mapping[str, Sequence[Sent]]
    planted: Planted
    blamed: Sequence[Blamed]
    way: Way | None = None
    lines: Mapping[str, Sequence[Line]] = field(default_factory=dict)

    @property
    def is_worthless(self) -> bool:
        """Whether no Claude answered: what is on loopback is none, and the stand-in marks its answers."""
        told = any(line.is_of_stand_in for lines in self.lines.values() for line in lines)
        return told or (self.way is not None and self.way.is_local)


def write(results: Results, path: Path = PAGE) -> None:
    parts = [
        HEAD.strip(),
        "## The model's answers",
        *_model(results),
        "## What the prompts hold",
        *(_prompts(suite, results.sent[suite.name]) for suite in results.suites),
        "## What the checks catch",
        _planted(results),
    ]
    path.write_text("\n\n".join(parts) + "\n", "utf-8")


def _model(results: Results) -> Iterable[str]:
    yield WHAT_COUNTS
    if results.way is None:
        yield "Figures of the model: not measured, no key."
        yield table(
            ["", "measured", "bar"], [[each.name, NOT_MEASURED, each.bar_in_words] for each in FIGURES]
        )
        return
    if results.is_worthless:
        yield WORTHLESS
    for suite in results.suites:
        lines = results.lines[suite.name]
        measured = medians(lines)
        models = ", ".join(sorted({line.model for line in lines if line.model})) or "no answer"
        yield f"### Answers to {suite.name}"
        yield f"{len(suite.cases)} cases, {REPEATS} times each; medians of {REPEATS}. Model: {models}."
        yield table(
            ["", "measured", "bar", "kept"],
            [
                [
                    each.name,
                    each.told(measured[each.name]),
                    each.bar_in_words,
                    _kept(each, measured[each.name]) if not results.is_worthless else "",
                ]
                for each in FIGURES
            ],
        )
        yield table(
            ["case", "right", "verdicts", "shown confidence", "tokens", "US dollars", "seconds"],
            [_row(case.name, lines) for case in suite.cases],
        )


def _kept(figure: Figure, measured: float | None) -> str:
    if figure.bar is None:
        return ""
    return "yes" if figure.is_kept(measured) else "**no**"


def _row(name: str, lines: Sequence[Line]) -> list[str]:
    """A case in all its repeats."""
    of_case = [line for line in lines if line.case == name]
    judged = [line.judged for line in of_case if line.judged]
    return [
        name,
        f"{sum(each.right_cause for each in judged)} of {len(of_case)}",
        _counted(each.verdict.replace("_", " ") for each in judged) or "no answer",
        _counted(each.shown.replace("_", " ") for each in judged),
        f"{sum(line.used.input_tokens + line.used.output_tokens for line in of_case):,}",
        f"{sum(line.used.cost_usd for line in of_case):.3f}",
        f"{sum(line.used.seconds for line in of_case):.1f}",
    ]


def _counted(words: Iterable[str]) -> str:
    each = list(words)
    return ", ".join(f"{word} ({each.count(word)})" for word in dict.fromkeys(each))


def _prompts(suite: Suite, sent: Sequence[Sent]) -> str:
    rows = [
        [
            each.case,
            each.kind,
            f"{each.tokens:,}",
            f"{each.words - len(each.missing)} of {each.words}",
            ", ".join(each.missing),
        ]
        for each in sent
    ]
    head = ["case", "kind", "tokens, estimated", "words that must be there", "missing"]
    return f"{len(sent)} prompts of {suite.name}.\n\n{table(head, rows)}"


def _planted(results: Results) -> str:
    planted = results.planted
    rows = [[kind, f"{caught} of {count}"] for kind, (caught, count) in planted.ungrounded.items()]
    everything = planted.ungrounded.values()
    rows.append(["in all", f"{sum(caught for caught, _ in everything)} of {sum(n for _, n in everything)}"])
    capped = sum(each.is_capped for each in results.blamed)
    return (
        f"Answers with one planted fault each, and sound ones, through the checks.\n\n"
        f"{table(['planted fault', 'caught'], rows)}\n\n"
        f"Of {planted.sound} sound answers {planted.flagged} were flagged.\n\n"
        f"Cases that are well, answered as an incident with high confidence: {capped} of "
        f"{len(results.blamed)} capped."
    )
