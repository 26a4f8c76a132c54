"""A schedule that invokes a function at a rate."""

import re
import threading
import uuid
from datetime import UTC, datetime
from typing import Any

from local.aws.activity import Activity
from local.aws.function import FunctionError, LocalFunction, ThrottledError
from local.aws.intrinsics import TemplateError
from local.aws.names import ACCOUNT, REGION, STACK_NAME

_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}


class Schedule:
    """Invokes its function every `seconds`, the first time after one interval."""

    def __init__(self, function: LocalFunction, seconds: float, activity: Activity) -> None:
        self.function = function
        self._seconds = seconds
        self._activity = activity
        self._stopping = threading.Event()

    def threads(self) -> list[threading.Thread]:
        return [threading.Thread(target=self._run, name=f"{self.function.logical_id} schedule")]

    def stop(self) -> None:
        self._stopping.set()

    def fire(self) -> Any:
        """Run the function now, in the caller's thread; raises what the function raises."""
        self._activity.received(1)
        try:
            return self.function.invoke(self._event())
        finally:
            self._activity.disposed(1)

    def _run(self) -> None:
        while not self._stopping.wait(self._seconds):
            try:
                self.fire()
            except (FunctionError, ThrottledError):
                continue  # as in AWS, the next run is the retry; the function's log has the reason
            except Exception as error:  # noqa: BLE001 - handed to whoever waits for this stack
                self._activity.failed(error)
                return

    def _event(self) -> dict[str, Any]:
        return {
            "version": "0",
            "id": str(uuid.uuid4()),
            "detail-type": "Scheduled Event",
            "source": "aws.events",
            "account": ACCOUNT,
            "time": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            "region": REGION,
            "resources": [f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{STACK_NAME}-{self.function.logical_id}"],
            "detail": {},
        }


def rate_seconds(expression: str) -> int:
    """`rate(5 minutes)` in seconds; raises TemplateError for anything else."""
    match = re.fullmatch(r"rate\((\d+) (minute|hour|day|second)s?\)", expression.strip())
    if match is None:
        raise TemplateError(f"the local stack runs rate(...) schedules only, not {expression!r}")
    return int(match[1]) * _SECONDS[match[2]]
