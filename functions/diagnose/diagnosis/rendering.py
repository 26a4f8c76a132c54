"""The diagnosis as Markdown for the people who read the ticket.

Every text in it came from a model that read untrusted data, so nothing in it may act as markup: no links,
images, HTML or headings of its own.
"""

import re
from collections.abc import Iterable, Sequence

from diagnose.diagnosis.checked import Checked
from diagnose.diagnosis.schema import Alternative, Citation, Command, Diagnosis, Hop, MissingData
from diagnose.evidence.characters import clean

MARKUP = re.compile(r"([\\`*\[\]<>|~&]|(?<![^\W_])_|_(?![^\W_])|^[#+=-]|#$)")
"""Underscores within a name (`disk_await_ms`) do nothing, and are left readable."""
LIST_NUMBER = re.compile(r"^(\d{1,9})([.)])(?=\s|$)")
LINK = re.compile(r"://|@|mailto:|www\.", re.IGNORECASE)
INERT = str.maketrans({":": "&#58;", ".": "&#46;", "@": "&#64;"})
NO_WORDS = "No words were given."
CONFIDENCE = {"insufficient_data": "insufficient data"}
VERDICTS = {
    "action_required": "Action required",
    "action_suggested": "Action suggested",
    "no_action": "No action",
    "inconclusive": "Inconclusive",
}


def render(checked: Checked, notes: Sequence[str]) -> str:
    """Markdown: the answer first, then what it rests on, then what was in doubt, cut or unusable."""
    diagnosis = checked.diagnosis
    primary = diagnosis.primary
    confidence = CONFIDENCE.get(checked.confidence.shown, checked.confidence.shown)
    parts = ", ".join(f"{_text(each.name)} ({each.role})" for each in diagnosis.components)
    standing = f"Severity: {diagnosis.severity} · Components: {parts or 'not established'}"
    blocks = [
        f"## {VERDICTS[diagnosis.verdict]}\n\n**{_text(diagnosis.headline) or NO_WORDS}**",
        f"Confidence: {confidence} · {standing}",
        f"## Diagnosis\n\n{_text(primary.diagnosis) or NO_WORDS}",
        _text(primary.reasoning),
        _list("", (_citation(citation) for citation in primary.evidence)),
        _list("## Causal chain", map(_hop, primary.chain)),
        f"## Recommended action\n\n{_text(diagnosis.recommended_action)}",
        *(_command(command) for command in diagnosis.commands),
        _list("### Risks", map(_text, diagnosis.risks)),
        _readings(diagnosis),
        _list(
            "## Timeline",
            (
                f"{_text(entry.at)}: {_text(entry.event)}{_ids(entry.evidence)}"
                for entry in diagnosis.timeline
            ),
        ),
        *(_alternative(number, alternative) for number, alternative in enumerate(diagnosis.alternatives, 1)),
        _list("## Missing data", map(_missing, diagnosis.missing_data)),
        _list(
            "## Not confirmed by the evidence", (f"The diagnosis {_text(doubt)}" for doubt in checked.doubts)
        ),
        _list("## Notes", map(_text, notes)),
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def render_error(kind: str, message: str, request_id: str | None, at: str) -> str:
    """What a person reads on a ticket that could not be diagnosed.

    Headed so that nobody takes it for a finding.
    """
    request = f" Request id: {_text(request_id)}." if request_id else ""
    return (
        f"## Diagnosis error\n\nThis ticket was not diagnosed ({_text(kind)}): {_text(message)}\n\n"
        f"At {at}.{request} Write the attribute `rediagnose` with any new text to have it tried again.\n"
    )


def render_trouble(kind: str, message: str, request_id: str | None, at: str, again_at: str) -> str:
    """What a person reads on a ticket that waits because its last attempt came to nothing."""
    request = f" Request id: {_text(request_id)}." if request_id else ""
    return (
        f"## Diagnosis error\n\nThis ticket is not diagnosed yet. "
        f"Last met ({_text(kind)}): {_text(message)}\n\n"
        f"At {at}.{request} It is tried again at {again_at}.\n"
    )


def _text(text: str) -> str:
    """One line of plain text: control characters gone, markup escaped, links made inert."""
    line = MARKUP.sub(r"\\\1", " ".join(clean(text).split()))
    line = LIST_NUMBER.sub(r"\1\\\2", line)
    return LINK.sub(lambda link: link.group().translate(INERT), line)


def _list(title: str, lines: Iterable[str]) -> str:
    items = "\n".join(f"- {line}" for line in lines)
    return f"{title}\n\n{items}".lstrip() if items else ""


def _ids(ids: Sequence[str]) -> str:
    return f" ({', '.join(map(_text, ids))})" if ids else ""


def _citation(citation: Citation) -> str:
    return f"{_text(citation.id)}: {_text(citation.shows)}"


def _command(command: Command) -> str:
    code = clean(command.command).strip("\n")
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", code)), default=0))
    purpose = _text(command.purpose).rstrip(".:")
    told = f"Changes: {_text(command.changes)} · Risk: {_text(command.risk)}"
    return f"{purpose}:\n\n{fence}sh\n{code}\n{fence}\n\n{told}"


def _hop(hop: Hop) -> str:
    way = f"{_text(hop.from_component)} → {_text(hop.to_component)}"
    return f"{way}, since {_text(hop.since)}: {_text(hop.how)}{_ids(hop.evidence)}"


def _missing(missing: MissingData) -> str:
    return f"{_text(missing.what)}{f' (in {_text(missing.where)})' if missing.where.strip() else ''}"


def _readings(diagnosis: Diagnosis) -> str:
    if not diagnosis.metric_readings:
        return ""
    rows = [
        f"| {_text(r.name)} | {_text(r.value)} | {_text(r.unit)} | {_text(r.note)} | {_text(r.evidence)} |"
        for r in diagnosis.metric_readings
    ]
    head = [
        "## Metric readings",
        "",
        "| Metric | Value | Unit | Reading | Evidence |",
        "|---|---|---|---|---|",
    ]
    return "\n".join([*head, *rows])


def _alternative(number: int, alternative: Alternative) -> str:
    lines = [
        *(f"For: {_citation(citation)}" for citation in alternative.supporting),
        *(f"Against: {_citation(citation)}" for citation in alternative.contradicting),
        f"Conclusion: {_text(alternative.conclusion)}",
        f"What would decide: {_text(alternative.deciding_observation)}",
        *(f"By: {_text(alternative.deciding_command)}" for _ in alternative.deciding_command.split()[:1]),
    ]
    return _list(f"## Alternative {number}: {_text(alternative.diagnosis)}", lines)
