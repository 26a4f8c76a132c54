"""What an engineer on call would look at beside the ticket, gathered from several sources at once."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from typing import Protocol

from diagnose.evidence.redaction.redactor import Redact, Redactor
from diagnose.evidence.sections import Context, Section
from runtime.observability import logger
from tickets.ticket import Ticket

SOURCE_SECONDS = 5.0


class Source(Protocol):
    """One place to look. What it raises, or not answering in time, costs a line in the prompt.

    What it has found goes through `redact` as a whole, before any of it is shortened.
    """

    name: str

    def read(self, ticket: Ticket, redact: Redact) -> list[Section]: ...


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
    pool = ThreadPoolExecutor(max_workers=max(1, len(sources)))
    reads = [(source, pool.submit(source.read, ticket, redact)) for source in sources]
    wait([read for _, read in reads], timeout=seconds)
    pool.shutdown(wait=False, cancel_futures=True)
    sections = [*own]
    unavailable: list[str] = []
    for source, read in reads:
        if not read.done():
            unavailable.append(f"{source.name}: no answer within {seconds:g} s")
        elif error := read.exception():
            logger.warning("a source of context failed", source=source.name, error=type(error).__name__)
            unavailable.append(f"{source.name}: {type(error).__name__}")
        else:
            sections += [replace(section, lines=redact(section.lines)) for section in read.result()]
    return Context(tuple(section for section in sections if section.lines), tuple(unavailable))
