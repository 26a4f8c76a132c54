"""An alarm goes off, tickets are written, one sees them diagnosed and told: no AWS account, Docker, API key.

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

from cli.screen import one_line, printable
from cli.ticket_file import TicketFileError, read_tickets
from local.claude.server import StandIn
from local.demo.alarm_events import ring_again
from local.demo.alarm_scenarios import ALARM_SCENARIOS
from local.demo.alarm_show import show_alarms
from local.demo.events import ALARM, LIVE, load_ticket, ticket_names
from local.demo.functions_output import functions_output
from local.demo.prompt import prompt_of
from local.demo.reality import (
    BY_HAND,
    CHAT,
    EMULATED,
    NO_SOURCES,
    REAL,
    RECORDED,
    RUNG,
    SHORTENED,
    STAND_IN,
    WHAT_IS_REAL,
)
from local.demo.repeats.show import show_repeat
from local.demo.running_stack import Plan, RunningStack, running
from local.demo.scenarios import SCENARIOS, Scenario
from local.demo.terminal import Terminal
from local.demo.ticket_counts import TicketCounts, count, tickets_in
from local.demo.watch import FINISHED, Watch

REPEAT = "repeat"
SECONDS_A_TICKET = {True: 12.0, False: 300.0}
"""How long a ticket may take, at the stand-in and at the real Claude."""


@dataclass(frozen=True)
class Run:
    """What is shown: the alarm's ticket or the first of `tickets` in full, and how it must end."""

    tickets: Sequence[Mapping[str, Any]]
    plan: Plan
    alarm: str = ""
    """One of the account's that goes off, so that intake writes a ticket; none when it is empty."""
    scenario: Scenario | None = None
    shows_prompt: bool = False

    @property
    def ids(self) -> list[str]:
        return [str(ticket["ticket_id"]) for ticket in self.tickets]

    @property
    def timeout(self) -> float:
        if self.scenario is not None:
            return 58.0
        tickets = len(self.tickets) + bool(self.alarm)
        return 20.0 + SECONDS_A_TICKET[self.plan.stand_in is not None] * tickets

    @property
    def notes(self) -> list[str]:
        """What is not the real thing here."""
        asked = os.environ.get("ANTHROPIC_BASE_URL") or "the Claude API"
        who = [f"The real Claude is asked, at {asked}, and paid with your key."]
        if self.plan.stand_in:
            who = [BY_HAND if self.scenario and self.scenario.written() else STAND_IN]
        waits = [SHORTENED] if self.plan.hurry else []
        played = [RECORDED] if self.plan.seeded else []
        off = [] if self.plan.looks else [NO_SOURCES]
        rung = [RUNG] if self.alarm else []
        return [EMULATED, CHAT, *played, *rung, *who, *waits, *off]


def show(run: Run, terminal: Terminal) -> bool:
    """Play the run and show it; whether it ended as it must."""
    terminal.notice(WHAT_IS_REAL, [REAL, *run.notes])
    if run.scenario is not None:
        terminal.line(run.scenario.story, "bold")

    with running(run.plan, Watch(terminal.transition)) as system:
        system.mappings.start()
        ids = [*_ring(run.alarm, system, terminal), *run.ids]
        try:
            for ticket in run.tickets:
                system.put(ticket)
        except (ClientError, BotoCoreError, TypeError, ValueError) as error:
            terminal.line(f"{ticket['ticket_id']}: DynamoDB does not take this ticket: {error}", "red")
            return False
        drained = _play(run, ids, system, terminal)
        result = count(system.stack, ids, system.stand_in, drained=drained)
        _show_result(run, ids, system, terminal)
        is_told = run.scenario is not None or _show_chat(ids[0], system, terminal)
        terminal.notice(WHAT_IS_REAL, [REAL, *run.notes])
        terminal.table("The count", result.rows())
    return _as_expected(result) and is_told


