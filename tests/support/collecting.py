"""What is timed does not pay for the garbage of other tests: collecting it all can take a second."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def not_collecting() -> Iterator[None]:
    """No garbage is collected meanwhile, as in the standard library's timeit."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
