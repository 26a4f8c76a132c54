"""What a prompt keeps of the evidence of 15 incidents of a database, as the files are and as a map by name.

Bar: every required word that occurs in the evidence at all, and every name of a metric, in a prompt whose
evidence has no more than 3,000 tokens; baseline, onset and peak said wherever a metric deviates.
"""

import re

import pytest

from diagnose.evidence.inline import sections_of
from diagnose.evidence.prompt import FRAME_TOKENS, build_prompt
from diagnose.evidence.sections import Context
from local.aws.template import ROOT
from tests.benchmarks.page import table
from tests.support.opensre import RdsIncident, incidents_in
from tickets.ticket import Ticket

INCIDENTS = [folder / "shared" / "data" / "opensre-rds" for folder in ROOT.parents]
"""Where they may lie: beside this repository, or further up."""
TOKENS = 3_000
SAID = re.compile(r" DEVIATES (?:up|down): baseline \S+.*, left it \S+Z.*, (?:peak|lowest) \S+.* at \S+Z")


def prompt_of(case: RdsIncident, *, by_name: bool) -> tuple[str, int]:
    """The evidence as it is sent, and its tokens."""
    ticket = Ticket.from_item(case.item(by_name=by_name))
    prompt = build_prompt(Context(tuple(sections_of(ticket)), ()), ticket.unusable, TOKENS + FRAME_TOKENS)
    return "\n".join(prompt.evidence.values()), prompt.tokens - FRAME_TOKENS


def bench_incidents() -> None:
    known = [each for folder in INCIDENTS for each in incidents_in(folder)]
    if not known:
        pytest.skip("there is no folder ../shared/data/opensre-rds with incidents to measure with")
    rows = []
    for by_name in (False, True):
        words = kept_words = names = kept_names = deviating = said = tokens = 0
        lost: list[str] = []
        for case in known:
            text, used = prompt_of(case, by_name=by_name)
            there = [word for word in case.required if word.lower() in case.text().lower()]
            metrics = sorted({each["metric_name"] for each in case.metrics})
            words += len(there)
            kept = [word for word in there if word.lower() in text.lower()]
            kept_words += len(kept)
            lost += [f"{case.name}: {word}" for word in there if word not in kept]
            names += len(metrics)
            kept_names += sum(name in text for name in metrics)
            lines = [line for line in text.split("\n") if " DEVIATES " in line]
            deviating += len(lines)
            said += sum(bool(SAID.search(line)) for line in lines)
            tokens = max(tokens, used)
        shape = "a map by name" if by_name else "as the files are"
        rows.append(
            [
                shape,
                f"{kept_words} of {words}",
                f"{kept_names} of {names}",
                f"{said} of {deviating}",
                f"{tokens:,}",
            ]
        )
        assert lost == []
        assert kept_names == names
        assert said == deviating > 0
        assert tokens <= TOKENS
    print(f"\nKept of the evidence of {len(known)} incidents in {TOKENS:,} tokens:\n")
    print(table(["", "required words", "metric names", "baseline, onset, peak", "most tokens"], rows))
