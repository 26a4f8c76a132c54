"""What came of one run of sweep."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Report:
    """What a run did and saw: moves by kind, what could not be moved or read, the longest wait (seconds).

    `waiting` are unfinished tickets that nobody works on; `by_status` counts all unfinished ones. Of those
    that wait `in_stream` have met nothing and wait to be claimed for a minute or longer, `in_trouble` are put
    off because of what they met, and `keep_failing` have met it often. `gate_closed`: Claude was not to be
    called when the run began. `respelt` and `not_understood` are tickets of an odd `status`.
    """

    moved: dict[str, int] = field(default_factory=dict)
    errors: int = 0
    oldest_waiting_seconds: float = 0.0
    waiting: int = 0
    by_status: Counter[str] = field(default_factory=Counter)
    in_stream: int = 0
    in_trouble: int = 0
    keep_failing: int = 0
    respelt: int = 0
    not_understood: int = 0
    gate_closed: bool = False
    spend_cap_reached: bool = False
