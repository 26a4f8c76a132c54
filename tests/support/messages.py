"""The corpus of messages: every sample incident and all attempts to be clicked or obeyed, place by place.

Run as a module it writes docs/messages (`make messages`).
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from diagnose.diagnosis.checks.checking import check
from diagnose.diagnosis.record import record_of
from diagnose.diagnosis.schema import Diagnosis
from events.outgoing import DiagnosisDelayed, DiagnosisResumed
from local.aws.template import ROOT
from local.claude.answers import derive_answer
from local.demo.events import load_event, load_ticket, ticket_names
from local.demo.scenarios import WRITTEN
from local.demo.written_answers import WrittenAnswer
from notify.event import Place, event_of
from notify.findings import findings_of
from notify.messages.chat import notification
from notify.messages.mail import body_of, subject_of
from notify.messages.message import Message
from notify.messages.of_outages import of_delay, of_resumption
from notify.messages.of_tickets import message_of
from notify.telling import Kind
from rendering.jira import jira
from rendering.links import to_ticket
from rendering.room import ROOMS
from rendering.slack import slack
from rendering.teams import teams
from runtime.items import from_attributes, storable
from tests.evals.asked import asked
from tests.evals.case import Case, Expected
from tests.evals.way import settings
from tests.support import injections

FOLDER = ROOT / "docs" / "messages"
NOW = datetime(2026, 11, 28, tzinfo=UTC)
TABLE = "differential-tickets"
GROUPS = {
    "to-the-model": injections.TO_THE_MODEL,
    "encoded": injections.ENCODED,
    "pretended-ids": injections.PRETENDED_IDS,
    "to-the-reader": injections.TO_THE_READER,
    "to-a-shell": injections.TO_A_SHELL,
    "user-agents": injections.USER_AGENTS,
}


@dataclass(frozen=True)
class Sample:
    """One message as every place gets it; `event` is the detail on the bus, "" for an outage."""

    name: str
    message: Message
    event: str

    @property
    def mail(self) -> tuple[str, str]:
        return subject_of(self.message), body_of(self.message)

    @property
    def slack(self) -> dict[str, Any]:
        return dict(json.loads(notification(self.message, slack)))

    @property
    def teams(self) -> dict[str, Any]:
        return dict(json.loads(notification(self.message, teams)))

    @property
    def jira(self) -> str:
        """As the event has it, or of an outage, which has no event of this kind."""
        if self.event:
            return str(json.loads(self.event)["jira"])
        return jira(self.message.blocks(ROOMS[0], jira))


@cache
def samples() -> tuple[Sample, ...]:
    """All of them."""
    return (*_incidents(), *_others(), *_outages(), *_attempts())


def files() -> dict[Path, str]:
    """What docs/messages holds."""
    found: dict[Path, str] = {}
    for sample in samples():
        subject, body = sample.mail
        found[FOLDER / f"{sample.name}.mail.txt"] = f"Subject: {subject}\n\n{body}"
        found[FOLDER / f"{sample.name}.slack.txt"] = _shown(sample.slack)
        found[FOLDER / f"{sample.name}.teams.txt"] = _shown(sample.teams)
        found[FOLDER / f"{sample.name}.jira.txt"] = sample.jira
    return found


def _shown(told: dict[str, Any]) -> str:
    """A notification so that it can be read."""
    content, metadata = told["content"], told["metadata"]
    buttons = ", ".join(f"{name} = {value}" for name, value in metadata["additionalContext"].items())
    parts = [
        f"title: {content['title']}",
        content["description"],
        "next steps:\n" + "\n".join(f"- {step}" for step in content["nextSteps"]),
        f"keywords: {', '.join(content['keywords'])}",
        f"id: {told['id']}\nthread: {metadata['threadId']}\nfor buttons: {buttons or 'nothing'}",
    ]
    return "\n\n".join(parts) + "\n"


def _sample(name: str, kind: Kind, item: dict[str, Any]) -> Sample:
    stored = storable(item)
    findings = findings_of(stored)
    link = to_ticket("eu-west-1", TABLE, str(item["ticket_id"]))
    message = message_of(kind, stored, findings, link, "differential")
    event = event_of(kind, stored, findings, message, Place(TABLE, link), "2026-11-28T00:00:00.000Z")
    return Sample(name, message, event)


def _incidents() -> Iterator[Sample]:
    """The tickets of events/, diagnosed by the stand-in, and the answers that were written by hand."""
    for name in ticket_names():
        ticket = load_ticket(name)
        yield _diagnosed(name, ticket, derive_answer(_asked(ticket).user))
    for written in map(WrittenAnswer.load, WRITTEN):
        yield _diagnosed(written.ticket_id, dict(written.ticket), dict(written.answer))


def _diagnosed(name: str, ticket: dict[str, Any], answer: dict[str, Any]) -> Sample:
    prompt = _asked(ticket)
    record = record_of(check(Diagnosis.model_validate(answer), prompt), prompt.not_looked_at)
    done = {"status": "diagnosed", "diagnosis_status": "done", "generation": 0, "diagnosis_record": record}
    return _sample(name, Kind.DIAGNOSED, {**ticket, **done})


def _asked(ticket: dict[str, Any]) -> Any:
    nothing = Expected((), (), (), 0, (), (), ())
    return asked(Case(str(ticket["ticket_id"]), "incident", NOW, ticket, (), nothing), settings()).prompt


def _others() -> Iterator[Sample]:
    """Of a version before this one, revised in a storm, not diagnosed, and resolved."""
    [raw] = load_event("notify-diagnosed")["Records"]
    older = from_attributes(raw["dynamodb"]["NewImage"])
    yield _sample("older-record", Kind.DIAGNOSED, older)
    ticket = load_ticket("ecs-out-of-memory-loop")
    error = {"kind": "refusal", "message": "Claude refused to answer", "request_id": None, "at": "now"}
    failed = {"diagnosis_status": "failed", "generation": 1, "diagnosis_error": error}
    yield _sample("not-diagnosed", Kind.FAILED, {**ticket, **failed})
    yield _sample("resolved", Kind.RESOLVED, {**older, "status": "resolved"})
    yield _sample("member-of-a-storm", Kind.DIAGNOSED, {**older, "incident_id": "tkt-of-the-storm"})


def _outages() -> Iterator[Sample]:
    at = {"version": 1, "at": "2026-11-28T00:10:00.000Z", "since": "2026-11-28T00:00:00.000Z"}
    delay = {**at, "id": "outage/delayed", "gate": "provider", "reason": "server: 529", "waiting": 7}
    yield Sample("delayed", of_delay(DiagnosisDelayed.model_validate(delay)), "")
    resumed = {**at, "id": "outage/resumed", "waiting": 4}
    yield Sample("resumed", of_resumption(DiagnosisResumed.model_validate(resumed)), "")


def _attempts() -> Iterator[Sample]:
    """Each group of attempts in every place of one ticket and its answer."""
    for name, texts in GROUPS.items():
        yield _sample(f"attempts-{name}", Kind.DIAGNOSED, hostile(texts))


def hostile(texts: list[str]) -> dict[str, Any]:
    """A diagnosed ticket in which these stand wherever a text may."""
    first = texts[0]
    answer = {
        "verdict": "action_required",
        "headline": first,
        "severity": first,
        "recommended_action": texts[-1],
        "primary": {
            "diagnosis": first,
            "confidence": first,
            "chain": [
                {"from_component": text, "to_component": text, "since": text, "how": text} for text in texts
            ],
        },
        "commands": [{"command": text, "purpose": text} for text in texts],
        "missing_data": [{"what": text, "where": text} for text in texts],
    }
    judged = [{"effect": "destructive", "why": text, "marks": [text]} for text in texts]
    return {
        "ticket_id": first[:500],  # DynamoDB takes 2,048 bytes of a key
        "violation_key": first,
        "invariant_name": first,
        "component": first,
        "subject": first,
        "severity": first,
        "first_seen_at": first,
        "message": "\n".join(texts),
        "status": "diagnosed",
        "diagnosis_status": "done",
        "generation": 0,
        "diagnosis_record": {
            "version": 4,
            "answer": answer,
            "confidence": {"said": first, "shown": first, "reasons": texts},
            "commands": judged,
            "not_looked_at": texts,
        },
    }


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for stale in FOLDER.glob("*.txt"):
        stale.unlink()
    for path, text in files().items():
        path.write_text(text, "utf-8")
