"""What the board reads: the tickets in a state, one ticket, the members of an incident."""

from collections.abc import Iterable
from typing import Any

from tickets.queries import TicketQueries
from tickets.states import Status

MOST_READ = 5000
"""Tickets of one list: to read and sort so many takes about a second."""
MOST_MEMBERS = 500

Item = dict[str, Any]


class Tickets:
    """Reads, and changes none. Raises botocore's errors when AWS is in trouble."""

    def __init__(self, queries: TicketQueries) -> None:
        self._queries = queries

    def listed(self, statuses: Iterable[Status]) -> tuple[list[Item], bool]:
        """The tickets of these statuses as the index shows them, and whether these are all."""
        found: list[Item] = []
        for status in statuses:
            after: Any = None
            while True:
                items, after = self._queries.page(status, after)
                found += ({**item, "status": status.value} for item in items)
                if len(found) > MOST_READ:
                    return found[:MOST_READ], False
                if after is None:
                    break
        return found, True

    def get(self, ticket_id: str) -> Item | None:
        return self._queries.get(ticket_id)

    def members(self, incident_id: str) -> tuple[list[Item], bool]:
        """An incident's members in order of their onsets, and whether these are all."""
        found: list[Item] = []
        after: Any = None
        while True:
            items, after = self._queries.page_of_members(incident_id, after)
            found += items
            if after is None or len(found) > MOST_MEMBERS:
                return found[:MOST_MEMBERS], len(found) <= MOST_MEMBERS
