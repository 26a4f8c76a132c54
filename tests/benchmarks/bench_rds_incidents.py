"""What of 15 incidents of a database reaches a prompt with room for 3,000 tokens of evidence.

Bars, for the metrics as CloudWatch returns them and as a map by name: every required word that occurs in the
evidence occurs in the prompt, and so does the name of every metric; the evidence stays within its room.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from diagnose.evidence.inline import sections_of
from diagnose.evidence.prompt import FRAME_TOKENS, build_prompt
from diagnose.evidence.sections import Context
from local.aws.template import ROOT
from tests.benchmarks.page import table, write_section
from tickets.ticket import Ticket

CASES = [folder / "shared" / "data" / "opensre-rds" for folder in ROOT.parents]
"""Where the incidents may lie: beside this repository, or further up."""
TOKENS = 3_000
METRICS = "aws_cloudwatch_metrics"
TITLE = "RDS incidents"
INTRODUCTION = """\
Written by `make bench ONLY=rds_incidents`. {cases} incidents of a PostgreSQL on RDS: alert, metrics, events
and Performance Insights as a ticket carries them, in a prompt with room for {tokens:,} tokens of evidence.
Counted are the required words that occur in the evidence, and the names of the metrics."""


@dataclass(frozen=True)
class Case:
    """One incident: a ticket for each shape of its metrics, and what a prompt must hold."""

    name: str
    tickets: dict[str, dict[str, Any]]
    words: list[str]
    metrics: list[str]


def cases() -> Iterator[Case]:
    for folder in sorted(path for place in CASES for path in place.glob("0*") if path.is_dir()):
        files = {path.stem: read(path) for path in sorted(folder.glob("*.json"))}
        if not files:
            continue
        results = files[METRICS]["metric_data_results"] if METRICS in files else one_by_one(files)
        whole = json.dumps(files, default=str).lower()
        told = yaml.safe_load((folder / "answer.yml").read_text("utf-8"))
        yield Case(
            folder.name,
            {
                "as returned": ticket(files, files.get(METRICS) or {"metric_data_results": results}),
                "map by name": ticket(files, by_name(results)),
            },
            [word for word in map(str, told["required_keywords"]) if word.lower() in whole],
            [result["metric_name"] for result in results],
        )


def read(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"), parse_float=Decimal)


def one_by_one(files: dict[str, Any]) -> list[dict[str, Any]]:
    """The metrics of an incident that has a file for each."""
    return [file for name, file in files.items() if name.startswith(METRICS) and "metric_name" in file]


def by_name(results: list[dict[str, Any]]) -> dict[str, Any]:
    """A metric that comes for several resources stands under the name of each."""
    named: dict[str, Any] = {}
    for result in results:
        name = result["metric_name"]
        named[f"{name} of {result['dimensions'][0]['Value']}" if name in named else name] = result["values"]
    return named


def ticket(files: dict[str, Any], metrics: Any) -> dict[str, Any]:
    alert = files["alert"]
    return {
        "ticket_id": "t",
        "status": "open",
        "invariant_name": alert["commonLabels"]["alertname"],
        "message": alert["commonAnnotations"]["summary"],
        "metric_snapshot": metrics,
        "log_tail": files["aws_rds_events"],
        "topology": files["aws_performance_insights"],
        "subject_context": {"alert": alert},
    }


def bench_words_and_metrics_of_incidents() -> None:
    found = list(cases())
    if not found:
        pytest.skip("there is no folder ../shared/data/opensre-rds with incidents to measure with")
    rows, missing = [], []
    for shape in found[0].tickets:
        words = metrics = largest = 0
        for case in found:
            own = sections_of(Ticket.from_item(case.tickets[shape]))
            prompt = build_prompt(Context(tuple(own), ()), (), FRAME_TOKENS + TOKENS)
            text = f"{prompt.standing}\n{prompt.user}".lower()
            lost = [said for said in (*case.words, *case.metrics) if said.lower() not in text]
            missing += [(shape, case.name, said) for said in lost]
            words += sum(word.lower() in text for word in case.words)
            metrics += sum(name.lower() in text for name in case.metrics)
            largest = max(largest, prompt.tokens - FRAME_TOKENS)
        rows.append([shape, str(words), str(metrics), f"{largest:,}"])
    total = [sum(map(len, each)) for each in zip(*((c.words, c.metrics) for c in found), strict=True)]
    rows.append(["bar", *map(str, total), f"{TOKENS:,}"])
    report = INTRODUCTION.format(cases=len(found), tokens=TOKENS)
    report += "\n\n" + table(["metrics", "words", "names of metrics", "largest, tokens"], rows)
    print(f"\n{report}")
    write_section(TITLE, report)

    assert missing == []
    assert all(int(row[3].replace(",", "")) <= TOKENS for row in rows)
