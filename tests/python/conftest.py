"""After every test there are as many objects of dtl as before it, also where it has raised exceptions or made cycles."""

import gc
from typing import Iterator

import pytest
import ranks
from dtl import _dtl


def live_objects() -> int:
    """How many there are, without the contexts that `on_ranks` keeps for the next test."""
    return _dtl._live_objects() - sum(context is not None for context in ranks.KEPT.values())


@pytest.fixture(autouse=True)
def nothing_stays_alive() -> Iterator[None]:
    ranks.SIZES.clear()
    before = live_objects()
    yield
    # Only tests with cycles need a collection. What it leaves, all of which is pytest's, the next one does not look at:
    # otherwise it would take longer than most tests.
    if live_objects() != before:
        gc.collect()
        gc.freeze()
    assert live_objects() == before, "objects of dtl that the test has made are still alive"
