"""The use case with its real collaborators, built at the first event and kept."""

from functools import cache
from typing import TYPE_CHECKING

import boto3

from capacity.capacity import Capacity
from diagnose.backlog import Backlog
from diagnose.before_claim import BeforeClaim
from diagnose.claude.attempt import ClaudeClient
from diagnose.claude.on_first_call import OnFirstCall
from diagnose.diagnose_ticket import DiagnoseTicket, Limits
from diagnose.diagnosis.schema import Diagnosis
from diagnose.evidence.clients import Clients, QuickClients
from diagnose.evidence.gathering import Source, SwitchedOff
from diagnose.evidence.incidents import Incidents
from diagnose.evidence.prompt import prompt_version
from diagnose.evidence.sources.alarm.source import Alarms
from diagnose.evidence.sources.changes.source import Changes
from diagnose.evidence.sources.health import Health
from diagnose.evidence.sources.logs.source import Logs
from diagnose.evidence.sources.members import IncidentMembers
from diagnose.evidence.sources.metrics.source import Metrics
from diagnose.evidence.sources.neighbours.source import Neighbours
from diagnose.evidence.sources.runbook import Runbook
from diagnose.evidence.sources.similar import SimilarTickets
from diagnose.evidence.sources.stack_resource import StackResource
from diagnose.evidence.sources.traces import Traces
from diagnose.evidence.subject import Subjects
from diagnose.known_causes import KnownCauses
from diagnose.settings import DiagnoseSettings
from diagnose.severest_first import SeverestFirst
from runtime.aws import CALLS, QUICK_CALLS
from runtime.clock import Clock, SystemClock
from runtime.items import open_dynamodb
from tickets.members import Members
from tickets.queries import TicketQueries
from tickets.repairs import Repairs
from tickets.requests import Requests
from tickets.runs import Runs
from tickets.stream_lag import StreamLag
from tickets.table import TicketTable
from tickets.transactions import Kept, Tables
from tickets.wake_up import WakeUpQueue

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table


@cache
def diagnose_ticket() -> DiagnoseTicket:
    """The one of this execution environment. Raises SettingsError when the environment is incomplete."""
    return build(DiagnoseSettings.from_environment(), SystemClock())


def build(settings: DiagnoseSettings, clock: Clock) -> DiagnoseTicket:
    """The use case on AWS and Claude as `settings` name them."""
    dynamodb = open_dynamodb()
    queues = cache(lambda: boto3.client("sqs", config=CALLS))  # most invocations send no message
    state_table = dynamodb.Table(settings.state_table)
    quick = open_dynamodb(QUICK_CALLS)
    clients = QuickClients()
    subjects = quick.Table(settings.subjects_table) if settings.subjects_table else None
    quick_tickets = quick.Table(settings.tickets_table)
    tickets = TicketTable(dynamodb.Table(settings.tickets_table))
    cooldown = settings.reopen_cooldown_seconds
    return DiagnoseTicket(
        before_claim=BeforeClaim(
            TicketQueries(tickets),
            Requests(tickets, clock),
            Repairs(tickets),
            clock,
            Members(Tables(dynamodb, {Kept.TICKETS: settings.tickets_table}), clock),
            cooldown,
        ),
        order=SeverestFirst(Backlog(TicketQueries(TicketTable(quick_tickets)), clock), clock),
        runs=Runs(tickets, clock),
        capacity=Capacity(state_table, clock, settings.concurrency, settings.daily_spend_cap_usd),
        claude=OnFirstCall(lambda: _claude(settings, clock)),
        sources=_sources(settings, clients, quick_tickets, subjects),
        retry_queue=WakeUpQueue(queues, settings.retry_queue_url),
        dead_letter_queue=WakeUpQueue(queues, settings.dead_letter_queue_url),
        clock=clock,
        stream=StreamLag(state_table, clock),
        limits=Limits(settings.prompt_tokens, settings.max_output_tokens, settings.ask_again),
        prompt_version=prompt_version(Diagnosis.model_json_schema()),
        known_causes=KnownCauses(
            TicketQueries(TicketTable(quick.Table(settings.tickets_table))),
            clock,
            settings.known_cause_days if settings.read_similar else 0,
        ),
        redaction_off=settings.redaction_off,
        incidents=Incidents(
            Subjects(subjects) if subjects else None,
            clients if settings.read_alarms else None,
            settings.account,
            settings.aws_region,
        ),
    )


def _sources(
    settings: DiagnoseSettings, clients: Clients, tickets: "Table", subjects: "Table | None"
) -> tuple[Source, ...]:
    """Where to look, in any order: all are read at once, and their calls give up soon."""
    queries = TicketQueries(TicketTable(tickets))
    return (
        Metrics(clients) if settings.read_metrics else SwitchedOff("metrics"),
        Alarms(clients) if settings.read_alarms else SwitchedOff("alarms"),
        Logs(clients) if settings.read_logs else SwitchedOff("logs"),
        Changes(clients) if settings.read_changes else SwitchedOff("changes"),
        Neighbours(subjects, tickets, clients)
        if subjects and settings.read_neighbours
        else SwitchedOff("neighbours"),
        IncidentMembers(tickets),
        SimilarTickets(queries) if settings.read_similar else SwitchedOff("similar tickets"),
        Runbook(),
        Health(clients) if settings.read_health else SwitchedOff("AWS Health"),
        Traces(clients) if settings.read_traces else SwitchedOff("traces"),
        StackResource(clients) if settings.read_template else SwitchedOff("template"),
    )


def _claude(settings: DiagnoseSettings, clock: Clock) -> ClaudeClient:
    from diagnose.wiring_of_claude import claude  # noqa: PLC0415 - see on_first_call

    return claude(settings, clock)
