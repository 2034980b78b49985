"""Every element type in every container: filled, seen without a copy, copied in and out, added up. Placements likewise."""

from typing import Any, Callable, Dict

import numpy as np
import pytest

import dtl
from ranks import failures_on_ranks, on_ranks

NAMES = [
    *["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"],
    *["float16", "bfloat16", "float32", "float64", "complex64", "complex128", "bool", "V1"],
]
CONTAINERS: Dict[str, Callable[..., Any]] = {
    "vector": lambda ctx, **rest: dtl.DistributedVector(ctx, 7, **rest),
    "array": lambda ctx, **rest: dtl.DistributedArray(ctx, 7, **rest),
    "tensor": lambda ctx, **rest: dtl.DistributedTensor(ctx, (7, 3), **rest),
}


def numpy_dtype(name: str) -> "np.dtype[Any]":
    """The dtype, which NumPy has of its own but for one."""
    if name == "bfloat16":
        return np.dtype(pytest.importorskip("ml_dtypes", reason="NumPy has no bfloat16 without it").bfloat16)
    return np.dtype(name)


def numbers(dtype: "np.dtype[Any]", shape: Any, seed: int) -> "np.ndarray[Any, Any]":
    """Small numbers, whose sums every type can hold."""
    values = np.random.default_rng(seed).integers(0, 2 if dtype == bool else 9, shape)
    return values.astype(np.uint8).view(dtype) if dtype.kind == "V" and dtype.itemsize == 1 else values.astype(dtype)


@pytest.mark.parametrize("make", CONTAINERS.values(), ids=CONTAINERS)
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("size", [1, 2])
def test_elements(size: int, name: str, make: Callable[..., Any]) -> None:
    dtype = numpy_dtype(name)

    def rank(ctx: dtl.Context) -> None:
        container = make(ctx, dtype=dtype)
        assert container.dtype == dtype and container.itemsize == dtype.itemsize
        view = container.local_view()
        assert view.dtype == dtype and not view.view(np.uint8).any(), "elements are zero at first"
        values = numbers(dtype, view.shape, ctx.rank)
        container.from_numpy(values)
        assert view.tobytes() == values.tobytes() and container.to_numpy().tobytes() == values.tobytes()
        # A byte is written as a number.
        one: Any = 1 if name == "V1" else dtype.type(1)
        container.fill(one)
        filled = make(ctx, dtype=name, fill=one)
        bits = b"\x01" if name == "V1" else np.ones(1, dtype).tobytes()
        assert view.tobytes() == bits * view.size == filled.to_numpy().tobytes()
        if name != "V1":
            ours = dtl.allreduce(ctx, numbers(dtype, 5, ctx.rank), op="max" if dtype.kind != "c" else "sum")
            all_of_them = [numbers(dtype, 5, number) for number in range(ctx.size)]
            theirs = np.sum(all_of_them, axis=0, dtype=dtype) if dtype.kind == "c" else np.maximum.reduce(all_of_them)
            assert ours.dtype == dtype and ours.tobytes() == theirs.astype(dtype).tobytes()

    on_ranks(size, rank)


@pytest.mark.parametrize("make", CONTAINERS.values(), ids=CONTAINERS)
@pytest.mark.parametrize("size", [1, 2])
def test_a_preferred_device_is_the_host_where_there_is_none(size: int, make: Callable[..., Any]) -> None:
    if dtl.has_cuda() or dtl.has_hip():
        pytest.skip("there is a device")

    def rank(ctx: dtl.Context) -> Any:
        container = make(ctx, placement=dtl.PLACEMENT_DEVICE_PREFERRED)
        assert container.is_host_accessible and not container.is_device_accessible and container.device_id == -1
        return container.placement_policy

    assert on_ranks(size, rank) == [dtl.PLACEMENT_HOST] * size


@pytest.mark.parametrize("make", CONTAINERS.values(), ids=CONTAINERS)
@pytest.mark.parametrize("placement", ["device", "unified"])
@pytest.mark.parametrize("size", [1, 2])
def test_a_device_that_is_missing_is_the_same_error_on_all_ranks(
    size: int, placement: str, make: Callable[..., Any]
) -> None:
    if dtl.placement_available(placement):
        pytest.skip("there is a device")
    failures = failures_on_ranks(size, lambda ctx: make(ctx, placement=placement))
    assert all(type(failure) is dtl.BackendError and failure.status == 501 for failure in failures)
    texts = {str(failure) for failure in failures}
    assert len(texts) == 1 and f"placement is {placement}" in texts.pop()
    assert "device_preferred" in str(failures[0]), "the message names what works here"


@pytest.mark.parametrize("policy", list(dtl.PlacementPolicy))
def test_placements_that_are_available(policy: dtl.PlacementPolicy) -> None:
    always = policy in (dtl.PLACEMENT_HOST, dtl.PLACEMENT_DEVICE_PREFERRED)
    assert dtl.placement_available(policy) == (always or dtl.has_cuda() or dtl.has_hip())
