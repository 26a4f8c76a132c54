"""What the board reads: the tickets in a state, one ticket, the members of an incident."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain
from typing import Any

from tickets.queries import TicketQueries
from tickets.states import Status

MOST_READ = 5000
"""Tickets of one list: to read and sort so many takes about a second."""
MOST_MEMBERS = 500
MOST_PAGES = 16
"""Of 1 MB each, which are paid for at every look: twice what the most tickets of a usual size take."""

Item = dict[str, Any]


class Tickets:
    """Reads, and changes none. Raises botocore's errors when AWS is in trouble."""

    def __init__(self, queries: TicketQueries) -> None:
        self._queries = queries

    def listed(self, statuses: Iterable[Status]) -> tuple[list[Item], bool]:
        """The tickets of these statuses as the index shows them, and whether these are all."""
        pages = chain.from_iterable(_pages(partial(self._queries.page, status)) for status in statuses)
        return _first(MOST_READ, pages)

    def get(self, ticket_id: str) -> Item | None:
        return self._queries.get(ticket_id)

    def members(self, incident_id: str) -> tuple[list[Item], bool]:
        """An incident's members in order of their onsets, and whether these are all."""
        return _first(MOST_MEMBERS, _pages(partial(self._queries.page_of_members, incident_id)))


def _pages(read: Callable[[Any], tuple[list[Item], Any]]) -> Iterator[list[Item]]:
    """Each is read when it is asked for."""
    after: Any = None
    while True:
        items, after = read(after)
        yield items
        if after is None:
            return


def _first(most: int, pages: Iterable[list[Item]]) -> tuple[list[Item], bool]:
    found: list[Item] = []
    for number, items in enumerate(pages, 1):
        found += items
        if len(found) > most or number == MOST_PAGES:
            return found[:most], False
    return found, True
