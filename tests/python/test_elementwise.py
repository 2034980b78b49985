"""Element-wise arithmetic on containers: every result is compared with what NumPy makes of whole arrays."""

import operator
import warnings
from typing import Any, Callable, Dict, List

import numpy as np
import pytest

import dtl
from ranks import LINES, alone, distributed, failures_on_ranks, on_ranks

CTX = alone()
SIZE = 23
PARTITIONS = ["block", "cyclic", "block_cyclic", "hash", "replicated"]
NUMBERS = ["int8", "int32", "int64", "uint8", "uint64", "float16", "float32", "float64", "complex64", "complex128", "bool"]


def whole(dtype: Any, seed: int) -> Any:
    """A global array of numbers that are small and not zero."""
    return (np.random.default_rng(seed).integers(1, 6, SIZE)).astype(dtype)


def assert_is(vec: Any, values: Any, kind: Any = dtl.DistributedVector) -> None:
    assert isinstance(vec, kind)
    assert vec.dtype == values.dtype
    np.testing.assert_array_equal(vec.to_numpy(), values[vec.global_indices()])


BINARY: List[Callable[[Any, Any], Any]] = [
    operator.add, operator.sub, operator.mul, operator.truediv, operator.floordiv, operator.mod, operator.pow,
    operator.lshift, operator.rshift, operator.and_, operator.or_, operator.xor,
    operator.lt, operator.le, operator.eq, operator.ne, operator.gt, operator.ge,
]  # fmt: skip


@pytest.mark.parametrize("left", NUMBERS)
@pytest.mark.parametrize("right", NUMBERS)
def test_operators_promote_as_numpy_does(left: str, right: str) -> None:
    a, b = whole(left, 1), whole(right, 2)
    v, w = distributed(CTX, a), distributed(CTX, b)
    for function in BINARY:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                expected = function(a, b)
            except TypeError:
                with pytest.raises(TypeError):
                    function(v, w)
                continue
            assert_is(function(v, w), expected)


@pytest.mark.parametrize("partition", PARTITIONS)
@pytest.mark.parametrize("size", [1, 2, 4])
@pytest.mark.parametrize("kind", LINES)
def test_results_are_laid_out_like_operands(kind: Any, size: int, partition: str) -> None:
    a, b = whole(np.float64, 1), whole(np.int32, 2)

    def rank(ctx: dtl.Context) -> None:
        v, w = distributed(ctx, a, partition, kind), distributed(ctx, b, partition, kind)
        assert_is(v + w, a + b, kind)
        assert_is(2 * v - w / 3, 2 * a - b / 3, kind)
        assert_is(-abs(v), -abs(a), kind)
        assert_is(~w, ~b, kind)
        assert_is(np.hypot(v, 2.5), np.hypot(a, 2.5), kind)
        assert_is(10.0 ** (v - 3), 10.0 ** (a - 3), kind)
        assert (v + w).partition_policy == dtl.PartitionPolicy[partition.upper()]
        for made, expected in zip(divmod(w, 3), divmod(b, 3)):
            assert_is(made, expected, kind)
        for made, expected in zip(np.frexp(v), np.frexp(a)):
            assert_is(made, expected, kind)

    on_ranks(size, rank)


def test_kinds_of_equal_layout_go_together() -> None:
    a, b = whole(np.float64, 1), whole(np.int32, 2)
    v, w = distributed(CTX, a), distributed(CTX, b, kind=dtl.DistributedArray)
    assert_is(v + w, a + b)
    assert_is(w + v, a + b, dtl.DistributedArray)


def test_ranks_without_elements() -> None:
    def rank(ctx: dtl.Context) -> Any:
        vec = dtl.DistributedVector(ctx, 3, np.int8, fill=7)
        return (vec * np.float32(2)).dtype, (vec + 1).to_numpy().tolist()

    expected = (np.int8(7) * np.ones(0, np.int8) * np.float32(2)).dtype
    assert on_ranks(4, rank) == [(expected, [8]), (expected, [8]), (expected, [8]), (expected, [])]


