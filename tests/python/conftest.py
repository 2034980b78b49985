"""After every test there are as many objects of dtl as before it, also where it has raised exceptions or made cycles.

Tests that ran on threads are noted with their numbers of ranks in the folder `DTL_RANKS_OF_TESTS`. A world leaves out those that a
smaller one has run, without starting them.
"""

import gc
import json
import os
from pathlib import Path
from typing import Dict, Iterator, List, Optional

import pytest
import ranks
from dtl import _dtl

NOTES: Optional[str] = os.environ.get("DTL_RANKS_OF_TESTS")
NOTED: Dict[str, int] = {}


def pytest_collection_modifyitems(config: pytest.Config, items: List[pytest.Item]) -> None:
    if NOTES is None or not ranks.WORLD.has_mpi:
        return
    for notes in sorted(Path(NOTES).glob("*.json")):
        NOTED.update(json.loads(notes.read_text()))
    is_done = [NOTED.get(item.nodeid, ranks.FEWEST) < ranks.FEWEST for item in items]
    config.hook.pytest_deselected(items=[item for item, done in zip(items, is_done) if done])
    items[:] = [item for item, done in zip(items, is_done) if not done]


def pytest_sessionfinish() -> None:
    if NOTES is not None and not ranks.WORLD.has_mpi:
        Path(NOTES, f"{os.getpid()}.json").write_text(json.dumps(NOTED))


def live_objects() -> int:
    """How many there are, without the contexts that `on_ranks` keeps for the next test."""
    return _dtl._live_objects() - sum(context is not None for context in ranks.KEPT.values())


@pytest.fixture(autouse=True)
def nothing_stays_alive(request: pytest.FixtureRequest) -> Iterator[None]:
    ranks.SIZES.clear()
    before = live_objects()
    yield
    NOTED.update((request.node.nodeid, size) for size in ranks.SIZES)
    # Only tests with cycles need a collection. What it leaves, all of which is pytest's, the next one does not look at:
    # otherwise it would take longer than most tests.
    if live_objects() != before:
        gc.collect()
        gc.freeze()
    assert live_objects() == before, "objects of dtl that the test has made are still alive"
