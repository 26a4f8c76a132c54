"""The tickets that are asked for, read by their status, and shown a page at a time."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from cli.deployment import Deployment
from tickets.queries import TicketQueries
from tickets.table import TicketTable
from views.listing import Choice, Row, chosen


def rows_of(deployment: Deployment, choice: Choice) -> list[Row]:
    """All rows that are asked for, the most urgent first."""
    return chosen(_read(deployment, choice), choice, datetime.now(UTC))


def page_of(rows: list[Row], limit: int, page: int) -> tuple[list[Row], int]:
    """The rows of a page, counted from 1, and how many come after it."""
    start = (page - 1) * limit
    return rows[start : start + limit], max(0, len(rows) - start - limit)


def _read(deployment: Deployment, choice: Choice) -> Iterator[dict[str, Any]]:
    queries = TicketQueries(TicketTable(deployment.tickets))
    for status in choice.statuses:
        after: Any = None
        while True:
            items, after = queries.page(status, after)
            yield from ({**item, "status": status} for item in items)
            if after is None:
                break
