"""Reading tickets: one as it is now, and those that an index lists."""

from collections.abc import Mapping
from typing import Any

from boto3.dynamodb.conditions import Attr, Key

from tickets import states
from tickets.states import DiagnosisStatus, Status
from tickets.table import TicketTable


class TicketQueries:
    """Reads tickets and changes none."""

    def __init__(self, table: TicketTable) -> None:
        self._table = table

    def get(self, ticket_id: str) -> dict[str, Any] | None:
        """The ticket as it is now, strongly consistent; None when there is none."""
        return self._table.get(ticket_id)

    def similar_to(self, similar_key: str, ticket_id: str, limit: int = 200) -> list[dict[str, Any]]:
        """Other diagnosed tickets with this key, newest first, as the index projects them: a few lines each.

        At most `limit` are read.
        """
        found = self._table.table.query(
            IndexName="by-similar",
            KeyConditionExpression=Key("similar_key").eq(similar_key),
            FilterExpression=Attr("ticket_id").ne(ticket_id) & Attr("diagnosis_summary").exists(),
            ScanIndexForward=False,
            Limit=limit,
        )
        return found["Items"]

    def page(self, status: Status, after: Mapping[str, Any] | None) -> tuple[list[dict[str, Any]], Any]:
        """One page of the tickets in `status` with what sweep needs, and where the next page starts.

        None when there is no next page.
        """
        start: Any = {"ExclusiveStartKey": after} if after else {}
        found = self._table.table.query(
            IndexName="by-status", KeyConditionExpression=Key("status").eq(status.value), **start
        )
        return found["Items"], found.get("LastEvaluatedKey")

    def waiting(self, status: Status, most_pages: int = 10) -> list[dict[str, Any]]:
        """The tickets in `status` that are pending and bear a generation: those that the pipeline has met.

        A page is a megabyte of the index, some thousands of tickets; those behind the last one are not shown.
        """
        found: list[dict[str, Any]] = []
        asked: Any = {
            "IndexName": "by-status",
            "KeyConditionExpression": Key("status").eq(status.value),
            "FilterExpression": Attr("diagnosis_status").eq(DiagnosisStatus.PENDING)
            & Attr("generation").exists(),
        }
        for _ in range(most_pages):
            page = self._table.table.query(**asked)
            found += page["Items"]
            if "LastEvaluatedKey" not in page:
                break
            asked["ExclusiveStartKey"] = page["LastEvaluatedKey"]
        return found

    def page_of_requests(self, after: Mapping[str, Any] | None) -> tuple[list[dict[str, Any]], Any]:
        """One page of the tickets on which a person's `rediagnose` is open."""
        start: Any = {"ExclusiveStartKey": after} if after else {}
        found = self._table.table.scan(IndexName="by-rediagnose", **start)
        return found["Items"], found.get("LastEvaluatedKey")

    def page_of_odd_statuses(self, after: Mapping[str, Any] | None) -> tuple[list[dict[str, Any]], Any]:
        """One page of the tickets whose `status` is none that is known, or whose request was withdrawn.

        Also those that are to be detached, or that others have joined since their diagnosis.
        """
        start: Any = {"ExclusiveStartKey": after} if after else {}
        unknown = ~Attr("status").is_in(list(Status))
        withdrawn = (
            Attr("status").eq(Status.DIAGNOSED)
            & Attr("diagnosis_status").is_in(list(states.WITHDRAW.sources))
            & Attr("rediagnose").not_exists()
        )
        members = (Attr("detach").exists() & Attr("incident_id").exists()) | (
            Attr("joined_at").exists() & Attr("status").eq(Status.DIAGNOSED)
        )
        found = self._table.table.scan(
            IndexName="by-status", FilterExpression=unknown | withdrawn | members, **start
        )
        return found["Items"], found.get("LastEvaluatedKey")

    def page_of_members(
        self, incident_id: str, after: Mapping[str, Any] | None
    ) -> tuple[list[dict[str, Any]], Any]:
        """One page of an incident's members, in order of their onsets, as the index projects them."""
        start: Any = {"ExclusiveStartKey": after} if after else {}
        found = self._table.table.query(
            IndexName="by-incident", KeyConditionExpression=Key("incident_id").eq(incident_id), **start
        )
        return found["Items"], found.get("LastEvaluatedKey")
