"""Subclasses of NumPy's array: those that carry more than elements are refused wherever arrays come in, the others pass."""

import collections
import re
from pathlib import Path
from typing import Any, Callable, Dict, List

import numpy as np
import pytest

import dtl
from ranks import alone, failures_on_ranks, on_ranks

CTX = alone()


class Quantity(np.ndarray):  # type: ignore[type-arg]
    """An array with a unit."""

    unit = "m"


class WithMask:
    """What is no array and gives one with a mask."""

    def __array__(self, *_: Any, **__: Any) -> Any:
        return np.ma.array([1.0, 2.0], mask=[False, True])


MASKED = np.ma.array([1.0, 1000.0], mask=[False, True])

CARRIERS = [
    pytest.param(MASKED, r"x\.filled\(value\)", id="mask"),
    pytest.param(np.ma.array([1.0, 2.0]), r"x\.filled\(value\)", id="no mask yet"),
    pytest.param(np.ma.array(3.0, mask=True), r"x\.filled\(value\)", id="0-d"),
    pytest.param(np.ma.masked, r"x\.filled\(value\)", id="masked"),
    pytest.param([1.0, np.ma.masked], r"x\.filled\(value\)", id="masked in a list"),
    pytest.param(([[MASKED]],), r"x\.filled\(value\)", id="mask in nested lists"),
    pytest.param(collections.deque([MASKED]), r"x\.filled\(value\)", id="mask in a sequence"),
    pytest.param(WithMask(), r"x\.filled\(value\)", id="given by __array__"),
    pytest.param(np.ones(2).view(Quantity), r"numpy\.asarray\(x\)", id="unit"),
    pytest.param([np.ones(2).view(Quantity)], r"numpy\.asarray\(x\)", id="unit in a list"),
]


def calls() -> Dict[str, Callable[[dtl.Context, Any], Any]]:
    """Everything that reads an array, by the name of its argument."""

    def vector(ctx: dtl.Context) -> Any:
        return dtl.DistributedVector(ctx, 2 * ctx.size)

    def table(ctx: dtl.Context) -> Any:
        return dtl.DistributedMap(ctx, "float64", "float64")

    return {
        "allreduce": dtl.allreduce,
        "broadcast": dtl.broadcast,
        "gather": dtl.gather,
        "allgatherv": dtl.allgatherv,
        "scan": dtl.scan,
        "allreduce_minloc": dtl.allreduce_minloc,
        "iallreduce": lambda ctx, x: dtl.iallreduce(ctx, x).wait(),
        "op": lambda ctx, x: dtl.allreduce(ctx, 1.0, op=lambda a, b: x),
        "from_numpy": lambda ctx, x: vector(ctx).from_numpy(x),
        "from_global": lambda ctx, x: vector(ctx).from_global(x),
        "set": lambda ctx, x: vector(ctx).set(slice(0, 2), x),
        "fill": lambda ctx, x: vector(ctx).fill(x),
        "item": lambda ctx, x: vector(ctx).__setitem__(2 * ctx.rank, x),
        "keys": lambda ctx, x: table(ctx).insert(x, [1.0, 2.0]),
        "values": lambda ctx, x: table(ctx).insert([1.0, 2.0], x),
    }


@pytest.mark.parametrize("name", calls())
@pytest.mark.parametrize("data, cure", CARRIERS)
def test_what_carries_more_is_refused(name: str, data: Any, cure: str) -> None:
    if name in ("fill", "item") and isinstance(data, (list, tuple, collections.deque, WithMask)):
        pytest.skip("these take one number")
    for failure in failures_on_ranks(2, lambda ctx: calls()[name](ctx, data)):
        # One rank says so, and the others what has happened there.
        assert isinstance(failure, (TypeError, dtl.CommunicationError))
        assert re.search(cure, str(failure))


@pytest.mark.parametrize("data, cure", CARRIERS)
def test_operands_that_carry_more_are_refused(data: Any, cure: str) -> None:
    vec = dtl.DistributedVector(CTX, 2)
    uses: List[Callable[[], Any]] = [lambda: np.add(vec, data), lambda: np.clip(vec, data, 1), lambda: np.where(vec > 0, vec, data)]
    if isinstance(data, np.ndarray):
        uses += [lambda: vec + data, lambda: vec.__iadd__(data), lambda: data + vec]
    if np.shape(data) == vec.shape:
        uses.append(lambda: np.array_equal(data, vec))
    for use in uses:
        with pytest.raises((TypeError, ValueError), match=cure + r"|local_view\(\)"):
            use()


@pytest.mark.parametrize("data, cure", CARRIERS[:3])
def test_results_are_not_written_behind_a_mask(data: Any, cure: str) -> None:
    with pytest.raises(dtl.ArgumentTypeError, match=cure):
        dtl.allreduce(CTX, np.ones(data.shape), out=data)

    def rank(ctx: dtl.Context) -> Any:
        return dtl.broadcast(ctx, np.ones(data.shape) if ctx.is_root else data.copy())

    for failure in failures_on_ranks(2, rank):
        assert re.search(cure, str(failure))


def test_numbers_that_are_masked_are_refused() -> None:
    hidden = np.ma.array(3, mask=True)
    for call in (lambda: dtl.DistributedVector(CTX, hidden), lambda: dtl.broadcast(CTX, 1, root=hidden)):
        with pytest.raises(TypeError, match=r"x\.filled\(value\)"):
            call()


def test_classes_that_show_elements_in_another_way_pass(tmp_path: Path) -> None:
    mapped = np.lib.format.open_memmap(tmp_path / "data.npy", "w+", np.float64, (3,))
    for data in (np.matrix([[1.0, 2.0]]), np.ones(3).view(np.recarray), mapped):
        for result in on_ranks(2, lambda ctx: dtl.allreduce(ctx, data, op="max")):
            assert type(result) is np.ndarray
            np.testing.assert_array_equal(result, np.asarray(data))


def test_masks_travel_with_objects() -> None:
    for received in on_ranks(2, lambda ctx: dtl.broadcast_object(ctx, MASKED if ctx.is_root else None)):
        assert received.mask.tolist() == [False, True]


def test_a_message_that_cannot_be_sent_is_known_at_once() -> None:
    with pytest.raises(dtl.ArgumentTypeError, match=r"x\.filled\(value\)"):
        dtl.isend(CTX, MASKED, 0)
