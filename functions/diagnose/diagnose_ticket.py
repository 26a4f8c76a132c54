"""The use case.

A change of a ticket comes in, and the ticket ends diagnosed, deferred, failed or left alone.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from capacity.capacity import Capacity
from capacity.state import CapacityState
from diagnose.before_claim import BeforeClaim
from diagnose.claude.attempt import Attempt, ClaudeClient, Outcome
from diagnose.claude.deadline import Deadline
from diagnose.claude.errors import AmbiguousError, ClaudeError, Fault
from diagnose.claude.request import Request
from diagnose.claude.turns import GateClosedError, wait_in_place
from diagnose.deferrals import Deferrals
from diagnose.diagnosis import findings
from diagnose.diagnosis.answer import Reply
from diagnose.diagnosis.charts import charts_of
from diagnose.diagnosis.known.question import question_version
from diagnose.evidence.gathering import Source, gather
from diagnose.evidence.incidents import Incidents
from diagnose.evidence.inline import told_by
from diagnose.evidence.onset import onset_of
from diagnose.evidence.redaction.redactor import Redactor, notes_of
from diagnose.evidence.redaction.ticket import redacted_ticket
from diagnose.known_causes import KnownCauses, Recalled, noted
from diagnose.severest_first import SeverestFirst, Wake
from runtime.clock import Clock
from runtime.observability import logger
from tickets.claim import Claim
from tickets.runs import Runs
from tickets.stream_lag import StreamLag
from tickets.stream_record import StreamRecord
from tickets.table import MoveRefusedError
from tickets.ticket import BadTicketError, Ticket
from tickets.wake_up import FailedTicket, WakeUpQueue

CRASHES_TO_WAIT = 2
"""The first attempt that ends without an outcome is tried again at once."""
WRITE_RETRY_SECONDS = 1.0


@dataclass(frozen=True)
class Limits:
    """How much may be spent on one ticket."""

    prompt_tokens: int
    max_output_tokens: int
    ask_again: bool = False


@dataclass(frozen=True)
class DiagnoseTicket:
    """The collaborators of the use case."""

    before_claim: BeforeClaim
    order: SeverestFirst
    runs: Runs
    capacity: Capacity
    claude: ClaudeClient
    sources: Sequence[Source]
    retry_queue: WakeUpQueue
    dead_letter_queue: WakeUpQueue
    stream: StreamLag
    clock: Clock
    limits: Limits
    prompt_version: str
    redaction_off: Collection[str] = ()
    incidents: Incidents = field(default_factory=Incidents)
    known_causes: KnownCauses | None = None

    @property
    def _deferrals(self) -> Deferrals:
        return Deferrals(self.runs, self.retry_queue, self.clock)

    def handle(self, record: StreamRecord, deadline: Deadline) -> str:
        """What became of the ticket, for the log.

        Raises only for faults of our own or of AWS: those are retried.
        """
        if record.new is None:
            return "ignored: deleted, or a record without a new image"
        self.stream.tell(record.written_at)

        def park(wake: Wake) -> str:
            return self._deferrals.park(wake.ticket_id, state, wake.standing)

        def claim(wake: Wake) -> Claim:
            lease = deadline.for_lease()
            return self.runs.claim(wake.ticket_id, record.event_id, lease, wake.restarts, wake.standing)

        try:
            settled = self.before_claim.settle(record)
            if settled is not None:
                return settled
            state = self.capacity.seen(record.written_at)
            if state.opens_at - self.clock.now() > wait_in_place(deadline, self.capacity):
                return self.order.begin(record, park, ahead=False)
            claimed = self.order.begin(record, claim)
        except MoveRefusedError as refused:
            return f"ignored: {refused}"
        return self._run(claimed, state, deadline)

    def _run(self, claim: Claim, state: CapacityState, deadline: Deadline) -> str:
        """Works under the claim, and lets go of it when that raises."""
        started = self.clock.now()
        try:
            return self._work(claim, state, deadline)
        except MoveRefusedError as refused:
            return f"dropped: this run no longer holds the ticket; {refused}"
        except (ClientError, BotoCoreError):
            self._release(claim, None)  # AWS is in trouble, which is not the ticket's
            raise
        except Exception:
            self._release(claim, self.clock.now() - started)
            raise

    def _work(self, claim: Claim, state: CapacityState, deadline: Deadline) -> str:
        findings.count_unreadable(claim.item)
        redact = Redactor(self.redaction_off)
        try:
            shown = redacted_ticket(claim.item, redact)
            own = told_by(shown)
            ticket = Ticket.from_item(claim.item).model_copy(update={"unusable": shown.unusable})
        except BadTicketError as bad:
            return self._fail(claim, "bad_ticket", str(bad))
        if claim.attempts > CRASHES_TO_WAIT:
            crashed = f"{claim.attempts - 1} attempts ended without an outcome"
            took = deadline.for_lease() if claim.attempt_seconds is None else claim.attempt_seconds
            return self._deferrals.in_trouble(claim, took, "crashed", crashed)
        started = self.clock.now()
        now = datetime.fromtimestamp(started, UTC)
        incident, told = self.incidents.of(ticket, onset_of(ticket, now, own.departures), now, redact)
        context = gather(incident, [own, *told], self.sources, redact)
        findings.count_sources(context.sources)
        findings.count_redacted(redact.counts)
        missing = (*shown.unusable, *redact(claim.cuts))
        fresh = claim.troubles == 0
        limits = self.limits
        may_be_paid = not fresh or claim.attempts > 1 or claim.restarts > 0 or claim.answers_unused > 0
        ask_again = limits.ask_again and not may_be_paid
        request = Request(context, missing, limits.prompt_tokens, limits.max_output_tokens, ask_again)
        recalled = Recalled()
        if self.known_causes and not may_be_paid:
            recalled = self.known_causes.recall(claim, ticket, context, lambda: request.prompt)
        attempt = Attempt(self.claude, self.capacity, self.clock, deadline, state, fresh=fresh)
        outcome = attempt.ask(request, recalled.question)
        match outcome.result:
            case Reply() as reply:
                not_upheld = recalled.not_upheld or outcome.not_upheld
                notes = (*claim.cuts, *notes_of(redact.counts), *noted([not_upheld]))
                self._complete(claim, ticket, reply, notes, charts_of(context, redact), deadline)
                self._note_answers(claim, outcome)
                findings.count_diagnosis(ticket, reply, self.clock.now())
                findings.count_checks(reply)
                findings.count_known_cause(is_upheld=reply.known is not None, not_upheld=not_upheld)
                return "done"
            case GateClosedError() as closed:
                paid = len(outcome.answers)
                return self._deferrals.until_gate_opens(claim, closed.state.opens_at, str(closed), paid)
            case ClaudeError() as error:
                return self._after_error(claim, outcome, error, self.clock.now() - started - outcome.waited)

    def _after_error(self, claim: Claim, outcome: Outcome, error: ClaudeError, took: float) -> str:
        """What is done about an error is decided by whose fault it is; one of a new kind raises."""
        match error.fault:
            case Fault.TICKET:
                said = self._fail(claim, error.kind, str(error), error.request_id)
                self._note_answers(claim, outcome)
                return said
            case Fault.ACCOUNT:
                findings.count_account_fault(str(error))
                until = self.capacity.account_fault(outcome.state, str(error))
                return self._deferrals.until_gate_opens(claim, until, str(error), len(outcome.answers))
            case Fault.UNKNOWN:
                said = self._deferrals.in_trouble(claim, took, error.kind, str(error), error.request_id)
                if _may_be_the_providers(claim, error):
                    self.capacity.provider_fault(outcome.state, str(error))
                return said
        raise error

    def _complete(
        self,
        claim: Claim,
        ticket: Ticket,
        reply: Reply,
        notes: Sequence[str],
        charts: Mapping[str, Any],
        deadline: Deadline,
    ) -> None:
        """Writes the diagnosis, again and again while AWS does not take it and time is left.

        It is paid for.
        """
        version = question_version() if reply.known else self.prompt_version
        found = findings.of_diagnosis(ticket, reply, version, self.clock.now(), notes, claim.item)
        found["diagnosis_charts"] = charts
        while True:
            try:
                return self.runs.complete(claim, found)
            except (ClientError, BotoCoreError):
                if deadline.for_writing() < WRITE_RETRY_SECONDS:
                    raise
                logger.warning("the diagnosis could not be written yet", exc_info=True)
                self.clock.sleep(WRITE_RETRY_SECONDS)

    def _fail(self, claim: Claim, kind: str, message: str, request_id: str | None = None) -> str:
        """Message first, state second: a crash between them leaves a ticket that is still worked on."""
        failed = FailedTicket(
            ticket_id=claim.ticket_id, generation=claim.generation, kind="failed", reason=kind
        )
        self.dead_letter_queue.send(failed)
        self.runs.fail(claim, findings.of_error(kind, message, request_id, self.clock.now()))
        findings.count_failure(kind)
        return f"failed: {kind}"

    def _note_answers(self, claim: Claim, outcome: Outcome) -> None:
        """Tells the capacity that Claude answers, whatever the answer was worth."""
        if outcome.answers:
            buckets, fresh = outcome.answers[-1].buckets, claim.troubles == 0
            is_usual = not (isinstance(outcome.result, Reply) and outcome.result.known)
            if self.capacity.answered(outcome.state, outcome.used, buckets, fresh=fresh, is_usual=is_usual):
                self._deferrals.announce_opening(self.clock.now())

    def _release(self, claim: Claim, attempt_seconds: float | None) -> None:
        try:
            self.runs.release(claim, attempt_seconds)
        except (MoveRefusedError, ClientError, BotoCoreError):
            logger.warning("could not release the claim: its lease will end by itself", exc_info=True)


def _may_be_the_providers(claim: Claim, error: ClaudeError) -> bool:
    """A fresh ticket's fault may be, unless it used up the whole call's time.

    Calls that time out keep others waiting by themselves; a gate behind each would only add to it.
    """
    return claim.troubles == 0 and not (isinstance(error, AmbiguousError) and error.timed_out)
