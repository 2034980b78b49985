"""Reductions of containers, compared with what NumPy makes of all elements together."""

from typing import Any

import numpy as np
import pytest

import dtl
from ranks import LINES, alone, distributed, failures_on_ranks, on_ranks

CTX = alone()
PARTITIONS = ["block", "cyclic", "block_cyclic", "hash", "replicated"]
WHOLE = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "bool"]
REAL = ["float16", "float32", "float64"]
COMPLEX = ["complex64", "complex128"]


def numbers(dtype: Any, size: int) -> Any:
    values = np.random.default_rng(size).uniform(0, 100, size)
    values = values * 1j + values[::-1] if np.dtype(dtype).kind == "c" else values
    return (values if np.dtype(dtype).kind != "b" else values > 50).astype(dtype)


def wide(dtype: Any) -> Any:
    """The type in which dtl makes sums."""
    return {"b": np.int64, "i": np.int64, "u": np.uint64, "f": np.float64, "c": np.complex128}[np.dtype(dtype).kind]


@pytest.mark.parametrize("dtype", WHOLE + REAL + COMPLEX)
@pytest.mark.parametrize("size", [1, 2, 4])
def test_sums_and_means(dtype: str, size: int) -> None:
    values = numbers(dtype, 101)

    def rank(ctx: dtl.Context) -> Any:
        vec = distributed(ctx, values)
        return vec.sum(), np.sum(vec), vec.mean(), np.mean(vec)

    exact = values.astype(wide(dtype))
    for total, same, mean, same_mean in on_ranks(size, rank):
        assert total.dtype == wide(dtype) and total == same and mean == same_mean
        np.testing.assert_allclose(total, exact.sum(), rtol=1e-14)
        np.testing.assert_allclose(mean, exact.mean(), rtol=1e-14)
        assert mean.dtype == (np.complex128 if dtype in COMPLEX else np.float64)


@pytest.mark.parametrize("dtype", ["int32", "float64", "bool"])
@pytest.mark.parametrize("size", [1, 2, 4])
def test_one_name_reduces_containers_and_arrays(dtype: str, size: int) -> None:
    values = numbers(dtype, 37)

    def rank(ctx: dtl.Context) -> Any:
        vec = distributed(ctx, values, "cyclic")
        methods = [vec.sum(), vec.prod(), vec.min(), vec.max(), vec.all(), vec.any()]
        names = ["sum", dtl.PROD, dtl.ReduceOp.MIN, "max", dtl.LAND, "lor"]
        by_operator = [dtl.reduce(vec, op=op) for op in names]
        assert by_operator == methods and dtl.reduce(vec) == methods[0]
        assert by_operator[4].dtype == by_operator[5].dtype == dtype
        part = dtl.DistributedSpan(vec).first(5)
        assert dtl.reduce(part) == part.sum()
        of_ranks = dtl.reduce(ctx, values, op="max", root=size - 1)
        if ctx.rank == size - 1:
            np.testing.assert_array_equal(of_ranks, values)
        for wrong, message in [
            (lambda: dtl.reduce(vec, values), "reduce of a DistributedVector takes no data"),
            (lambda: dtl.reduce(vec, root=0), "reduce of a DistributedVector takes no root"),
            (lambda: dtl.reduce(ctx), "reduce of a Context needs data"),
            (lambda: dtl.reduce(values), "x is .*, but must be a dtl.Context or a dtl.DistributedVector"),
        ]:
            with pytest.raises(TypeError, match=message):
                wrong()
        last = ctx.rank == size - 1
        with pytest.raises(TypeError, match="reduce of a DistributedVector takes no root. Leave it out"):
            dtl.reduce(vec, root=0) if last else dtl.reduce(vec)
        with pytest.raises(TypeError, match="reduce of a Context needs data. Pass it."):
            dtl.reduce(ctx) if last else dtl.reduce(ctx, values)
        with pytest.raises(dtl.NotSupportedError, match="op 'bor' does not reduce the elements of a container"):
            dtl.reduce(vec, op=dtl.BOR)
        return by_operator[:4]

    for result in on_ranks(size, rank):
        assert result[2:] == [values.min(), values.max()]


@pytest.mark.parametrize("dtype", WHOLE + REAL)
@pytest.mark.parametrize("size", [1, 2, 4])
def test_extremes(dtype: str, size: int) -> None:
    values = numbers(dtype, 53)

    def rank(ctx: dtl.Context) -> Any:
        vec = distributed(ctx, values, "cyclic")
        return vec.min(), np.min(vec), vec.max(), np.max(vec)

    for result in on_ranks(size, rank):
        assert result == (values.min(), values.min(), values.max(), values.max())
        assert all(value.dtype == values.dtype for value in result)


