"""Has coverage follow our own code alone: to follow pytest and other packages, too, took a third of a run.

Python calls coverage's tracer for every line that runs, and the tracer finds that nobody asks about most of
them. So it is off, and on for what may lead to our code:

1. a module of functions/ or layers/ while it is imported;
2. a fixture while it is set up;
3. a test; of one that Hypothesis repeats, each time that it is called, but not the making of its arguments.
   Not one that is marked `not_followed`. (`no_cover`, which pytest-cov knows, would end the tracer for good.)

In all of them it is off while a client of AWS is made or makes a call.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from importlib.machinery import SourceFileLoader
from types import ModuleType
from typing import Any, ParamSpec, TypeVar

import pytest
from boto3.session import Session
from botocore.client import BaseClient, ClientCreator

from local.aws.template import ROOT
from tests.support.untraced import untraced

P = ParamSpec("P")
R = TypeVar("R")

_OURS = tuple(f"{ROOT / folder}/" for folder in ("functions", "layers"))


class Followed:
    """A plugin of pytest."""

    def __init__(self) -> None:
        self._tracer: Any = None
        """Coverage's, while it is off and may be on again; None when nothing is measured."""

    def pytest_configure(self) -> None:
        for owner, name in (
            (ClientCreator, "create_client"),
            (BaseClient, "_make_api_call"),
            (Session, "resource"),
        ):
            setattr(owner, name, untraced(getattr(owner, name)))
        setattr(SourceFileLoader, "exec_module", self._importing(SourceFileLoader.exec_module))  # noqa: B010

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection(self) -> Iterator[None]:
        with self._off():
            return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self) -> Iterator[None]:
        with self._off():
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self) -> Iterator[None]:
        sys.settrace(self._tracer)
        try:
            return (yield)
        finally:
            sys.settrace(None)

    @pytest.hookimpl(tryfirst=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> None:
        if pyfuncitem.get_closest_marker("not_followed"):
            return
        repeated = getattr(pyfuncitem.obj, "hypothesis", None)
        if repeated:
            repeated.inner_test = self._on(repeated.inner_test)
        else:
            pyfuncitem.obj = self._on(pyfuncitem.obj)

    @contextmanager
    def _off(self) -> Iterator[None]:
        self._tracer = sys.gettrace()
        sys.settrace(None)
        try:
            yield
        finally:
            sys.settrace(self._tracer)
            self._tracer = None

    def _on(self, function: Callable[P, R]) -> Callable[P, R]:
        @wraps(function)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            before = sys.gettrace()
            sys.settrace(self._tracer)
            try:
                return function(*args, **kwargs)
            finally:
                sys.settrace(before)

        return run

    def _importing(self, execute: Callable[..., None]) -> Callable[..., None]:
        """Of a module: on in ours, off in all others."""

        def run(loader: SourceFileLoader, module: ModuleType) -> None:
            before = sys.gettrace()
            sys.settrace((before or self._tracer) if loader.path.startswith(_OURS) else None)
            try:
                execute(loader, module)
            finally:
                sys.settrace(before)

        return run
