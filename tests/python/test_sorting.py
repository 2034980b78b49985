"""Sorting of containers, compared with `numpy.sort` of all elements together."""

from typing import Any

import numpy as np
import pytest

import dtl
from ranks import LINES, failures_on_ranks, on_ranks

PARTITIONS = ["block", "cyclic", "block_cyclic", "hash", "replicated"]
DTYPES = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "bool"]
DTYPES += ["float16", "float32", "float64", "complex64", "complex128"]


def values(dtype: str, size: int) -> Any:
    """Numbers of both signs where there are such, many of them twice; some are no numbers."""
    random = np.random.default_rng(size)
    drawn = random.integers(-40, 40, size)
    if np.dtype(dtype).kind == "b":
        return drawn > 0
    if np.dtype(dtype).kind not in "fc":
        return drawn.astype(dtype)
    special = np.array([np.nan, -np.nan, np.inf, -np.inf, 0.0, -0.0])
    parts = np.where(random.random((2, size)) < 0.3, random.choice(special, (2, size)), drawn / 8)
    result = np.empty(size, dtype)
    result.real = parts[0]
    if np.dtype(dtype).kind == "c":
        result.imag = parts[1]
    return result


def descending(whole: Any) -> Any:
    """The other way round, with what is not a number still last; the order of dtl, which NumPy has not."""
    numbers = np.sort(whole[~np.isnan(whole)])[::-1] if whole.dtype.kind in "fc" else np.sort(whole)[::-1]
    return np.concatenate([numbers, np.full(len(whole) - len(numbers), np.nan, whole.dtype)])


@pytest.mark.parametrize("ranks", [1, 2, 4])
@pytest.mark.parametrize("dtype", DTYPES)
def test_all_elements_are_in_the_order_of_numpy(dtype: str, ranks: int) -> None:
    def program(ctx: dtl.Context) -> None:
        for kind in LINES:
            for size in [0, 1, 3, 1000]:
                whole = values(dtype, size)
                for partition in PARTITIONS:
                    line = kind(ctx, size, dtype, partition=partition, block_size=7)
                    mine = line.global_indices()
                    for stable in [False, True]:
                        line.from_numpy(whole[mine])
                        line.sync()
                        view = line.local_view()
                        assert dtl.sort(line, stable=stable) is None
                        np.testing.assert_array_equal(view, np.sort(whole)[mine])
                        assert line.partition_policy.name.lower() == partition

    on_ranks(ranks, program)


@pytest.mark.parametrize("ranks", [1, 2, 4])
@pytest.mark.parametrize("dtype", [dtype for dtype in DTYPES if not dtype.startswith("complex")])
def test_descending_order(dtype: str, ranks: int) -> None:
    whole = values(dtype, 777)

    def program(ctx: dtl.Context) -> None:
        for partition in PARTITIONS:
            vec = dtl.DistributedVector(ctx, len(whole), dtype, partition=partition)
            vec.from_numpy(whole[vec.global_indices()])
            dtl.sort(vec, reverse=True)
            np.testing.assert_array_equal(vec.to_numpy(), descending(whole)[vec.global_indices()])

    on_ranks(ranks, program)


@pytest.mark.parametrize("ranks", [1, 2, 4])
@pytest.mark.parametrize("partition", PARTITIONS[:4])
def test_what_is_equal_stays_in_order_if_asked_for(partition: str, ranks: int) -> None:
    """Of equal numbers, only zeros can be told apart; and NaNs, by their bits."""
    whole = np.random.default_rng(5).choice(np.array([0.0, -0.0, 1.0, np.nan, -np.nan]), 300)
    order = np.argsort(whole, kind="stable")

    def program(ctx: dtl.Context) -> None:
        vec = dtl.DistributedVector(ctx, len(whole), partition=partition, block_size=4)
        mine = vec.global_indices()
        vec.from_numpy(whole[mine])
        dtl.sort(vec, stable=True)
        np.testing.assert_array_equal(vec.to_numpy().view("uint64"), whole[order][mine].view("uint64"))
        vec.from_numpy(whole[mine])
        dtl.sort(vec, reverse=True, stable=True)
        order_down = np.argsort(-whole, kind="stable")
        np.testing.assert_array_equal(vec.to_numpy().view("uint64"), whole[order_down][mine].view("uint64"))

    on_ranks(ranks, program)


