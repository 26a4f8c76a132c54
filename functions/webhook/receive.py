"""The use case: a request of somebody known becomes events on the stack's bus."""

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from events.bus import EventBus
from runtime.clock import Clock
from webhook.credentials import is_known
from webhook.fields import BadFieldError
from webhook.request import MOST_BYTES, Request
from webhook.secret import DoorSecret
from webhook.senders.alertmanager import read_alertmanager, read_grafana
from webhook.senders.datadog import read_datadog
from webhook.senders.pagerduty import read_pagerduty
from webhook.senders.plain import read_plain
from webhook.senders.read import Read, as_event

SENDERS: Mapping[str, Callable[[Any, float], Read]] = {
    "/": read_plain,
    "/alertmanager": read_alertmanager,
    "/datadog": read_datadog,
    "/grafana": read_grafana,
    "/pagerduty": read_pagerduty,
}
"""By the path of the URL, in the words of its sender."""
SOURCE = "differential.webhook"
MOST_FAULTS_TOLD = 5


@dataclass(frozen=True)
class Answer:
    """What the sender is told: an HTTP status, and in words why nothing or not all was taken."""

    status: int
    error: str = ""
    events: int = 0
    ignored: int = 0

    @property
    def error_without_values(self) -> str:
        """For the log, which holds no text of a ticket's."""
        return re.sub(", got [^;]*", "", self.error)


REFUSED = Answer(401, "not authorised")
"""The same for all who are not known, whatever they ask."""


@dataclass(frozen=True)
class Receive:
    """The collaborators of the use case."""

    secret: DoorSecret
    bus: EventBus
    clock: Clock

    def handle(self, request: Request) -> Answer:
        """Raises BadSecretError, and what boto3 does when AWS is in trouble: it is to be sent again then."""
        if not self._is_known(request):
            return REFUSED
        if request.method not in ("POST", "PUT"):
            return Answer(405, "method: must be POST or PUT")
        if len(request.body) > MOST_BYTES:
            return Answer(413, f"body: must have at most {MOST_BYTES} bytes, got {len(request.body)}")
        if request.path not in SENDERS:
            return Answer(404, f"path: must be one of {', '.join(SENDERS)}")
        try:
            read = SENDERS[request.path](_json(request.body), self.clock.now())
        except BadFieldError as error:
            return Answer(400, str(error))
        except RecursionError:
            return Answer(400, f"body: nested too deep, {len(request.body)} bytes")
        failed = self.bus.put_all([as_event(told) for told in read.told], SOURCE)
        if failed:
            return Answer(503, f"{failed} of {len(read.told)} events were not taken: send it again")
        if read.faults:
            more = len(read.faults) - MOST_FAULTS_TOLD
            named = [*read.faults[:MOST_FAULTS_TOLD], *([f"{more} more"] if more > 0 else [])]
            return Answer(400, "; ".join(named), len(read.told), read.ignored)
        return Answer(202, "", len(read.told), read.ignored)

    def _is_known(self, request: Request) -> bool:
        now = self.clock.now()
        if is_known(request, self.secret.read(), now):
            return True
        rotated = self.secret.reread()
        return rotated is not None and is_known(request, rotated, now)


def _json(body: bytes) -> Any:
    try:
        return json.loads(body, parse_constant=_no_number, parse_float=_number)
    except ValueError as error:
        raise BadFieldError(f"body: must be JSON, {len(body)} bytes are not") from error


def _number(text: str) -> float | str:
    """Beyond what a float holds, as text: JSON has no infinity, and the bus would take none of the events."""
    number = float(text)
    return number if math.isfinite(number) else text


def _no_number(name: str) -> None:
    raise ValueError(name)
