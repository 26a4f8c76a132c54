"""The events that tell of an outage.

Imported when there is something to tell: the models of all events would be a part of every cold start.
"""

from typing import TYPE_CHECKING

from events.outgoing import VERSION, DiagnosisDelayed, DiagnosisResumed
from runtime.clock import iso

if TYPE_CHECKING:
    from sweep.outage import Outage


def of(outage: "Outage", waiting: int, now: float) -> tuple[str, DiagnosisDelayed | DiagnosisResumed]:
    """The detail type and the event: that the outage is over if it was told before, else that it lasts."""
    since = iso(outage.since)
    if outage.is_told:
        return "Diagnosis Resumed", DiagnosisResumed(
            version=VERSION, id=f"outage/{since}/resumed", at=iso(now), since=since, waiting=waiting
        )
    return "Diagnosis Delayed", DiagnosisDelayed(
        version=VERSION,
        id=f"outage/{since}/delayed",
        at=iso(now),
        since=since,
        gate=outage.gate,
        reason=outage.reason,
        waiting=waiting,
    )
