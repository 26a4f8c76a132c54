"""Which lines of a log are errors, and when: by their level and words (severity.py), by their own times."""

from collections.abc import Sequence
from datetime import datetime

from diagnose.evidence.facts import Fact, Kind
from diagnose.evidence.log_times import written_time
from diagnose.evidence.masking import kinds_of
from diagnose.evidence.severity import TROUBLE, Severities
from tickets.moments import is_without_zone, moment


def error_facts(lines: Sequence[str]) -> tuple[Fact | None, ...]:
    """An error for each line that tells of trouble, nothing for the others."""
    kinds = kinds_of(lines)
    severities = Severities()
    bits = [severities.of(template) for template in kinds.templates]
    return tuple(
        Fact(Kind.ERROR, line_time(line)) if bits[kind] >= TROUBLE else None
        for line, kind in zip(lines, kinds.of_line, strict=True)
    )


def line_time(line: str) -> datetime | None:
    """When a line was written, in UTC; None where it does not say, or not in which zone."""
    written = written_time(line).replace(",", ".").replace("/", "-")
    try:
        found = None if is_without_zone(written) else moment(written)
    except ValueError:
        return None
    return found if isinstance(found, datetime) else None
