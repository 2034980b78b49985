"""Maps in Python: what a dict's user expects, scalars and arrays, errors. Where keys are is tested in Rust, against a map of std."""

import gc
from typing import Any, Dict

import numpy as np
import pytest

import dtl
from dtl import _dtl  # type: ignore[attr-defined]
from ranks import alone, on_ranks

CTX = alone()


@pytest.mark.parametrize("ranks", [1, 2, 4])
def test_find_sees_what_every_rank_inserted(ranks: int) -> None:
    def body(ctx: dtl.Context) -> Any:
        m = dtl.DistributedMap(ctx, np.int64, np.float64)
        keys = np.arange(100) * ctx.size + ctx.rank
        m.insert(keys, np.sqrt(keys))
        m.sync()
        assert len(m) == m.global_size == 100 * ctx.size and not m.empty
        wanted = np.random.default_rng(ctx.rank).integers(0, 100 * ctx.size, (7, 3))
        np.testing.assert_array_equal(m.find(wanted), np.sqrt(wanted))
        out = np.zeros((7, 3))
        assert m.find(wanted, out=out) is out
        np.testing.assert_array_equal(out, np.sqrt(wanted))
        np.testing.assert_array_equal(m.contains(wanted - 50), wanted >= 50)
        assert m.find([]).shape == (0,)
        return m.local_size

    assert sum(on_ranks(ranks, body)) == 100 * ranks


@pytest.mark.parametrize("ranks", [1, 2, 4])
def test_views_are_sorted_and_complete(ranks: int) -> None:
    def body(ctx: dtl.Context) -> Any:
        m = dtl.DistributedMap(ctx, "int32", "uint8")
        if ctx.is_root:
            m.insert([5, -3, 8, 0], [50, 30, 80, 0])
        keys, values = m.global_view()
        np.testing.assert_array_equal(keys, np.array([-3, 0, 5, 8], np.int32))
        np.testing.assert_array_equal(values, np.array([30, 0, 50, 80], np.uint8))
        assert keys.dtype == np.int32 and values.dtype == np.uint8
        mine, theirs = m.local_view()
        np.testing.assert_array_equal(mine, keys[m.owner(keys) == ctx.rank])
        np.testing.assert_array_equal(theirs, values[m.owner(keys) == ctx.rank])
        mine[:] = 99
        np.testing.assert_array_equal(m.local_keys(), keys[m.owner(keys) == ctx.rank])

    on_ranks(ranks, body)


@pytest.mark.parametrize("ranks", [1, 2, 4])
def test_own_keys_are_as_in_a_dict(ranks: int) -> None:
    def body(ctx: dtl.Context) -> Any:
        m = dtl.DistributedMap(ctx, int, float)
        model: Dict[int, float] = {}
        for key in range(50):
            m[key] = key / 2
            if m.owner(key) == ctx.rank:
                model[key] = key / 2
                assert key in m and m[key] == key / 2
            else:
                assert m.is_dirty
                with pytest.raises(dtl.BoundsError, match=f"key {key} belongs to rank {m.owner(key)}.*find"):
                    m[key]
                with pytest.raises(dtl.BoundsError, match="contains"):
                    key in m
        assert m.local_size == len(model)
        assert dict(zip(*m.local_view())) == model
        m.sync()
        assert len(m) == 50
        for key in list(model)[::2]:
            del m[key]
            del model[key]
            assert key not in m
        assert dict(zip(*m.local_view())) == model
        m.sync()
        assert len(m) == dtl.allreduce(ctx, len(model))
        m.clear()
        assert len(m) == m.local_size == 0 and m.empty

    on_ranks(ranks, body)


def test_scalars_come_back_as_scalars() -> None:
    m = dtl.DistributedMap(CTX, np.int32, np.float32)
    m[3] = 1.5
    assert type(m[3]) is float and m[3] == 1.5
    assert type(m.find(3)) is float
    assert type(m.find(np.int64(3))) is np.float32
    assert type(m.contains(3)) is bool
    assert type(m.owner(3)) is int
    assert m.find(4, 2.5) == 2.5 and m.find(4, default_value=-1) == -1
    np.testing.assert_array_equal(m.find([3, 4], 0), np.array([1.5, 0], np.float32))


def test_numbers_become_what_the_map_holds() -> None:
    m = dtl.DistributedMap(CTX, np.uint8, np.complex64)
    m[200.0] = 1
    m.insert((1, 2), [1j, 2])
    np.testing.assert_array_equal(m.local_keys(), np.array([1, 2, 200], np.uint8))
    np.testing.assert_array_equal(m.local_values(), np.array([1j, 2, 1], np.complex64))
    for key in (256, -1, 1.5):
        with pytest.raises(dtl.InvalidArgumentError, match="uint8"):
            m[key] = 0
    with pytest.raises(dtl.InvalidArgumentError, match="keys has the data type int64.*uint8"):
        m.insert(np.array([1, 2]), [1, 2])
    with pytest.raises(dtl.InvalidArgumentError, match="shape"):
        m.insert([1, 2], [1, 2, 3])


