"""Elements by their global indices, from any rank: `get` and `set` against NumPy's indexing."""

from typing import Any, List

import numpy as np
import pytest

import dtl
from ranks import LINES, alone, distributed, failures_on_ranks, on_ranks

PARTITIONS = ["block", "cyclic", "block_cyclic", "hash", "replicated"]
SIZE = 11
SLICES = [
    slice(None),
    slice(2, 9),
    slice(1, None, 3),
    slice(-4, None),
    slice(None, -4, 2),
    slice(None, None, -1),
    slice(9, 2, -3),
    slice(-2, None, -4),
    slice(4, 4),
    slice(7, 3),
    slice(3, 7, -1),
    slice(-100, 100, 100),
    slice(100, -100, -100),
]
INTEGERS = [0, 5, SIZE - 1, -1, -SIZE, np.int8(3)]


def same(found: Any, expected: Any) -> None:
    assert type(found) is type(expected)
    assert found.dtype == expected.dtype and found.shape == expected.shape
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("kind", LINES)
@pytest.mark.parametrize("ranks", [1, 2, 4])
@pytest.mark.parametrize("partition", PARTITIONS)
def test_get_gives_every_rank_what_numpy_gives(partition: str, ranks: int, kind: Any) -> None:
    def program(ctx: dtl.Context) -> None:
        for dtype in ("float64", "bool", "complex64"):
            whole = np.asarray(np.arange(SIZE) % 3, dtype)
            line = distributed(ctx, whole, partition, kind)
            for key in SLICES + INTEGERS:
                same(line.get(key), whole[key])

    on_ranks(ranks, program)


@pytest.mark.parametrize("kind", LINES)
@pytest.mark.parametrize("ranks", [1, 2, 4])
@pytest.mark.parametrize("partition", PARTITIONS)
def test_set_stores_what_numpy_stores(partition: str, ranks: int, kind: Any) -> None:
    def program(ctx: dtl.Context) -> None:
        whole = np.arange(SIZE, dtype=np.int32)
        line = distributed(ctx, whole, partition, kind)
        line.sync()

        def store(key: Any, values: Any) -> None:
            line.set(key, values)
            whole[key] = values
            np.testing.assert_array_equal(line.local_view(), whole[line.global_indices()])

        for number, key in enumerate(SLICES):
            count = len(whole[key])
            store(key, np.arange(count, dtype=np.int32) + 100 * number)
            store(key, -number)
            store(key, [number + place for place in range(count)])
        for key in INTEGERS:
            store(key, int(key) + 1000)
            store(key, np.int32(key))
        # All copies have been written to alike.
        assert not line.is_dirty()

    on_ranks(ranks, program)


def test_an_element_may_be_where_it_is_read_from() -> None:
    def program(ctx: dtl.Context) -> List[int]:
        line = distributed(ctx, np.arange(6))
        line.set(slice(None), line.get(slice(None, None, -1)))
        return line.get(slice(None)).tolist()

    assert on_ranks(2, program) == [[5, 4, 3, 2, 1, 0]] * 2


@pytest.mark.parametrize("index", [4, -5, 2**63])
def test_there_must_be_such_an_element(index: int) -> None:
    def get(ctx: dtl.Context) -> None:
        line = distributed(ctx, np.arange(4))
        # One rank is wrong, and all are told.
        line.get(index if ctx.rank == 1 else 0)

    for error in failures_on_ranks(2, get):
        assert isinstance(error, dtl.BoundsError)
        assert f"index is {index}" in str(error)
    with pytest.raises(IndexError):
        distributed(alone(), np.arange(4)).set(index, 1)
    with pytest.raises(dtl.BoundsError, match="no elements"):
        distributed(alone(), np.arange(0)).get(0)


@pytest.mark.parametrize("index", [1.0, "a", None, True, (1.0,), [0, 1]])
def test_an_index_is_an_integer_or_a_slice(index: Any) -> None:
    with pytest.raises(TypeError, match="index is .* must be an integer"):
        distributed(alone(), np.arange(4)).get(index)


def test_a_line_has_one_dimension() -> None:
    line = distributed(alone(), np.arange(4))
    same(line.get(...), np.arange(4))
    same(line.get((slice(2),)), np.arange(2))
    with pytest.raises(IndexError, match="there is 1 dimension"):
        line.get((1, 2))


def test_a_step_is_not_zero() -> None:
    with pytest.raises(ValueError, match="zero"):
        distributed(alone(), np.arange(4)).get(slice(None, None, 0))


def test_ranks_must_mean_the_same_elements() -> None:
    def get(ctx: dtl.Context) -> None:
        distributed(ctx, np.arange(4)).get(slice(ctx.rank, 3))

    for error in failures_on_ranks(2, get):
        assert isinstance(error, dtl.ContractError) and "first" in str(error)


def test_ranks_must_pass_the_same_values() -> None:
    def set_(ctx: dtl.Context) -> None:
        distributed(ctx, np.arange(4)).set(slice(2), ctx.rank)

    for error in failures_on_ranks(2, set_):
        assert isinstance(error, dtl.ContractError) and "elements differ" in str(error)


@pytest.mark.parametrize("values", [[1, 2], np.arange(3.0), np.arange(4).reshape(2, 2), np.arange(3)[:, None]])
def test_values_fit(values: Any) -> None:
    line = distributed(alone(), np.arange(5))
    for key in (slice(3), slice(None, 1, -1)):
        with pytest.raises(ValueError):
            line.set(key, values)
        assert line.local_view().tolist() == list(range(5))
