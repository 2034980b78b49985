"""Elements that equal a value: `find` and `count`, against NumPy."""

from typing import Any

import numpy as np
import pytest

import dtl
from ranks import on_ranks

RANKS = [1, 2, 4]
PARTITIONS = ["block", "cyclic", "block_cyclic", "hash", "replicated"]
DTYPES = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32", "float64", "bool"]
DTYPES += ["complex64", "complex128"]


def first(answers: Any) -> Any:
    """The index of the first that is true, or None."""
    return int(np.argmax(answers)) if np.any(answers) else None


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("partition", PARTITIONS)
@pytest.mark.parametrize("size", RANKS)
def test_what_numpy_finds_is_found(size: int, partition: str, dtype: str) -> None:
    def rank(ctx: dtl.Context) -> None:
        for length in [0, 1, 700]:
            whole = (np.arange(length) * 7 % 11 * (np.arange(length) > 2)).astype(dtype)
            vec = dtl.DistributedVector(ctx, length, dtype=dtype, partition=partition)
            vec.local_view()[:] = whole[vec.global_indices()]
            for value in [0, 1] if dtype == "bool" else [0, 1, 10]:
                wanted = whole == np.dtype(dtype).type(value)
                assert dtl.find(vec, value) == first(wanted)
                count = dtl.count(vec, value)
                assert count == np.count_nonzero(wanted) and type(count) is int
                part = dtl.DistributedSpan(vec).subspan(length // 3, length // 2)
                inside = wanted[length // 3 : length // 3 + length // 2]
                assert (dtl.find(part, value), dtl.count(part, value)) == (first(inside), np.count_nonzero(inside))

    on_ranks(size, rank)


def test_numbers_are_equal_as_they_are_to_numpy() -> None:
    def rank(ctx: dtl.Context) -> None:
        vec = dtl.DistributedVector(ctx, 9)
        vec.set(slice(3, 6), np.array([np.nan, -0.0, np.inf]))
        assert dtl.find(vec, np.nan) is None and dtl.count(vec, np.nan) == 0
        assert dtl.count(vec, 0.0) == 7 and dtl.count(vec, -0.0) == 7
        assert dtl.find(vec, np.inf) == 5
        tensor = dtl.DistributedTensor(ctx, (3, 4), dtype=np.int32)
        tensor.set((slice(None), slice(None)), np.arange(12, dtype=np.int32).reshape(3, 4) // 5)
        assert dtl.find(tensor, 2) == 10 and dtl.count(tensor, 1) == 5
        assert dtl.count(dtl.DistributedArray(ctx, 6, fill=1.5), 1.5) == 6

    on_ranks(2, rank)


def test_ranks_must_look_for_the_same_value() -> None:
    def rank(ctx: dtl.Context) -> None:
        vec = dtl.DistributedVector(ctx, 5, dtype=np.int64)
        for function in [dtl.find, dtl.count]:
            with pytest.raises(dtl.ContractError, match="value differs between ranks: it is 3 on rank 0 and 4 on rank 1"):
                function(vec, 3 if ctx.rank == 0 else 4)
        assert dtl.count(vec, 0) == 5

    on_ranks(2, rank)


@pytest.mark.parametrize("value", ["three", 1.5, None, [0, 0]])
def test_a_value_that_no_element_can_have_is_refused_on_all_ranks(value: Any) -> None:
    def rank(ctx: dtl.Context) -> None:
        vec = dtl.DistributedVector(ctx, 5, dtype=np.int64)
        with pytest.raises((dtl.DTLError, TypeError), match="value"):
            dtl.count(vec, value if ctx.rank == 1 else 0)
        assert dtl.count(vec, 0) == 5

    on_ranks(2, rank)
