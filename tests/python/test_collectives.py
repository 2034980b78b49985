"""The collectives against NumPy, over dtypes, shapes, operators and numbers of ranks."""

from functools import reduce as fold
from typing import Any, Callable, Dict, List, Tuple

import numpy as np
import pytest

import dtl
from ranks import alone, assert_results, failures_on_ranks, on_ranks

RANKS = [1, 2, 4]
SHAPES: List[Tuple[int, ...]] = [(), (1,), (7,), (3, 4), (0,), (2, 0, 3), (5000,)]
INTEGERS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
FLOATS = ["float32", "float64"]
DTYPES = INTEGERS + FLOATS + ["bool", "complex64", "complex128", "float16", "V1"]

ORACLES: Dict[str, Callable[[Any, Any], Any]] = {
    "sum": np.add,
    "prod": np.multiply,
    "min": np.minimum,
    "max": np.maximum,
    "land": np.logical_and,
    "lor": np.logical_or,
    "lxor": np.logical_xor,
    "band": np.bitwise_and,
    "bor": np.bitwise_or,
    "bxor": np.bitwise_xor,
}


def values(rank: int, shape: Tuple[int, ...], dtype: str) -> np.ndarray:
    """Small numbers that differ between ranks and elements, with zeros among them."""
    count = int(np.prod(shape, dtype=int))
    numbers = (np.arange(count) * 7 + rank * 3) % 5
    if dtype == "V1":
        return numbers.astype(np.uint8).view("V1").reshape(shape)
    array = numbers.astype(dtype)
    if dtype.startswith("complex"):
        array = (array * (1 + 2j)).astype(dtype)
    return array.reshape(shape)


def reduced(op: str, arrays: List[np.ndarray]) -> np.ndarray:
    operands = [array.astype(bool) for array in arrays] if op.startswith("l") else arrays
    return np.asarray(fold(ORACLES[op], operands)).astype(arrays[0].dtype)


@pytest.mark.parametrize("size", RANKS)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", INTEGERS + FLOATS)
@pytest.mark.parametrize("op", ["sum", "prod", "min", "max"])
def test_allreduce(size: int, shape: Tuple[int, ...], dtype: str, op: str) -> None:
    wanted = reduced(op, [values(rank, shape, dtype) for rank in range(size)])
    results = on_ranks(size, lambda ctx: dtl.allreduce(ctx, values(ctx.rank, shape, dtype), op=op))
    assert_results(results, [wanted] * size)


@pytest.mark.parametrize("size", RANKS)
@pytest.mark.parametrize(
    "dtype, op",
    [(dtype, op) for dtype in INTEGERS for op in ("land", "lor", "lxor", "band", "bor", "bxor")]
    + [(dtype, op) for dtype in FLOATS for op in ("land", "lor", "lxor")]
    + [("bool", op) for op in ("sum", "prod", "min", "max", "land", "lor", "lxor", "band", "bor", "bxor")]
    + [(dtype, op) for dtype in ("complex64", "complex128") for op in ("sum", "prod")]
    + [("float16", op) for op in ("sum", "prod", "min", "max")],
)
@pytest.mark.parametrize("count", [7, 300])
def test_operators(size: int, dtype: str, op: str, count: int) -> None:
    wanted = reduced(op, [values(rank, (count,), dtype) for rank in range(size)])
    results = on_ranks(size, lambda ctx: dtl.allreduce(ctx, values(ctx.rank, (count,), dtype), op=op))
    assert_results(results, [wanted] * size)


@pytest.mark.parametrize("size", RANKS)
@pytest.mark.parametrize("root", [0, -1])
@pytest.mark.parametrize("shape", SHAPES)
def test_reduce(size: int, root: int, shape: Tuple[int, ...]) -> None:
    root %= size
    results = on_ranks(size, lambda ctx: dtl.reduce(ctx, values(ctx.rank, shape, "int64"), "max", root))
    wanted: List[Any] = [None] * size
    wanted[root] = reduced("max", [values(rank, shape, "int64") for rank in range(size)])
    assert_results(results, wanted)


@pytest.mark.parametrize("size", RANKS)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_gather_and_allgather(size: int, shape: Tuple[int, ...], dtype: str) -> None:
    stacked = np.stack([values(rank, shape, dtype) for rank in range(size)])
    gathered = on_ranks(size, lambda ctx: dtl.gather(ctx, values(ctx.rank, shape, dtype), root=size - 1))
    assert_results(gathered, [None] * (size - 1) + [stacked])
    everywhere = on_ranks(size, lambda ctx: dtl.allgather(ctx, values(ctx.rank, shape, dtype)))
    assert_results(everywhere, [stacked] * size)


