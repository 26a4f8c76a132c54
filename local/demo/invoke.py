"""Invokes one function once, in a process of its own, against a running local stack; needs no Docker."""

import argparse
import json
import os
import sys
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from local.addresses import AWS_PORT, CLAUDE_PORT, url
from local.aws.emulator import isolate
from local.aws.function import FunctionError, LocalFunction, add_import_paths, import_handler
from local.aws.stack import Stack
from local.aws.template import Template
from local.demo.shorter_waits import shorter_waits


def invoke(function: str, event: Mapping[str, Any], *, timeout: float | None, hurry: bool) -> Any:
    """The function's answer, in the template's environment, at this process's endpoints or `make local`'s."""
    endpoint = os.environ.get("AWS_ENDPOINT_URL", url(AWS_PORT))
    claude = os.environ.get("ANTHROPIC_BASE_URL", url(CLAUDE_PORT))
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
    parser.add_argument("function", help="logical id, such as DiagnoseFunction")
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
        print(f"{arguments.event}: no event could be read: {error}", file=sys.stderr)
        return 2
    if arguments.function not in (names := function_names()):
        print(f"{arguments.function}: no such function; there are {', '.join(names)}", file=sys.stderr)
        return 2
    if not isinstance(event, dict):
        print(f"{arguments.event}: an event is one JSON object", file=sys.stderr)
        return 2
    try:
        answer = invoke(arguments.function, event, timeout=arguments.timeout, hurry=arguments.hurry)
    except FunctionError as error:
        print(f"{error} failed: {error.__cause__!r}", file=sys.stderr)
        return 1
    print(json.dumps(answer))
    return 0


def function_names() -> list[str]:
    """The logical ids of the template's functions."""
    functions = Template.read().of_type("AWS::Serverless::Function")
    return [function.logical_id for function in functions]


if __name__ == "__main__":
    sys.exit(main())
