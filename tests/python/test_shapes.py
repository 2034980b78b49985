"""Arrays whose shapes must be the same on all ranks, or all but their first dimension: what differs is an error on every rank that
names the shapes, and the context works afterwards."""

from typing import Any, Callable, Dict, List, Tuple

import numpy as np
import pytest

import dtl
from ranks import on_ranks, on_threads

Call = Callable[[dtl.Context, Any], Any]

WHOLE: Dict[str, Call] = {
    "allreduce": lambda ctx, data: dtl.allreduce(ctx, data),
    "allreduce_minloc": lambda ctx, data: dtl.allreduce_minloc(ctx, data),
    "allreduce_maxloc": lambda ctx, data: dtl.allreduce_maxloc(ctx, data),
    "reduce": lambda ctx, data: dtl.reduce(ctx, data),
    "scan": lambda ctx, data: dtl.scan(ctx, data),
    "exscan": lambda ctx, data: dtl.exscan(ctx, data),
    "gather": lambda ctx, data: dtl.gather(ctx, data),
    "allgather": lambda ctx, data: dtl.allgather(ctx, data),
    "allreduce_func": lambda ctx, data: dtl.allreduce(ctx, data, op=np.add),
    "reduce_func": lambda ctx, data: dtl.reduce(ctx, data, op=np.add),
    "scan_func": lambda ctx, data: dtl.scan(ctx, data, op=np.add),
    "exscan_func": lambda ctx, data: dtl.exscan(ctx, data, op=np.add),
    "iallreduce": lambda ctx, data: dtl.iallreduce(ctx, data).wait(),
    "ireduce": lambda ctx, data: dtl.ireduce(ctx, data).wait(),
    "iscan": lambda ctx, data: dtl.iscan(ctx, data).wait(),
    "iexscan": lambda ctx, data: dtl.iexscan(ctx, data).wait(),
    "igather": lambda ctx, data: dtl.igather(ctx, data).wait(),
    "iallgather": lambda ctx, data: dtl.iallgather(ctx, data).wait(),
}
"""Operations on an array of any shape, which is the same on all ranks."""

DIVIDED: Dict[str, Call] = {
    "alltoall": lambda ctx, data: dtl.alltoall(ctx, data),
    "reduce_scatter": lambda ctx, data: dtl.reduce_scatter(ctx, data),
    "reduce_scatter_func": lambda ctx, data: dtl.reduce_scatter(ctx, data, op=np.add),
    "ialltoall": lambda ctx, data: dtl.ialltoall(ctx, data).wait(),
    "ireduce_scatter": lambda ctx, data: dtl.ireduce_scatter(ctx, data).wait(),
}
"""Those on an array with a row for each rank."""

ROWS: Dict[str, Call] = {
    "gatherv": lambda ctx, data: dtl.gatherv(ctx, data),
    "allgatherv": lambda ctx, data: dtl.allgatherv(ctx, data),
    "alltoallv": lambda ctx, data: dtl.alltoallv(ctx, data, [len(data), *[0] * (ctx.size - 1)]),
    "igatherv": lambda ctx, data: dtl.igatherv(ctx, data).wait(),
    "iallgatherv": lambda ctx, data: dtl.iallgatherv(ctx, data).wait(),
    "ialltoallv": lambda ctx, data: dtl.ialltoallv(ctx, data, [len(data), *[0] * (ctx.size - 1)]).wait(),
}
"""Those on an array whose first dimension may differ between ranks."""

PAIRS = [
    ((3, 2), (2, 3)),
    ((6,), (6, 1)),
    ((6,), (2, 3)),
    ((2, 3, 4), (2, 4, 3)),
    ((0, 3), (3, 0)),
    ((), (1,)),
    ((1,), (1, 1)),
    ((1,) * 8, (1,) * 9),
    ((300, 200), (200, 300)),
]
"""Two shapes with as many elements."""