@pytest.mark.parametrize("size", RANKS)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_scatter(size: int, shape: Tuple[int, ...], dtype: str) -> None:
    rows = np.stack([values(rank, shape, dtype) for rank in range(size)])
    root = size - 1

    def rank(ctx: dtl.Context) -> Any:
        # What other ranks pass is ignored, whatever it is.
        return dtl.scatter(ctx, rows if ctx.rank == root else object(), root=root)

    assert_results(on_ranks(size, rank), [np.asarray(row) for row in rows])


def rows_of(rank: int, size: int, shape: Tuple[int, ...], dtype: str) -> np.ndarray:
    """One row for each rank, different on each rank."""
    return np.stack([values(rank * size + to, shape, dtype) for to in range(size)])


@pytest.mark.parametrize("size", RANKS)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_alltoall(size: int, shape: Tuple[int, ...], dtype: str) -> None:
    sent = np.stack([rows_of(rank, size, shape, dtype) for rank in range(size)])
    results = on_ranks(size, lambda ctx: dtl.alltoall(ctx, sent[ctx.rank]))
    assert_results(results, [sent[:, rank] for rank in range(size)])


@pytest.mark.parametrize("size", RANKS)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype, op", [("int16", "prod"), ("float32", "sum"), ("bool", "land"), ("complex64", "sum")])
def test_reduce_scatter(size: int, shape: Tuple[int, ...], dtype: str, op: str) -> None:
    sent = [rows_of(rank, size, shape, dtype) for rank in range(size)]
    results = on_ranks(size, lambda ctx: dtl.reduce_scatter(ctx, sent[ctx.rank], op))
    assert_results(results, [np.asarray(row) for row in reduced(op, sent)])


def identity(op: str, dtype: str) -> Any:
    """What changes nothing: NumPy knows it, but for the smallest and the largest number."""
    if op in ("min", "max"):
        if dtype == "bool":
            return op == "min"
        limits: Any = np.iinfo(dtype) if dtype in INTEGERS else np.array([-np.inf, np.inf])
        least, largest = (limits.min, limits.max) if dtype in INTEGERS else limits
        return largest if op == "min" else least
    return {"prod": 1, "land": 1, "band": -1 if dtype.startswith("int") else ~np.uint64(0)}.get(op, 0)


@pytest.mark.parametrize("size", RANKS)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    "dtype, op",
    [(dtype, op) for dtype in INTEGERS + FLOATS for op in ("sum", "min")]
    + [("int8", op) for op in ORACLES]
    + [("uint64", op) for op in ORACLES]
    + [("float64", op) for op in ("prod", "max", "land", "lor", "lxor")]
    + [("bool", op) for op in ORACLES]
    + [("complex128", "prod"), ("float16", "max"), ("float16", "sum")],
)
def test_scans(size: int, shape: Tuple[int, ...], dtype: str, op: str) -> None:
    sent = [values(rank, shape, dtype) for rank in range(size)]
    inclusive = [reduced(op, sent[: rank + 1]) for rank in range(size)]
    results = on_ranks(size, lambda ctx: dtl.scan(ctx, sent[ctx.rank], op=op))
    assert_results(results, inclusive)
    first = np.broadcast_to(np.asarray(identity(op, dtype)).astype(dtype), shape)
    results = on_ranks(size, lambda ctx: dtl.exscan(ctx, sent[ctx.rank], op=op))
    assert_results(results, [first] + inclusive[:-1])


