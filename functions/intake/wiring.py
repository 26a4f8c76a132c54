"""The use case with its real collaborators, built at the first event and kept."""

from functools import cache

import boto3

from intake.alarms.cloudwatch import CloudWatch
from intake.alarms.enrichment import Selection, TaggedAlarms
from intake.alarms.muted import MutedAlarms
from intake.dead_letters import DeadLetters
from intake.settings import IntakeSettings
from intake.storms.directory import Directories
from intake.storms.nearby import Nearby
from intake.storms.quiet import QuietIncidents, QuietTimer
from intake.storms.storms import Storms
from intake.take_message import TakeMessage
from intake.violations.standing import Standings
from intake.violations.take_in import TakeIn
from intake.violations.wording import Policy
from runtime.aws import CALLS
from runtime.clock import Clock, SystemClock
from runtime.items import open_dynamodb
from subjects.records import Records
from tickets.transactions import Kept, Tables


@cache
def take_message() -> TakeMessage:
    """The one of this execution environment. Raises SettingsError when the environment is incomplete."""
    return build(IntakeSettings.from_environment(), SystemClock())


def build(settings: IntakeSettings, clock: Clock) -> TakeMessage:
    """The use case on AWS as `settings` name it."""
    dynamodb = open_dynamodb()
    sqs = boto3.client("sqs", config=CALLS)
    tables = Tables(dynamodb, {Kept.TICKETS: settings.tickets_table, Kept.STATE: settings.state_table})
    timer = QuietTimer(sqs, settings.intake_queue_url, clock, settings.reopen_cooldown_seconds)
    standings = Standings(
        tables=tables,
        directories=Directories(settings.storm_window_seconds),
        storms=Storms(Nearby(Records(dynamodb.Table(settings.subjects_table))), timer),
        policy=Policy(
            minimum_occurrences=settings.minimum_occurrences,
            minimum_severity=settings.minimum_severity or "",
            flap_window_ms=settings.flap_window_seconds * 1000,
        ),
        clock=clock,
    )
    in_region = cache(lambda region: boto3.client("cloudwatch", region_name=region, config=CALLS))
    alarms = TaggedAlarms(CloudWatch(in_region, settings.account), Selection.read(settings.alarm_tag))
    return TakeMessage(
        alarms=alarms,
        take_in=TakeIn(tables, alarms, standings, clock),
        quiet_incidents=QuietIncidents(tables, timer, clock),
        muted_alarms=MutedAlarms(sqs, settings.intake_queue_url),
        dead_letters=DeadLetters(sqs, settings.intake_dead_letter_queue_url),
        alarm_severity=settings.alarm_severity,
    )
