"""What people write on a ticket: each is one conditional write of documented attributes.

What each does is said in docs/tickets.md, "What happens when".
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from boto3.dynamodb.conditions import Attr, ConditionBase
from botocore.exceptions import ClientError

from runtime.characters import bounded
from runtime.clock import Clock, iso
from tickets.conditions import is_of_generation
from tickets.feedback import Verdict
from tickets.states import DiagnosisStatus, Status
from tickets.table import TicketTable

MAX_REQUEST_BYTES = 2048
"""The longest `rediagnose`, which is the key of an index. Source: DynamoDB, partition keys."""
MAX_WORDS_BYTES = 2048
MAX_NAME_BYTES = 256
SOMEBODY = "a person"
LOOKED_AT = ("ticket_id", "generation", "diagnosis_status", "incident_id")
"""What is read of a ticket on which a write was refused, to say why."""


class Outcome(StrEnum):
    """What came of a write. Only the first has changed anything."""

    DONE = "done"
    ALREADY = "already so"
    UNKNOWN = "unknown ticket"
    STALE = "stale: the ticket has gone on since"
    NOT_DIAGNOSED = "no diagnosis stands on the ticket"
    NO_MEMBER = "the ticket is no member of an incident"


class People:
    """The writes; texts are cleaned and cut.

    `generation`, where one is given, is that of the diagnosis which the person saw: on a ticket that has been
    made pending since, nothing is written. A ticket too near DynamoDB's limit to be written raises the
    table's ClientError, as does AWS in trouble: nothing of anybody's is cut for what a person says.
    """

    def __init__(self, table: TicketTable, clock: Clock) -> None:
        self._table = table.table
        self._clock = clock

    def acknowledge(self, ticket_id: str, by: str = "", *, generation: int | None = None) -> Outcome:
        """An open ticket becomes `acknowledged`; a diagnosed one stays so, and says who has seen it."""
        seen = {
            "acknowledged_at": iso(self._clock.now()),
            "acknowledged_by": bounded(by, MAX_NAME_BYTES) or SOMEBODY,
        }
        is_open = Attr("status").eq(Status.OPEN)
        outcome = self._write(ticket_id, generation, is_open, {"status": Status.ACKNOWLEDGED, **seen})
        if outcome is not Outcome.ALREADY:
            return outcome
        since_the_diagnosis = Attr("acknowledged_at").gte(Attr("diagnosed_at"))
        unseen = Attr("status").eq(Status.DIAGNOSED) & ~since_the_diagnosis
        return self._write(ticket_id, generation, unseen, seen)

    def resolve(self, ticket_id: str, *, generation: int | None = None) -> Outcome:
        """`status` becomes `resolved`, on a held ticket too: holding keeps monitors from it, not people."""
        unresolved = Attr("status").ne(Status.RESOLVED)
        return self._write(ticket_id, generation, unresolved, {"status": Status.RESOLVED})

    def hold(self, ticket_id: str, *, generation: int | None = None) -> Outcome:
        """Monitors do not resolve it any more."""
        return self._write(ticket_id, generation, Attr("held").ne(True), {"held": True})

    def unhold(self, ticket_id: str, *, generation: int | None = None) -> Outcome:
        """Monitors may resolve it again."""
        held = Attr("held").exists() & Attr("held").ne(False)
        return self._write(ticket_id, generation, held, {"held": False})

    def rediagnose(self, ticket_id: str, why: str = "", *, generation: int | None = None) -> Outcome:
        """Asks for a fresh diagnosis.

        A request that waits stays as it is; during a run, a new text asks once more.
        """
        text = bounded(why, MAX_REQUEST_BYTES) or f"asked for by {SOMEBODY}"
        during_a_run = Attr("diagnosis_status").eq(DiagnosisStatus.RUNNING) & Attr("rediagnose").ne(text)
        may_ask = Attr("rediagnose").not_exists() | during_a_run
        return self._write(ticket_id, generation, may_ask, {"rediagnose": text})

    def feedback(
        self,
        ticket_id: str,
        verdict: Verdict,
        words: str = "",
        by: str = "",
        *,
        generation: int | None = None,
        diagnosed_at: str | None = None,
    ) -> Outcome:
        """Says whether the diagnosis that stands is right, in place of what was said of it before.

        A verdict without words leaves the words of the same verdict alone. `diagnosed_at` is the time of the
        diagnosis that was seen: a ticket that was deleted and written anew counts its generations anew.
        """
        said = {
            "verdict": verdict,
            "words": bounded(words, MAX_WORDS_BYTES),
            "by": bounded(by, MAX_NAME_BYTES) or SOMEBODY,
            "at": iso(self._clock.now()),
        }
        is_said: ConditionBase = Attr("diagnosis_feedback.verdict").eq(verdict)
        if said["words"]:
            is_said &= Attr("diagnosis_feedback.words").eq(said["words"])
        stands: ConditionBase = Attr("diagnosis_status").eq(DiagnosisStatus.DONE)
        if diagnosed_at is not None:
            stands &= Attr("diagnosed_at").eq(diagnosed_at)
        outcome = self._write(ticket_id, generation, stands & ~is_said, {"diagnosis_feedback": said})
        if outcome is Outcome.ALREADY and diagnosed_at is not None:
            return outcome if self._diagnosed_at(ticket_id) == diagnosed_at else Outcome.STALE
        return outcome

    def detach(self, ticket_id: str, why: str = "", *, generation: int | None = None) -> Outcome:
        """Makes the member of an incident a ticket of its own."""
        text = bounded(why, MAX_REQUEST_BYTES) or f"asked for by {SOMEBODY}"
        is_member = Attr("incident_id").exists() & Attr("detach").not_exists()
        return self._write(ticket_id, generation, is_member, {"detach": text})

    def _write(
        self, ticket_id: str, generation: int | None, condition: ConditionBase, update: Mapping[str, Any]
    ) -> Outcome:
        guarded = Attr("ticket_id").exists() & condition
        if generation is not None:
            guarded &= is_of_generation(generation)
        names = {f"#{number}_": name for number, name in enumerate(update)}
        try:
            self._table.update_item(
                Key={"ticket_id": ticket_id},
                UpdateExpression="SET " + ", ".join(f"{key} = :{key[1:]}" for key in names),
                ConditionExpression=guarded,
                ExpressionAttributeNames=names,
                ExpressionAttributeValues={f":{key[1:]}": update[name] for key, name in names.items()},
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            return self._why_refused(ticket_id, generation, update)
        return Outcome.DONE

    def _diagnosed_at(self, ticket_id: str) -> Any:
        found = self._table.get_item(
            Key={"ticket_id": ticket_id}, ConsistentRead=True, ProjectionExpression="diagnosed_at"
        )
        return found.get("Item", {}).get("diagnosed_at")

    def _why_refused(self, ticket_id: str, generation: int | None, update: Mapping[str, Any]) -> Outcome:
        """Read afterwards, not returned with the refusal: a role can be limited to what it so reads."""
        item = self._table.get_item(
            Key={"ticket_id": ticket_id},
            ConsistentRead=True,
            ProjectionExpression=", ".join(LOOKED_AT),
        ).get("Item")
        if not item:
            return Outcome.UNKNOWN
        if generation is not None and item.get("generation", 0) != generation:
            return Outcome.STALE
        if "diagnosis_feedback" in update and item.get("diagnosis_status") != DiagnosisStatus.DONE:
            return Outcome.NOT_DIAGNOSED
        if "detach" in update and "incident_id" not in item:
            return Outcome.NO_MEMBER
        return Outcome.ALREADY
