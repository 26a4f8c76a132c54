"""AWS's clients for the sources: made on first use, in the thread that needs one, and kept."""

from collections.abc import Callable
from threading import Lock
from typing import Any

import boto3

from runtime.aws import QUICK_CALLS

Clients = Callable[[str, str], Any]
"""Gives the client of a service in a region; an empty region is our own."""


class QuickClients:
    """Clients whose calls end by themselves within three seconds."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], Any] = {}
        self._lock = Lock()

    def __call__(self, service: str, region: str = "") -> Any:
        with self._lock:  # boto3's default session is not made for several threads
            if (service, region) not in self._kept:
                made: Any = boto3.client  # which service it is, is known only now
                self._kept[service, region] = made(service, region or None, config=QUICK_CALLS)
            return self._kept[service, region]
