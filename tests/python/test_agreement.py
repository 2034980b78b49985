"""Calls that do not match between ranks: every rank gets the same exception, and the context works afterwards."""

from typing import Any, Callable, Dict, List

import numpy as np
import pytest

import dtl
from ranks import on_ranks

# What all ranks pass, and what the last one passes instead in some case.
COMMON: Dict[str, Any] = {"count": 3, "dtype": "float64", "op": "sum", "root": 0}
OTHER: Dict[str, Any] = {"count": 4, "dtype": "int32", "op": "max", "root": 1}
WRONG: Dict[str, Any] = {"dtype": "U1", "op": "no such operator", "root": 99}


def data(ctx: dtl.Context, call: Dict[str, Any]) -> np.ndarray:
    return np.ones(call["count"], call["dtype"])


def rows(ctx: dtl.Context, call: Dict[str, Any]) -> np.ndarray:
    return np.ones((ctx.size, call["count"]), call["dtype"])


CALLS: Dict[str, Callable[[dtl.Context, Dict[str, Any]], Any]] = {
    "allreduce": lambda ctx, call: dtl.allreduce(ctx, data(ctx, call), op=call["op"]),
    "reduce": lambda ctx, call: dtl.reduce(ctx, data(ctx, call), op=call["op"], root=call["root"]),
    "broadcast": lambda ctx, call: dtl.broadcast(ctx, data(ctx, call), root=call["root"]),
    "gather": lambda ctx, call: dtl.gather(ctx, data(ctx, call), root=call["root"]),
    "scatter": lambda ctx, call: dtl.scatter(ctx, np.ones((ctx.size, call["count"])), root=call["root"]),
    "allgather": lambda ctx, call: dtl.allgather(ctx, data(ctx, call)),
    "alltoall": lambda ctx, call: dtl.alltoall(ctx, rows(ctx, call)),
    "reduce_scatter": lambda ctx, call: dtl.reduce_scatter(ctx, rows(ctx, call), op=call["op"]),
    "scan": lambda ctx, call: dtl.scan(ctx, data(ctx, call), op=call["op"]),
    "exscan": lambda ctx, call: dtl.exscan(ctx, data(ctx, call), op=call["op"]),
    "barrier": lambda ctx, call: dtl.barrier(ctx),
    "dup": lambda ctx, call: ctx.dup(),
    "split": lambda ctx, call: ctx.split(0),
}
FIELDS = {
    "allreduce": ["count", "dtype", "op"],
    "reduce": ["count", "dtype", "op", "root"],
    "broadcast": ["count", "dtype", "root"],
    "gather": ["count", "dtype", "root"],
    "scatter": ["root"],
    "allgather": ["count", "dtype"],
    "alltoall": ["count", "dtype"],
    "reduce_scatter": ["count", "dtype", "op"],
    "scan": ["count", "dtype", "op"],
    "exscan": ["count", "dtype", "op"],
}

# Operations of whose arrays each rank gets a part: what is compared are the elements for all ranks.
DIVIDING = ["alltoall", "reduce_scatter"]
CASES = [(operation, field) for operation, fields in FIELDS.items() for field in fields]


def failures(size: int, function: Callable[[dtl.Context, bool], Any]) -> List[dtl.DTLError]:
    """What all ranks get from `function`, which is told whether it runs on the last rank: all the same."""

    def rank(ctx: dtl.Context) -> dtl.DTLError:
        with pytest.raises(dtl.DTLError) as caught:
            function(ctx, ctx.rank == size - 1)
        assert dtl.allreduce(ctx, 1) == size, "the context works"
        return caught.value

    found = on_ranks(size, rank)
    assert len({(type(failure), failure.status, str(failure)) for failure in found}) == 1
    return found


