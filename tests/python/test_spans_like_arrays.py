"""Spans behave like NumPy's arrays as containers do: arithmetic, single elements and reductions, against slices of the whole."""

import gc
from typing import Any, List, Tuple

import numpy as np
import pytest

import dtl
from ranks import LINES, alone, distributed, failures_on_ranks, on_ranks

PARTITIONS = ["block", "cyclic", "block_cyclic", "hash", "replicated"]
RANGES: List[Tuple[int, int]] = [(0, 11), (0, 0), (3, 5), (10, 1)]
WHOLE = np.arange(1, 12) * 1.5


def spans(ctx: dtl.Context, partition: str, kind: Any = dtl.DistributedVector) -> Any:
    """A container of 11 numbers, with each range of it: the span, NumPy's slice, and which of these this rank has."""
    source = distributed(ctx, WHOLE, partition, kind)
    for offset, count in RANGES:
        indices = np.arange(offset, offset + count)
        mine = np.isin(indices, source.global_indices())
        yield source, dtl.DistributedSpan(source).subspan(offset, count), WHOLE[indices], mine


def assert_is(span: Any, values: Any, mine: Any) -> None:
    assert isinstance(span, dtl.DistributedSpan) and span.dtype == values.dtype and len(span) == len(values)
    np.testing.assert_array_equal(span.local_view(), values[mine])


@pytest.mark.parametrize("kind", LINES)
@pytest.mark.parametrize("partition", PARTITIONS)
@pytest.mark.parametrize("ranks", [1, 2, 4])
def test_results_are_spans_of_their_own(ranks: int, partition: str, kind: Any) -> None:
    def program(ctx: dtl.Context) -> None:
        for source, span, part, mine in spans(ctx, partition, kind):
            assert_is(span + 1, part + 1, mine)
            assert_is(10 / span - np.sqrt(span), 10 / part - np.sqrt(part), mine)
            assert_is(-span < -5, -part < -5, mine)
            assert_is(span * (span + 1), part * (part + 1), mine)
            for made, expected in zip(np.divmod(span, 2), np.divmod(part, 2)):
                assert_is(made, expected, mine)
            made = span.like(np.int8)
            assert_is(made, np.zeros(len(part), np.int8), mine)
            made += 3
            assert_is(made.first(len(part)), np.full(len(part), 3, np.int8), mine)
            # Nothing of it has been written to the container.
            np.testing.assert_array_equal(source.local_view(), WHOLE[source.global_indices()])
            assert not source.is_dirty() or partition == "replicated"

    on_ranks(ranks, program)


@pytest.mark.parametrize("partition", PARTITIONS)
@pytest.mark.parametrize("ranks", [1, 2, 4])
def test_operators_in_place_write_to_the_container(ranks: int, partition: str) -> None:
    def program(ctx: dtl.Context) -> None:
        whole = WHOLE.copy()
        source = distributed(ctx, whole, partition)
        source.sync()
        span = dtl.DistributedSpan(source).subspan(3, 5)
        same = span
        span += 1
        span *= span
        assert span is same
        assert np.negative(span, out=span) is span
        np.add(span, 100, out=span, where=span < -50)
        part = -((whole[3:8] + 1) ** 2)
        whole[3:8] = np.where(part < -50, part + 100, part)
        np.testing.assert_array_equal(source.local_view(), whole[source.global_indices()])
        assert source.is_dirty() == (partition == "replicated" and ranks > 1)
        source.sync()
        np.testing.assert_array_equal(source.get(slice(None)), whole)
        with pytest.raises(TypeError):
            span += 1j
        # A container of one dimension and the span of all of it are in the same places.
        everything = dtl.DistributedSpan(source)
        source += everything
        np.testing.assert_array_equal(source.local_view(), 2 * whole[source.global_indices()])
        assert isinstance(everything + source, dtl.DistributedSpan)

    on_ranks(ranks, program)


@pytest.mark.parametrize("partition", PARTITIONS)
@pytest.mark.parametrize("ranks", [1, 2, 4])
def test_an_element_by_its_index_in_the_span(ranks: int, partition: str) -> None:
    def program(ctx: dtl.Context) -> None:
        for source, span, part, mine in spans(ctx, partition):
            source.sync()
            for index in range(-len(part), len(part)):
                if mine[index]:
                    assert span[index] == part[index] and type(span[index]) is type(part[index])
                    span[index] = -part[index]
                    assert span[index] == -part[index]
                    span[index] = part[index]
                    assert source.is_dirty() == (partition == "replicated" and ranks > 1)
                    continue
                owner = source.owner(int(np.flatnonzero(WHOLE == part[index])[0]))
                for access in (lambda: span[index], lambda: span.__setitem__(index, 0)):
                    with pytest.raises(IndexError, match=f"on rank {owner}, not on this rank, {ctx.rank}.*get and set"):
                        access()
            with pytest.raises(IndexError, match=f"there are {len(part)} elements"):
                span[len(part)]

    on_ranks(ranks, program)


