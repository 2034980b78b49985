"""Vectors in Python: dtypes, protocols. Where elements are is tested in Rust, against its own oracle."""

import sys
from typing import Any

import numpy as np
import pytest

import dtl
from ranks import alone, on_ranks

CTX = alone()


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


def test_sizes_under_the_names_of_numpy() -> None:
    for dtype in ("int8", "float16", "float64", "complex128"):
        def rank(ctx: dtl.Context) -> Any:
            vec = dtl.DistributedVector(ctx, 12, dtype=dtype)
            return len(vec), vec.size, vec.itemsize, vec.nbytes

        array = np.zeros(12, dtype)
        assert on_ranks(2, rank) == [(len(array), array.size, array.itemsize, array.nbytes)] * 2


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
