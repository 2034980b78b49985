"""Callables that are passed elements, one by one or in arrays: `for_each`, `find_if` and what counts answers."""

from typing import Any, Callable, Dict, List

import numpy as np
import pytest

import dtl
from ranks import on_ranks

RANKS = [1, 2, 4]
PARTITIONS = ["block", "cyclic", "block_cyclic", "hash", "replicated"]


@pytest.mark.parametrize("partition", PARTITIONS)
@pytest.mark.parametrize("size", RANKS)
def test_every_element_is_passed_with_its_index(size: int, partition: str) -> None:
    def rank(ctx: dtl.Context) -> None:
        vec = dtl.DistributedVector(ctx, 37, dtype=np.int32, partition=partition)
        vec.local_view()[:] = vec.global_indices() * 3
        single: List[Any] = []
        assert dtl.for_each(vec, lambda value, index: single.append((value, index)), with_index=True) is None
        assert [index for _, index in single] == list(vec.global_indices())
        assert all(type(value) is np.int32 and type(index) is int for value, index in single)
        assert [value for value, _ in single] == list(vec.local_view())
        values: List[Any] = []
        dtl.for_each(vec, values.append)
        assert values == list(vec.local_view())
        arrays: List[Any] = []
        dtl.for_each(vec, lambda *both: arrays.append(both), with_index=True, vectorized=True)
        for position, wanted in enumerate([vec.local_view(), vec.global_indices()]):
            parts = [part[position] for part in arrays]
            np.testing.assert_array_equal(np.concatenate([[], *parts]), wanted)

    on_ranks(size, rank)


COUNTED: Dict[str, Callable[[Any], Any]] = {
    "count_if": np.count_nonzero,
    "all_of": np.all,
    "any_of": np.any,
    "none_of": lambda answers: not np.any(answers),
}


@pytest.mark.parametrize("name", COUNTED)
@pytest.mark.parametrize("partition", PARTITIONS)
@pytest.mark.parametrize("size", RANKS)
def test_answers_are_counted_as_numpy_counts_them(size: int, partition: str, name: str) -> None:
    function, expected = getattr(dtl, name), COUNTED[name]

    def rank(ctx: dtl.Context) -> None:
        for length in [0, 1, 50]:
            whole = np.cos(np.arange(length) * 0.3)
            vec = dtl.DistributedVector(ctx, length, partition=partition)
            vec.local_view()[:] = whole[vec.global_indices()]
            for bound in [-2.0, 0.0, 0.999, 2.0]:
                wanted = expected(whole > bound)
                for result in [
                    function(vec, lambda value, bound=bound: value > bound),
                    function(vec, lambda values, bound=bound: values > bound, vectorized=True),
                ]:
                    assert result == wanted and type(result) is (int if name == "count_if" else bool)
            assert function(vec, np.isnan) == expected(np.isnan(whole))
            part = dtl.DistributedSpan(vec).subspan(length // 3, length // 2)
            inside = whole[length // 3 : length // 3 + length // 2]
            assert function(part, lambda value: value > 0) == expected(inside > 0)

    on_ranks(size, rank)


@pytest.mark.parametrize("partition", PARTITIONS)
@pytest.mark.parametrize("size", RANKS)
def test_the_first_element_of_all_ranks_is_found(size: int, partition: str) -> None:
    whole = np.sin(np.arange(50) * 0.3)

    def rank(ctx: dtl.Context) -> None:
        vec = dtl.DistributedVector(ctx, 50, partition=partition)
        vec.local_view()[:] = whole[vec.global_indices()]
        for bound in [-2.0, 0.5, 0.99]:
            wanted = int(np.argmax(whole > bound))
            assert dtl.find_if(vec, lambda value, bound=bound: value > bound) == wanted
            assert dtl.find_if(vec, lambda values, bound=bound: values > bound, vectorized=True) == wanted
        assert dtl.find_if(vec, lambda value: value > 2) is None
        assert dtl.find_if(vec, np.isnan) is None
        if vec.is_local(33):
            vec[33] = np.nan
        assert dtl.find_if(vec, np.isnan) == 33
        part = dtl.DistributedSpan(vec).subspan(30, 10)
        assert dtl.find_if(part, np.isnan) == 3

    on_ranks(size, rank)


def test_a_tensor_is_counted_row_by_row() -> None:
    def rank(ctx: dtl.Context) -> None:
        tensor = dtl.DistributedTensor(ctx, (6, 5), dtype=np.int64)
        seen: List[int] = []
        dtl.for_each(tensor, lambda value, index: seen.append(index), with_index=True)
        assert len(seen) == tensor.local_size and seen == sorted(seen)
        tensor.set((slice(None), slice(None)), np.arange(30).reshape(6, 5))
        assert dtl.find_if(tensor, lambda value: value % 13 == 12) == 12
        assert dtl.count_if(tensor, lambda value: value % 13 == 12) == 2
        assert not dtl.all_of(tensor, lambda value: value < 29) and dtl.none_of(tensor, lambda value: value > 29)

    on_ranks(2, rank)


@pytest.mark.parametrize("size", RANKS)
def test_an_exception_comes_out_as_itself_and_as_one_error_elsewhere(size: int) -> None:
    def rank(ctx: dtl.Context) -> None:
        vec = dtl.DistributedVector(ctx, 8, dtype=np.int64)
        last = ctx.rank == size - 1

        def fails(value: Any) -> bool:
            if last:
                raise LookupError("not today")
            return False

        for function in [dtl.find_if, dtl.for_each, dtl.count_if, dtl.any_of, dtl.none_of]:
            with pytest.raises(LookupError if last else dtl.DTLError, match="not today"):
                function(vec, fails)
        with pytest.raises(ValueError if last else dtl.DTLError, match="gave an array of shape"):
            dtl.find_if(vec, lambda values: values[:1] if last else values, vectorized=True)
        with pytest.raises(ValueError if last else dtl.DTLError, match=r"gave an array of shape \[\]"):
            dtl.find_if(vec, lambda values: True if last else values, vectorized=True)
        with pytest.raises(dtl.DTLError, match=r"what pred gave .*filled"):
            dtl.find_if(vec, lambda values: np.ma.array(values, mask=last), vectorized=True)
        with pytest.raises(dtl.DTLError, match="may only compute") if size > 1 else pytest.raises(ZeroDivisionError):
            dtl.for_each(vec, lambda value: ctx.barrier() if size > 1 else 1 // 0)
        dtl.barrier(ctx)

    on_ranks(size, rank)


def test_what_is_no_callable_is_refused_on_all_ranks() -> None:
    def rank(ctx: dtl.Context) -> None:
        vec = dtl.DistributedVector(ctx, 4)
        wrong: Any = 3 if ctx.rank == 1 else (lambda value: True)
        with pytest.raises(dtl.DTLError, match=r"pred is 3 \(int\), but must be callable"):
            dtl.find_if(vec, wrong)
        with pytest.raises(TypeError, match="vectorized"):
            dtl.find_if(vec, lambda value: True, vectorized="yes" if ctx.rank == 0 else "no")  # type: ignore[call-overload]
        assert dtl.find_if(vec, lambda value: True) == 0

    on_ranks(2, rank)
