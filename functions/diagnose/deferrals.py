"""Putting tickets off, and seeing to it that they come back."""

import math
from dataclasses import dataclass

from boto3.dynamodb.conditions import ConditionBase

from capacity.state import CapacityState
from diagnose.diagnosis import findings
from runtime.clock import Clock
from tickets.claim import Claim
from tickets.runs import Runs
from tickets.wake_up import MAX_DELAY_SECONDS, GateOpens, WakeUpQueue

FIRST_TROUBLE_WAIT = (60.0, 10.0)
"""After trouble a ticket waits at least so many seconds, and so many times what its attempt took."""
LONGEST_TROUBLE_WAIT_SECONDS = 24 * 3600.0


@dataclass(frozen=True)
class Deferrals:
    """Each writes the ticket deferred, with why and until when."""

    runs: Runs
    retry_queue: WakeUpQueue
    clock: Clock

    def park(self, ticket_id: str, state: CapacityState, standing: ConditionBase | None = None) -> str:
        """Puts a ticket off that nobody has begun to work on; who closed the gate sees to its coming back."""
        deferral = {"deferred_for": "gate", "deferred_reason": state.gate_reason or "waiting for a turn"}
        self.runs.park(ticket_id, state.opens_at, deferral, standing)
        findings.count_deferral("gate")
        return "deferred: gate"

    def until_gate_opens(self, claim: Claim, opens_at: float, reason: str, answers: int = 0) -> str:
        """Puts the ticket off until the gate opens. One message, sent first, wakes all who wait for that.

        `answers`: how many were paid for in this run, all of no use.
        """
        self.announce_opening(opens_at)
        paid = {"answers_unused": claim.answers_unused + answers} if answers else {}
        self.runs.defer(claim, opens_at, {"deferred_for": "gate", "deferred_reason": reason[:500], **paid})
        findings.count_deferral("gate")
        return "deferred: gate"  # the reason is on the ticket: an API error may quote the prompt

    def in_trouble(
        self, claim: Claim, took: float, kind: str, message: str, request_id: str | None = None
    ) -> str:
        """Puts a ticket off whose attempt took so many seconds for nothing, each time for twice as long.

        Whether that was the ticket's fault cannot be known, so it never fails for it. Sweep brings it back,
        which knows who else waits.
        """
        least, times = FIRST_TROUBLE_WAIT
        wait = min(LONGEST_TROUBLE_WAIT_SECONDS, max(least, times * took, 2 * claim.trouble_wait))
        now = self.clock.now()
        trouble = findings.of_trouble(kind, message, request_id, now, now + wait)
        noted = {"troubles": claim.troubles + 1, "trouble_seconds": took, "trouble_wait": wait}
        why = {"deferred_for": "trouble", "deferred_reason": message[:500]}
        self.runs.defer(claim, now + wait, {**why, **noted, **trouble})
        findings.count_deferral("trouble")
        return "deferred: trouble"

    def announce_opening(self, opens_at: float) -> None:
        """Sends the message that brings back who waits for the gate; a longer wait is left to sweep."""
        opens, now = math.ceil(max(0.0, opens_at)), self.clock.now()
        if opens - now <= MAX_DELAY_SECONDS:
            self.retry_queue.send(GateOpens(kind="gate", opens_at=opens), opens - now)
