"""Wrong arguments: the class of each exception, and that its message names the argument, its value and the cure."""

import builtins
import pickle
from typing import Any, Callable

import numpy as np
import pytest

import dtl
from ranks import alone

CTX = alone()
VEC = dtl.DistributedVector(CTX, 10)

# A number that its type cannot hold; the class has no name in the module, as its name is that of Python's own.
TOO_LARGE = next(kind for kind in dtl.BoundsError.__subclasses__() if issubclass(kind, OverflowError))


def read_only(count: int) -> np.ndarray:
    array = np.zeros(count)
    array.flags.writeable = False
    return array


WRONG = [
    (lambda: dtl.DistributedVector(CTX, -1), dtl.InvalidArgumentError, ["size", "-1", "0 or more"]),
    (lambda: dtl.DistributedVector(CTX, 2**70), dtl.InvalidArgumentError, ["size", str(2**70), "2^63"]),
    (lambda: dtl.DistributedVector(CTX, 1.5), dtl.ArgumentTypeError, ["size", "1.5", "integer"]),
    (lambda: dtl.DistributedVector(CTX, True), dtl.ArgumentTypeError, ["size", "True", "integer"]),
    (lambda: dtl.DistributedVector(CTX, 3, dtype="float99"), dtl.InvalidArgumentError, ["dtype", "float99", "float64"]),
    (lambda: dtl.DistributedVector(CTX, 3, dtype=object), dtl.InvalidArgumentError, ["dtype", "object", "float64"]),
    (lambda: dtl.DistributedVector(CTX, 3, dtype=">f8"), dtl.InvalidArgumentError, ["dtype", ">f8", "byte order"]),
    (lambda: dtl.DistributedVector(CTX, 3, block_size=0), dtl.InvalidArgumentError, ["block_size", "0", "1 or more"]),
    (lambda: dtl.DistributedVector(CTX, 3, partition="blok"), dtl.InvalidArgumentError, ["partition", "blok", "'block'"]),
    (lambda: dtl.DistributedVector(CTX, 3, partition=9999), dtl.InvalidArgumentError, ["partition", "9999", "'cyclic' (1)"]),
    (lambda: dtl.DistributedVector(CTX, 3, placement=9999), dtl.InvalidArgumentError, ["placement", "9999", "'host' (0)"]),
    (lambda: dtl.DistributedVector(CTX, 3, execution=9999), dtl.InvalidArgumentError, ["execution", "9999", "'seq' (0)"]),
    (lambda: dtl.DistributedVector(CTX, 3, partition=None), dtl.ArgumentTypeError, ["partition", "None"]),
    (lambda: dtl.DistributedVector(None, 3), dtl.ArgumentTypeError, ["ctx", "None", "dtl.Context"]),
    (lambda: dtl.allreduce(CTX, 1.0, op="summ"), dtl.InvalidArgumentError, ["op", "'summ'", "'sum' (0)"]),
    (lambda: dtl.allreduce(CTX, 1.0, op="SUM"), dtl.InvalidArgumentError, ["op", "'SUM'", "'sum' (0)"]),
    (lambda: dtl.allreduce(CTX, 1.0, op=9999), dtl.InvalidArgumentError, ["op", "9999", "'sum' (0)"]),
    (lambda: dtl.allreduce(CTX, 1.0, op=2**40), dtl.InvalidArgumentError, ["op", str(2**40), "'sum' (0)"]),
    (lambda: dtl.allreduce(CTX, 1.0, op=True), dtl.InvalidArgumentError, ["op", "True", "'sum' (0)"]),
    (lambda: dtl.allreduce(CTX, 1.0, op=1.0), dtl.ArgumentTypeError, ["op", "1.0", "'sum' (0)"]),
    (lambda: dtl.allreduce(CTX, 1.0, op=dtl.PARTITION_CYCLIC), dtl.InvalidArgumentError, ["op", "CYCLIC", "'prod' (1)"]),
    (lambda: dtl.allreduce(CTX, 1.0, op="band"), dtl.NotSupportedError, ["op", "band", "float64"]),
    (lambda: dtl.allreduce(CTX, 1.0, op="minloc"), dtl.NotSupportedError, ["minloc"]),
    (lambda: dtl.allreduce(CTX, np.zeros(1, "V1")), dtl.NotSupportedError, ["data", "byte"]),
    (lambda: dtl.reduce(CTX, 1.0, root=1), dtl.InvalidArgumentError, ["root", "1", "0 <= root < size"]),
    (lambda: dtl.reduce(CTX, 1.0, root=-1), dtl.InvalidArgumentError, ["root", "-1", "0 <= root < size"]),
    (lambda: dtl.reduce(CTX, 1.0, root=2**40), dtl.InvalidArgumentError, ["root", str(2**40), "0 <= root < size"]),
    (lambda: dtl.broadcast(CTX, 1.0, root=7), dtl.InvalidArgumentError, ["root", "7"]),
    (lambda: dtl.broadcast(CTX), dtl.InvalidArgumentError, ["data", "root"]),
    (lambda: dtl.scatter(CTX, None), dtl.InvalidArgumentError, ["data", "root"]),
    (lambda: dtl.scatter(CTX, np.zeros((2, 3))), dtl.InvalidArgumentError, ["data", "[2, 3]", "1"]),
    (lambda: dtl.scatter(CTX, 1.0), dtl.InvalidArgumentError, ["data"]),
    (lambda: dtl.allreduce(CTX, [1.0], out=read_only(1)), dtl.InvalidArgumentError, ["out", "read-only"]),
    (lambda: dtl.allreduce(CTX, [1.0], out=np.zeros(2)), dtl.InvalidArgumentError, ["out", "[2]", "[1]"]),
    (lambda: dtl.allreduce(CTX, [1.0], out=np.zeros(1, "f4")), dtl.InvalidArgumentError, ["out", "float32", "float64"]),
    (lambda: dtl.allreduce(CTX, np.zeros(2), out=np.zeros(4)[::2]), dtl.InvalidArgumentError, ["out", "contiguous"]),
    (lambda: dtl.allreduce(CTX, [1.0], out=[0.0]), dtl.ArgumentTypeError, ["out", "[0.0]", "NumPy array"]),
    (lambda: VEC.owner(10), dtl.BoundsError, ["10"]),
    (lambda: VEC.owner(-1), dtl.BoundsError, ["-1"]),
    (lambda: VEC.owner(2**70), TOO_LARGE, [str(2**70), "64 bits"]),
    (lambda: VEC.owner("1"), dtl.ArgumentTypeError, ["index", "'1'", "integer"]),
    (lambda: VEC.to_global(10), dtl.BoundsError, ["10"]),
    (lambda: CTX.split(-5), dtl.InvalidArgumentError, ["color", "-5"]),
    (lambda: CTX.nccl_supports_native(9999), dtl.InvalidArgumentError, ["op", "9999", "'allreduce' (4)"]),
    (lambda: CTX.with_nccl(0, mode=9999), dtl.InvalidArgumentError, ["mode", "9999", "'hybrid_parity' (1)"]),
    (lambda: dtl.placement_available(9999), dtl.InvalidArgumentError, ["policy", "9999", "'host' (0)"]),
    (lambda: dtl.Context(device_id=0), dtl.BackendError, ["device_id", "0"]),
    (lambda: dtl.Context(device_id=-2), dtl.InvalidArgumentError, ["device_id", "-2"]),
    (lambda: dtl.Context(comm="world"), dtl.ArgumentTypeError, ["comm", "'world'", "mpi4py"]),
    (lambda: dtl.Context.threads(0), dtl.InvalidArgumentError, ["size", "0", "1 to 1024"]),
]


