"""What AWS does between the resources: mappings, rules, schedules and URLs, as the template sets them."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import TracebackType
from typing import Any, Self

from local.aws.activity import Activity
from local.aws.bus import DEFAULT
from local.aws.function import Handler, LocalFunction, import_handler
from local.aws.function_url import FunctionUrl
from local.aws.intervals import Intervals
from local.aws.intrinsics import TemplateError
from local.aws.names import STACK_NAME
from local.aws.queue_mapping import QueueMapping, QueueSettings
from local.aws.rule_event import RuleEvent, RuleSettings
from local.aws.schedule import Schedule, rate_seconds
from local.aws.stack import Stack
from local.aws.stream_mapping import Observer, StartingPosition, StreamMapping, StreamSettings
from local.aws.template import Resource

# What a mapping may set; anything else would be ignored here but not in AWS, so it is refused.
_STREAM = {
    "BatchSize",
    "DestinationConfig",
    "Enabled",
    "FilterCriteria",
    "MaximumRecordAgeInSeconds",
    "MaximumRetryAttempts",
    "ParallelizationFactor",
    "StartingPosition",
    "Stream",
}
_QUEUE = {"BatchSize", "Enabled", "FunctionResponseTypes", "Queue", "ScalingConfig"}
_RULE = {"EventBusName", "Pattern"}
_SCHEDULE = {
    "Description",
    "Enabled",
    "Name",
    "RetryPolicy",
    "RoleArn",
    "Schedule",
    "ScheduleExpression",
    "State",
}


Source = StreamMapping | QueueMapping | RuleEvent | Schedule | FunctionUrl


class Mappings:
    """Runs the functions of a stack; inside `with Mappings(stack) as mappings:` tickets move."""

    def __init__(
        self,
        stack: Stack,
        handlers: Mapping[str, Handler] | None = None,
        *,
        intervals: Intervals | None = None,
        observer: Observer | None = None,
        timeouts: Mapping[str, float] | None = None,
        starting_position: StartingPosition | None = None,
    ) -> None:
        """`handlers`, `timeouts` (seconds), by logical id, and the position replace the template's own.

        `observer` is shown every record of every stream once, before the filter.
        """
        self.functions: dict[str, LocalFunction] = {}
        self._stack = stack
        self._pace = intervals or Intervals()
        self._observer = observer
        self._starting_position = starting_position
        self._activity = Activity()
        self._sources: list[Source] = []
        self._threads: list[threading.Thread] = []
        for function in stack.template.of_type("AWS::Serverless::Function"):
            name = function.logical_id
            handler = (handlers or {}).get(name) or import_handler(stack.template, function)
            local = LocalFunction(function, stack.template.names, handler, (timeouts or {}).get(name))
            self.functions[name] = local
            if url := function.properties.get("FunctionUrlConfig"):
                self._sources.append(FunctionUrl(local, url, stack.template.names))
            for event, declared in function.properties.get("Events", {}).items():
                if declared.get("Properties", {}).get("Enabled", True):
                    self._sources.append(self._source(f"{name}.{event}", function, local, declared))

    def start(self) -> None:
        """Begin to deliver; sources are read from their starting position."""
        self._threads = [thread for source in self._sources for thread in source.threads()]
        for thread in self._threads:
            thread.daemon = True
            thread.start()

    def stop(self, wait_seconds: float | None = None) -> None:
        """Stop delivering; a running invocation is waited for, or left behind after `wait_seconds`."""
        for source in self._sources:
            source.stop()
        deadline = None if wait_seconds is None else time.monotonic() + wait_seconds
        for thread in self._threads:
            thread.join(None if deadline is None else max(0.0, deadline - time.monotonic()))
        self._threads = []

    def drain(self, until: Callable[[], bool] | None = None, timeout: float = 120) -> None:
        """Wait for `until`, or, without it, until nothing that can be delivered now is undelivered.

        A delayed or hidden message is not waited for. Raises TimeoutError after `timeout` seconds:
        as many as a busy machine may need, since nothing waits so long unless it never comes.
        """
        came = (
            self._activity.wait_until_idle(timeout)
            if until is None
            else self._activity.wait_until(until, timeout)
        )
        if not came:
            errors = [error for function in self.functions.values() for error in function.errors]
            raise TimeoutError(f"not there after {timeout} s; errors of the functions: {errors or 'none'}")

    def invoke(self, function: str, event: dict[str, Any]) -> Any:
        """Invoke a function by hand, as `aws lambda invoke` does, and wait for its answer."""
        return self.functions[function].invoke(event)

    def throttles(self) -> int:
        """How often a record found the function's reserved concurrency used up."""
        return sum(source.throttles for source in self._sources if isinstance(source, StreamMapping))

    def fire(self, function: str) -> Any:
        """Run a function's schedule now and wait for it; gives back the function's answer."""
        for source in self._sources:
            if isinstance(source, Schedule) and source.function is self.functions[function]:
                return source.fire()
        raise TemplateError(f"{function} has no schedule")

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _source(
        self, where: str, resource: Resource, function: LocalFunction, declared: Mapping[str, Any]
    ) -> Source:
        type_, properties = declared["Type"], declared.get("Properties", {})
        if type_ == "DynamoDB":
            _refuse_unknown(where, properties, _STREAM)
            settings = _stream_settings(properties)
            if self._starting_position is not None:
                settings = replace(settings, starting_position=self._starting_position)
            observed = {source.stream_arn for source in self._sources if isinstance(source, StreamMapping)}
            observer = None if settings.stream_arn in observed else self._observer
            return StreamMapping(self._stack, function, settings, self._activity, self._pace, observer)
        if type_ == "SQS":
            _refuse_unknown(where, properties, _QUEUE)
            return QueueMapping(
                self._stack, function, _queue_settings(properties), self._activity, self._pace
            )
        if type_ == "EventBridgeRule":
            _refuse_unknown(where, properties, _RULE)
            settings_ = _rule_settings(where, properties, resource.properties.get("EventInvokeConfig", {}))
            return RuleEvent(self._stack, function, settings_, self._activity, self._pace)
        if type_ in {"Schedule", "ScheduleV2"}:
            _refuse_unknown(where, properties, _SCHEDULE)
            rate = rate_seconds(properties.get("Schedule") or properties["ScheduleExpression"])
            return Schedule(function, self._pace.schedule_seconds or rate, self._activity)
        raise TemplateError(f"{where}: the local stack has no event source of type {type_}")


