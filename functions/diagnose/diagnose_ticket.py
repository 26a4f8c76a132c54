"""The use case.

A change of a ticket comes in, and the ticket ends diagnosed, deferred, failed or left alone.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from capacity.capacity import Capacity
from diagnose.claude.attempt import Attempt, ClaudeClient, GateClosedError, Outcome, Request
from diagnose.claude.deadline import Deadline
from diagnose.claude.errors import ClaudeError, Fault
from diagnose.diagnosis import findings
from diagnose.diagnosis.answer import Reply
from diagnose.evidence.gathering import Source, gather
from diagnose.evidence.inline import sections_of
from diagnose.stream_record import StreamRecord
from runtime.clock import Clock
from runtime.observability import logger
from tickets.attributes import invalid_values
from tickets.claim import Claim
from tickets.store import TicketStore
from tickets.table import ItemTooLargeError, MoveRefusedError
from tickets.ticket import BadTicketError, Ticket
from tickets.wake_up import MAX_DELAY_SECONDS, WakeUp, WakeUpQueue

FAULTS_TO_FAIL = 3
FAULT_BACKOFF_SECONDS = (60.0, 3600.0)
"""First and longest wait after an ambiguous fault of a ticket; doubled with each."""
CRASH_BACKOFF_SECONDS = 3600.0
WRITE_RETRY_SECONDS = 1.0
JITTER = 0.1


@dataclass(frozen=True)
class Limits:
    """How much may be spent on one ticket."""

    prompt_tokens: int
    max_output_tokens: int
    max_attempts: int


@dataclass(frozen=True)
class DiagnoseTicket:
    """The collaborators of the use case."""

    store: TicketStore
    capacity: Capacity
    claude: ClaudeClient
    sources: Sequence[Source]
    retry_queue: WakeUpQueue
    dead_letter_queue: WakeUpQueue
    clock: Clock
    limits: Limits
    prompt_version: str
    jitter: Callable[[], float] = field(default=random.random)

    def handle(self, record: StreamRecord, deadline: Deadline) -> str:
        """What became of the ticket, for the log.

        Raises only for faults of our own or of AWS: those are retried.
        """
        if record.new is None:
            return "ignored: deleted, or a record without a new image"
        try:
            if invalid := invalid_values(record.new):
                self._remove_invalid(record.ticket_id, invalid)
            if record.was_erased and self._restore(record):
                return "restored: a producer had overwritten the whole ticket"
            if record.asks_again:
                return self._rediagnose(record.ticket_id)
            claim = self.store.claim(record.ticket_id, record.event_id, deadline.for_lease())
        except MoveRefusedError as refused:
            return f"ignored: {refused}"
        try:
            return self._work(claim, deadline)
        except MoveRefusedError as refused:
            return f"dropped: this run no longer holds the ticket; {refused}"
        except Exception:
            self._release(claim)
            raise

    def _restore(self, record: StreamRecord) -> bool:
        try:
            self.store.restore(record.ticket_id, record.old or {})
        except ItemTooLargeError:
            return False  # then it is diagnosed once more
        return True

    def _remove_invalid(self, ticket_id: str, invalid: Mapping[str, Any]) -> None:
        """Once the pipeline's own values stand there, there is nothing left to drop."""
        try:
            self.store.remove_invalid(ticket_id, invalid)
        except MoveRefusedError:
            return
        logger.warning("removed what a producer wrote under the names of the pipeline", names=sorted(invalid))

    def _rediagnose(self, ticket_id: str) -> str:
        item = self.store.get(ticket_id)
        if item is None:
            return "ignored: ticket is deleted"
        self.store.rediagnose(item)
        return "pending: a person asked for a fresh diagnosis"

    def _work(self, claim: Claim, deadline: Deadline) -> str:
        findings.count_unreadable(claim.item)
        try:
            ticket = Ticket.from_item(claim.item)
            own = sections_of(ticket)
        except BadTicketError as bad:
            return self._fail(claim, "bad_ticket", str(bad))
        if claim.attempts > self.limits.max_attempts:
            return self._after_crashes(claim)
        context = gather(ticket, own, self.sources)
        missing = (*ticket.unusable, *claim.cuts)
        request = Request(context, missing, self.limits.prompt_tokens, self.limits.max_output_tokens)
        outcome = Attempt(self.claude, self.capacity, self.clock, deadline).ask(request)
        match outcome.result:
            case Reply() as reply:
                self._complete(claim, ticket, reply, deadline)
                self._note_answers(outcome)
                findings.count_diagnosis(ticket, reply, self.clock.now())
                return "done"
            case GateClosedError() as closed:
                said = self._defer(claim, closed.state.opens_at, "gate", str(closed))
                self.capacity.spent(outcome.used.cost_usd)
                return said
            case ClaudeError() as error:
                return self._after_error(claim, outcome, error)

    def _after_error(self, claim: Claim, outcome: Outcome, error: ClaudeError) -> str:
        """What is done about an error is decided by whose fault it is; one of a new kind raises."""
        match error.fault:
            case Fault.TICKET:
                said = self._fail(claim, error.kind, str(error), error.request_id)
                self._note_answers(outcome)
                return said
            case Fault.ACCOUNT:
                findings.count_account_fault(str(error))
                until = self.capacity.account_fault(outcome.state, str(error))
                said = self._defer(claim, until, "gate", str(error))
            case Fault.UNKNOWN:
                said = self._after_ambiguous_fault(claim, error)
            case _:
                raise error
        self.capacity.spent(outcome.used.cost_usd)
        return said

    def _complete(self, claim: Claim, ticket: Ticket, reply: Reply, deadline: Deadline) -> None:
        """Writes the diagnosis, again and again while AWS does not take it and time is left.

        It is paid for.
        """
        found = findings.of_diagnosis(ticket, reply, self.prompt_version, self.clock.now(), claim.cuts)
        while True:
            try:
                return self.store.complete(claim, found)
            except (ClientError, BotoCoreError):
                if deadline.for_writing() < WRITE_RETRY_SECONDS:
                    raise
                logger.warning("the diagnosis could not be written yet", exc_info=True)
                self.clock.sleep(WRITE_RETRY_SECONDS)

    def _fail(self, claim: Claim, kind: str, message: str, request_id: str | None = None) -> str:
        """Message first, state second: a crash between them leaves a ticket that is still worked on."""
        failed = WakeUp(ticket_id=claim.ticket_id, generation=claim.generation, kind="failed", reason=kind)
        self.dead_letter_queue.send(failed)
        self.store.fail(claim, findings.of_error(kind, message, request_id, self.clock.now()))
        findings.count_failure(kind)
        return f"failed: {kind}"

    def _defer(self, claim: Claim, not_before: float, deferred_for: str, reason: str, **noted: Any) -> str:
        """Puts the ticket off.

        Message first, state second; a wait too long for one message is left to sweep.
        """
        now = self.clock.now()
        if deferred_for == "gate":
            not_before = max(not_before, self.capacity.take_slot(self.capacity.read()))
        not_before += (not_before - now) * JITTER * self.jitter()
        if not_before - now <= MAX_DELAY_SECONDS:
            wake_up = WakeUp(
                ticket_id=claim.ticket_id,
                generation=claim.generation,
                kind="deferred",
                not_before=round(not_before),
                reason=reason[:200],
            )
            self.retry_queue.send(wake_up, not_before - now)
        deferral = {"deferred_for": deferred_for, "deferred_reason": reason[:500], **noted}
        self.store.defer(claim, not_before, deferral)
        findings.count_deferral(deferred_for)
        return f"deferred: {deferred_for}"  # the reason is on the ticket: an API error may quote the prompt

    def _after_ambiguous_fault(self, claim: Claim, error: ClaudeError) -> str:
        """The blame rule.

        The fault counts against the ticket once another has succeeded since its first one, and as long as no
        other has met such a fault after that: else a second outage would fail all that the first one put off.
        """
        state = self.capacity.read()
        now = self.clock.now()
        since = claim.fault_since
        others_succeeded = since is not None and state.last_success_at > since
        blamed = others_succeeded and state.faults_are_of(claim.ticket_id)
        faults = claim.faults + blamed
        if faults >= FAULTS_TO_FAIL:
            return self._fail(claim, error.kind, f"{error}; other tickets were answered", error.request_id)
        self.capacity.ambiguous_fault(state, claim.ticket_id, str(error))
        first, longest = FAULT_BACKOFF_SECONDS
        noted = {"faults": faults, "fault_since": since or now, "fault_repeats": claim.fault_repeats + 1}
        return self._defer(
            claim, now + min(longest, first * 2**claim.fault_repeats), "fault", str(error), **noted
        )

    def _after_crashes(self, claim: Claim) -> str:
        """Claims that ended without an outcome.

        The ticket's fault once another ticket got through meanwhile.
        """
        crashed = f"{claim.attempts - 1} attempts ended without an outcome"
        if self.capacity.read().last_success_at > claim.first_attempt_at:
            return self._fail(claim, "crashed", crashed)
        until = self.clock.now() + CRASH_BACKOFF_SECONDS
        tries_left = {"attempts": self.limits.max_attempts - 1, "first_attempt_at": claim.first_attempt_at}
        return self._defer(claim, until, "fault", crashed, **tries_left)

    def _note_answers(self, outcome: Outcome) -> None:
        """Tells the capacity that Claude answers, whatever the answer was worth."""
        if outcome.answers:
            self.capacity.answered(outcome.state, outcome.used, outcome.answers[-1].buckets)

    def _release(self, claim: Claim) -> None:
        try:
            self.store.release(claim)
        except (MoveRefusedError, ClientError, BotoCoreError):
            logger.warning("could not release the claim: its lease will end by itself", exc_info=True)