@pytest.mark.parametrize("size", [2, 4])
@pytest.mark.parametrize("scale", [1, 1000])
@pytest.mark.parametrize("operation, field", CASES)
def test_the_last_rank_passes_something_else(operation: str, field: str, scale: int, size: int) -> None:
    common = {**COMMON, "count": 3 * scale}
    other = {**common, field: 4 * scale if field == "count" else OTHER[field]}
    failure = failures(size, lambda ctx, last: CALLS[operation](ctx, other if last else common))[0]
    assert type(failure) is dtl.ContractError
    assert failure.status is dtl.Status.COLLECTIVE_PARTICIPATION
    assert str(failure).startswith(f"{operation}: ")
    assert f"rank {size - 1}" in str(failure)
    parts = size if field == "count" and operation in DIVIDING else 1
    for value in (common[field], other[field]):
        assert str(value * parts) in str(failure)


@pytest.mark.parametrize("size", [2, 4])
@pytest.mark.parametrize("operation, field", [case for case in CASES if case[1] in WRONG and case[0] != "broadcast"])
def test_the_last_rank_passes_what_nobody_may(operation: str, field: str, size: int) -> None:
    wrong = {**COMMON, field: WRONG[field]}
    failure = failures(size, lambda ctx, last: CALLS[operation](ctx, wrong if last else COMMON))[0]
    assert type(failure) is dtl.InvalidArgumentError
    assert failure.rank == size - 1
    assert str(failure).endswith(f"(found on rank {size - 1})")


@pytest.mark.parametrize("size", [2, 4])
@pytest.mark.parametrize("operation", CALLS)
def test_the_last_rank_calls_something_else(operation: str, size: int) -> None:
    other = "allreduce" if operation == "barrier" else "barrier"
    failure = failures(size, lambda ctx, last: CALLS[other if last else operation](ctx, COMMON))[0]
    assert type(failure) is dtl.ContractError
    assert str(failure).startswith("the ranks call different operations: ")
    assert operation in str(failure) and other in str(failure)


@pytest.mark.parametrize("size", [2, 4])
@pytest.mark.parametrize(
    "argument, common, other",
    [
        ("size", 10, 11),
        ("dtype", "float64", "float32"),
        ("partition", "block", "cyclic"),
        ("block_size", 2, 3),
    ],
)
def test_the_last_rank_makes_another_vector(argument: str, common: Any, other: Any, size: int) -> None:
    def make(ctx: dtl.Context, last: bool) -> Any:
        arguments: Dict[str, Any] = {"size": 10, "partition": "block_cyclic", argument: other if last else common}
        return dtl.DistributedVector(ctx, **arguments)

    failure = failures(size, make)[0]
    assert type(failure) is dtl.ContractError
    assert f"{argument} differs between ranks" in str(failure)
    assert str(common) in str(failure) and f"rank {size - 1} passes {other}" in str(failure)


def halo_of(ctx: dtl.Context) -> dtl.Halo:
    return dtl.DistributedVector(ctx, 8, fill=1).halo(1, boundary="periodic")


def begin_and_end(halo: dtl.Halo) -> None:
    halo.begin()
    halo.end()


PAIRS: Dict[str, List[Callable[[Any], Any]]] = {
    "barrier": [lambda ctx: ctx.barrier(), lambda ctx: dtl.barrier(ctx)],
    "exchange": [lambda halo: halo.exchange(), begin_and_end],
    "sum": [lambda x: x.sum(), np.sum],
    "max": [lambda x: x.max(), np.max],
}
"""Calls that are one operation to those who call them."""


@pytest.mark.parametrize("size", [2, 3])
@pytest.mark.parametrize("name", PAIRS)
def test_ranks_may_write_an_operation_in_different_ways(name: str, size: int) -> None:
    def rank(ctx: dtl.Context) -> None:
        on = ctx
        if name == "exchange":
            on = halo_of(ctx)
        elif name != "barrier":
            on = dtl.DistributedVector(ctx, 8, fill=1)
        for turn in range(2 * size):
            gives = PAIRS[name][(ctx.rank + turn) % 2](on)
            assert gives == {"sum": 8, "max": 1}.get(name)
        if name == "exchange":
            assert on.local_view().tolist() == [1] * on.local_view().size
        with pytest.raises(dtl.ContractError, match=f"rank 0 calls .*{'begin' if name == 'exchange' else name}"):
            PAIRS[name][0](on) if ctx.rank == 0 else dtl.allreduce(ctx, 1)

    on_ranks(size, rank)
