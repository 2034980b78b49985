"""Collectives of arrays that differ in their first dimension, against NumPy, at random and with wrong numbers."""

from typing import Any, Callable, Dict, List, Optional, Tuple

import numpy as np
import pytest

import dtl
from ranks import assert_results, failures_on_ranks, on_ranks

DTYPES = ["int8", "int64", "uint16", "float32", "float64", "bool", "complex128", "float16", "V1"]
CASES = [(size, seed) for size in (1, 2, 3, 4) for seed in range(15)]


def draw(random: np.random.RandomState, shape: Tuple[int, ...], dtype: str) -> np.ndarray:
    numbers = random.randint(0, 100, shape)
    return numbers.astype(np.uint8).view("V1") if dtype == "V1" else numbers.astype(dtype)


def case(size: int, seed: int) -> Tuple[np.random.RandomState, Tuple[int, ...], str, int]:
    """A source of random numbers, the shape of a row, a dtype and the largest number of rows."""
    random = np.random.RandomState(1000 * size + seed)
    row = [(), (3,), (2, 2), (0,)][random.randint(4) if seed else 0]
    return random, row, DTYPES[random.randint(len(DTYPES))], [3, 8, 5000][seed % 3]


def displaced(random: np.random.RandomState, counts: List[int], gaps: bool) -> List[int]:
    """Where blocks of these sizes can be in any order, with or without something between them."""
    displs, end = [0] * len(counts), 0
    for rank in random.permutation(len(counts)):
        end += random.randint(3) if gaps else 0
        displs[rank] = end
        end += counts[rank]
    return displs


def joined(arrays: List[np.ndarray], displs: Optional[List[int]]) -> np.ndarray:
    if displs is None:
        return np.concatenate(arrays)
    result = np.zeros((max(d + len(a) for d, a in zip(displs, arrays)), *arrays[0].shape[1:]), arrays[0].dtype)
    for first, array in zip(displs, arrays):
        result[first : first + len(array)] = array
    return result


@pytest.mark.parametrize("size, seed", CASES)
@pytest.mark.parametrize("known", [False, True])
def test_gatherv_and_allgatherv(size: int, seed: int, known: bool) -> None:
    random, row, dtype, most = case(size, seed)
    counts = random.randint(0, most, size).tolist()
    sent = [draw(random, (count, *row), dtype) for count in counts]
    displs = displaced(random, counts, True) if seed % 2 else None
    root = random.randint(size)
    wanted = joined(sent, displs)
    given = {"recvcounts": np.array(counts) if known else None, "displs": displs}
    assert_results(on_ranks(size, lambda ctx: dtl.allgatherv(ctx, sent[ctx.rank], **given)), [wanted] * size)

    def gathered(ctx: dtl.Context) -> Any:
        # What other ranks say does not count.
        own = given if ctx.rank == root else {"recvcounts": [7], "displs": [1, 2, 3]}
        return dtl.gatherv(ctx, sent[ctx.rank], root=root, **own)

    assert_results(on_ranks(size, gathered), [wanted if rank == root else None for rank in range(size)])

    def filled(ctx: dtl.Context) -> Any:
        out = np.zeros(wanted.shape, wanted.dtype)
        assert dtl.allgatherv(ctx, sent[ctx.rank], **given, out=out) is out
        return out

    assert_results(on_ranks(size, filled), [wanted] * size)


@pytest.mark.parametrize("size, seed", CASES)
@pytest.mark.parametrize("filled", [False, True])
def test_scatterv(size: int, seed: int, filled: bool) -> None:
    random, row, dtype, most = case(size, seed)
    counts = random.randint(0, most, size).tolist()
    displs = displaced(random, counts, True) if seed % 2 else None
    firsts = displs or np.cumsum([0, *counts[:-1]]).tolist()
    data = draw(random, (max(d + c for d, c in zip(firsts, counts)) + 1, *row), dtype)
    root = random.randint(size)

    def rank(ctx: dtl.Context) -> Any:
        out = np.zeros((counts[ctx.rank], *row), data.dtype) if filled else None
        if ctx.rank == root:
            return dtl.scatterv(ctx, data, counts, displs, root, out=out)
        result = dtl.scatterv(ctx, object(), root=root, out=out)
        assert out is None or result is out
        return result

    assert_results(on_ranks(size, rank), [data[d : d + c] for d, c in zip(firsts, counts)])