@pytest.mark.parametrize("partition", PARTITIONS)
@pytest.mark.parametrize("count", [0, 1, 3, 29])
@pytest.mark.parametrize("kind", LINES)
def test_every_element_counts_once(kind: Any, partition: str, count: int) -> None:
    values = np.arange(1, count + 1)

    def rank(ctx: dtl.Context) -> Any:
        vec = distributed(ctx, values, partition, kind)
        small = distributed(ctx, np.minimum(values, 2), partition, kind)
        return vec.sum(), small.prod(), (vec > count - 1).any(), (vec > 1).all()

    expected = (values.sum(), np.minimum(values, 2).prod(), count > 0, bool((values > 1).all()))
    assert on_ranks(4, rank) == [expected] * 4


def test_products_are_made_in_64_bits() -> None:
    values = np.array([7, 11, 13, 17, 19, 23], np.int8)
    assert distributed(CTX, values).prod() == values.prod(dtype=np.int64) > 2**16
    assert distributed(CTX, values * 1j).prod() == (values * 1j).prod()
    assert distributed(CTX, np.full(3, 2**62)).sum() == np.full(3, 2**62).sum()


def test_sums_of_many_small_numbers_are_as_accurate_as_those_of_numpy() -> None:
    values = np.full(1_000_000, 0.1)
    assert abs(distributed(CTX, values).sum() - 100_000) <= abs(values.sum() - 100_000) + 1e-10
    assert distributed(CTX, values.astype(np.float16)).sum() == pytest.approx(float(np.float16(0.1)) * 1e6, rel=1e-12)


@pytest.mark.parametrize("place", range(6))
def test_not_a_number_is_every_extreme(place: int) -> None:
    values = np.arange(6.0)
    values[place] = np.nan

    def rank(ctx: dtl.Context) -> Any:
        vec = distributed(ctx, values)
        return [vec.min(), vec.max(), vec.sum(), vec.mean()]

    assert np.isnan(on_ranks(4, rank)).all()
    assert distributed(CTX, values).any() is True


def test_empty_containers() -> None:
    def rank(ctx: dtl.Context) -> Any:
        vec = dtl.DistributedVector(ctx, 0)
        assert vec.sum() == 0.0 and vec.prod() == 1.0 and np.isnan(vec.mean())
        assert vec.any() is False and vec.all() is True
        for use in (vec.min, vec.max):
            with pytest.raises(dtl.InvalidArgumentError, match="without elements has no (small|larg)est element") as failure:
                use()
            assert failure.value.status is dtl.Status.PRECONDITION_FAILED

    on_ranks(2, rank)


@pytest.mark.parametrize(
    "dtype, names", [("V1", ["sum", "prod", "min", "max", "mean", "any", "all"]), ("complex64", ["min", "max"])]
)
def test_types_without_arithmetic(dtype: str, names: Any) -> None:
    def rank(ctx: dtl.Context) -> None:
        vec = dtl.DistributedVector(ctx, 5, dtype)
        for name in names:
            with pytest.raises(dtl.NotSupportedError, match="elements of type"):
                getattr(vec, name)()

    on_ranks(2, rank)


def test_what_containers_cannot_reduce_is_refused_on_all_ranks() -> None:
    def rank(ctx: dtl.Context) -> Any:
        vec = dtl.DistributedVector(ctx, 5)
        return vec.sum(axis=0) if ctx.rank == 1 else vec.sum()

    for failure in failures_on_ranks(2, rank):
        assert "axis" in str(failure) and "rank 1" in str(failure)
    vec = dtl.DistributedVector(CTX, 5)
    for options in ({"axis": 0}, {"dtype": np.float32}, {"out": np.zeros(())}):
        with pytest.raises(TypeError, match=r"local_view\(\)"):
            np.sum(vec, **options)


@pytest.mark.parametrize("partition", ["block", "cyclic", "hash"])
def test_all_ranks_have_the_same_bits(partition: str) -> None:
    values = np.random.default_rng(7).normal(size=997)

    def rank(ctx: dtl.Context) -> Any:
        vec = distributed(ctx, values, partition)
        return vec.sum().tobytes() + vec.mean().tobytes()

    assert len(set(on_ranks(4, rank))) == 1


def test_a_replicated_container_is_that_of_rank_0() -> None:
    def rank(ctx: dtl.Context) -> Any:
        vec = dtl.DistributedVector(ctx, 3, partition="replicated", fill=1.0)
        vec.fill(ctx.rank + 1.0)
        return vec.sum(), vec.max()

    assert on_ranks(2, rank) == [(3.0, 1.0)] * 2


def test_on_different_containers_is_an_error() -> None:
    def rank(ctx: dtl.Context) -> Any:
        vectors = [dtl.DistributedVector(ctx, 3), dtl.DistributedVector(ctx, 3)]
        return vectors[ctx.rank].sum()

    for failure in failures_on_ranks(2, rank):
        assert isinstance(failure, dtl.ContractError) and "container" in str(failure)
