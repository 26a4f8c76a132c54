"""Tickets are written, and one sees them diagnosed: no AWS account, no Docker, no API key.

With ANTHROPIC_API_KEY set the real Claude is asked (ANTHROPIC_BASE_URL is honoured); scenarios and `--show`
always use the stand-in.
"""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from cli.ticket_file import TicketFileError, read_tickets
from local.claude.server import StandIn
from local.demo.events import LIVE, load_ticket, ticket_names
from local.demo.functions_output import functions_output
from local.demo.prompt import prompt_of
from local.demo.running_stack import Plan, RunningStack, running
from local.demo.scenarios import SCENARIOS, Scenario
from local.demo.terminal import Terminal, one_line, printable
from local.demo.ticket_counts import TicketCounts, count, tickets_in
from local.demo.watch import FINISHED, Watch

WHAT_IS_REAL = "What is real here, and what is not"
REAL = "The functions, the template's settings and the Anthropic SDK are the real ones."
EMULATED = "AWS is an emulator on this machine; its tables, queues and mappings are read from template.yaml."
RECORDED = "One incident is played to it: metrics, logs, alarms and changes are made up (local/demo/live)."
STAND_IN = "A stand-in answers in Claude's place, by plain rules: these findings were not written by Claude."
BY_HAND = "A stand-in plays answers back that were written by hand (local/demo/written), not by Claude."
SECONDS_A_TICKET = {True: 12.0, False: 300.0}
"""How long a ticket may take, at the stand-in and at the real Claude."""


@dataclass(frozen=True)
class Run:
    """What is shown: the tickets, whose first is shown in full, and how it must end."""

    tickets: Sequence[Mapping[str, Any]]
    plan: Plan
    scenario: Scenario | None = None
    shows_prompt: bool = False

    @property
    def ids(self) -> list[str]:
        return [str(ticket["ticket_id"]) for ticket in self.tickets]

    @property
    def timeout(self) -> float:
        if self.scenario is not None:
            return 58.0
        return 20.0 + SECONDS_A_TICKET[self.plan.stand_in is not None] * len(self.tickets)

    @property
    def notes(self) -> list[str]:
        """What is not the real thing here."""
        asked = os.environ.get("ANTHROPIC_BASE_URL") or "the Claude API"
        who = [f"The real Claude is asked, at {asked}, and paid with your key."]
        if self.plan.stand_in:
            who = [BY_HAND if self.scenario and self.scenario.written() else STAND_IN]
        waits = (
            ["The functions' waits are shortened from minutes to seconds (local/demo/shorter_waits.py)."]
            if self.plan.hurry
            else []
        )
        played = [RECORDED] if self.plan.seeded else []
        off = [] if self.plan.looks else ["The live sources of evidence are switched off."]
        return [EMULATED, *played, *who, *waits, *off]


def show(run: Run, terminal: Terminal) -> bool:
    """Play the run and show it; whether it ended as it must."""
    terminal.notice(WHAT_IS_REAL, [REAL, *run.notes])
    if run.scenario is not None:
        terminal.line(run.scenario.story, "bold")

    with running(run.plan, Watch(terminal.transition)) as system:
        try:
            for ticket in run.tickets:
                system.put(ticket)
        except (ClientError, BotoCoreError, TypeError, ValueError) as error:
            terminal.line(f"{ticket['ticket_id']}: DynamoDB does not take this ticket: {error}", "red")
            return False
        system.mappings.start()
        drained = _play(run, system, terminal)
        result = count(system.stack, run.ids, system.stand_in, drained=drained)
        _show_result(run, system, terminal, result)
    return _as_expected(result)


def _play(run: Run, system: RunningStack, terminal: Terminal) -> bool:
    """Wait for the end; whether nothing is on its way any more."""
    try:
        if run.scenario is not None:
            run.scenario.act(system, lambda text: terminal.line(text, "bold"))
            system.mappings.drain(lambda: system.all_in(run.ids, *FINISHED), run.timeout)
        else:
            system.mappings.drain(
                lambda: system.all_in(run.ids, *FINISHED) or _hopeless(run, system), run.timeout
            )
            if _hopeless(run, system):
                terminal.line(
                    "Claude is out of reach: see above why. In AWS tickets wait; the demo ends.", "red"
                )
                return False
        system.mappings.drain(timeout=5)
    except TimeoutError as error:
        terminal.line(f"Not every ticket is finished: {error}", "red")
        return False
    return True


