"""Tickets that are not resolved, on the subject and next to it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import Key

from diagnose.evidence.gathering import SecondsLeft
from diagnose.evidence.lines import shown
from runtime.both_ends import both_ends
from tickets.plain import plain
from tickets.states import Status

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

UNRESOLVED = (Status.OPEN, Status.ACKNOWLEDGED, Status.DIAGNOSED)
READ = ("ticket_id", "status", "subject", "component", "invariant_name", "severity")
MOST_PAGES = 10
"""Of each status; a page is 1 MB of the index, some thousands of tickets."""


@dataclass(frozen=True)
class OpenTicket:
    """A ticket as the index has it."""

    ticket_id: str
    status: str
    subject: str
    component: str
    invariant: str
    severity: str

    def __str__(self) -> str:
        severity = f", {self.severity}" if self.severity else ""
        return f"{both_ends(self.ticket_id, 120)} ({both_ends(self.invariant, 120)}, {self.status}{severity})"


def open_tickets(table: "Table", until: SecondsLeft) -> Iterator[OpenTicket]:
    """The unresolved tickets, page by page; ends with a TimeoutError when it could not read them all."""
    names = {f"#{place}": name for place, name in enumerate(READ)}
    for status in UNRESOLVED:
        start: dict[str, Any] = {}
        for _ in range(MOST_PAGES):
            if until() <= 0:
                raise TimeoutError
            page = table.query(
                IndexName="by-status",
                KeyConditionExpression=Key("status").eq(status.value),
                ProjectionExpression=", ".join(names),
                ExpressionAttributeNames=names,
                **start,
            )
            yield from map(_ticket, page["Items"])
            if "LastEvaluatedKey" not in page:
                break
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
        else:
            raise TimeoutError


def _ticket(item: Mapping[str, Any]) -> OpenTicket:
    def text(name: str) -> str:
        value = item.get(name)
        return shown(plain(value)).strip() if value is not None else ""

    return OpenTicket(*(text(name) for name in READ))
