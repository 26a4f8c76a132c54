"""`differential doctor`."""

import click

from cli.errors import Exit
from cli.examination import Finding, Health, examine
from cli.options import Session, with_session

MARKS = {Health.GOOD: ("✓", "green"), Health.BAD: ("✗", "red"), Health.UNKNOWN: ("?", "yellow")}


@click.command()
@with_session
def command(session: Session) -> int:
    """Look the deployed stack over: each finding with what to do; 1 when something is wrong."""
    findings = list(examine(session.deployment))
    if session.screen.is_json:
        session.screen.data({"findings": [finding.as_data() for finding in findings]})
    else:
        for finding in findings:
            _show(session, finding)
    return Exit.NOT_SO if any(finding.health is Health.BAD for finding in findings) else Exit.OK


def _show(session: Session, finding: Finding) -> None:
    mark, style = MARKS[finding.health]
    session.screen.line(f"{mark} {finding.what}: {finding.found}", style)
    if finding.to_do:
        session.screen.line(f"    {finding.to_do}")
