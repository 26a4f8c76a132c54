"""Shorter waits for the demo's scenarios, so that an outage of hours passes before one's eyes in seconds.

The rules stay the functions' own; only their constants are replaced, in this process. A constant that is not
there any more is an error, so this page cannot fall behind.
"""

import importlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

SHORTER: Mapping[str, Any] = {
    # How long the gate is closed, at first and at the most: Claude is busy, the account's fault, an outage.
    "capacity.capacity.BACKOFF_SECONDS": {
        "shared": (1.0, 4.0),
        "account": (2.0, 60.0),
        "provider": (2.0, 8.0),
    },
    # What a call is thought to take before any was made; turns are taken at this distance.
    "capacity.buckets.DEFAULT_CALL_SECONDS": 0.5,
    # An incident that others have joined is diagnosed once more when it has been quiet.
    "intake.storms.quiet.SHORTEST_DELAY_SECONDS": 2,
    "diagnose.deferrals.FIRST_TROUBLE_WAIT": (1.0, 1.0),
    "diagnose.deferrals.LONGEST_TROUBLE_WAIT_SECONDS": 4.0,
    "diagnose.claude.attempt.QUICK_RETRY_SECONDS": 0.3,
    "diagnose.claude.turns.LOOK_SECONDS": 0.5,
    "diagnose.claude.attempt.QUESTION_SECONDS": 0.5,
    # With these and TIMEOUT_SECONDS an invocation waits for its turn for 4 s, not for 80 s, then defers.
    "capacity.capacity.USUAL_CALL_SECONDS": 4.0,
    "diagnose.claude.attempt.USUAL_CALL_SECONDS": 4.0,
    # What is left after such a wait must be enough for a call, or the wait would end as "time was used up".
    "diagnose.claude.attempt.LEAST_CALL_SECONDS": 1.0,
    "diagnose.claude.deadline.CALL_MARGIN_SECONDS": 4.0,
    "diagnose.claude.deadline.LEASE_MARGIN_SECONDS": 1.0,
}
TIMEOUT_SECONDS = 12.0
"""For DiagnoseFunction, instead of the template's."""


@contextmanager
def shorter_waits() -> Iterator[None]:
    """Inside, the functions wait for seconds where they would wait for minutes."""
    originals: list[tuple[Any, str, Any]] = []
    try:
        for place, value in SHORTER.items():
            originals.append(_replace(place, value))
        yield
    finally:
        for owner, name, original in originals:
            setattr(owner, name, original)


def _replace(place: str, value: Any) -> tuple[Any, str, Any]:
    """Set a module's constant; gives back what is needed to set it again."""
    module, _, name = place.rpartition(".")
    owner = importlib.import_module(module)
    original = getattr(owner, name)
    setattr(owner, name, value)
    return owner, name, original