def _ring(alarm: str, system: RunningStack, terminal: Terminal) -> list[str]:
    """The alarm goes off, if there is one; gives back the ticket that intake has written of it."""
    if not alarm:
        return []
    terminal.line(f"CloudWatch tells the default bus: {alarm} is in ALARM.", "bold")
    ring_again(system.stack, system.account, alarm)
    system.mappings.drain(lambda: bool(system.watch.tickets()), 30)
    return system.watch.tickets()


def _play(run: Run, ids: Sequence[str], system: RunningStack, terminal: Terminal) -> bool:
    """Wait for the end; whether nothing is on its way any more."""
    try:
        if run.scenario is not None:
            run.scenario.act(system, lambda text: terminal.line(text, "bold"))
            system.mappings.drain(lambda: system.all_in(ids, *FINISHED), run.timeout)
        else:
            system.mappings.drain(
                lambda: system.all_in(ids, *FINISHED) or _hopeless(ids, system), run.timeout
            )
            if _hopeless(ids, system):
                terminal.line(
                    "Claude is out of reach: see above why. In AWS tickets wait; the demo ends.", "red"
                )
                return False
        system.mappings.drain(timeout=5)
    except TimeoutError as error:
        terminal.line(f"Not every ticket is finished: {error}", "red")
        return False
    return True


def _hopeless(ids: Sequence[str], system: RunningStack) -> bool:
    """Whether tickets are put off and none was finished: nobody wants to see a wrong key waited out."""
    return not system.watch.count(*FINISHED) and system.watch.seen("deferred") >= min(2, len(ids))


def _show_result(run: Run, ids: Sequence[str], system: RunningStack, terminal: Terminal) -> None:
    stored = tickets_in(system.stack, ids)
    if run.scenario is None:
        for number, ticket_id in enumerate(ids):
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


def _show_chat(ticket_id: str, system: RunningStack, terminal: Terminal) -> bool:
    """The message that the chat shows of a ticket; whether there is one."""
    for message in system.chat.in_thread(ticket_id):
        terminal.document(f"{ticket_id}: what the chat shows", "\n".join(message.lines()))
        return True
    terminal.line(f"{ticket_id}: the chat was told nothing.", "red")
    return False


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
        return Run(scenario.tickets(), scenario.plan(), scenario=scenario)
    names = [name for name in ticket_names() if name != LIVE]
    tickets = read_tickets(arguments.ticket) if arguments.ticket else [load_ticket(name) for name in names]
    key = os.environ.get("ANTHROPIC_API_KEY", "").strip()
    asked = {"api_key": key} if key and not arguments.show else {"stand_in": StandIn()}
    plan = Plan(**asked, seeded=arguments.ticket is None)
    alarm = "" if arguments.ticket else ALARM
    return Run(tickets, plan, alarm, shows_prompt=arguments.show == "prompt")


def main() -> int:
    """0 when every ticket ended as it must, 1 when not, 2 when there was nothing to run."""
    parser = argparse.ArgumentParser(prog="python -m local.demo", description=__doc__)
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--ticket", type=Path, metavar="PATH", help="tickets of your own: JSON, JSON Lines, YAML"
    )
    what.add_argument(
        "--scenario", choices=[*SCENARIOS, *ALARM_SCENARIOS, REPEAT], help="play one kind of story"
    )
    parser.add_argument(
        "--show", choices=["prompt"], help="show what the first ticket's prompt says; asks the stand-in alone"
    )
    parser.add_argument("--logs", action="store_true", help="show the functions' log lines as well")
    arguments = parser.parse_args()
    alarms = ALARM_SCENARIOS.get(arguments.scenario)
    repeats = arguments.scenario == REPEAT
    try:
        run = None if alarms or repeats else plan_run(arguments)
    except TicketFileError as error:
        print(printable(str(error)), file=sys.stderr)
        return 2
    terminal = Terminal(Console(file=sys.stdout, highlight=False))
    with functions_output(shown=arguments.logs) as log:
        if repeats:
            ended_well = show_repeat(terminal)
        else:
            ended_well = show_alarms(alarms, terminal) if alarms else run is not None and show(run, terminal)
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
