"""What is asked about a case: its evidence gathered, redacted and fitted as the diagnose function does it."""

from dataclasses import dataclass

from diagnose.evidence.gathering import gather
from diagnose.evidence.incidents import Incidents
from diagnose.evidence.inline import told_by
from diagnose.evidence.onset import onset_of
from diagnose.evidence.prompt import Prompt, build_prompt
from diagnose.evidence.redaction.redactor import Redactor
from diagnose.evidence.redaction.ticket import redacted_ticket
from diagnose.settings import DiagnoseSettings
from tests.evals.case import Case
from tickets.ticket import Ticket


@dataclass(frozen=True)
class Asked:
    """A case's ticket, and the prompt that is sent for it."""

    case: Case
    ticket: Ticket
    prompt: Prompt


def asked(case: Case, settings: DiagnoseSettings) -> Asked:
    """Raises BadTicketError for a case whose ticket cannot be diagnosed."""
    redact = Redactor(settings.redaction_off)
    shown = redacted_ticket(case.ticket, redact)
    own = told_by(shown)
    ticket = Ticket.from_item(case.ticket).model_copy(update={"unusable": shown.unusable})
    incident, told = Incidents().of(ticket, onset_of(ticket, case.now, own.departures), case.now, redact)
    context = gather(incident, [own, *told], case.sources, redact)
    return Asked(case, ticket, build_prompt(context, shown.unusable, settings.prompt_tokens))
