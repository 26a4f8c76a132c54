"""A Lambda function in this process: its handler, its settings from the template, its concurrency."""

import importlib
import json
import logging
import sys
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from local.aws.intrinsics import TemplateError
from local.aws.names import Names
from local.aws.template import Resource, Template

Handler = Callable[[dict[str, Any], Any], Any]

log = logging.getLogger(__name__)


class ThrottledError(Exception):
    """The function's reserved concurrency is used up; nothing was invoked."""


class FunctionError(Exception):
    """The handler raised, or returned what cannot be written as JSON."""


@dataclass(frozen=True)
class LambdaContext:
    """The part of Lambda's context object that a handler may use."""

    function_name: str
    memory_limit_in_mb: int
    invoked_function_arn: str
    aws_request_id: str
    deadline: float
    function_version: str = "$LATEST"
    log_group_name: str = ""
    log_stream_name: str = ""

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self.deadline - time.monotonic()) * 1000))


class LocalFunction:
    """Invokes a handler as Lambda would. A handler that overruns its time-out is not stopped."""

    def __init__(
        self, settings: Resource, names: Names, handler: Handler, timeout: float | None = None
    ) -> None:
        """`timeout` replaces the template's, for those who cannot wait that long."""
        properties = settings.properties
        self.logical_id = settings.logical_id
        self.arn = names.attribute(settings.logical_id, "Arn")
        self.timeout = float(properties.get("Timeout", 3)) if timeout is None else timeout
        self.errors: list[str] = []
        self.name = self.arn.rpartition(":")[2]
        self._memory = int(properties.get("MemorySize", 128))
        self._handler = handler
        reserved = properties.get("ReservedConcurrentExecutions")
        self.reserved_concurrency = None if reserved is None else int(reserved)
        """How many may run at once; None is no limit. It may be changed at any time."""
        self._running = 0
        self._lock = threading.Lock()

    def invoke(self, event: dict[str, Any]) -> Any:
        """The handler's answer; raises ThrottledError or FunctionError."""
        with self._lock:
            if self.reserved_concurrency is not None and self._running >= self.reserved_concurrency:
                raise ThrottledError(self.logical_id)
            self._running += 1
        try:
            return self._invoke(event)
        finally:
            with self._lock:
                self._running -= 1

    def _invoke(self, event: dict[str, Any]) -> Any:
        context = LambdaContext(
            function_name=self.name,
            memory_limit_in_mb=self._memory,
            invoked_function_arn=self.arn,
            aws_request_id=str(uuid.uuid4()),
            deadline=time.monotonic() + self.timeout,
        )
        try:
            # Through JSON both ways, as in Lambda: the handler owns its event and can return only plain data.
            return json.loads(json.dumps(self._handler(json.loads(json.dumps(event)), context)))
        except (Exception, SystemExit) as error:
            log.exception("%s failed", self.logical_id)
            self.errors.append(f"{type(error).__name__}: {error}")
            raise FunctionError(self.logical_id) from error


def import_handler(template: Template, function: Resource) -> Handler:
    """The handler that the template names; raises TemplateError when there is none of that name."""
    add_import_paths(template)
    module, _, name = str(function.properties["Handler"]).rpartition(".")
    handler = getattr(importlib.import_module(module), name, None)
    if not callable(handler):
        raise TemplateError(f"{function.logical_id}: {function.properties['Handler']} is not a function")
    return handler  # type: ignore[no-any-return]


def add_import_paths(template: Template) -> None:
    """Make the functions' code importable as in Lambda: from CodeUri and from the layers.

    The layer of third-party packages has none of its own: they are installed in this environment already.
    """
    functions = template.of_type("AWS::Serverless::Function")
    layers = template.of_type("AWS::Serverless::LayerVersion")
    folders = [function.properties["CodeUri"] for function in functions if "CodeUri" in function.properties]
    folders += [layer.properties["ContentUri"] for layer in layers]
    for folder in folders:
        path = str((template.folder / folder).resolve())
        if path not in sys.path:
            sys.path.append(path)
