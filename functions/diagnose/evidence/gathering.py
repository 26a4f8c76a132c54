"""What an engineer on call would look at beside the ticket, gathered from several sources at once."""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import replace
from typing import Protocol

from diagnose.evidence.redaction.redactor import Redact, Redactor
from diagnose.evidence.sections import Context, Section
from runtime.aws import POOL_CONNECTIONS
from runtime.observability import logger
from tickets.ticket import Ticket

SOURCE_SECONDS = 5.0


class Source(Protocol):
    """One place to look. What it raises, or not answering in time, costs a line in the prompt.

    Its calls have to end by themselves within SOURCE_SECONDS, as QUICK_CALLS do: nobody can end a thread.
    What it has found goes through `redact` as a whole, before any of it is shortened.
    """

    name: str

    def read(self, ticket: Ticket, redact: Redact) -> list[Section]: ...


_hanging: dict[Source, Future[list[Section]]] = {}
"""Those that break this rule: each keeps one thread from its next tickets, and not one for every ticket."""


def gather(
    ticket: Ticket,
    own: Sequence[Section],
    sources: Sequence[Source],
    seconds: float = SOURCE_SECONDS,
    redact: Redact | None = None,
) -> Context:
    """The ticket's own sections, then what every source has; all are read at once, none beyond `seconds`.

    What a source forgot to redact is redacted here, line by line.
    """
    redact = redact or Redactor()
    for source in [source for source, read in _hanging.items() if read.done()]:
        del _hanging[source]
    pool = ThreadPoolExecutor(max_workers=POOL_CONNECTIONS)
    reads = {source: pool.submit(source.read, ticket, redact) for source in sources if source not in _hanging}
    late = wait(reads.values(), timeout=seconds).not_done
    pool.shutdown(wait=not late, cancel_futures=True)
    sections = [*own]
    unavailable: list[str] = []
    for source in sources:
        if source in _hanging:
            unavailable.append(f"{source.name}: no answer yet to what was asked for an earlier ticket")
        elif (read := reads[source]) in late:
            _hanging[source] = read
            unavailable.append(f"{source.name}: no answer within {seconds:g} s")
        elif error := read.exception():
            logger.warning("a source of context failed", source=source.name, error=type(error).__name__)
            unavailable.append(f"{source.name}: {type(error).__name__}")
        else:
            sections += [replace(section, lines=redact(section.lines)) for section in read.result()]
    return Context(tuple(section for section in sections if section.lines), tuple(unavailable))
