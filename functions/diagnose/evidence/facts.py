"""What code found in an item of evidence, beside its text: nothing that a text claims of itself."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Kind(StrEnum):
    """What was found: a metric or a log that is not as before, a change, an alarm that rings, an error line.

    WARNING is a line that warns: something is not well, which is not to say that it failed. USUAL is a metric
    that was compared with its own past and is as it was; ONSET is when it all began.
    """

    DEVIATION = "deviation"
    CHANGE = "change"
    ALARM = "alarm"
    ERROR = "error"
    WARNING = "warning"
    USUAL = "usual"
    ONSET = "onset"


@dataclass(frozen=True)
class Fact:
    """One finding.

    It began `at` or up to `within` later: a metric has a point a minute, or every five. `over_at` is when it
    had ended; None while it lasts, or where nobody knows. `of` is what it is of, where the item itself says
    so. `is_near`: it is of the incident's own resource or next to it, and not from elsewhere in the account.
    """

    kind: Kind
    at: datetime | None = None
    within: timedelta = timedelta(0)
    over_at: datetime | None = None
    of: str = ""
    is_near: bool = True