@pytest.mark.parametrize("ranks", [2, 4])
def test_elements_that_must_all_go_elsewhere(ranks: int) -> None:
    def program(ctx: dtl.Context) -> None:
        size = 20_000
        vec = dtl.DistributedVector(ctx, size, "int64", execution="par")
        for whole in [np.arange(size)[::-1], np.zeros(size), np.arange(size) // (size - 5), 2 ** (np.arange(size) % 60)]:
            vec.from_numpy(whole.astype("int64")[vec.global_indices()])
            dtl.sort(vec)
            np.testing.assert_array_equal(vec.to_numpy(), np.sort(whole)[vec.global_indices()])

    on_ranks(ranks, program)


@pytest.mark.parametrize("ranks", [1, 2, 4])
def test_requests_sort_in_the_order_in_which_they_are_issued(ranks: int) -> None:
    def program(ctx: dtl.Context) -> None:
        for kind in LINES:
            wholes = [values("float64", 500), values("int16", 30)]
            lines = [kind(ctx, len(whole), whole.dtype, partition="cyclic") for whole in wholes]
            for line, whole in zip(lines, wholes):
                line.from_numpy(whole[line.global_indices()])
            requests = [dtl.async_sort(lines[0]), dtl.async_sort(lines[1], reverse=True, stable=True)]
            assert dtl.allreduce(ctx, 1) == ctx.size
            assert dtl.waitall(requests) == [None, None]
            for line, expected in zip(lines, [np.sort(wholes[0]), descending(wholes[1])]):
                np.testing.assert_array_equal(line.to_numpy(), expected[line.global_indices()])

    on_ranks(ranks, program)


def test_what_a_request_sorts_is_in_use_until_it_is_over() -> None:
    def program(ctx: dtl.Context) -> None:
        vec = dtl.DistributedVector(ctx, 4, "int32")
        vec.from_numpy(np.array([5 - ctx.rank, 3 - ctx.rank], "int32"))
        view = vec.local_view()
        if ctx.rank == 0:
            request = dtl.async_sort(vec)
            for use in [vec.to_numpy, vec.local_view, lambda: vec.fill(0), lambda: vec.set_local(0, 0)]:
                with pytest.raises(dtl.DTLError, match="async_sort changes it, and has not ended"):
                    use()
            assert "async_sort" in repr(request) and not request.done()
            dtl.send(ctx, 1, dest=1)
        else:
            dtl.recv(ctx, source=0)
            request = dtl.async_sort(vec)
        assert request.wait() is None
        assert view.tolist() == vec.to_numpy().tolist() == [[2, 3], [4, 5]][ctx.rank]
        # The request keeps the elements of what is no longer referred to.
        dtl.async_sort(dtl.DistributedVector(ctx, 10)).wait()

    on_ranks(2, program)


def test_errors_of_a_request_to_sort_are_those_of_all_ranks() -> None:
    def program(ctx: dtl.Context) -> None:
        vec = dtl.DistributedVector(ctx, 5, fill=1.0)
        request = dtl.async_sort(vec, reverse=ctx.rank == 1)
        with pytest.raises(dtl.CommunicationError, match="reverse differs"):
            request.wait()
        vec.fill(0)

    on_ranks(2, program)


def test_ranks_must_want_the_same_order() -> None:
    def program(ctx: dtl.Context) -> None:
        vec = dtl.DistributedVector(ctx, 5, fill=1.0)
        dtl.sort(vec, reverse=ctx.rank == 1)

    for error in failures_on_ranks(2, program):
        assert isinstance(error, dtl.CommunicationError) and "reverse differs" in str(error), error


def test_what_is_no_line_of_elements_is_refused() -> None:
    tensor: Any = dtl.DistributedTensor(dtl.Environment().make_cpu_context(), (2, 3))
    for wrong in [tensor, np.zeros(3), None]:
        with pytest.raises(TypeError, match="DistributedVector"):
            dtl.sort(wrong)
        with pytest.raises(TypeError, match="DistributedVector"):
            dtl.async_sort(wrong)


def test_the_arguments_have_names() -> None:
    vec = dtl.DistributedVector(dtl.Environment().make_cpu_context(), 3)
    with pytest.raises(TypeError):
        dtl.sort(vec, True)  # type: ignore[misc]
    with pytest.raises(TypeError, match="reverse"):
        dtl.sort(vec, reverse="no")  # type: ignore[arg-type]