@pytest.mark.parametrize("size, seed", CASES)
@pytest.mark.parametrize("known", [False, True])
def test_alltoallv(size: int, seed: int, known: bool) -> None:
    random, row, dtype, most = case(size, seed)
    counts = random.randint(0, most, (size, size))
    blocks = [[draw(random, (counts[i, j], *row), dtype) for j in range(size)] for i in range(size)]
    sdispls = [displaced(random, counts[i].tolist(), True) if seed % 2 else None for i in range(size)]
    rdispls = [displaced(random, counts[:, j].tolist(), True) if seed % 4 > 1 else None for j in range(size)]
    sent = [joined(blocks[i], sdispls[i]) for i in range(size)]
    wanted = [joined([blocks[i][j] for i in range(size)], rdispls[j]) for j in range(size)]

    def rank(ctx: dtl.Context) -> Any:
        r = ctx.rank
        return dtl.alltoallv(ctx, sent[r], counts[r], sdispls[r], counts[:, r] if known else None, rdispls[r])

    assert_results(on_ranks(size, rank), wanted)


@pytest.mark.parametrize("count", [2, 3000])
def test_alltoallv_in_place(count: int) -> None:
    def rank(ctx: dtl.Context) -> Any:
        data = np.repeat(np.arange(4) + 10 * ctx.rank, count)
        dtl.alltoallv(ctx, data, [count] * 4, recvcounts=[count] * 4, out=data)
        return data

    wanted = [np.repeat(np.arange(4) * 10 + rank, count) for rank in range(4)]
    assert_results(on_ranks(4, rank), wanted)


Wrong = Tuple[str, type, Callable[[dtl.Context, np.ndarray], Any]]
WRONG: List[Wrong] = [
    (
        "allgatherv: rank 1 sends {5} elements, rank 0 expects {4} from it",
        dtl.ContractError,
        lambda ctx, x: dtl.allgatherv(ctx, x, [len(x) - ctx.rank, len(x) - 1 + ctx.rank] if ctx.is_root else None),
    ),
    (
        "gatherv: rank 0 sends {5} elements, rank 1 expects {4} from it",
        dtl.ContractError,
        lambda ctx, x: dtl.gatherv(ctx, x, 1, [len(x) - 1, len(x)]),
    ),
    (
        "sends {5} elements of float64 with shape [{5}] to rank 1, which has a place for elements of float64 with shape [{4}]",
        dtl.ContractError,
        lambda ctx, x: dtl.scatterv(
            ctx, np.concatenate([x, x]), [len(x), len(x)], out=np.zeros(len(x) - ctx.rank)
        ),
    ),
    (
        "alltoallv: rank 1 sends {4} elements, rank 0 expects {5} from it",
        dtl.ContractError,
        lambda ctx, x: dtl.alltoallv(
            ctx, np.concatenate([x, x]), [len(x) - ctx.rank, len(x)], recvcounts=[len(x), len(x)]
        ),
    ),
    (
        "the blocks of ranks 0 and 1 overlap: displs[0] is 0 for {5} rows and displs[1] is {4} for {5}",
        dtl.InvalidArgumentError,
        lambda ctx, x: dtl.allgatherv(ctx, x, displs=[0, len(x) - 1] if ctx.is_root else None),
    ),
    (
        "sendcounts[1] is {5} and displs[1] is 1, but data has {5} rows",
        dtl.BoundsError,
        lambda ctx, x: dtl.scatterv(ctx, x, [0, len(x)], [0, 1]),
    ),
    (
        "sendcounts[1] is {5} and sdispls[1] is 1, but data has {5} rows",
        dtl.BoundsError,
        lambda ctx, x: dtl.alltoallv(ctx, x, [0, len(x)], [0, 1]),
    ),
    (
        "recvcounts has 3 numbers, but there are 2 ranks",
        dtl.InvalidArgumentError,
        lambda ctx, x: dtl.allgatherv(ctx, x, [1, 2, 3] if ctx.is_root else None),
    ),
    (
        "sendcounts is missing",
        dtl.InvalidArgumentError,
        lambda ctx, x: dtl.alltoallv(ctx, x),
    ),
    (
        "shape of a row differs between ranks: rank 0 passes (), rank 1 passes (2,)",
        dtl.ContractError,
        lambda ctx, x: dtl.allgatherv(ctx, x if ctx.is_root else np.stack([x, x], axis=1)),
    ),
    (
        "dtype differs between ranks",
        dtl.ContractError,
        lambda ctx, x: dtl.allgatherv(ctx, x if ctx.is_root else x.astype("int8")),
    ),
    (
        "data is a single value, which has no rows",
        dtl.InvalidArgumentError,
        lambda ctx, x: dtl.gatherv(ctx, x if ctx.is_root else 1.0),
    ),
    (
        "out has the shape",
        dtl.InvalidArgumentError,
        lambda ctx, x: dtl.allgatherv(ctx, x, out=np.zeros(3) if ctx.is_root else None),
    ),
]


