"""Answers written by hand, for the stand-in to play back: a good one, and one with faults to be found."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from local.claude.faults import Fault, Kind
from local.demo.events import load_ticket

RESULTS = ("passed", "failed", "unknown")
FOLDER = Path(__file__).parent / "written"


@dataclass(frozen=True)
class WrittenAnswer:
    """An answer to a ticket of events/, with the faults that were planted in it, in words."""

    ticket: Mapping[str, Any]
    title: str
    planted: tuple[str, ...]
    answer: Mapping[str, Any]

    @classmethod
    def load(cls, name: str) -> Self:
        """The ticket is named for the answer, so that one incident may have several."""
        read = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
        ticket = {**load_ticket(read["ticket"]), "ticket_id": name, "violation_key": f"by-hand:{name}."}
        return cls(ticket, read["title"], tuple(read["planted"]), read["answer"])

    @property
    def ticket_id(self) -> str:
        return str(self.ticket["ticket_id"])

    def as_fault(self) -> Fault:
        """What has the stand-in give this answer to whoever asks about the ticket."""
        return Fault(Kind.ANSWER, times=None, match=str(self.ticket["violation_key"]), answer=self.answer)

    def after_checks(self, stored: Mapping[str, Any]) -> list[str]:
        """What the checks made of it, by the record on the stored ticket."""
        record = stored.get("diagnosis_record", {"confidence": {}, "checks": []})
        confidence, checks = record["confidence"], record["checks"]
        counted = Counter(check["result"] for check in checks)
        return [
            f"Confidence: {confidence.get('said')} was said, {confidence.get('shown')} is shown.",
            *(f"  {reason}" for reason in confidence.get("reasons", ())),
            f"Checks: {', '.join(f'{counted[result]} {result}' for result in RESULTS)}.",
            *dict.fromkeys(
                f"  The diagnosis {check['says']}" for check in checks if check["result"] == "failed"
            ),
        ]

    def in_short(self) -> list[str]:
        """What it says, as it comes in: before any check."""
        primary = self.answer["primary"]
        hops = [
            f"  {hop['from_component']} -> {hop['to_component']}, since {hop['since']}"
            f" ({', '.join(hop['evidence'])}): {hop['how']}"
            for hop in primary["chain"]
        ]
        commands = [f"  {each['command']}  # changes: {each['changes']}" for each in self.answer["commands"]]
        return [
            f"Verdict: {self.answer['verdict']}",
            f"Headline: {self.answer['headline']}",
            f"Confidence: {primary['confidence']}",
            "Chain:",
            *hops,
            "Commands:",
            *commands,
            *(f"Planted: {fault}" for fault in self.planted),
        ]
