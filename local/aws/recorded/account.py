"""What moto lacks of an account with an incident in it, kept in memory and asked over HTTP.

Seed it, and put its operations before moto's:

    account = Account()
    account.metrics.put("AWS/Lambda", "Errors", {"FunctionName": "checkout"}, [(at, 3.0), ...])
    account.alarms.add({"AlarmName": "checkout-errors", ...}, at)
    account.alarms.went("checkout-errors", "ALARM", at, "Threshold crossed: ...", startDate=...)
    account.trail.add("UpdateFunctionConfiguration20150331v2", "lambda.amazonaws.com", at, resources=[...])
    emulator.api.operations = account.operations

What it answers is in the shapes of the API reference; what it does not emulate it refuses. To have a call
denied, throttled or slow, set `emulator.api.troubles` (local/aws/api/troubles.py).
"""

from local.aws.api.application import Operations
from local.aws.recorded.alarms import Alarms
from local.aws.recorded.application_signals import ApplicationSignals
from local.aws.recorded.cloudtrail import CloudTrail
from local.aws.recorded.functions import Functions
from local.aws.recorded.health import Health
from local.aws.recorded.metrics import Metrics
from local.aws.recorded.mute_rules import MuteRules
from local.aws.recorded.parameters import Parameters
from local.aws.recorded.stacks import Stacks
from local.aws.recorded.tags import Tags
from local.aws.recorded.traces import Traces


class Account:
    """One account in one region, empty at first."""

    def __init__(self) -> None:
        self.metrics = Metrics()
        self.alarms = Alarms()
        self.mute_rules = MuteRules()
        self.trail = CloudTrail()
        self.functions = Functions()
        self.stacks = Stacks()
        self.parameters = Parameters()
        self.signals = ApplicationSignals()
        self.health = Health()
        self.traces = Traces()
        self.tags = Tags()

    @property
    def operations(self) -> Operations:
        parts = (
            self.metrics,
            self.alarms,
            self.mute_rules,
            self.trail,
            self.functions,
            self.stacks,
            self.parameters,
            self.signals,
            self.health,
            self.traces,
            self.tags,
        )
        return {asked: answer for part in parts for asked, answer in part.operations.items()}
