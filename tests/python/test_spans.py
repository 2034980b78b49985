"""Spans: ranges of containers, compared with NumPy's slices of the whole."""

import gc
from typing import Any, List, Tuple

import numpy as np
import pytest

import dtl
from ranks import alone, on_ranks

PARTITIONS = ["block", "cyclic", "block_cyclic", "hash", "replicated"]
RANGES: List[Tuple[int, int]] = [(0, 11), (0, 0), (11, 0), (3, 5), (10, 1), (0, 1), (2, 9), (5, 6)]
CONTAINERS: List[Any] = [dtl.DistributedVector, dtl.DistributedArray]


@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize("partition", PARTITIONS)
@pytest.mark.parametrize("size", [1, 2, 4])
def test_a_range_is_what_numpy_slices(container: Any, partition: str, size: int) -> None:
    whole = np.arange(100, 111)

    def rank(ctx: dtl.Context) -> None:
        source = container(ctx, 11, dtype="int64", partition=partition, block_size=2)
        source.local_view()[:] = whole[source.global_indices()]
        span = dtl.DistributedSpan(source)
        assert (len(span), span.local_size, span.rank, span.num_ranks) == (11, source.local_size, ctx.rank, ctx.size)
        for offset, count in RANGES:
            part = span.subspan(offset, count)
            wanted = np.arange(offset, offset + count)
            mine = wanted[np.isin(wanted, source.global_indices())]
            np.testing.assert_array_equal(part.local_view(), whole[mine])
            np.testing.assert_array_equal(part.to_numpy(), whole[mine])
            assert (part.global_size, part.local_size) == (count, len(mine))
            assert part.size_bytes == 8 * len(mine) and part.empty == (count == 0)
            np.testing.assert_array_equal(span.first(count).local_view(), source.to_numpy()[source.global_indices() < count])
            np.testing.assert_array_equal(
                span.last(count).local_view(), source.to_numpy()[source.global_indices() >= 11 - count]
            )
            for start, length in [(0, count // 2), (count // 2, count - count // 2)]:
                inner = part.subspan(start, length)
                first = offset + start
                inside = mine[(mine >= first) & (mine < first + length)]
                np.testing.assert_array_equal(inner.local_view(), whole[inside])

    on_ranks(size, rank)


@pytest.mark.parametrize("size", [1, 2, 4])
def test_the_elements_of_a_tensor_stand_in_row_major_order(size: int) -> None:
    whole = np.arange(5 * 3).reshape(5, 3)

    def rank(ctx: dtl.Context) -> None:
        tensor = dtl.DistributedTensor(ctx, (5, 3), dtype="int64")
        first = sum(dtl.allgather(ctx, tensor.local_shape[0])[: ctx.rank].tolist())
        mine = whole[first : first + tensor.local_shape[0]]
        tensor.local_view()[:] = mine
        part = dtl.DistributedSpan(tensor).subspan(4, 7)
        flat = mine.ravel()
        np.testing.assert_array_equal(part.local_view(), flat[(flat >= 4) & (flat < 11)])

    on_ranks(size, rank)


@pytest.mark.parametrize(
    "size, expected", [(1, [1.0, 1.0, 7.5, 5.5, 5.5, 1.0]), (2, [1.0, 1.0, 7.5, 7.5, 5.5, 1.0])]
)
def test_writing_to_a_span_writes_to_its_container(size: int, expected: List[float]) -> None:
    def rank(ctx: dtl.Context) -> List[float]:
        vec = dtl.DistributedVector(ctx, 6, fill=1.0)
        middle = dtl.DistributedSpan(vec).subspan(2, 3)
        middle.local_view()[:] = 5.0
        if middle.local_size > 0:
            middle.set_local(0, 7.0)
            assert middle.get_local(0) == 7.0 and isinstance(middle.get_local(0), float)
        assert middle.dtype == np.float64
        middle.from_numpy(middle.to_numpy() + 0.5)
        return vec.to_numpy().tolist()

    assert sum(on_ranks(size, rank), []) == expected


def test_a_span_keeps_the_memory_of_its_container() -> None:
    ctx = alone()
    before = dtl.DistributedVector(ctx, 3).local_size
    span = dtl.DistributedSpan(dtl.DistributedVector(ctx, 100_000, fill=2.0)).last(50_000)
    view = span.local_view()
    del span
    gc.collect()
    assert before == 3 and view.sum() == 100_000.0


def test_what_cannot_be_a_span() -> None:
    vec = dtl.DistributedVector(alone(), 5, dtype="int32")
    span = dtl.DistributedSpan(vec, dtype=np.int32)
    assert repr(span) == "<dtl.DistributedSpan: size=5, dtype=int32, rank 0 of 1: 5 elements>"
    with pytest.raises(dtl.InvalidArgumentError, match="dtype is float64, but the elements of source are int32"):
        dtl.DistributedSpan(vec, dtype=np.float64)
    with pytest.raises(dtl.ArgumentTypeError, match="source is .*dtl.DistributedVector or a dtl.DistributedArray or a dtl.DistributedTensor"):
        dtl.DistributedSpan([1, 2, 3])  # type: ignore[arg-type]
    for call in [lambda: span.first(6), lambda: span.last(6), lambda: span.subspan(3, 3), lambda: span.subspan(6, 0)]:
        with pytest.raises(dtl.BoundsError, match="span of 5 elements"):
            call()
    for index in [5, -1]:
        with pytest.raises(dtl.BoundsError):
            span.get_local(index)
        with pytest.raises(dtl.BoundsError):
            span.set_local(index, 1)
    with pytest.raises(dtl.InvalidArgumentError, match="shape"):
        span.from_numpy(np.zeros(4, np.int32))
    with pytest.raises(dtl.InvalidArgumentError, match="int32"):
        span.from_numpy(np.zeros(5))
