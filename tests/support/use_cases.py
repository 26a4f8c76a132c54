"""The functions' own wiring, from the environment, but on a clock of the test's own."""

import os
from collections.abc import Mapping
from unittest import mock

import diagnose.wiring
import rearm.wiring
import sweep.wiring
from diagnose.diagnose_ticket import DiagnoseTicket
from diagnose.settings import DiagnoseSettings
from rearm.rearm_ticket import RearmTicket
from rearm.settings import RearmSettings
from runtime.clock import Clock
from sweep.settings import SweepSettings
from sweep.sweep_tickets import SweepTickets


def use_cases(
    clock: Clock, environment: Mapping[str, str]
) -> tuple[DiagnoseTicket, RearmTicket, SweepTickets]:
    """What three fresh execution environments would build, with `environment` added to the process's."""
    with mock.patch.dict(os.environ, environment):
        return (
            diagnose.wiring.build(DiagnoseSettings.from_environment(), clock),
            rearm.wiring.build(RearmSettings.from_environment(), clock),
            sweep.wiring.build(SweepSettings.from_environment(), clock),
        )
