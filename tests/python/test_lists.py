"""Arguments that are a number for each dimension or rank: what may be passed for them, and what is no list of numbers."""

import itertools
from typing import Any, Callable, Dict

import numpy as np
import pytest

import dtl
from ranks import on_ranks

CALLS: Dict[str, Callable[[dtl.Context, Any], Any]] = {
    "shape": lambda ctx, it: dtl.DistributedTensor(ctx, it).shape,
    "grid": lambda ctx, it: dtl.DistributedTensor(ctx, (2, 2), grid=it),
    "block_size": lambda ctx, it: dtl.DistributedTensor(ctx, (2, 2), block_size=it),
    "grid of redistribute": lambda ctx, it: dtl.DistributedTensor(ctx, (2, 2)).redistribute(grid=it),
    "shape of reshape": lambda ctx, it: dtl.DistributedTensor(ctx, (2, 2)).reshape(it),
    "width": lambda ctx, it: dtl.DistributedTensor(ctx, (2, 2)).halo(it),
    "recvcounts": lambda ctx, it: dtl.gatherv(ctx, [1], recvcounts=it),
    "recvcounts of all": lambda ctx, it: dtl.allgatherv(ctx, [1], recvcounts=it),
    "displs": lambda ctx, it: dtl.allgatherv(ctx, [1], displs=it),
    "sendcounts": lambda ctx, it: dtl.alltoallv(ctx, [1, 2], it),
    "sendcounts of scatterv": lambda ctx, it: dtl.scatterv(ctx, [1, 2], it),
    "recvcounts of igatherv": lambda ctx, it: dtl.igatherv(ctx, [1], recvcounts=it).wait(),
    "sendcounts of ialltoallv": lambda ctx, it: dtl.ialltoallv(ctx, [1, 2], it).wait(),
}


@pytest.mark.parametrize("wrong", [b"ab", bytearray(2), memoryview(b"ab"), "ab", {1: 2, 2: 1}, {1, 2}, frozenset([1, 2]), [b"a", 2], (None, 1)])
@pytest.mark.parametrize("name", CALLS)
def test_what_is_no_list_of_numbers_is_refused(name: str, wrong: Any) -> None:
    def rank(ctx: dtl.Context) -> None:
        with pytest.raises((TypeError, dtl.DTLError), match=f"{name.split()[0]} is "):
            CALLS[name](ctx, wrong)
        assert dtl.allreduce(ctx, 1) == 2

    on_ranks(2, rank)


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("endless", [lambda: range(1, 2**70), lambda: itertools.repeat(1)])
def test_what_has_no_end_is_not_read_for_ever(name: str, endless: Callable[[], Any]) -> None:
    def rank(ctx: dtl.Context) -> None:
        with pytest.raises(dtl.DTLError, match=f"{name.split()[0]} has more than [0-9]* entries"):
            CALLS[name](ctx, endless())

    on_ranks(2, rank)


@pytest.mark.parametrize("kind", [tuple, list, iter, np.array, lambda values: np.array(values, np.uint8), lambda values: range(2, 4)])
def test_sequences_of_integers_are_lists(kind: Callable[[Any], Any]) -> None:
    assert on_ranks(2, lambda ctx: CALLS["shape"](ctx, kind([2, 3]))) == [(2, 3)] * 2