def test_in_place_and_out() -> None:
    a, b = whole(np.float64, 1), whole(np.int32, 2)
    v, w = distributed(CTX, a), distributed(CTX, b)
    same, view = v, v.local_view()
    v += w
    v *= 2
    v -= np.float32(1)
    v **= 2
    assert v is same and np.shares_memory(view, v.local_view())
    assert_is(v, ((a + b) * 2 - 1) ** 2)
    out = v.like(np.float64)
    assert np.sqrt(v, out=out) is out
    assert_is(out, np.sqrt(((a + b) * 2 - 1) ** 2))
    quotient, remainder = w.like(np.int32), w.like(np.int32)
    results = np.divmod(w, 2, out=(quotient, remainder))
    assert results[0] is quotient and results[1] is remainder
    assert_is(quotient, b // 2)
    assert_is(remainder, b % 2)
    parts = np.modf(v / 3, out=(None, out))
    assert parts[1] is out and parts[0] is not out
    with pytest.raises(TypeError):
        w += 0.5
    assert_is(w, b)


def test_copies_are_marked_as_changed() -> None:
    def rank(ctx: dtl.Context) -> Any:
        vec = dtl.DistributedVector(ctx, 4, partition="replicated")
        before = vec.is_dirty()
        vec += 1
        changed = vec.is_dirty()
        vec.sync()
        vec[0] = 2
        return before, changed, vec.is_dirty()

    assert on_ranks(2, rank) == [(False, True, True)] * 2


def test_where_and_dtype() -> None:
    a = whole(np.float64, 1)
    v = distributed(CTX, a)
    out = v.like(np.float64)
    np.add(v, 1, out=out, where=v > 2)
    assert_is(out, np.where(a > 2, a + 1, 0))
    assert_is(np.add(v, 1, dtype=np.float32, casting="same_kind"), np.add(a, 1, dtype=np.float32, casting="same_kind"))


@pytest.mark.parametrize("number", [2, 2.5, 1j, True, np.int8(2), np.float32(2.5), np.array(2.5), np.array([2], np.int16)])
@pytest.mark.parametrize("dtype", ["int8", "uint8", "float16", "float32", "complex64"])
def test_numbers_promote_as_numpy_does(dtype: str, number: Any) -> None:
    a = whole(dtype, 1)
    v = distributed(CTX, a)
    assert_is(v * number, a * number)
    assert_is(number * v, number * a)
    assert_is(np.add(number, v), np.add(number, a))


def test_what_has_no_layout_is_refused() -> None:
    v = dtl.DistributedVector(CTX, 4)
    for other in ([1.0, 2.0, 3.0, 4.0], np.ones(4), np.ones((1, 1)), np.ones(0), [[1.0]]):
        for combine in (lambda: v + other, lambda: other + v, lambda: np.add(v, other)):
            with pytest.raises(dtl.InvalidArgumentError, match=r"local_view\(\)"):
                combine()
    with pytest.raises(TypeError, match="container as out"):
        np.add(v, 1, out=np.zeros(4))
    with pytest.raises(dtl.InvalidArgumentError, match="object"):
        v + object()  # type: ignore[operator]
    with pytest.raises(TypeError, match="modulus"):
        pow(v, 2, 3)  # type: ignore[misc]


def test_different_layouts_are_refused() -> None:
    def rank(ctx: dtl.Context) -> None:
        v = dtl.DistributedVector(ctx, 8)
        others = [
            dtl.DistributedVector(ctx, 9),
            dtl.DistributedVector(ctx, 8, partition="cyclic"),
            dtl.DistributedVector(ctx.dup(), 8),
        ]
        for other in others:
            for combine in (lambda: v + other, lambda: np.maximum(other, v), lambda: np.sin(v, out=other)):
                with pytest.raises(dtl.InvalidArgumentError, match="redistribute"):
                    combine()

    on_ranks(2, rank)


NOT_REDUCED = dtl.DistributedVector(CTX, 4)
"""NumPy never lets go of what `ufunc.reduce` was called with, when that raises an exception in `__array_ufunc__`."""


def test_other_methods_of_ufuncs_name_what_to_use() -> None:
    v = NOT_REDUCED
    for use, cure in [
        (lambda: np.add.reduce(v), r"x\.sum\(\)"),
        (lambda: np.add.accumulate(v), r"local_view\(\)"),
        (lambda: np.add.outer(v, v), r"local_view\(\)"),
        (lambda: np.add.reduceat(v, [0]), r"local_view\(\)"),
        (lambda: np.add.at(v, 0, 1), r"local_view\(\)"),
        (lambda: np.matmul(v, v), r"local_view\(\)"),
    ]:
        with pytest.raises(TypeError, match=cure):
            use()


def test_others_may_take_over() -> None:
    class Declines:
        __array_ufunc__ = None

        def __radd__(self, other: Any) -> str:
            return "mine"

    class Knows:
        def __array_ufunc__(self, *arguments: Any, **options: Any) -> str:
            return "mine"

    v = dtl.DistributedVector(CTX, 4)
    assert v + Declines() == "mine"
    assert v + Knows() == "mine"
    assert np.add(Knows(), v) == "mine"


def test_containers_are_neither_true_nor_hashable() -> None:
    v = dtl.DistributedVector(CTX, 4)
    with pytest.raises(ValueError, match=r"any\(\)"):
        bool(v == v)
    with pytest.raises(TypeError, match="unhashable"):
        hash(v)
    assert (v == None).to_numpy().tolist() == [False] * 4  # noqa: E711


MAKERS: Dict[str, Callable[[dtl.Context], Any]] = {
    "vector": lambda ctx: dtl.DistributedVector(ctx, 8, fill=1),
    "array": lambda ctx: dtl.DistributedArray(ctx, 8, fill=1, partition="cyclic"),
    "tensor": lambda ctx: dtl.DistributedTensor(ctx, (4, 2), fill=1),
    "span": lambda ctx: dtl.DistributedSpan(dtl.DistributedVector(ctx, 9, fill=1)).first(8),
    "replicated": lambda ctx: dtl.DistributedVector(ctx, 8, fill=1, partition="replicated"),
}


@pytest.mark.parametrize("size", [2, 3])
@pytest.mark.parametrize("maker", MAKERS)
def test_a_rank_may_compute_by_itself(maker: str, size: int) -> None:
    """What one rank makes for itself does not count where all ranks work together."""

    def rank(ctx: dtl.Context) -> None:
        x = MAKERS[maker](ctx)
        for turn in range(3):
            if ctx.rank == turn:
                assert (x - x).local_view().max(initial=0) == 0
                kept = [x * 2, dtl.RoleManager(ctx)]
            assert (x + 1).sum() == 16
            assert dtl.DistributedVector(ctx, 8, fill=1).sum() == 8
        del kept

    on_ranks(size, rank)


def test_what_was_made_locally_is_known_by_its_layout_of_now() -> None:
    def rank(ctx: dtl.Context) -> None:
        v = dtl.DistributedVector(ctx, 8, fill=1)
        moved, other = v + 1, v + 2
        moved.redistribute("cyclic")
        assert moved.sum() == 16
        with pytest.raises(dtl.ContractError, match="rank 0 passes one made locally, of float64 in layout [0-9a-f]*, rank 1"):
            (moved if ctx.is_root else other).sum()
        again = v + 1
        dtl.copy(again, again if ctx.is_root else other)
        assert (again if ctx.is_root else other).sum() == 16

    on_ranks(2, rank)


def test_copies_of_what_was_made_locally() -> None:
    """One rank copies a container to itself where another copies one to another: no rank can know of it."""

    def rank(ctx: dtl.Context) -> None:
        v = dtl.DistributedVector(ctx, 8, fill=1, partition="replicated")
        one, other = v + ctx.rank, v + 5
        dtl.copy(one, one if ctx.is_root else other)
        assert (one if ctx.is_root else other).local_view().tolist() == [1] * 8

    on_ranks(2, rank)


def test_ranks_that_make_different_types_are_found() -> None:
    def rank(ctx: dtl.Context) -> Any:
        v = dtl.DistributedVector(ctx, 8, np.float32)
        return (v + (np.float32(1) if ctx.rank == 0 else np.float64(1) * np.ones(1))).barrier()

    for failure in failures_on_ranks(2, rank):
        assert isinstance(failure, dtl.ContractError)
        assert "float32" in str(failure) and "float64" in str(failure)


def test_results_leave_nothing_behind() -> None:
    import gc

    from dtl import _dtl  # type: ignore[attr-defined]

    gc.collect()
    before = _dtl._live_objects()
    v = dtl.DistributedVector(CTX, 1000)
    for _ in range(50):
        v = v + 1
        v += v
        with pytest.raises(TypeError):
            v @ v  # type: ignore[operator]
    assert _dtl._live_objects() == before + 1
    del v
    assert _dtl._live_objects() == before


def test_what_numpy_works_on_is_lent_to_it() -> None:
    """A ufunc in Python stands for another thread that comes while NumPy works."""
    v, w = (dtl.DistributedVector(CTX, 4, dtype=np.float64, fill=1.0) for _ in range(2))

    def changes_operand(x: float) -> float:
        v.fill(5.0)
        return x

    def reads_result(x: float) -> float:
        w.local_view()
        return x

    def reads_operand(x: float) -> float:
        v.to_numpy()
        return x + 1

    for function in (changes_operand, reads_result):
        with pytest.raises(dtl.DTLError, match="the container is in use: another operation uses it"):
            np.frompyfunc(function, 1, 1)(v, out=w, casting="unsafe")
    np.frompyfunc(reads_operand, 1, 1)(v, out=w, casting="unsafe")
    assert (w.to_numpy() == 2).all() and (v.to_numpy() == 1).all()
    v.fill(3.0)
    w.fill(4.0)
