"""The alarm: what it watches, how it behaved lately, and which others are in ALARM with it."""

from collections.abc import Sequence

from diagnose.evidence.clients import Clients
from diagnose.evidence.gathering import SOURCE_SECONDS, SecondsLeft
from diagnose.evidence.incident import Incident
from diagnose.evidence.looked import CouldNotLook, Found, FoundNothing, Looked, NotAsked
from diagnose.evidence.redaction.redactor import Redact
from diagnose.evidence.sections import Section
from diagnose.evidence.sources.alarm.definition import definition_facts, definition_lines
from diagnose.evidence.sources.alarm.history import LOOKED_BACK, history_lines, read_history
from diagnose.evidence.sources.alarm.others import open_facts, open_lines, read_open
from diagnose.evidence.times import Window
from diagnose.evidence.why_not import why_not
from rendering.links import to_alarm

OTHERS = "other alarms in ALARM"


class Alarms:
    """CloudWatch's alarms. The definition was looked up before (incidents.py): the other sources need it."""

    name = "alarms"
    seconds = SOURCE_SECONDS + 3.0

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def read(self, incident: Incident, redact: Redact, until: SecondsLeft) -> Sequence[Looked]:
        if incident.elsewhere:
            return [CouldNotLook(self.name, incident.elsewhere)]
        client = self._clients("cloudwatch", incident.region)
        return [*self._own(client, incident, redact, until), *self._others(client, incident, redact, until)]

    def _own(self, client: object, incident: Incident, redact: Redact, until: SecondsLeft) -> list[Looked]:
        name = incident.alarm_name
        if not name:
            return [NotAsked("the alarm and its history", "the ticket names no alarm")]
        lines = redact(definition_lines(incident.alarm)) if incident.alarm else ()
        facts = definition_facts(incident.alarm) if incident.alarm else ()
        window = Window(incident.now - LOOKED_BACK, incident.now)
        place = f"the history of alarm {name[:255]!r}"
        looked: list[Looked] = []
        try:
            history = read_history(client, name, window.start, window.end, until)
        except Exception as error:  # noqa: BLE001 - its definition and the other alarms are worth telling alone
            looked.append(CouldNotLook(place, why_not(error)))
        else:
            if history.entries:
                lines += redact(history_lines(history, incident.now))
            else:
                looked.append(FoundNothing(place, window))
            if not history.is_whole:
                looked.append(CouldNotLook(f"older entries of {place}", "there are too many"))
        if lines:
            link = to_alarm(incident.region, name)
            section = Section("alarm", "The alarm", "A", tuple(lines), facts=facts, link=link)
            looked.append(Found((section,)))
        return looked

    def _others(self, client: object, incident: Incident, redact: Redact, until: SecondsLeft) -> list[Looked]:
        try:
            if until() <= 0:
                return [CouldNotLook(OTHERS, "no time was left")]
            found = read_open(client, until)
        except Exception as error:  # noqa: BLE001 - the alarm itself is worth telling alone
            return [CouldNotLook(OTHERS, why_not(error))]
        looked: list[Looked] = []
        if lines := open_lines(found.alarms, incident, redact):
            facts = open_facts(found.alarms, incident)
            section = Section("alarm", "Other alarms in ALARM now, nearest first", "A", lines, facts=facts)
            looked.append(Found((section,)))
        elif not found.more:
            looked.append(FoundNothing(OTHERS))
        if found.more:
            looked.append(CouldNotLook(f"the rest of the {OTHERS}", found.more))
        return looked