@pytest.mark.parametrize("size", RANKS)
def test_scans_of_scalars(size: int) -> None:
    found = on_ranks(size, lambda ctx: (dtl.scan(ctx, ctx.rank + 1), dtl.exscan(ctx, 0.5), dtl.scan(ctx, True)))
    assert found == [((rank + 1) * (rank + 2) // 2, 0.5 * rank, rank + 1) for rank in range(size)]
    for whole, half, count in found:
        assert (type(whole), type(half), type(count)) == (int, float, int)


@pytest.mark.parametrize("size", RANKS)
@pytest.mark.parametrize("count", [3, 30_011, 300_001])
def test_sums_are_made_in_the_order_of_ranks(size: int, count: int) -> None:
    def data(rank: int) -> np.ndarray:
        return (1.0 + rank) / (np.arange(count) + 0.3) * 1e3 ** (rank % 3 - 1)

    sums = list(np.cumsum([data(rank) for rank in range(size)], axis=0))
    assert_results(on_ranks(size, lambda ctx: dtl.scan(ctx, data(ctx.rank))), sums)
    for root in range(size):
        found = on_ranks(size, lambda ctx: dtl.reduce(ctx, data(ctx.rank), root=root))
        assert_results([found[root]], [sums[-1]])


@pytest.mark.parametrize("size", RANKS)
@pytest.mark.parametrize("call", [dtl.alltoall, dtl.reduce_scatter])
def test_data_without_a_row_for_each_rank_is_refused(size: int, call: Any) -> None:
    for shape in [(), (size + 1,), (size + 1, size)]:
        for failure in failures_on_ranks(size, lambda ctx: call(ctx, np.ones(shape))):
            assert isinstance(failure, dtl.InvalidArgumentError)
            assert f"{list(shape)}, but its first extent must be {size}" in str(failure)


@pytest.mark.parametrize("op", ["minloc", "maxloc"])
def test_operators_of_values_and_places_are_not_for_elements(op: str) -> None:
    for call in (dtl.allreduce, dtl.reduce, dtl.reduce_scatter, dtl.scan, dtl.exscan):
        for failure in failures_on_ranks(2, lambda ctx: call(ctx, np.ones(2), op=op)):
            assert isinstance(failure, dtl.NotSupportedError) and op in str(failure)


@pytest.mark.parametrize("size", RANKS)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_broadcast(size: int, shape: Tuple[int, ...], dtype: str) -> None:
    sent = values(3, shape, dtype)
    root = size - 1

    def rank(ctx: dtl.Context) -> Any:
        data = sent if ctx.rank == root else np.empty(shape, dtype=dtype)
        result = dtl.broadcast(ctx, data, root=root)
        assert result is data, "the array itself comes back, at the root and where it was filled"
        return result

    assert_results(on_ranks(size, rank), [sent] * size)


def test_broadcast_into_new_arrays() -> None:
    sent = np.arange(6.0).reshape(2, 3)

    def rank(ctx: dtl.Context) -> Any:
        read_only = np.zeros((2, 3))
        read_only.flags.writeable = False
        data = [sent, None, read_only, np.zeros((3, 2)).T][ctx.rank]
        result = dtl.broadcast(ctx, data)
        assert result is data if ctx.rank == 0 else result is not data
        return result

    assert_results(on_ranks(4, rank), [sent] * 4)


def test_broadcast_from_read_only_memory() -> None:
    sent = np.frombuffer(b"12345678" * 100, dtype=np.uint8)
    assert_results(on_ranks(2, lambda ctx: dtl.broadcast(ctx, sent if ctx.is_root else None)), [sent, sent])
    assert dtl.broadcast(alone(), sent) is sent


def test_broadcast_of_another_shape_is_a_contract_error() -> None:
    failures = failures_on_ranks(2, lambda ctx: dtl.broadcast(ctx, np.zeros(3 if ctx.is_root else 4)))
    for failure in failures:
        assert isinstance(failure, dtl.ContractError)
        assert failure.status is dtl.Status.COLLECTIVE_PARTICIPATION
    assert str(failures[0]) == str(failures[1])


def test_different_operators_are_a_contract_error() -> None:
    failures = failures_on_ranks(2, lambda ctx: dtl.allreduce(ctx, 1.0, op="sum" if ctx.is_root else "max"))
    assert [type(failure) for failure in failures] == [dtl.ContractError] * 2
    assert "sum" in str(failures[0]) and "max" in str(failures[0])


@pytest.mark.parametrize("size", RANKS)
def test_not_a_number_propagates(size: int) -> None:
    def rank(ctx: dtl.Context) -> Any:
        data = np.array([1.0, np.nan if ctx.rank == size - 1 else 2.0])
        return dtl.allreduce(ctx, data, op="min"), dtl.allreduce(ctx, data, op="max")

    for smallest, largest in on_ranks(size, rank):
        np.testing.assert_array_equal(smallest, [1.0, np.nan])
        np.testing.assert_array_equal(largest, [1.0, np.nan])


@pytest.mark.parametrize("size", RANKS)
def test_out_is_filled_and_returned(size: int) -> None:
    def rank(ctx: dtl.Context) -> None:
        data = np.full(3, float(ctx.rank))
        for call, shape in [
            (lambda out: dtl.allreduce(ctx, data, out=out), (3,)),
            (lambda out: dtl.allgather(ctx, data, out=out), (size, 3)),
            (lambda out: dtl.broadcast(ctx, data, out=out), (3,)),
            (lambda out: dtl.scatter(ctx, np.ones((size, 3)), out=out), (3,)),
            (lambda out: dtl.alltoall(ctx, np.ones((size, 3)), out=out), (size, 3)),
            (lambda out: dtl.reduce_scatter(ctx, np.ones((size, 3)), out=out), (3,)),
            (lambda out: dtl.scan(ctx, data, out=out), (3,)),
            (lambda out: dtl.exscan(ctx, data, out=out), (3,)),
        ]:
            out = np.full(shape, -1.0)
            assert call(out) is out
            assert not (out == -1.0).any()
        for call, shape in [
            (lambda out: dtl.reduce(ctx, data, out=out), (3,)),
            (lambda out: dtl.gather(ctx, data, out=out), (size, 3)),
        ]:
            out = np.full(shape, -1.0)
            if ctx.is_root:
                assert call(out) is out
                assert not (out == -1.0).any()
            else:
                assert call(out) is None
                assert (out == -1.0).all(), "ranks that receive nothing write nothing"

    on_ranks(size, rank)


@pytest.mark.parametrize("size", RANKS)
@pytest.mark.parametrize("count", [3, 3000, 300_001])
def test_out_may_share_memory_with_data(size: int, count: int) -> None:
    def rank(ctx: dtl.Context) -> Any:
        same = np.full(count, ctx.rank + 1.0)
        dtl.allreduce(ctx, same, out=same)
        parts = np.zeros((size, count))
        parts[ctx.rank] = ctx.rank + 1.0
        dtl.allgather(ctx, parts[ctx.rank], out=parts)
        shifted = np.arange(count + 1.0)
        dtl.allreduce(ctx, shifted[:-1], op="max", out=shifted[1:])
        rows = np.arange(size * count, dtype=float).reshape(size, count)
        dtl.scatter(ctx, rows, out=rows[size // 2])
        scanned, before = np.full(count, ctx.rank + 1.0), np.full(count, ctx.rank + 1.0)
        dtl.scan(ctx, scanned, out=scanned)
        dtl.exscan(ctx, before, out=before)
        truths = np.full(count, ctx.rank + 2.0)
        dtl.scan(ctx, truths, op="land", out=truths)
        assert (truths == 1).all()
        exchanged = np.arange(size * count, dtype=float).reshape(size, count) + ctx.rank
        dtl.alltoall(ctx, exchanged, out=exchanged)
        sums = np.arange(size * count, dtype=float).reshape(size, count)
        dtl.reduce_scatter(ctx, sums, out=sums[0])
        gathered = np.zeros((size, count))
        gathered[-1] = ctx.rank + 1.0
        dtl.gather(ctx, gathered[-1], 0, out=gathered if ctx.rank == 0 else None)
        assert ctx.rank > 0 or (gathered == np.arange(1.0, size + 1)[:, None]).all()
        reduced = np.full(count, ctx.rank + 1.0)
        dtl.reduce(ctx, reduced, out=reduced)
        assert ctx.rank > 0 or (reduced == size * (size + 1) / 2).all()
        return same, parts, shifted, rows[size // 2], scanned, before, exchanged, sums[0]

    for number, (same, parts, shifted, row, *others) in enumerate(on_ranks(size, rank)):
        scanned, before, exchanged, sums = others
        np.testing.assert_array_equal(scanned, np.full(count, (number + 1) * (number + 2) / 2))
        np.testing.assert_array_equal(before, np.full(count, number * (number + 1) / 2))
        own = np.arange(number * count, (number + 1) * count)
        np.testing.assert_array_equal(exchanged, own + np.arange(size)[:, None])
        np.testing.assert_array_equal(sums, size * own)
        np.testing.assert_array_equal(same, np.full(count, size * (size + 1) / 2))
        np.testing.assert_array_equal(parts, np.repeat(np.arange(1.0, size + 1), count).reshape(size, count))
        np.testing.assert_array_equal(shifted, np.r_[0.0, np.arange(count)])
        np.testing.assert_array_equal(row, np.arange(number * count, (number + 1) * count))
