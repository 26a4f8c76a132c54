"""Invokes one function once, in a process of its own, against a running local stack; needs no Docker."""

import argparse
import json
import os
import socket
import sys
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from local.addresses import AWS_PORT, CLAUDE_PORT, url
from local.aws.emulator import isolate
from local.aws.function import FunctionError, LocalFunction, add_import_paths, import_handler
from local.aws.stack import Stack
from local.aws.template import Template
from local.demo.shorter_waits import shorter_waits


class NoStackError(Exception):
    """Nothing answers where the local stack should be; the text says where."""


def invoke(function: str, event: Mapping[str, Any], *, timeout: float | None, hurry: bool) -> Any:
    """The function's answer, in the template's environment, at this process's endpoints or `make local`'s.

    Raises NoStackError, or FunctionError when the function raised.
    """
    endpoint = os.environ.get("AWS_ENDPOINT_URL", url(AWS_PORT))
    claude = os.environ.get("ANTHROPIC_BASE_URL", url(CLAUDE_PORT))
    _require_answer(endpoint)
    template = Template.read(endpoint=endpoint)
    os.environ.update(Stack(endpoint, template).environment(function))
    isolate(os.environ, endpoint)
    os.environ["ANTHROPIC_BASE_URL"] = claude
    add_import_paths(template)
    settings = template.resource(function)
    handler = import_handler(template, settings)
    with shorter_waits() if hurry else nullcontext():
        return LocalFunction(settings, template.names, handler, timeout).invoke(dict(event))


def main() -> int:
    """Prints the answer as JSON; 1 when the function raised, 2 when there was nothing to invoke."""
    parser = argparse.ArgumentParser(prog="python -m local.demo.invoke", description=__doc__)
    parser.add_argument("function", help="logical id, such as DiagnoseFunction, or diagnose for short")
    parser.add_argument(
        "event", type=Path, help="a JSON file, such as events/diagnose-insert.json; - is standard input"
    )
    parser.add_argument("--timeout", type=float, help="seconds, instead of the template's")
    parser.add_argument("--hurry", action="store_true", help="shorten the waits as the demo's scenarios do")
    arguments = parser.parse_args()
    try:
        text = sys.stdin.read() if str(arguments.event) == "-" else arguments.event.read_text("utf-8-sig")
        event = json.loads(text)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        print(f"{arguments.event}: no event could be read: {why}", file=sys.stderr)
        return 2
    names = function_names()
    function = next((name for name in names if arguments.function.lower() in _called(name)), None)
    if function is None:
        print(f"{arguments.function}: no such function; there are {', '.join(names)}", file=sys.stderr)
        return 2
    if not isinstance(event, dict):
        print(f"{arguments.event}: an event is one JSON object", file=sys.stderr)
        return 2
    try:
        answer = invoke(function, event, timeout=arguments.timeout, hurry=arguments.hurry)
    except NoStackError as error:
        print(error, file=sys.stderr)
        return 2
    except FunctionError as error:
        print(f"{error} failed: {error.__cause__!r}", file=sys.stderr)
        return 1
    print(json.dumps(answer))
    return 0


def function_names() -> list[str]:
    """The logical ids of the template's functions."""
    functions = Template.read().of_type("AWS::Serverless::Function")
    return [function.logical_id for function in functions]


def _called(logical_id: str) -> tuple[str, str]:
    """What a function may be called, in lower case."""
    return logical_id.lower(), logical_id.removesuffix("Function").lower()


def _require_answer(endpoint: str) -> None:
    address = urlsplit(endpoint)
    try:
        socket.create_connection((str(address.hostname), address.port or 80), timeout=5).close()
    except OSError as error:
        raise NoStackError(
            f"no local stack at {endpoint} ({error.strerror or error}): `make local` starts it"
        ) from error


if __name__ == "__main__":
    sys.exit(main())