def _hopeless(run: Run, system: RunningStack) -> bool:
    """Whether tickets are put off and none was finished: nobody wants to see a wrong key waited out."""
    return not system.watch.count(*FINISHED) and system.watch.seen("deferred") >= min(2, len(run.ids))


def _show_result(run: Run, system: RunningStack, terminal: Terminal, result: TicketCounts) -> None:
    stored = tickets_in(system.stack, run.ids)
    if run.scenario is None:
        for number, ticket_id in enumerate(run.ids):
            ticket = stored.get(ticket_id, {})
            if number == 0 and run.shows_prompt:
                terminal.document(
                    f"{ticket_id}: the prompt that was sent", prompt_of(ticket, system.stand_in)
                )
            if number == 0:
                terminal.markdown(
                    f"{ticket_id}, as stored on the ticket", str(ticket.get("diagnosis", "no diagnosis"))
                )
            else:
                terminal.line(f"{ticket_id}: {_summary(ticket)}")
    for written in run.scenario.written() if run.scenario else ():
        terminal.document(f"What came in: {written.title}", "\n".join(written.in_short()))
        ticket = stored.get(written.ticket_id, {})
        terminal.document("What the checks made of it", "\n".join(written.after_checks(ticket)))
        diagnosis = str(ticket.get("diagnosis", "no diagnosis"))
        terminal.markdown(f"What went out: {written.ticket_id}, as stored on the ticket", diagnosis)
    terminal.notice(WHAT_IS_REAL, [REAL, *run.notes])
    terminal.table("The count", result.rows())


def _summary(ticket: Mapping[str, Any]) -> str:
    state = ticket.get("diagnosis_status", "not diagnosed")
    if state == "done":
        record = ticket["diagnosis_record"]
        found = one_line(str(record["answer"]["primary"]["diagnosis"]), 120)
        return f"{found} (confidence {record['confidence']['shown']}, {record['answer']['severity']})"
    error = ticket.get("diagnosis_error") or {"message": ticket.get("deferred_reason", "")}
    return one_line(f"{state} {error.get('kind', '')} {error.get('message', '')}")


def _as_expected(result: TicketCounts) -> bool:
    return result.finished and result.lost == result.failed == 0


def plan_run(arguments: argparse.Namespace) -> Run:
    """What was asked for; raises TicketFileError for a file whose tickets could not be written."""
    if arguments.scenario is not None:
        scenario = SCENARIOS[arguments.scenario]
        return Run(scenario.tickets(), scenario.plan(), scenario)
    names = sorted(ticket_names(), key=lambda name: name != LIVE)
    tickets = read_tickets(arguments.ticket) if arguments.ticket else [load_ticket(name) for name in names]
    key = os.environ.get("ANTHROPIC_API_KEY", "").strip()
    asked = {"api_key": key} if key and not arguments.show else {"stand_in": StandIn()}
    plan = Plan(**asked, seeded=arguments.ticket is None)
    return Run(tickets, plan, shows_prompt=arguments.show == "prompt")


def main() -> int:
    """0 when every ticket ended as it must, 1 when not, 2 when there was nothing to run."""
    parser = argparse.ArgumentParser(prog="python -m local.demo", description=__doc__)
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--ticket", type=Path, metavar="PATH", help="tickets of your own: JSON, JSON Lines, YAML"
    )
    what.add_argument("--scenario", choices=SCENARIOS, help="make one kind of trouble")
    parser.add_argument(
        "--show", choices=["prompt"], help="show what the first ticket's prompt says; asks the stand-in alone"
    )
    parser.add_argument("--logs", action="store_true", help="show the functions' log lines as well")
    arguments = parser.parse_args()
    try:
        run = plan_run(arguments)
    except TicketFileError as error:
        print(printable(str(error)), file=sys.stderr)
        return 2
    terminal = Terminal(Console(file=sys.stdout, highlight=False))
    with functions_output(shown=arguments.logs) as log:
        ended_well = show(run, terminal)
    if log is not None and ended_well:
        log.unlink()
    elif log is not None:
        terminal.line(f"The functions' log is in {log}.")
    return 0 if ended_well else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
