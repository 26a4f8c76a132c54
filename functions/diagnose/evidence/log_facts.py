"""Which lines of a log are errors or warnings: by their level and words (severity.py), by their own times."""

from collections.abc import Sequence
from datetime import datetime

from diagnose.evidence.facts import Fact, Kind
from diagnose.evidence.log_times import written_time
from diagnose.evidence.masking import kinds_of
from diagnose.evidence.severity import TROUBLE, WARNING, Severities
from tickets.moments import is_without_zone, moment


def log_facts(lines: Sequence[str]) -> tuple[Fact | None, ...]:
    """An error for each line that tells of trouble, a warning for one that warns, nothing for the others."""
    kinds = kinds_of(lines)
    severities = Severities()
    bits = [severities.of(template) for template in kinds.templates]
    return tuple(_fact(line, bits[kind]) for line, kind in zip(lines, kinds.of_line, strict=True))


def _fact(line: str, bits: float) -> Fact | None:
    if bits < WARNING:
        return None
    return Fact(Kind.ERROR if bits >= TROUBLE else Kind.WARNING, line_time(line))


def line_time(line: str) -> datetime | None:
    """When a line was written, in UTC; None where it does not say, or not in which zone."""
    written = written_time(line).replace(",", ".").replace("/", "-")
    try:
        found = None if is_without_zone(written) else moment(written)
    except ValueError:
        return None
    return found if isinstance(found, datetime) else None
