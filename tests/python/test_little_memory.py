"""Contexts where the system gives a rank no shared memory any more: another rank makes it, or the context does without."""

import contextlib
import resource
from typing import Iterator

import numpy as np
import pytest

import dtl
from ranks import WORLD, on_ranks


@contextlib.contextmanager
def limited(what: int, most: int, here: bool) -> Iterator[None]:
    """A limit of this process, where it is to have one."""
    before = resource.getrlimit(what)
    if here:
        resource.setrlimit(what, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(what, before)


def use(part: dtl.Context, size: int) -> None:
    assert part.size == size and dtl.allreduce(part, 1) == size
    large = dtl.allgather(part, np.full(100_000, part.rank))
    assert np.array_equal(np.ravel(large)[::100_000], np.arange(size))
    if part.rank == size - 1:
        dtl.send(part, 2.5, dest=0)
    if part.rank == 0:
        assert dtl.recv(part, source=size - 1) == 2.5


@pytest.mark.parametrize("size", [1, 2, 4])
def test_another_rank_makes_the_memory(size: int) -> None:
    def check(ctx: dtl.Context) -> None:
        # The last rank becomes the first one of the new contexts, but may write no file.
        with limited(resource.RLIMIT_FSIZE, 0, ctx.rank == size - 1):
            turned = ctx.split(0, key=-ctx.rank)
            halves = ctx.split(ctx.rank % 2, key=-ctx.rank)
            twin = turned.dup()
        assert turned.rank == size - 1 - ctx.rank
        use(turned, size)
        use(twin, size)
        use(halves, (size + 1 - ctx.rank % 2) // 2)

    on_ranks(size, check)


def test_mpi_carries_what_cannot_share_memory() -> None:
    # All processes take part, with the context of all.
    rank, size = WORLD.rank, WORLD.size
    with limited(resource.RLIMIT_NOFILE, 3, rank == size - 1):
        twin = WORLD.dup()
        halves = WORLD.split(0 if rank < size - 1 else 1)
        none = WORLD.split(dtl.UNDEFINED if rank == 0 else 0)
    use(twin, size)
    use(halves, max(size - 1, 1) if rank < size - 1 else 1)
    assert (none is None) == (rank == 0)
    if none is not None:
        use(none, size - 1)
    use(twin.dup(), size)
