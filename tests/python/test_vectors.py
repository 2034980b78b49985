"""Vectors in Python: views and lifetimes, dtypes, protocols. Where elements are is tested in Rust, against its own oracle."""

import gc
import sys
import weakref
from typing import Any

import numpy as np
import pytest

import dtl
from dtl import _dtl  # type: ignore[attr-defined]
from ranks import alone, on_ranks

CTX = alone()


def test_a_view_is_the_memory_of_the_vector() -> None:
    vec = dtl.DistributedVector(CTX, 10)
    view = vec.local_view()
    assert view.base is vec
    assert view.flags.c_contiguous and view.flags.aligned and view.flags.writeable and not view.flags.owndata
    view[:] = np.arange(10)
    np.testing.assert_array_equal(vec.to_numpy(), np.arange(10))
    vec.from_numpy(np.ones(10))
    np.testing.assert_array_equal(view, np.ones(10))
    assert np.shares_memory(view, vec.local_view())


def test_a_view_keeps_its_vector_alive() -> None:
    view = dtl.DistributedVector(CTX, 1000, fill=3.0).local_view()[10:20]
    gc.collect()
    np.testing.assert_array_equal(view, np.full(10, 3.0))
    view[:] = 0


def test_views_and_vectors_leave_nothing_behind() -> None:
    gc.collect()
    before = _dtl._live_objects()
    contexts = dtl.Context.threads(2)
    vec = dtl.DistributedVector(alone(), 1000)
    views = [vec.local_view()[:5] for _ in range(10)]
    assert _dtl._live_objects() == before + 4
    del contexts, vec
    assert _dtl._live_objects() == before + 2, "the views keep the vector, the vector its context"
    del views
    assert _dtl._live_objects() == before


def test_a_cycle_through_a_view_is_collected() -> None:
    class Owner:
        view: Any

    before = _dtl._live_objects()
    owner = Owner()
    owner.view = dtl.DistributedVector(CTX, 1000).local_view().view(np.ndarray)
    owner.self = owner  # type: ignore[attr-defined]
    gone = weakref.ref(owner)
    del owner
    gc.collect()
    assert gone() is None
    assert _dtl._live_objects() == before


def resident_kibibytes() -> int:
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_memory_stays_flat() -> None:
    def drop(count: int) -> None:
        vec = dtl.DistributedVector(CTX, 1000)
        for _ in range(count):
            vec.local_view()
        for _ in range(count // 100):
            dtl.DistributedVector(CTX, 1000).local_view()[:] = 1.0

    drop(10_000)
    before = resident_kibibytes()
    drop(100_000)
    # One lost view of these would cost 10,000 KiB, one lost vector 8,000.
    assert resident_kibibytes() - before < 4_000


@pytest.mark.parametrize(
    "dtype, wanted",
    [
        (np.float32, "float32"),
        (np.dtype("int16"), "int16"),
        ("uint8", "uint8"),
        (int, "int64"),
        (float, "float64"),
        (bool, "bool"),
        (complex, "complex128"),
        ("f4", "float32"),
        ("V1", "V1"),
        (np.longlong, "int64"),
    ],
)
def test_dtypes(dtype: Any, wanted: str) -> None:
    vec = dtl.DistributedVector(CTX, 3, dtype)
    assert vec.dtype == np.dtype(wanted)
    assert vec.local_view().dtype == np.dtype(wanted)
    assert vec.to_numpy().dtype == np.dtype(wanted)


def test_out_of_methods() -> None:
    vec = dtl.DistributedVector(CTX, 4, fill=2.0)
    out = np.zeros(4)
    assert vec.to_numpy(out=out) is out
    np.testing.assert_array_equal(out, vec.local_view())
    indices = np.zeros(4, dtype=np.int64)
    assert vec.global_indices(out=indices) is indices
    np.testing.assert_array_equal(indices, np.arange(4))
    with pytest.raises(dtl.InvalidArgumentError, match="float32"):
        vec.to_numpy(out=np.zeros(4, dtype=np.float32))


def test_from_numpy_checks_shape_and_dtype() -> None:
    vec = dtl.DistributedVector(CTX, 4)
    vec.from_numpy([1.0, 2.0, 3.0, 4.0])
    np.testing.assert_array_equal(vec.local_view(), [1, 2, 3, 4])
    with pytest.raises(dtl.InvalidArgumentError):
        vec.from_numpy(np.zeros(5))
    with pytest.raises(dtl.InvalidArgumentError, match="float32"):
        vec.from_numpy(np.zeros(4, dtype=np.float32))
    np.testing.assert_array_equal(vec.local_view(), [1, 2, 3, 4])


def test_length_and_text() -> None:
    vec = dtl.DistributedVector(CTX, 12, dtype=np.int8)
    assert len(vec) == 12
    assert repr(vec).startswith("<dtl.DistributedVector: ") and "12" in repr(vec) and "int8" in repr(vec)
    assert repr(CTX).startswith("<dtl.Context: ")


def test_iteration_is_refused() -> None:
    vec = dtl.DistributedVector(CTX, 3)
    for use in (iter, list, sum, np.fromiter):
        with pytest.raises(TypeError, match=r"local_view\(\)"):
            use(vec, float) if use is np.fromiter else use(vec)
    with pytest.raises(TypeError):
        1.0 in vec


def test_classes_can_be_subscripted_in_annotations() -> None:
    alias = dtl.DistributedVector[np.float64]
    if sys.version_info >= (3, 9):
        assert alias.__origin__ is dtl.DistributedVector  # type: ignore[attr-defined]
    assert isinstance(alias(CTX, 3), dtl.DistributedVector)


def test_sizes_of_many_ranks() -> None:
    sizes = on_ranks(4, lambda ctx: dtl.DistributedVector(ctx, 10).local_size)
    assert sizes == [3, 3, 2, 2]
    empty = on_ranks(4, lambda ctx: dtl.DistributedVector(ctx, 0).local_view().shape)
    assert empty == [(0,)] * 4


def test_a_vector_outlives_its_closed_context() -> None:
    with alone() as ctx:
        vec = dtl.DistributedVector(ctx, 3, fill=1.0)
    np.testing.assert_array_equal(vec.local_view(), np.ones(3))
    with pytest.raises(dtl.DTLError) as failure:
        vec.barrier()
    assert failure.value.status is dtl.Status.INVALID_STATE
