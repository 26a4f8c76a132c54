"""The subjects next to an alarm's, read once when an incident opens."""

import time
from itertools import islice

from runtime.observability import MetricUnit, logger, metrics
from subjects.graph import within_reach
from subjects.records import Records

MOST_SECONDS = 5.0
"""For the whole scan; what is not read by then connects nothing."""
MOST_NEAR = 500


class Nearby:
    """Asks SubjectsTable; without one nothing is near."""

    def __init__(self, records: Records | None) -> None:
        self._records = records

    def of(self, subject: str) -> frozenset[str]:
        """The names of the subjects within two steps, the nearest MOST_NEAR of them. Never raises.

        An incident opens whether or not the records can be read: then what shares its subject, a resource or
        a stack still joins it.
        """
        if not subject or self._records is None:
            return frozenset()
        until = time.monotonic() + MOST_SECONDS
        try:
            every, unread = self._records.all(lambda: until - time.monotonic())
        except Exception:  # noqa: BLE001 - whatever it is, the alarm must become a ticket
            logger.warning("the subjects could not be read: nothing counts as near", exc_info=True)
            metrics.add_metric("SubjectsNotRead", MetricUnit.Count, 1)
            return frozenset()
        if unread:
            logger.warning("not all subjects were read", reason=unread)
            metrics.add_metric("SubjectsNotRead", MetricUnit.Count, 1)
        return frozenset(islice(within_reach(subject, every), MOST_NEAR))