@pytest.mark.parametrize("call, kind, words", WRONG, ids=[f"{n}-{words[0]}" for n, (_, _, words) in enumerate(WRONG)])
def test_wrong_arguments(call: Callable[[], Any], kind: type, words: "list[str]") -> None:
    with pytest.raises(kind) as caught:
        call()
    failure = caught.value
    assert type(failure) is kind
    for word in words:
        assert word in str(failure)
    assert isinstance(failure, dtl.DTLError)
    assert isinstance(failure.status, dtl.Status)
    assert failure.category is failure.status.category
    assert failure.rank is None

    copy = pickle.loads(pickle.dumps(failure))
    assert type(copy) is kind and str(copy) == str(failure)
    assert (copy.status, copy.category, copy.rank) == (failure.status, failure.category, failure.rank)


@pytest.mark.parametrize(
    "kind, builtin",
    [
        (dtl.InvalidArgumentError, ValueError),
        (dtl.ArgumentTypeError, TypeError),
        (dtl.BoundsError, IndexError),
        (dtl.KeyNotFoundError, KeyError),
        (dtl.NotSupportedError, NotImplementedError),
        (dtl.CommunicationError, RuntimeError),
        (dtl.BackendError, RuntimeError),
        (dtl.MemoryError, builtins.MemoryError),
        (dtl.TimeoutError, builtins.TimeoutError),
        (dtl.ContractError, dtl.CommunicationError),
    ],
)
def test_exceptions_are_also_what_python_users_expect(kind: type, builtin: type) -> None:
    assert issubclass(kind, dtl.DTLError) and issubclass(kind, builtin)
    failure = pickle.loads(pickle.dumps(kind("what happened")))
    assert type(failure) is kind and str(failure) == "what happened"


def test_every_error_status_has_a_class() -> None:
    from dtl._errors import _exception  # type: ignore[attr-defined]

    for status in dtl.Status:
        if status >= 100:
            failure = _exception(int(status), "what happened", 3)
            assert isinstance(failure, dtl.DTLError)
            copy = pickle.loads(pickle.dumps(failure))
            assert (copy.status, copy.category, copy.rank, str(copy)) == (status, status.category, 3, "what happened")


def test_too_much_memory_is_a_memory_error() -> None:
    with pytest.raises(MemoryError) as caught:
        dtl.DistributedVector(CTX, 2**60)
    assert type(caught.value) is dtl.MemoryError


def test_memory_error_does_not_hide_the_builtin_one() -> None:
    scope: "dict[str, Any]" = {}
    exec("from dtl import *", scope)
    assert "MemoryError" not in scope and "TimeoutError" not in scope
    assert scope["SUM"] is dtl.SUM and scope["allreduce"] is dtl.allreduce
