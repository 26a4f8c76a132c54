"""What the tests of notify share."""

from collections.abc import Iterator

import pytest

from tests.support.told import Told
from tests.support.told import told as opened


@pytest.fixture
def told() -> Iterator[Told]:
    """Notify, with every way open and people told of everything."""
    with opened() as found:
        yield found
