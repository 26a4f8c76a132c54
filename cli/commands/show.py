"""`differential show`."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import click

from cli.contents import former_diagnoses, why_it_waits, written_besides
from cli.one_ticket import ticket
from cli.options import Session, about_a_ticket, with_session
from cli.screen import as_json
from tickets.feedback import feedback_of
from views.listing import age_in_words, row_of


@click.command()
@about_a_ticket
@click.option("--evidence", is_flag=True, help="What its producer wrote beside its message.")
@click.option("--history", is_flag=True, help="The diagnoses before the present one.")
@click.option("--raw", is_flag=True, help="All its attributes as JSON.")
@with_session
def command(session: Session, ticket_id: str, *, evidence: bool, history: bool, raw: bool) -> None:
    """TICKET_ID with its diagnosis."""
    item = ticket(session, ticket_id)
    screen = session.screen
    if raw or screen.is_json:
        screen.data(item)
        return
    screen.facts(_facts(item))
    if evidence:
        screen.line()
        written = written_besides(item)
        screen.line(as_json(written) if written else "Its producer wrote nothing else.")
    if history:
        for former in former_diagnoses(item):
            screen.line()
            screen.line(
                f"Diagnosed {former.get('diagnosed_at', 'at an unknown time')}, since replaced", "bold"
            )
            screen.markdown(str(former.get("diagnosis", "")))
    screen.line()
    if text := str(item.get("diagnosis", "")):
        screen.markdown(text)
    else:
        screen.line("There is no diagnosis yet; `differential watch` waits for it.")


def _facts(item: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    row = row_of(item, datetime.now(UTC))
    feedback = feedback_of(item)
    yield "ticket", row.ticket_id
    yield "status", row.status
    yield "diagnosis", row.diagnosis_status
    yield "waits because", why_it_waits(item)
    yield "severity", row.severity
    yield "age", "" if row.age_seconds is None else age_in_words(row.age_seconds)
    yield "invariant", row.invariant_name
    yield "subject", row.subject
    yield "component", row.component
    yield "message", str(item.get("message", ""))
    yield "member of", row.incident_id
    yield "members", str(item.get("members", ""))
    yield "held", "monitors do not resolve it" if item.get("held") else ""
    yield "a person said", " ".join(filter(None, (feedback.verdict or "", feedback.words)))
