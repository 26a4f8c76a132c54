"""What takes long to make: the stack as `sam build` makes it, once for the whole session, and a browser."""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from local.pictures.chromium import MISSING, browser
from local.pictures.chromium import chromium as find_chromium
from tests.support.built_stack import BuiltStack, build_once
from tests.support.runtime_emulator import PYTHON


@pytest.fixture(scope="session")
def built_stack(tmp_path_factory: pytest.TempPathFactory) -> BuiltStack:
    """Skips where there is no Python 3.13 to build with."""
    if not PYTHON.exists():
        pytest.skip("no Python 3.13 for the Lambda runtime: local/find_python313 found none")
    folder = tmp_path_factory.getbasetemp()
    # Under pytest-xdist each process has a folder of its own inside the session's.
    return build_once((folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / "build")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for a module: as long as it is open, nothing else in this thread can have an event loop.

    Without Chromium the tests are skipped, but in CI they fail.
    """
    if find_chromium() is None:
        if os.environ.get("CI") == "true":
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    with browser() as started:
        yield started
