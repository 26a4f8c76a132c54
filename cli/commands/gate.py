"""`differential gate`."""

import json
import time
from typing import Any

import click

from capacity.state import CapacityState, state_of
from cli.errors import CliError
from cli.options import Session, asks_first, confirm, with_session
from runtime.clock import iso


@click.command()
@click.argument("what", type=click.Choice(["show", "open"]), default="show")
@asks_first
@with_session
def command(session: Session, what: str, *, yes: bool) -> None:
    """Whether Claude is called now and, if not, why and until when; `open` opens the gate by hand."""
    if what == "open":
        confirm("Call Claude again at once, and bring back the tickets that wait?", yes=yes)
        _open(session)
    now = time.time()
    state = gate(session, now)
    told = told_of(state, now)
    if session.screen.is_json:
        session.screen.data(told)
        return
    if told["open"]:
        session.screen.line("The gate is open: Claude is called.", "green")
    else:
        session.screen.line(
            f"The gate is closed until {told['until']} ({told['kind']}): {told['reason']}", "yellow"
        )


def gate(session: Session, now: float) -> CapacityState:
    """The state of the gate as it is now."""
    return state_of(session.deployment.capacity(), now)


def told_of(state: CapacityState, now: float) -> dict[str, Any]:
    """The shape of `gate --json`."""
    if state.gate_until <= now:
        return {"open": True}
    return {"open": False, "until": iso(state.gate_until), "kind": state.gate, "reason": state.gate_reason}


def _open(session: Session) -> None:
    """By sweep, which brings back who waits, too."""
    answer = session.deployment.client("lambda").invoke(
        FunctionName=session.deployment.output("SweepFunctionName"),
        Payload=json.dumps({"open_gate": True}).encode(),
    )
    if "FunctionError" in answer:
        raise CliError("sweep opened the gate but could not move every ticket; look at its log")
