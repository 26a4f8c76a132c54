"""Serves the board at a loopback address until Ctrl-C, in a page that behaves like a CloudWatch dashboard.

It stands on a local stack of its own, which any AWS client reaches as that of `make local`.
"""

import argparse
import os
import signal
import sys
import threading

from rich.console import Console

from local.addresses import AWS_PORT, CLAUDE_PORT, CannotListenError
from local.board.frame import of_template
from local.board.incidents import NOT_REAL, play, quiet
from local.board.server import PORT, BoardServer
from local.demo.functions_output import functions_output
from local.demo.terminal import Terminal


def main() -> int:
    """Serve until SIGINT or SIGTERM; 2 when a port is taken."""
    parser = argparse.ArgumentParser(prog="python -m local.board", description=__doc__)
    parser.add_argument("--port", type=int, default=PORT, help="of the page; 0 is any free one")
    parser.add_argument(
        "--aws-port", type=int, default=AWS_PORT, help="differential --local expects %(default)s"
    )
    parser.add_argument("--claude-port", type=int, default=CLAUDE_PORT)
    parser.add_argument("--empty", action="store_true", help="as it is before anything has happened")
    arguments = parser.parse_args()
    over = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: over.set())
    terminal = Terminal(Console(file=sys.stdout, highlight=False))
    ports = {"aws_port": arguments.aws_port, "claude_port": arguments.claude_port}
    try:
        terminal.line("Incidents are played to a local stack; that takes some seconds.")
        with functions_output(shown=False) as log, quiet(**ports) as system:
            frame = of_template(system.stack.template, system.mappings)
            with BoardServer(frame, NOT_REAL, arguments.port) as server:
                if arguments.empty:
                    system.mappings.start()
                else:
                    play(system)
                terminal.notice("What is not real here", NOT_REAL)
                terminal.line(f"The board is at {server.url}", "bold")
                terminal.line(f"AWS is at {system.stack.endpoint}: differential list --local lists the same.")
                if log is not None:
                    terminal.line(f"The functions' log is in {log}.")
                terminal.line("Ctrl-C ends it, and all that is in it.")
                over.wait()
    except CannotListenError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)  # an invocation that is under way would be waited for, until its time is over