def test_missing_keys_are_key_errors() -> None:
    m = dtl.DistributedMap(CTX, float, int)
    m[0.5] = 1
    for look in (lambda: m[0.25], lambda: m.find(0.25), lambda: m.find([0.5, 0.25])):
        with pytest.raises(KeyError, match="0.25"):
            look()
    assert 0.25 not in m
    del m[0.25]


def test_a_missing_key_is_an_error_on_all_ranks() -> None:
    def body(ctx: dtl.Context) -> Any:
        m = dtl.DistributedMap(ctx, int, int)
        m[ctx.rank] = 1
        m.sync()
        with pytest.raises(KeyError, match=r"key 7 is not in the map.*found on rank 1"):
            m.find([0] if ctx.rank == 0 else [7])
        with pytest.raises(dtl.InvalidArgumentError, match="found on rank 0"):
            m.find([0] if ctx.rank == 1 else "no key")
        return m.find([0, 1]).tolist()

    assert on_ranks(2, body) == [[1, 1], [1, 1]]


def owner_of(bits: int, ranks: int) -> int:
    """The owner of a key as the documentation defines it."""
    word = 2**64 - 1
    z = (bits + 0x9E3779B97F4A7C15) & word
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 & word
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB & word
    return (z ^ (z >> 31)) * ranks >> 64


@pytest.mark.parametrize("ranks", [2, 4])
def test_owners_are_those_of_the_documentation(ranks: int) -> None:
    def body(ctx: dtl.Context) -> Any:
        for dtype in (np.int8, np.uint16, np.int64, np.float32, np.float64):
            keys = np.array([0, 1, -1, 100, 7, 77], np.float64).astype(np.int64).astype(dtype)
            bits = keys.view(f"u{keys.itemsize}")
            owners = dtl.DistributedMap(ctx, dtype, int).owner(keys)
            assert owners.tolist() == [owner_of(int(key), ctx.size) for key in bits]

    on_ranks(ranks, body)


@pytest.mark.parametrize("ranks", [1, 2, 4])
def test_values_are_combined(ranks: int) -> None:
    def body(ctx: dtl.Context) -> Any:
        m = dtl.DistributedMap(ctx, np.int32, np.float64)
        keys = np.arange(20, dtype=np.int32) // 2
        m.combine(keys, np.full(20, 0.5))
        assert m.is_dirty and m.local_size == 0
        m.combine(3, ctx.rank + 2, op="max")
        m.sync()
        np.testing.assert_array_equal(m.global_keys(), np.arange(10))
        # Each rank's largest value comes after its sum, and before the next rank's.
        expected = 0.0
        for rank in range(ctx.size):
            expected = max(expected + 1, rank + 2)
        assert m.find(4) == ctx.size and m.find(3) == expected
        with pytest.raises(dtl.NotSupportedError, match="minloc"):
            m.combine(1, 1, op=dtl.MINLOC)
        with pytest.raises(dtl.NotSupportedError, match="float64"):
            m.combine(1, 1, op="band")

    on_ranks(ranks, body)


def test_zeros_are_one_key_and_nan_is_none() -> None:
    m = dtl.DistributedMap(CTX, float, int)
    m[-0.0] = 1
    assert m[0.0] == 1 and 0 in m
    with pytest.raises(dtl.InvalidArgumentError, match="NaN"):
        m[float("nan")] = 1


def test_keys_cannot_be_of_any_type() -> None:
    for dtype in (complex, np.complex64):
        with pytest.raises(dtl.NotSupportedError, match="complex"):
            dtl.DistributedMap(CTX, dtype, int)
    assert dtl.DistributedMap(CTX, "V1", "V1").key_dtype == np.dtype("V1")


def test_loops_and_texts() -> None:
    m = dtl.DistributedMap(CTX, bool, np.int16)
    m[True] = 4
    with pytest.raises(TypeError, match="local_view"):
        iter(m)
    assert "keys=bool, values=int16" in repr(m) and "1 keys" in repr(m)
    assert (m.key_dtype, m.value_dtype) == (np.dtype(bool), np.dtype("int16"))
    assert (m.rank, m.num_ranks, m.is_valid) == (0, 1, True)
    m.barrier()


def test_nothing_is_left() -> None:
    before = _dtl._live_objects()
    m = dtl.DistributedMap(CTX, int, int)
    m.insert(np.arange(1000), np.arange(1000))
    assert _dtl._live_objects() == before + 1
    del m
    gc.collect()
    assert _dtl._live_objects() == before
