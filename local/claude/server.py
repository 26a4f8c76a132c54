"""A stand-in for Anthropic's Messages API on this machine: as strict, told how to misbehave, never clever."""

import argparse
import itertools
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from local.addresses import LOOPBACK, listen, url
from local.claude.calls import Call, CallLog, Outcome, json_object, without_secrets
from local.claude.faults import ErrorShape, Fault, Kind, Script, read_script
from local.claude.http import Reply, Request, Server, json_reply
from local.claude.limits import Buckets, Limits
from local.claude.reply import CannotFitError, error_body, make_answer, message_body
from local.claude.requests import RefusedError, Rules, check_request, count_tokens, user_text

_HELLO = "A stand-in for Anthropic's Messages API. It is not Claude: its answers follow plain word rules."


class StandIn:
    """The server, what it was told to do, and what it was asked.

    `latency` is the seconds that an answer takes, or a function that says so; `clock` gives seconds since the
    epoch. `rules`, `latency` and `buckets` may be set while it runs. The last `remember` calls are kept; the
    counts are of all. Started again after a stop, it serves the same port.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        bind: str = LOOPBACK,
        rules: Rules | None = None,
        limits: Limits | None = None,
        latency: float | Callable[[], float] = 0.0,
        clock: Callable[[], float] = time.time,
        remember: int = 2_000,
    ) -> None:
        self.rules = rules or Rules()
        self.latency = latency
        self.buckets = Buckets(limits or Limits(), clock)
        self._clock = clock
        self._port, self._bind = port, bind
        self._script = Script()
        self.delays = self._script.delays
        self._log = CallLog(remember)
        self._numbers = itertools.count(1)
        self._stopping = threading.Event()
        self._servers: list[Server] = []

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Raises CannotListenError."""
        self._stopping = threading.Event()
        self._servers = [Server(self, listening) for listening in listen(self._port, self._bind)]
        self._port = self._servers[0].server_address[1]
        for server in self._servers:
            threading.Thread(target=server.serve_forever, args=(0.02,), name="stand-in", daemon=True).start()

    def stop(self) -> None:
        """Answer nobody any more: delays end, open connections are cut, the port is free."""
        self._stopping.set()
        for server in self._servers:
            server.shutdown()
            server.hang_up()
            server.server_close()
        self._servers = []

    @property
    def url(self) -> str:
        """The base URL to give to the SDK; known from the first start on."""
        if self._port == 0:
            raise RuntimeError("the stand-in has no port before it is started")
        return url(self._port)

    @property
    def calls(self) -> tuple[Call, ...]:
        return self._log.last()

    @property
    def answered(self) -> int:
        """Calls answered with a message, wanted or not: those that would be paid for."""
        return self._log.count(Outcome.ANSWERED)

    @property
    def refused(self) -> int:
        """Calls answered with an error."""
        return self._log.count(Outcome.REFUSED)

    @property
    def dropped(self) -> int:
        """Calls whose connection was ended early on purpose."""
        return self._log.count(Outcome.DROPPED)

    @property
    def body_limit(self) -> int:
        return self.rules.body_limit

    def script(self, *faults: Fault) -> None:
        """Queue faults: each request that passes the checks consumes the first that is meant for it."""
        self._script.add(*faults)

    def clear(self) -> None:
        """Forget the faults that have not been consumed."""
        self._script.clear()

    def reply_to(self, request: Request) -> Reply | None:
        match request.method, urlsplit(request.path).path.rstrip("/"):
            case "POST", "/v1/messages":
                number = next(self._numbers)
                exchange = _Exchange(number, f"req_standin_{number:06d}", request, self._clock())
                return self._reply_to_message(exchange)
            case "POST", "/stand-in/faults":
                return self._take_script(request.body)
            case "DELETE", "/stand-in/faults":
                return json_reply(200, {"cleared": self._script.clear()})
            case "GET", "/stand-in/calls":
                return json_reply(200, {"faults_queued": len(self._script), **self._log.summary()})
            case "GET", "":
                return Reply(200, f"{_HELLO}\n".encode(), {"content-type": "text/plain"})
        error = ErrorShape(404, "not_found_error", f"{request.method} {request.path} is not served here")
        return json_reply(404, error_body(error, "req_standin_none"))

    def _reply_to_message(self, exchange: "_Exchange") -> Reply | None:
        request = exchange.request
        try:
            asked = check_request(request.headers, request.body, request.size, self.rules)
        except RefusedError as refusal:
            return self._refuse(exchange, ErrorShape(refusal.status, refusal.kind, refusal.message), {})
        over = self.buckets.admit(exchange.input_tokens)
        if over is not None:
            error = ErrorShape(429, "rate_limit_error", f"This call would go over the limit of {over.limit}.")
            headers = {**self.buckets.headers(), "retry-after": str(over.retry_after)}
            return self._refuse(exchange, error, headers)
        return self._obey(self._script.next_for(user_text(asked)) or Fault(Kind.ANSWER), exchange, asked)

    def _obey(self, fault: Fault, exchange: "_Exchange", asked: dict[str, Any]) -> Reply | None:
        """Reply as the fault says; a plain answer is the mildest of faults."""
        error = fault.error()
        if error is not None:
            limits = self.buckets.headers() if error.status == 429 else {}
            reply = self._refuse(exchange, error, {**limits, **fault.extra_headers(self._clock())})
            return reply if self._waited(fault.delay) else None
        if fault.kind is Kind.DROP:
            self._note(exchange, Outcome.DROPPED, None)
            self._waited(fault.delay)
            return None
        try:
            answer = make_answer(asked, fault.kind, fault.answer)
        except CannotFitError as mistake:
            return self._refuse(exchange, ErrorShape(500, "api_error", str(mistake)), {})
        cut = fault.kind is Kind.DROP_MID_BODY
        outcome = Outcome.DROPPED if cut else Outcome.ANSWERED
        self._note(exchange, outcome, 200, output_tokens=answer.output_tokens)
        latency = self.latency() if callable(self.latency) else self.latency
        if not self._waited(fault.delay + latency):
            return None
        self.buckets.spend_output(answer.output_tokens)
        content = message_body(asked, answer, exchange.number, exchange.input_tokens)
        extra = fault.extra_headers(self._clock())
        reply = json_reply(200, content, {"request-id": exchange.id, **self.buckets.headers(), **extra})
        return Reply(200, b"" if fault.kind is Kind.EMPTY_BODY else reply.body, reply.headers, cut)

    def _refuse(self, exchange: "_Exchange", error: ErrorShape, headers: dict[str, str]) -> Reply:
        self._note(exchange, Outcome.REFUSED, error.status, error_type=error.type)
        if error.status == 502:  # sent by a machine in between, which knows neither JSON nor request ids
            return Reply(502, b"<html><body>502 Bad Gateway</body></html>", {"content-type": "text/html"})
        return json_reply(
            error.status, error_body(error, exchange.id), {"request-id": exchange.id, **headers}
        )

    def _waited(self, seconds: float) -> bool:
        """Wait; False when the stand-in was stopped meanwhile, so that nobody waits for one that is gone."""
        return not self._stopping.wait(seconds)

    def _note(
        self,
        exchange: "_Exchange",
        outcome: Outcome,
        status: int | None,
        *,
        error_type: str | None = None,
        output_tokens: int = 0,
    ) -> None:
        self._log.note(
            Call(
                at=exchange.at,
                outcome=outcome,
                status=status,
                error_type=error_type,
                request_id=exchange.id,
                input_tokens=exchange.input_tokens,
                output_tokens=output_tokens,
                request=json_object(exchange.request.body),
                headers=without_secrets(exchange.request.headers),
            )
        )

    def _take_script(self, body: bytes) -> Reply:
        try:
            self.script(*read_script(body))
        except ValueError as error:
            return json_reply(400, {"error": str(error)})
        return json_reply(200, {"queued": len(self._script)})


@dataclass(frozen=True)
class _Exchange:
    """One numbered request for a message."""

    number: int
    id: str
    request: Request
    at: float

    @property
    def input_tokens(self) -> int:
        return count_tokens(self.request.body)


def main() -> None:
    """Run the stand-in alone until it is interrupted."""
    parser = argparse.ArgumentParser(prog="python -m local.claude.server", description=_HELLO)
    parser.add_argument("--port", type=int, default=8788, help="port on loopback; 0 takes a free one")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds that an answer takes")
    arguments = parser.parse_args()
    over = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: over.set())
    with StandIn(port=arguments.port, latency=arguments.latency) as stand_in:
        print(_HELLO)
        print(f"Listening on {stand_in.url}; set ANTHROPIC_BASE_URL to it. Any API key will do.", flush=True)
        over.wait()


if __name__ == "__main__":
    main()
