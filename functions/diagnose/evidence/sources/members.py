"""The tickets that have joined the incident, in order of their onset."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import Key

from diagnose.evidence.facts import Fact, Kind
from diagnose.evidence.gathering import SOURCE_SECONDS, SecondsLeft
from diagnose.evidence.incident import Incident
from diagnose.evidence.lines import one_item, shown
from diagnose.evidence.looked import CouldNotLook, Found, FoundNothing, Looked, NotAsked
from diagnose.evidence.redaction.redactor import Redact
from diagnose.evidence.sections import Section
from diagnose.evidence.times import utc
from diagnose.evidence.why_not import why_not
from runtime.both_ends import both_ends
from tickets.moments import moment
from tickets.plain import plain
from timeseries.figures import counted

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

TITLE = "Other alarms of the same incident, in order of their onset"
PLACE = "alarms that have joined the incident"
FIRST, LAST = 30, 10
"""So many are told from the beginning and from the end, however many there are."""
LONGEST = 160
STATES = {"alarm": "in alarm", "ok": "over", "insufficient_data": "its monitor has no data"}

Item = Mapping[str, Any]


class IncidentMembers:
    """Reads the index by-incident: once forwards and, where there are more, once backwards."""

    name = "members"

    def __init__(self, tickets: "Table", seconds: float = SOURCE_SECONDS) -> None:
        self.seconds = seconds
        self._tickets = tickets

    def read(self, incident: Incident, redact: Redact, until: SecondsLeft) -> list[Looked]:
        if not incident.ticket.members:
            return [NotAsked(PLACE, "nothing has joined it")]
        ticket_id = incident.ticket.ticket_id
        try:
            first, is_all = self._page(ticket_id, FIRST)
            if not first:
                return [FoundNothing(PLACE)]
            last = [] if is_all or until() <= 0 else self._page(ticket_id, LAST, forwards=False)[0]
        except Exception as error:  # noqa: BLE001 - no source may cost the diagnosis
            return [CouldNotLook(PLACE, why_not(error))]
        known = {each["ticket_id"] for each in first}
        last = [each for each in reversed(last) if each["ticket_id"] not in known]
        left = incident.ticket.members - len(first) - len(last)
        between = [f"not shown, between these: {counted(left, 'alarm')}"] if left > 0 and not is_all else []
        lines = [*_told(first, redact), *between, *_told(last, redact)]
        facts = (*map(_fact, first), *(None for _ in between), *map(_fact, last))
        return [Found((Section("members", TITLE, "A", tuple(lines), facts=facts),))]

    def _page(self, incident_id: str, limit: int, *, forwards: bool = True) -> tuple[list[Item], bool]:
        """Members from one end, and whether these are all."""
        answer = self._tickets.query(
            IndexName="by-incident",
            KeyConditionExpression=Key("incident_id").eq(incident_id),
            ScanIndexForward=forwards,
            Limit=limit,
        )
        return list(answer["Items"]), "LastEvaluatedKey" not in answer


def _told(members: Sequence[Item], redact: Redact) -> list[str]:
    return [one_item(line) for line in redact([_line(each) for each in members])]


def _line(member: Item) -> str:
    since = _since(member)
    subject, severity = _text(member, "subject"), _text(member, "severity")
    parts = [
        _text(member, "invariant_name") or "an invariant without a name",
        f"on {_text(member, 'component') or 'an unknown component'}",
        *([f"subject {subject}"] if subject else []),
        *([severity] if severity else []),
        STATES.get(_text(member, "monitor_state"), "state unknown"),
    ]
    return f"{utc(since) if since else 'at an unknown time'}: {', '.join(parts)}"


def _fact(member: Item) -> Fact:
    return Fact(Kind.ALARM, _since(member))


def _since(member: Item) -> datetime | None:
    try:
        at = moment(member.get("member_since"))
    except ValueError:
        return None
    return at if isinstance(at, datetime) else None


def _text(member: Item, name: str) -> str:
    value = member.get(name)
    return both_ends(shown(plain(value)).strip(), LONGEST) if value is not None else ""
