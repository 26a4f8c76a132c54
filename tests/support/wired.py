"""The functions' own wiring, from the environment, but on a clock of the test's own."""

import os
from collections.abc import Mapping
from contextlib import ExitStack
from unittest import mock

import diagnose.wiring
import rearm.wiring
import sweep.wiring
from diagnose.diagnose_ticket import Diagnosing
from rearm.rearm_ticket import Rearming
from runtime.clock import Clock
from sweep.sweep_tickets import Sweeping


def wired(clock: Clock, environment: Mapping[str, str]) -> tuple[Diagnosing, Rearming, Sweeping]:
    """What three fresh execution environments would build, with `environment` added to the process's."""
    with ExitStack() as patches:
        for module in (diagnose.wiring, rearm.wiring, sweep.wiring):
            patches.enter_context(mock.patch.object(module, "SystemClock", return_value=clock))
        patches.enter_context(mock.patch.dict(os.environ, environment))
        return (
            diagnose.wiring.diagnosing.__wrapped__(),
            rearm.wiring.rearming.__wrapped__(),
            sweep.wiring.sweeping.__wrapped__(),
        )