@pytest.mark.parametrize("ranks", [1, 2, 4])
def test_the_elements_of_a_tensor_are_in_a_line(ranks: int) -> None:
    whole = np.arange(24.0).reshape(4, 2, 3)

    def program(ctx: dtl.Context) -> None:
        tensor = dtl.DistributedTensor(ctx, whole.shape, partition=["cyclic", "block", "block"], grid=(0, 0, 1))
        tensor.from_global(whole if ctx.rank == 0 else None)
        span = dtl.DistributedSpan(tensor).subspan(5, 13)
        for index in range(13):
            owner = tensor.owner(np.unravel_index(5 + index, whole.shape))
            if owner == ctx.rank:
                assert span[index] == 5 + index
            else:
                with pytest.raises(IndexError, match=f"on rank {owner}"):
                    span[index]
        assert span.sum() == sum(range(5, 18))
        span *= -1
        np.testing.assert_array_equal(tensor.get(...).ravel()[5:18], -np.arange(5.0, 18.0))
        with pytest.raises(dtl.InvalidArgumentError, match="laid out differently"):
            dtl.DistributedSpan(tensor) + tensor

    on_ranks(ranks, program)


@pytest.mark.parametrize("partition", PARTITIONS)
@pytest.mark.parametrize("ranks", [1, 2, 4])
def test_reductions_are_those_of_the_range(ranks: int, partition: str) -> None:
    def program(ctx: dtl.Context) -> None:
        for _, span, part, _ in spans(ctx, partition):
            assert span.sum() == np.sum(span) == part.sum() and span.sum().dtype == np.float64
            np.testing.assert_allclose(span.prod(), part.prod(), rtol=1e-14)
            assert (span.any(), span.all(), (span > 5).any()) == (part.any(), part.all(), (part > 5).any())
            if len(part) == 0:
                assert np.isnan(span.mean())
                with pytest.raises(dtl.InvalidArgumentError, match="without elements"):
                    span.min()
                continue
            assert (span.min(), np.max(span)) == (part.min(), part.max())
            np.testing.assert_allclose(span.mean(), part.mean(), rtol=1e-14)
            with pytest.raises(TypeError, match="axis"):
                np.sum(span, axis=0)

    on_ranks(ranks, program)


def test_ranks_must_reduce_the_same_range() -> None:
    def program(ctx: dtl.Context) -> None:
        dtl.DistributedSpan(dtl.DistributedVector(ctx, 8)).first(3 + ctx.rank).sum()

    for error in failures_on_ranks(2, program):
        assert isinstance(error, dtl.ContractError) and "the spans differ: rank 1" in str(error)


def test_different_places_are_refused() -> None:
    def program(ctx: dtl.Context) -> None:
        vec = dtl.DistributedVector(ctx, 8)
        span = dtl.DistributedSpan(vec)
        others: List[Any] = [span.last(3), span.first(4), dtl.DistributedSpan(dtl.DistributedVector(ctx, 9)).first(3), vec]
        for other in others:
            for combine in (lambda: span.first(3) + other, lambda: np.maximum(other, span.first(3))):
                with pytest.raises(dtl.InvalidArgumentError, match="laid out differently"):
                    combine()
        with pytest.raises(dtl.InvalidArgumentError, match=r"local_view\(\)"):
            span.first(3) + np.ones(3)

    on_ranks(2, program)


def test_what_arrays_do_besides() -> None:
    span = dtl.DistributedSpan(distributed(alone(), WHOLE)).subspan(2, 3)
    with pytest.raises(ValueError, match="neither true nor false"):
        bool(span == span)
    with pytest.raises(TypeError, match="iterated"):
        iter(span)
    with pytest.raises(TypeError, match="unhashable"):
        hash(span)
    with pytest.raises(TypeError, match="integer"):
        span[0:1]  # type: ignore[index]
    with pytest.raises(TypeError, match="deleted"):
        del span[0]


def test_results_leave_nothing_behind() -> None:
    from dtl import _dtl  # type: ignore[attr-defined]

    gc.collect()
    before = _dtl._live_objects()
    vec = dtl.DistributedVector(alone(), 1000)
    span = dtl.DistributedSpan(vec).first(10)
    for _ in range(20):
        span += (span + 1).sum()
        span = span * 0
    del vec, span
    gc.collect()
    assert _dtl._live_objects() == before
