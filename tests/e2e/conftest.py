"""The stack as `sam build` makes it, built once for the whole test session."""

import os

import pytest

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
