"""Incidents of OpenSRE's synthetic RDS suite, read by path: they are no part of this project."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from samtranslator.yaml_helper import yaml_parse

ENVELOPE = "aws_cloudwatch_metrics"
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
ANSWER = "rds_failure_mode"
"""The alert's annotation that gives the answer away."""


@dataclass(frozen=True)
class RdsIncident:
    """One incident: its files' contents by name, and what is said of the right answer."""

    name: str
    files: Mapping[str, Any]
    category: str
    required: tuple[str, ...]

    @property
    def metrics(self) -> list[Mapping[str, Any]]:
        parts = [content for name, content in self.files.items() if name.startswith(ENVELOPE)]
        return [
            each for part in parts for each in part.get("metric_data_results", [part]) if "values" in each
        ]

    @property
    def last_time(self) -> datetime:
        """The latest that any file writes."""
        return datetime.fromisoformat(max(TIME.findall(self.text()))).astimezone(UTC)

    def item(self, *, by_name: bool) -> dict[str, Any]:
        """A ticket: the alert as the message, the metrics with what else has figures, the events as a log."""
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
        told = {**alert["commonLabels"], **alert["commonAnnotations"]}
        return {
            "ticket_id": self.name,
            "status": "open",
            "invariant_name": alert["commonLabels"]["alertname"],
            "message": alert["title"],
            "severity": alert["commonLabels"]["severity"],
            "metric_snapshot": {"metrics": as_map if by_name else as_files, **others},
            "log_tail": self.files["aws_rds_events"]["events"],
            "subject_context": {name: value for name, value in told.items() if name != ANSWER},
        }

    def text(self) -> str:
        return json.dumps(self.files, default=str)


def incidents_in(folder: Path) -> Iterator[RdsIncident]:
    """Those of a folder, by name; none where it is not there."""
    for each in sorted(folder.glob("[0-9]*")) if folder.is_dir() else ():
        files = {path.stem: _read(path) for path in sorted(each.glob("*.json"))}
        answer = yaml_parse((each / "answer.yml").read_text("utf-8"))
        required = tuple(map(str, answer.get("required_keywords", ())))
        yield RdsIncident(each.name, files, str(answer.get("root_cause_category", "")), required)


def _read(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"), parse_float=Decimal)