def refused(size: int, call: Callable[[dtl.Context, bool], Any], on: Callable[..., List[Any]] = on_ranks) -> str:
    """The text of the error that every rank gets from a call, which is told whether it is made by the last rank."""

    def rank(ctx: dtl.Context) -> str:
        with pytest.raises(dtl.ContractError) as caught:
            call(ctx, ctx.rank == size - 1)
        assert dtl.allreduce(ctx, 1) == size, "the context works"
        return str(caught.value)

    texts = set(on(size, rank))
    assert len(texts) == 1, texts
    return texts.pop()


def shown(shape: Tuple[int, ...]) -> str:
    return str(shape) if len(shape) < 9 else str(shape[:8])[:-1] + ", ...)"


@pytest.mark.parametrize("size", [2, 3])
@pytest.mark.parametrize("name", WHOLE)
def test_the_last_rank_passes_another_shape(name: str, size: int) -> None:
    for common, other in [*PAIRS, *((b, a) for a, b in PAIRS)]:
        text = refused(size, lambda ctx, last: WHOLE[name](ctx, np.ones(other if last else common)))
        assert text.startswith(f"{name}: shape differs between ranks: rank"), text
        assert f"{shown(common)}, rank {size - 1} passes {shown(other)}. Every rank must pass" in text
        assert ("single value" in text) == (() in (common, other))


@pytest.mark.parametrize("size", [2, 3])
@pytest.mark.parametrize("name", DIVIDED)
def test_the_last_rank_passes_rows_of_another_shape(name: str, size: int) -> None:
    for common, other in PAIRS:
        text = refused(
            size, lambda ctx, last: DIVIDED[name](ctx, np.ones((size, *(other if last else common))))
        )
        assert text.startswith(f"{name}: shape differs between ranks: rank"), text


@pytest.mark.parametrize("size", [2, 3])
@pytest.mark.parametrize("name", ROWS)
def test_only_the_first_dimension_may_differ(name: str, size: int) -> None:
    for common, other in PAIRS:
        text = refused(
            size, lambda ctx, last: ROWS[name](ctx, np.ones((ctx.rank + 1, *(other if last else common))))
        )
        assert text.startswith(f"{name}: shape of a row differs between ranks: rank"), text
        assert f"rank {size - 1} passes {shown(other)}. Arrays may differ in the first dimension alone." in text


@pytest.mark.parametrize("kind", [int, float, np.float64, np.array])
def test_a_single_value_is_no_array_of_one(kind: Callable[[int], Any]) -> None:
    text = refused(3, lambda ctx, last: dtl.allreduce(ctx, kind(1) if last else np.ones(1, np.asarray(kind(1)).dtype)))
    assert "ranks 0-1 pass (1,), rank 2 passes ()" in text
    assert "pass single values on all ranks, or arrays on all" in text


def test_more_ranks_than_tell_each_other_everything() -> None:
    """More than any world of the tests has, and so always on threads."""
    text = refused(66, lambda ctx, last: dtl.allreduce(ctx, np.ones((3, 2) if last else (2, 3))), on_threads)
    assert "ranks 0-64 pass (2, 3), rank 65 passes (3, 2)" in text


@pytest.mark.parametrize("size", [2, 3])
def test_each_shape_is_named_once(size: int) -> None:
    text = refused(size, lambda ctx, last: dtl.allgather(ctx, np.ones((ctx.rank + 1, 60 // (ctx.rank + 1)))))
    assert ", ".join(f"rank {rank} passes ({rank + 1}, {60 // (rank + 1)})" for rank in range(size)) in text


@pytest.mark.parametrize("shape", [(6,), (2, 3), (3, 2), (6, 1), (1, 2, 3)])
def test_a_container_gets_its_own_shape(shape: Tuple[int, ...]) -> None:
    def rank(ctx: dtl.Context) -> None:
        tensor = dtl.DistributedTensor(ctx, (2, 3))
        data = np.arange(6.0).reshape(shape)
        if shape == (2, 3):
            tensor.from_global(data)
            assert np.array_equal(tensor.get(slice(None)), data)
            return
        with pytest.raises(dtl.InvalidArgumentError, match=r"has the shape .*, but the container has \[2, 3\]"):
            tensor.from_global(data)

    on_ranks(2, rank)
