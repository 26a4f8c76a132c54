"""One more diagnosis of an incident that others have joined since its last, when it has been quiet.

A message on the intake queue waits for that. It is sent before the first of them joins, so that no crash
comes between; it comes again, a hop of at most 900 s each, until nothing has joined for the cooldown. Any
number of them, in any order, ask for one diagnosis: what is asked is written on the head, and only once.

Should all be lost, the next alarm that joins sends another, and sweep asks where none joins.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict

from runtime.clock import Clock
from tickets.late_members import is_lost, may_ask_again, quiet_at
from tickets.members import Members
from tickets.states import DiagnosisStatus
from tickets.transactions import ConflictError, Kept, Tables
from tickets.wake_up import MAX_DELAY_SECONDS, TicketId

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

SHORTEST_DELAY_SECONDS = 15
"""Longer than what is between the message and the write that it is for."""
ATTEMPTS = 5


class Quiet(BaseModel):
    """The message."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    kind: Literal["quiet"] = "quiet"
    incident_id: TicketId


class QuietTimer:
    """Sends it; `cooldown_seconds` is how long nothing may have joined."""

    def __init__(self, sqs: "SQSClient", queue_url: str, clock: Clock, cooldown_seconds: float) -> None:
        self._sqs = sqs
        self._queue_url = queue_url
        self._clock = clock
        self.cooldown_seconds = cooldown_seconds

    def start(self, head: Mapping[str, Any]) -> None:
        """Unless one is on its way, for others that have joined."""
        if "joined_at" not in head or is_lost(head, self._clock.now(), self.cooldown_seconds):
            self.send(str(head["ticket_id"]), self.cooldown_seconds)

    def send(self, incident_id: str, seconds: float) -> None:
        delay = round(min(MAX_DELAY_SECONDS, max(SHORTEST_DELAY_SECONDS, seconds)))
        message = Quiet(incident_id=incident_id).model_dump_json(ensure_ascii=True)
        self._sqs.send_message(QueueUrl=self._queue_url, MessageBody=message, DelaySeconds=delay)


@dataclass(frozen=True)
class QuietIncidents:
    """The use case of the message."""

    tables: Tables
    members: Members
    timer: QuietTimer
    clock: Clock

    def handle(self, message: Quiet) -> str:
        """What came of it, for the log. Raises ConflictError when others were always faster."""
        for _ in range(ATTEMPTS):
            try:
                return self._handle(message.incident_id)
            except ConflictError:
                continue
        raise ConflictError(f"incident {message.incident_id}")

    def _handle(self, incident_id: str) -> str:
        [head] = self.tables.read((Kept.TICKETS, incident_id))
        is_running = head.get("diagnosis_status") == DiagnosisStatus.RUNNING
        if not is_running and not may_ask_again(head):
            return "ignored: nothing has joined since, or it needs no further diagnosis"
        left = quiet_at(head, self.timer.cooldown_seconds) - self.clock.now()
        if is_running and "joined_at" not in head:
            return "ignored: nothing has joined since"
        if is_running or left > 0:
            self.timer.send(incident_id, left)
            return "waits: it is not quiet yet"
        self.members.ask_again(head)
        return "asked for one more diagnosis"
