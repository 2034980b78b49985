"""What may be passed as data: anything NumPy can make an array of. And what scalars come back as."""

import array
import decimal
from typing import Any

import numpy as np
import pytest

import dtl
from ranks import alone, on_ranks

CTX = alone()

ARRAYS = [
    pytest.param(np.arange(10)[::2], id="strided"),
    pytest.param(np.arange(12).reshape(3, 4).T, id="transposed"),
    pytest.param(np.asfortranarray(np.arange(12.0).reshape(3, 4)), id="Fortran order"),
    pytest.param(np.broadcast_to(np.float32(2), (3, 3)), id="broadcast"),
    pytest.param(np.frombuffer(b"x" + np.arange(3.0).tobytes(), np.uint8)[1:].view(float), id="unaligned"),
    pytest.param(np.array(5.0), id="0-d"),
    pytest.param(np.empty((0, 3)), id="empty"),
    pytest.param(np.arange(3, dtype=np.longlong), id="long long"),
    pytest.param([1, 2, 3], id="list"),
    pytest.param(((1.0, 2.0), (3.0, 4.0)), id="nested tuples"),
    pytest.param(array.array("d", [1.0, 2.0]), id="array.array"),
    pytest.param(memoryview(np.arange(3, dtype=np.int16)), id="memoryview"),
    pytest.param(range(4), id="range"),
]


@pytest.mark.parametrize("data", ARRAYS)
def test_array_likes(data: Any) -> None:
    wanted = np.asarray(data)
    for result in on_ranks(2, lambda ctx: dtl.allreduce(ctx, data, op="max")):
        assert isinstance(result, np.ndarray)
        assert result.dtype == wanted.dtype
        np.testing.assert_array_equal(result, wanted)


def test_read_only_input_works() -> None:
    data = np.arange(3.0)
    data.flags.writeable = False
    np.testing.assert_array_equal(dtl.allreduce(CTX, data), data)


SCALARS = [
    (3, "sum", 6),
    (3.5, "sum", 7.0),
    (1 + 2j, "sum", 2 + 4j),
    (True, "sum", 2),
    (True, "prod", 1),
    (False, "max", False),
    (True, "land", True),
    (np.float32(1.5), "sum", np.float32(3)),
    (np.float64(1.5), "sum", np.float64(3)),
    (np.int8(100), "sum", np.int8(-56)),
    (np.uint64(2**63 + 1), "max", np.uint64(2**63 + 1)),
    (2**63 + 1, "max", 2**63 + 1),
    (np.bool_(True), "sum", np.bool_(True)),
    (np.complex64(1j), "prod", np.complex64(-1)),
    (np.float16(0.5), "sum", np.float16(1)),
]


@pytest.mark.parametrize("given, op, wanted", SCALARS)
def test_scalars_come_back_as_what_they_were(given: Any, op: str, wanted: Any) -> None:
    for result in on_ranks(2, lambda ctx: dtl.allreduce(ctx, given, op=op)):
        assert type(result) is type(wanted)
        assert result == wanted
    at_root, elsewhere = on_ranks(2, lambda ctx: dtl.reduce(ctx, given, op=op))
    assert type(at_root) is type(wanted) and at_root == wanted
    assert elsewhere is None


@pytest.mark.parametrize("sent", [3, 2.5, 1j, np.float32(1.5), np.int16(4)])
def test_broadcast_of_a_scalar(sent: Any) -> None:
    at_root, with_number, with_nothing = on_ranks(3, lambda ctx: dtl.broadcast(ctx, [sent, 0, None][ctx.rank]))
    assert type(at_root) is type(sent) and at_root == sent
    assert with_number == sent and not isinstance(with_number, np.ndarray)
    assert isinstance(with_nothing, np.generic) and with_nothing == sent


def test_gathered_scalars_stand_side_by_side() -> None:
    for result in on_ranks(3, lambda ctx: dtl.allgather(ctx, float(ctx.rank))):
        np.testing.assert_array_equal(result, [0.0, 1.0, 2.0])