def stream_settings(function: Resource) -> StreamSettings:
    """The settings of the one stream mapping that `function` declares."""
    [properties] = [
        declared["Properties"]
        for declared in function.properties.get("Events", {}).values()
        if declared["Type"] == "DynamoDB"
    ]
    return _stream_settings(properties)


def _stream_settings(properties: Mapping[str, Any]) -> StreamSettings:
    filters = properties.get("FilterCriteria", {}).get("Filters", [])
    return StreamSettings(
        stream_arn=properties["Stream"],
        starting_position=properties["StartingPosition"],
        batch_size=int(properties.get("BatchSize", 100)),
        patterns=tuple(filter_["Pattern"] for filter_ in filters),
        maximum_retry_attempts=int(properties.get("MaximumRetryAttempts", -1)),
        maximum_record_age=int(properties.get("MaximumRecordAgeInSeconds", -1)),
        on_failure_arn=properties.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination"),
        parallelization_factor=int(properties.get("ParallelizationFactor", 1)),
    )


def _queue_settings(properties: Mapping[str, Any]) -> QueueSettings:
    return QueueSettings(
        queue_arn=properties["Queue"],
        batch_size=int(properties.get("BatchSize", 10)),
        maximum_concurrency=int(properties.get("ScalingConfig", {}).get("MaximumConcurrency", 1)),
        reports_batch_item_failures="ReportBatchItemFailures" in properties.get("FunctionResponseTypes", []),
    )


def _rule_settings(where: str, properties: Mapping[str, Any], invoked: Mapping[str, Any]) -> RuleSettings:
    return RuleSettings(
        name=f"{STACK_NAME}-{where.replace('.', '-')}",
        pattern=properties["Pattern"],
        bus=properties.get("EventBusName", DEFAULT),
        maximum_retry_attempts=int(invoked.get("MaximumRetryAttempts", 2)),
        on_failure_arn=invoked.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination"),
    )


def _refuse_unknown(where: str, properties: Mapping[str, Any], known: set[str]) -> None:
    unknown = sorted(set(properties) - known)
    if unknown:
        raise TemplateError(f"{where}: the local stack does not know how to honour {', '.join(unknown)}")