@pytest.mark.parametrize("scale", [1, 1000])
@pytest.mark.parametrize("text, kind, call", WRONG)
def test_wrong_numbers_are_everybodys_error(
    text: str, kind: type, call: Callable[[dtl.Context, np.ndarray], Any], scale: int
) -> None:
    for number in (4, 5):
        text = text.replace(f"{{{number}}}", str(5 * scale - (5 - number)))
    found = failures_on_ranks(2, lambda ctx: call(ctx, np.ones(5 * scale)))
    for failure in found:
        assert text in str(failure)
        assert isinstance(failure, kind)
    assert str(found[0]) == str(found[1])


SHARING: Dict[str, Callable[[dtl.Context, np.ndarray, np.ndarray], Any]] = {
    "gatherv": lambda ctx, data, out: dtl.gatherv(ctx, data, 0, out=out if ctx.is_root else None),
    "scatterv": lambda ctx, data, out: dtl.scatterv(ctx, data, [len(out)] * ctx.size, out=out),
    "allgatherv": lambda ctx, data, out: dtl.allgatherv(ctx, data, out=out),
    "alltoallv": lambda ctx, data, out: dtl.alltoallv(ctx, data, [len(data) // ctx.size] * ctx.size, out=out),
}


@pytest.mark.parametrize("shift", [0, 1, 3])
@pytest.mark.parametrize("count", [4, 5000])
@pytest.mark.parametrize("name", SHARING)
def test_out_that_shares_memory_with_data_is_refused_or_right(name: str, count: int, shift: int) -> None:
    """What overlaps is either an error on every rank, or gives what separate arrays give."""
    sizes = {"gatherv": (1, 2), "scatterv": (2, 1), "allgatherv": (1, 2), "alltoallv": (2, 2)}[name]
    into, outof = (factor * count for factor in sizes)

    def rank(ctx: dtl.Context) -> Any:
        memory = np.arange(into + outof + shift) + 1000 * ctx.rank
        data = memory[:into]
        wanted = SHARING[name](ctx, data.copy(), np.empty(outof, memory.dtype))
        try:
            return SHARING[name](ctx, data, memory[shift : shift + outof]), wanted
        except dtl.DTLError as error:
            return str(error), wanted

    results = on_ranks(2, rank)
    refused = [result for result, _ in results if isinstance(result, str)]
    assert len(refused) in (0, 2), "an error concerns every rank"
    assert all("out" in text and "memory" in text for text in refused)
    if not refused:
        assert_results([result for result, _ in results], [wanted for _, wanted in results])
