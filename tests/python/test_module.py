"""The module as a whole: names, signatures, docstrings, enumerations, what importing it costs."""

import inspect
import pickle
import subprocess
import sys
from enum import Enum, IntEnum

import pytest

import dtl
from dtl import _dtl  # type: ignore[attr-defined]
from ranks import alone

FUNCTIONS = [getattr(_dtl, name) for name in _dtl.__all__ if not inspect.isclass(getattr(_dtl, name))]
CLASSES = [dtl.Context, dtl.Environment, dtl.DistributedVector]
MEMBERS = [
    (cls, name, member)
    for cls in CLASSES
    for name, member in vars(cls).items()
    if not name.startswith("_") and (callable(member) or isinstance(member, staticmethod))
]


def test_all_names_exist() -> None:
    assert len(set(dtl.__all__)) == len(dtl.__all__)
    for name in dtl.__all__:
        assert hasattr(dtl, name)


def test_version() -> None:
    assert dtl.__version__ == "0.1.0a1"
    assert dtl.version_info == (0, 1, 0, "alpha", 1)


@pytest.mark.parametrize(
    "function, signature",
    [
        (dtl.allreduce, "(ctx, data, op='sum', *, out=None)"),
        (dtl.reduce, "(x, /, data=Ellipsis, op='sum', root=0, *, out=None)"),
        (dtl.broadcast, "(ctx, data=None, root=0, *, out=None)"),
        (dtl.barrier, "(ctx)"),
        (
            dtl.Context,
            "(comm=None, device_id=-1, *, determinism_mode='throughput', "
            "reduction_schedule_policy='implementation_defined', progress_ordering_policy='implementation_defined', "
            "check=True, timeout=None)",
        ),
        (dtl.Context.split, "(self, /, color, key=0)"),
        (dtl.Context.threads, "(size)"),
        (dtl.DistributedVector.owner, "(self, /, index)"),
        (
            dtl.DistributedVector,
            "(ctx, size, dtype='float64', fill=None, *, partition='block', placement='host', execution='seq', "
            "device_id=0, block_size=1)",
        ),
    ],
)
def test_signatures(function: object, signature: str) -> None:
    if inspect.isclass(function) and sys.version_info < (3, 10):
        pytest.skip("Python shows no signature of a compiled class before 3.10")
    assert str(inspect.signature(function)) == signature  # type: ignore[arg-type]


def test_everything_has_a_signature_and_a_docstring() -> None:
    for function in FUNCTIONS:
        assert inspect.signature(function)
    for documented in FUNCTIONS + CLASSES:
        assert documented.__doc__ and "Notes\n-----\n" in documented.__doc__
    for _, _, member in MEMBERS:
        inspect.signature(member.__func__ if isinstance(member, staticmethod) else member)
        assert member.__doc__
    for cls in CLASSES:
        for name, member in vars(cls).items():
            if inspect.isgetsetdescriptor(member):
                assert member.__doc__, name


def test_docstrings_say_who_takes_part() -> None:
    assert "Collective: " in dtl.allreduce.__doc__  # type: ignore[operator]
    assert "Local: " in dtl.DistributedVector.owner.__doc__  # type: ignore[operator]


def test_enumerations() -> None:
    assert dtl.SUM is dtl.ReduceOp.SUM
    assert dtl.SUM == "sum" and f"{dtl.SUM}" == "sum" and str(dtl.SUM) == "sum"
    assert isinstance(dtl.SUM, str) and issubclass(dtl.ReduceOp, Enum)
    assert dtl.PARTITION_CYCLIC == 1 and issubclass(dtl.PartitionPolicy, IntEnum)
    assert dtl.DTL_NCCL_OP_LOGICAL_REDUCTION == 15
    assert (dtl.ANY_SOURCE, dtl.ANY_TAG, dtl.UNDEFINED) == (-2, -1, -32766)
    assert dtl.Status.OPERATION_FAILED is dtl.Status.ALGORITHM
    for member in (dtl.SUM, dtl.PARTITION_HASH, dtl.Status.TIMEOUT, dtl.Category.BOUNDS):
        assert pickle.loads(pickle.dumps(member)) is member


def test_members_names_and_numbers_choose_alike() -> None:
    ctx = alone()
    for number, member in enumerate(dtl.PartitionPolicy):
        for choice in (member, member.name.lower(), number):
            assert dtl.DistributedVector(ctx, 3, partition=choice).partition_policy is member
    for number, op in enumerate(["sum", "prod", "min", "max"]):
        for choice in (dtl.ReduceOp(op), op, number):
            assert dtl.allreduce(ctx, 3.0, op=choice) == 3.0  # type: ignore[call-overload]


def test_classes_are_final() -> None:
    for cls in CLASSES:
        with pytest.raises(TypeError):
            type("Derived", (cls,), {})


def test_importing_brings_in_little() -> None:
    program = """
import sys, numpy
import copy, dataclasses  # what results of several parts are made with
before = set(sys.modules)
import dtl
new = sorted(set(sys.modules) - before)
hidden = ["_display", "_dtl", "_enums", "_errors", "_object_messages", "_object_operators", "_object_requests", "_objects", "_pickled", "_records", "_requests", "_together"]
assert new == ["atexit", "dtl", *(f"dtl.{name}" for name in hidden), "dtl.observe", "dtl.topology"], new
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=600)
