"""What was changed before the onset: who, what, how long before, the likeliest first."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import timedelta

from diagnose.evidence.clients import Clients
from diagnose.evidence.gathering import SecondsLeft
from diagnose.evidence.incident import Incident
from diagnose.evidence.looked import CouldNotLook, Found, FoundNothing, Looked, NotAsked
from diagnose.evidence.redaction.redactor import Redact
from diagnose.evidence.sections import Section
from diagnose.evidence.sources.changes.asked import Asked, CutShortError, Reader
from diagnose.evidence.sources.changes.change import Change, facts_of, lines_of, ranked
from diagnose.evidence.sources.changes.cloudformation import CloudFormation
from diagnose.evidence.sources.changes.cloudtrail import LATE, CloudTrail
from diagnose.evidence.sources.changes.codedeploy import CodeDeploy
from diagnose.evidence.sources.changes.containers import Containers
from diagnose.evidence.sources.changes.functions import Functions
from diagnose.evidence.sources.changes.parameters import Parameters
from diagnose.evidence.sources.changes.signals import Signals
from diagnose.evidence.times import Window
from diagnose.evidence.why_not import why_not
from rendering.links import to_changes
from runtime.observability import logger
from subjects.names import resources_of

BEFORE, AFTER = timedelta(hours=24), timedelta(minutes=10)
"""From so long before the onset to so long after it: when it began is not known to the minute."""
TITLE = "Changes, the likeliest to matter first: near in time and place"


@dataclass
class _Read:
    """What one reader has said so far, kept outside of it: one that hangs costs nothing but the rest."""

    changes: list[Change] = field(default_factory=list)
    fault: str = ""


class Changes:
    """All services that tell of changes, read at once."""

    name = "changes"

    def __init__(
        self, clients: Clients, seconds: float = 8.0, readers: Callable[[str], Sequence[Reader]] | None = None
    ) -> None:
        self.seconds = seconds
        self._clients = clients
        self._readers = readers or self._all

    def read(self, incident: Incident, redact: Redact, until: SecondsLeft) -> Sequence[Looked]:
        if incident.elsewhere:
            return [CouldNotLook("changes", incident.elsewhere)]
        onset = min(incident.began.at, incident.now)
        window = Window.around(onset, BEFORE, AFTER, incident.now)
        neighbours = incident.subject.depends_on if incident.subject else ()
        if not incident.resources and not neighbours:
            return [NotAsked("changes", "no resource is known")]
        asked = Asked(
            resources_of(incident.resources),
            resources_of(neighbours),
            window.start,
            window.end,
            incident.now,
        )
        readers = self._readers(incident.region)
        wanted = [reader for reader in readers if not reader.why_not_asked(asked)]
        reads = _read_all(wanted, asked, redact, until)
        changes = ranked((change for read in reads for change in read.changes), onset)
        looked: list[Looked] = []
        if changes:
            link, facts = to_changes(incident.region), facts_of(changes)
            section = Section("changes", TITLE, "H", lines_of(changes), facts=facts, link=link)
            looked.append(Found((section,)))
        for reader, read in zip(wanted, reads, strict=True):
            looked += _of(reader, read, window, incident)
        looked += [NotAsked(reader.place, why) for reader in readers if (why := reader.why_not_asked(asked))]
        return looked

    def _all(self, region: str) -> Sequence[Reader]:
        clients = self._clients
        return (
            CloudTrail(lambda: clients("cloudtrail", region)),
            CloudFormation(lambda: clients("cloudformation", region)),
            Functions(lambda: clients("lambda", region)),
            CodeDeploy(lambda: clients("codedeploy", region)),
            Containers(lambda: clients("ecs", region)),
            Parameters(lambda: clients("ssm", region)),
            Signals(lambda: clients("application-signals", region)),
        )


def _read_all(readers: Sequence[Reader], asked: Asked, redact: Redact, until: SecondsLeft) -> list[_Read]:
    """Each reader in a thread of its own; its calls end by themselves soon after the deadline."""
    if not readers:
        return []
    reads = [_Read() for _ in readers]

    def run(reader: Reader, read: _Read) -> None:
        try:
            for change in reader.read(asked, redact, until):
                read.changes.append(change)
        except CutShortError as cut:
            read.fault = str(cut)
        except Exception as error:  # noqa: BLE001 - one service that fails must not cost the others
            logger.warning("a reader of changes failed", reader=reader.place, error=type(error).__name__)
            read.fault = why_not(error)

    pool = ThreadPoolExecutor(max_workers=len(readers))
    futures = [pool.submit(run, reader, read) for reader, read in zip(readers, reads, strict=True)]
    late = wait(futures, timeout=max(0.0, until() - SPARE_SECONDS)).not_done
    pool.shutdown(wait=False, cancel_futures=True)
    return [
        _Read(list(read.changes), "no answer in time" if future in late else read.fault)
        for read, future in zip(reads, futures, strict=True)
    ]


SPARE_SECONDS = 0.2
"""Kept of the source's time to say what was found when a reader hangs."""


def _of(reader: Reader, read: _Read, window: Window, incident: Incident) -> list[Looked]:
    """What is to be said of one reader beside the changes that it found."""
    if read.fault:
        return [CouldNotLook(reader.place, read.fault)]
    if not isinstance(reader, CloudTrail) or window.end <= incident.now - LATE:
        return [] if read.changes else [FoundNothing(reader.place, window)]
    sure = Window(window.start, max(window.start, incident.now - LATE))
    late = CouldNotLook(
        f"{reader.place} of the last minutes",
        "they come up to 15 minutes late, so one that is missing may follow",
    )
    return [late] if read.changes else [FoundNothing(reader.place, sure), late]
