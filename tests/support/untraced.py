"""Code that coverage need not follow: the emulator and the stand-in take most of the time of the tests."""

import sys
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


def untraced(function: Callable[P, R]) -> Callable[P, R]:
    """The function, run without the trace function that coverage has set for this thread."""

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        trace = sys.gettrace()
        sys.settrace(None)
        try:
            return function(*args, **kwargs)
        finally:
            sys.settrace(trace)

    return run
