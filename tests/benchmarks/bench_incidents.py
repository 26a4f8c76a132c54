"""What a prompt keeps of the evidence of 15 incidents of a database, as the files are and as a map by name.

Bar: every required word that occurs in the evidence at all, and every name of a metric, in a prompt whose
evidence has no more than 3,000 tokens; baseline, onset and peak said wherever a metric deviates.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from samtranslator.yaml_helper import yaml_parse

from diagnose.evidence.inline import sections_of
from diagnose.evidence.prompt import FRAME_TOKENS, build_prompt
from diagnose.evidence.sections import Context
from local.aws.template import ROOT
from tests.benchmarks.page import table
from tickets.ticket import Ticket

INCIDENTS = [folder / "shared" / "data" / "opensre-rds" for folder in ROOT.parents]
"""Where they may lie: beside this repository, or further up."""
TOKENS = 3_000
SAID = re.compile(r" DEVIATES (?:up|down): baseline \S+.*, left it \S+Z.*, (?:peak|lowest) \S+.* at \S+Z")
ENVELOPE = "aws_cloudwatch_metrics"


@dataclass(frozen=True)
class Case:
    """One incident: its files' contents by name, and the words that a diagnosis of it needs."""

    name: str
    files: Mapping[str, Any]
    required: tuple[str, ...]

    @property
    def metrics(self) -> list[Mapping[str, Any]]:
        parts = [content for name, content in self.files.items() if name.startswith(ENVELOPE)]
        return [
            each for part in parts for each in part.get("metric_data_results", [part]) if "values" in each
        ]

    def ticket(self, by_name: bool) -> Ticket:
        """The alert as the message, the metrics with what else has figures, the events as a log."""
        alert = self.files["alert"]
        others = {
            name: content
            for name, content in self.files.items()
            if not name.startswith(ENVELOPE) and name not in ("alert", "aws_rds_events")
        }
        as_files = [content for name, content in self.files.items() if name.startswith(ENVELOPE)]
        as_map = {
            f"{each['metric_name']} {each['dimensions'][0]['Value']}": {
                "timestamps": each["timestamps"],
                "values": each["values"],
                "unit": each.get("unit", ""),
            }
            for each in self.metrics
        }
        return Ticket.from_item(
            {
                "ticket_id": self.name,
                "status": "open",
                "invariant_name": alert["commonLabels"]["alertname"],
                "message": alert["title"],
                "severity": alert["commonLabels"]["severity"],
                "metric_snapshot": {"metrics": as_map if by_name else as_files, **others},
                "log_tail": self.files["aws_rds_events"]["events"],
                "subject_context": {**alert["commonLabels"], **alert["commonAnnotations"]},
            }
        )

    def text(self) -> str:
        return json.dumps(self.files, default=str)


def cases() -> Iterator[Case]:
    for folder in sorted(each for root in INCIDENTS if root.is_dir() for each in root.glob("0*")):
        files = {path.stem: _read(path) for path in sorted(folder.glob("*.json"))}
        answer = yaml_parse((folder / "answer.yml").read_text("utf-8"))
        yield Case(folder.name, files, tuple(answer.get("required_keywords", ())))


def _read(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"), parse_float=Decimal)


def prompt_of(case: Case, *, by_name: bool) -> tuple[str, int]:
    """The evidence as it is sent, and its tokens."""
    ticket = case.ticket(by_name)
    prompt = build_prompt(Context(tuple(sections_of(ticket)), ()), ticket.unusable, TOKENS + FRAME_TOKENS)
    return "\n".join(prompt.evidence.values()), prompt.tokens - FRAME_TOKENS


def bench_incidents() -> None:
    known = list(cases())
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
