"""Replays incidents through the product: a JSON line for each on stdout, and the page docs/evals.md."""

import argparse
import json
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from diagnose.claude.client import Prices
from diagnose.claude.errors import ClaudeError
from diagnose.settings import DiagnoseSettings
from tests.evals.answered import Asking
from tests.evals.asked import Asked, asked
from tests.evals.figures import REPEATS, medians, missed
from tests.evals.judged import Line
from tests.evals.page import PAGE, Results, write
from tests.evals.planted import planted
from tests.evals.suite import Suite, SuiteError, own, suite_in
from tests.evals.way import Way, settings, way_from
from tests.evals.without_key import blamed, sent
from tests.support.keyed_claude import claude_at

AT_ONCE = 4
"""Calls to Claude at a time."""


def run(suites: Iterable[Suite], way: Way | None, told: DiagnoseSettings) -> Results:
    """Everything that can be measured by this way, a line printed for each case and answer.

    Raises a ClaudeError when nobody can be asked: the key, the account, the settings.
    """
    suites = list(suites)
    prompts = {suite.name: [asked(case, told) for case in suite.cases] for suite in suites}
    found = {name: [sent(each) for each in every] for name, every in prompts.items()}
    for each in (one for every in found.values() for one in every):
        print(json.dumps(each.as_json()), flush=True)
    wrong = blamed(one for every in prompts.values() for one in every)
    lines = {name: _answers(every, way, told) for name, every in prompts.items()} if way else {}
    return Results(suites, found, planted(), wrong, way, lines)


def _answers(every: list[Asked], way: Way, told: DiagnoseSettings) -> list[Line]:
    """Each prompt REPEATS times, some at a time, each by a client of its own: one makes a call at a time."""
    prices = Prices(told.price_input_usd_per_mtok, told.price_output_usd_per_mtok)
    todo = [(one, repeat) for repeat in range(1, REPEATS + 1) for one in every]

    def answer(one: tuple[Asked, int]) -> Line:
        with claude_at(way.base_url, way.key, told.model, told.effort, prices) as claude:
            return Asking(claude, told).line(*one)

    lines = []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        try:
            for line in pool.map(answer, todo):
                print(json.dumps(line.as_json()), flush=True)
                lines.append(line)
        except ClaudeError:
            pool.shutdown(cancel_futures=True)
            raise
    return lines


def faults(results: Results) -> list[str]:
    """What has to be better, in words. Nothing is expected of a stand-in's answers."""
    found = [
        f"{each.case}: not in the prompt: {', '.join(each.missing)}"
        for every in results.sent.values()
        for each in every
        if each.missing
    ]
    found += results.planted.faults
    found += [
        f"{each.case}: shown as {each.shown}, and it is well" for each in results.blamed if not each.is_capped
    ]
    if not results.is_worthless:
        found += [
            f"{name}: {each}" for name, lines in results.lines.items() for each in missed(medians(lines))
        ]
    return found


def main(arguments: list[str] | None = None) -> int:
    """0 when every bar is kept, 1 when not, 2 when there was nothing to run."""
    parser = argparse.ArgumentParser(prog="python -m tests.evals", description=__doc__)
    parser.add_argument("--suite", type=Path, help="a folder of incidents to measure beside the own")
    parser.add_argument("--page", type=Path, default=PAGE, help="where to write the page")
    said = parser.parse_args(arguments)
    try:
        suites = [own(), *([suite_in(said.suite)] if said.suite else [])]
    except (SuiteError, ValueError) as error:
        print(f"No evals: {error}.", file=sys.stderr)
        return 2
    way = way_from()
    try:
        results = run(suites, way, settings())
    except ClaudeError as error:
        print(f"No evals: {error.kind}: {error}.", file=sys.stderr)
        return 2
    write(results, said.page)
    for fault in (found := faults(results)):
        print(f"Not good enough: {fault}", file=sys.stderr)
    asked_whom = f"asked at {way.base_url}" if way else "not asked, no key"
    print(f"The model was {asked_whom}. The page is {said.page}.", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