def test_a_scalar_with_out_gives_out() -> None:
    out = np.zeros(())
    assert dtl.allreduce(CTX, 3.0, out=out) is out
    assert out == 3.0


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(np.arange(3, dtype=">f8"), id="other byte order"),
        pytest.param(np.array([1, "a"], dtype=object), id="objects"),
        pytest.param(np.array(["a"]), id="text"),
        pytest.param("text", id="str"),
        pytest.param(None, id="None"),
        pytest.param([[1], [2, 3]], id="ragged"),
        pytest.param(np.zeros(2, dtype="longdouble"), id="longdouble"),
        pytest.param(np.zeros(2, dtype="datetime64[s]"), id="dates"),
        pytest.param(np.zeros(2, dtype=[("a", "i1")]), id="structured"),
        pytest.param(2**70, id="large int"),
        pytest.param(dtl.DistributedVector(CTX, 3), id="container"),
    ],
)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_other_data_is_refused(data: Any) -> None:
    with pytest.raises(dtl.InvalidArgumentError, match="^allreduce: data "):
        dtl.allreduce(CTX, data)


def test_an_exception_of_the_data_comes_out_as_itself() -> None:
    class Failing:
        def __array__(self, *_: Any, **__: Any) -> np.ndarray:
            raise KeyboardInterrupt("stop")

    with pytest.raises(KeyboardInterrupt, match="stop"):
        dtl.allreduce(CTX, Failing())


def test_bfloat16() -> None:
    ml_dtypes = pytest.importorskip("ml_dtypes", reason="NumPy has no bfloat16 without it")
    data = np.arange(4).astype(ml_dtypes.bfloat16)
    for result in on_ranks(2, lambda ctx: dtl.allreduce(ctx, data)):
        assert result.dtype == data.dtype
        np.testing.assert_array_equal(result, data * 2)
    vec = dtl.DistributedVector(CTX, 3, dtype="bfloat16", fill=0.5)
    assert vec.dtype == data.dtype
    np.testing.assert_array_equal(vec.local_view().astype(float), [0.5] * 3)


FILLS = [
    ("float64", 1, 1.0),
    ("float64", 0.1, 0.1),
    ("float32", 0.1, np.float32(0.1)),
    ("float32", np.inf, np.inf),
    ("float16", 0.5, 0.5),
    ("int32", 7.0, 7),
    ("int64", 2**63 - 1, 2**63 - 1),
    ("uint64", 2**64 - 1, 2**64 - 1),
    ("int8", np.int64(-128), -128),
    ("bool", True, True),
    ("bool", 1, True),
    ("complex64", 1.5, 1.5),
    ("complex128", 1 - 2j, 1 - 2j),
    ("float64", 10**40, 1e40),
    ("complex128", -(2**200), -(2.0**200)),
    ("float64", decimal.Decimal("0.5"), 0.5),
    ("float64", np.array([2.5]), 2.5),
    ("V1", 255, np.uint8(255)),
]


@pytest.mark.parametrize("dtype, fill, wanted", FILLS)
def test_fill(dtype: str, fill: Any, wanted: Any) -> None:
    made = dtl.DistributedVector(CTX, 3, dtype=dtype, fill=fill)
    filled = dtl.DistributedVector(CTX, 3, dtype=dtype)
    filled.fill(fill)
    for vec in (made, filled):
        elements = vec.local_view().view(np.uint8) if dtype == "V1" else vec.local_view()
        np.testing.assert_array_equal(elements, [wanted] * 3)


@pytest.mark.parametrize(
    "dtype, fill",
    [
        ("int32", 1.5),
        ("int32", np.nan),
        ("int8", 128),
        ("uint8", -1),
        ("uint64", 2**64),
        ("float32", 1e300),
        ("float64", 10**400),
    ("float32", 10**40),
    ("int64", 10**40),
    ("complex64", 10**40),
        ("float64", 1j),
        ("bool", 2),
        ("float64", "1"),
        ("float64", None.__class__),
        ("float64", [1.0, 2.0]),
    ],
)
def test_a_fill_that_changes_the_value_is_refused(dtype: str, fill: Any) -> None:
    with pytest.raises(dtl.InvalidArgumentError, match="^vector.create: fill "):
        dtl.DistributedVector(CTX, 3, dtype=dtype, fill=fill)
