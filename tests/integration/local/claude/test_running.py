"""The stand-in as a server: what it remembers, and how it starts, stops and is stopped."""

import os
import subprocess
import sys
import threading
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import anthropic
import pytest

from local.claude.server import StandIn
from tests.integration.local.claude.asking import EVIDENCE, Asking, http, request


class TestRunning:
    def test_calls_are_remembered_without_secrets(self, ask: Asking, stand_in: StandIn) -> None:
        ask()
        http(stand_in, "POST", "/v1/messages", b"{")
        first, second = stand_in.calls
        assert first.request["messages"] == [{"role": "user", "content": EVIDENCE}]
        assert (first.status, second.status, second.error_type) == (200, 400, "invalid_request_error")
        assert second.request == {}
        assert not {"x-api-key", "authorization"} & (set(first.headers) | set(second.headers))
        assert "a-key" not in f"{first.headers}{second.headers}"

    def test_only_the_last_calls_are_remembered_but_all_are_counted(self) -> None:
        with StandIn(remember=1) as stand_in:
            for _ in range(3):
                http(stand_in, "POST", "/v1/messages", request())
        assert (len(stand_in.calls), stand_in.answered) == (1, 3)

    def test_stopping_ends_a_delay(self, ask: Asking, stand_in: StandIn) -> None:
        under_way = threading.Event()

        def latency() -> float:
            under_way.set()
            return 600

        stand_in.latency = latency
        raised: list[Exception] = []

        def call() -> None:
            try:
                ask()
            except anthropic.APIConnectionError as error:
                raised.append(error)

        caller = threading.Thread(target=call)
        caller.start()
        assert under_way.wait(timeout=30)
        stand_in.stop()
        caller.join(timeout=30)
        assert [type(error) for error in raised] == [anthropic.APIConnectionError]

    def test_a_stopped_stand_in_answers_nobody_and_comes_back_on_the_same_port(
        self, ask: Asking, stand_in: StandIn
    ) -> None:
        ask()
        url = stand_in.url
        stand_in.stop()
        stand_in.stop()
        with pytest.raises(anthropic.APIConnectionError):
            ask()
        stand_in.start()
        assert stand_in.url == url
        assert ask().stop_reason == "end_turn"
        assert stand_in.answered == 2

    def test_it_has_no_url_before_it_is_started(self) -> None:
        with pytest.raises(RuntimeError, match="no port"):
            _ = StandIn().url

    def test_a_connection_is_kept_alive(self, stand_in: StandIn) -> None:
        connection = HTTPConnection(urlsplit(stand_in.url).netloc, timeout=30)
        connection.request("GET", "/")
        connection.getresponse().read()
        kept = connection.sock
        connection.request("GET", "/stand-in/calls")
        assert connection.getresponse().status == 200
        assert connection.sock is kept
        connection.close()

    def test_many_callers_at_once_are_all_answered_and_numbered(self, ask: Asking, stand_in: StandIn) -> None:
        callers = [threading.Thread(target=ask) for _ in range(20)]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join(timeout=30)
        assert stand_in.answered == 20
        assert len({call.request_id for call in stand_in.calls}) == 20

    def test_it_runs_alone_and_says_what_it_is(self) -> None:
        root = Path(__file__).parents[4]
        environment = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(root)}
        command = [sys.executable, "-m", "local.claude.server", "--port", "0"]
        with subprocess.Popen(command, cwd=root, env=environment, stdout=subprocess.PIPE, text=True) as alone:
            assert alone.stdout is not None
            first, second = alone.stdout.readline(), alone.stdout.readline()
            alone.terminate()
            assert alone.wait(timeout=30) == 0
        assert "It is not Claude" in first
        assert "http://127.0.0.1:" in second
