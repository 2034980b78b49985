"""Views, and single elements: the local memory of containers in Python, and how long it lives."""

import gc
import os
import subprocess
import sys
import types
import weakref
from typing import Any

import numpy as np
import pytest

import dtl
from dtl import _dtl  # type: ignore[attr-defined]
from ranks import LINES, alone, on_ranks

CTX = alone()


def test_a_view_is_the_memory_of_the_container() -> None:
    vec = dtl.DistributedVector(CTX, 10)
    view = vec.local_view()
    assert "10 elements of float64" in repr(view.base)
    assert view.flags.c_contiguous and view.flags.aligned and view.flags.writeable and not view.flags.owndata
    view[:] = np.arange(10)
    np.testing.assert_array_equal(vec.to_numpy(), np.arange(10))
    vec.from_numpy(np.ones(10))
    np.testing.assert_array_equal(view, np.ones(10))
    assert np.shares_memory(view, vec.local_view())


def test_a_view_outlives_container_context_and_environment() -> None:
    with dtl.Environment() as environment:
        with environment.make_cpu_context() as ctx:
            view = dtl.DistributedVector(ctx, 1000, fill=3.0).local_view()[10:20]
        del ctx
    del environment
    gc.collect()
    np.testing.assert_array_equal(view, np.full(10, 3.0))
    view[:] = 0


def test_ipython_is_named_where_it_may_keep_views(monkeypatch: pytest.MonkeyPatch) -> None:
    vec = dtl.DistributedVector(CTX, 10)
    kept = vec.local_view()
    for is_there in (False, True):
        if is_there:
            monkeypatch.setitem(sys.modules, "IPython", types.ModuleType("IPython"))
        else:
            monkeypatch.delitem(sys.modules, "IPython", raising=False)
        with pytest.raises(dtl.DTLError, match="Drop every view") as failure:
            vec.resize(12)
        assert ("Out" in str(failure.value)) is is_there
    del kept


@pytest.mark.parametrize("change", [lambda vec: vec.redistribute("cyclic"), lambda vec: vec.resize(12)])
def test_while_a_view_lives_its_container_stays_where_it_is(change: Any) -> None:
    def rank(ctx: dtl.Context) -> Any:
        vec = dtl.DistributedVector(ctx, 10, np.int64)
        vec.from_numpy(vec.global_indices())
        # A slice of a view of one rank is enough.
        kept = vec.local_view()[1:2] if ctx.rank == 1 else None
        with pytest.raises(dtl.DTLError, match="view") as failure:
            change(vec)
        assert failure.value.status is dtl.Status.INVALID_STATE
        del kept
        change(vec)
        assert [int(value) for value in vec.local_view()[:3]] == [int(index) for index in vec.global_indices()[:3]]
        # What NumPy computes with leaves no view behind.
        with pytest.raises(TypeError):
            np.add(vec, 1, out=np.zeros(3))
        vec += vec * 2
        return change(vec)

    on_ranks(2, rank)


def test_views_and_containers_leave_nothing_behind() -> None:
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


def test_an_exception_inside_with_leaves_nothing_behind() -> None:
    gc.collect()
    before = _dtl._live_objects()
    with pytest.raises(ZeroDivisionError):
        with alone() as ctx:
            view = dtl.DistributedVector(ctx, 1000).local_view()
            view[:] = 1 // 0
    del ctx, view
    assert _dtl._live_objects() == before


def test_a_cycle_through_a_view_is_collected() -> None:
    class Owner:
        view: Any

    gc.collect()
    before = _dtl._live_objects()
    owner = Owner()
    owner.view = dtl.DistributedVector(CTX, 1000).local_view().view(np.ndarray)
    owner.self = owner  # type: ignore[attr-defined]
    gone = weakref.ref(owner)
    del owner
    gc.collect()
    assert gone() is None
    assert _dtl._live_objects() == before


PROGRAM = """
import atexit, dtl, numpy as np
view = dtl.DistributedVector(dtl.Environment().make_cpu_context(), 1000, fill=2.0).local_view()
atexit.register(lambda: print(view.sum()))
class Late:
    def __del__(self): kept[:] = 1.0
late, kept = Late(), dtl.DistributedVector(dtl.Environment().make_cpu_context(), 1000).local_view()
late.cycle = late
"""


def test_views_live_until_the_interpreter_has_ended() -> None:
    environment = {**os.environ, "DTL_MPI": "none"}  # the launcher has not started this process
    command = [sys.executable, "-c", PROGRAM]
    finished = subprocess.run(command, capture_output=True, text=True, timeout=600, env=environment)
    assert (finished.returncode, finished.stdout, finished.stderr) == (0, "2000.0\n", "")


def resident_kibibytes() -> int:
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_memory_stays_flat() -> None:
    def cycles(count: int) -> None:
        vec = dtl.DistributedVector(CTX, 1000)
        for _ in range(count):
            vec.local_view()
        for _ in range(count):
            dtl.DistributedVector(CTX, 10).local_view()[:] = 1.0

    cycles(5_000)
    before = resident_kibibytes()
    cycles(100_000)
    # One lost view or vector of each cycle would cost 10,000 KiB.
    assert resident_kibibytes() - before < 4_000


@pytest.mark.parametrize("use", [np.from_dlpack, np.asarray, memoryview] if hasattr(np, "from_dlpack") else [np.asarray])
def test_other_libraries_see_the_memory_through_the_view(use: Any) -> None:
    vec = dtl.DistributedVector(CTX, 10, np.float32)
    shared = use(vec.local_view())
    vec.fill(2.5)
    assert list(shared) == [2.5] * 10
    address = vec.local_view().__array_interface__["data"][0]
    assert np.asarray(shared).__array_interface__["data"][0] == address and address % 64 == 0


def test_containers_export_no_buffer() -> None:
    with pytest.raises(TypeError):
        memoryview(dtl.DistributedVector(CTX, 10))  # type: ignore[arg-type]


@pytest.mark.parametrize("dtype", ["int8", "uint64", "float16", "float64", "bool", "complex64"])
def test_elements(dtype: str) -> None:
    vec = dtl.DistributedVector(CTX, 5, dtype)
    local = vec.local_view()
    for index, value in [(0, 1), (4, 0), (-1, 1), (-5, 0), (np.int32(2), 1)]:
        vec[index] = value
        assert vec[index] == value and vec[index].dtype == vec.dtype
        assert local[index] == value
    with pytest.raises(dtl.DTLError):
        vec[0] = "text"  # type: ignore[assignment]
    with pytest.raises(TypeError, match="deleted"):
        del vec[0]


@pytest.mark.parametrize("partition", ["block", "cyclic", "block_cyclic", "hash", "replicated"])
@pytest.mark.parametrize("kind", LINES)
def test_elements_of_other_ranks(kind: Any, partition: str) -> None:
    def rank(ctx: dtl.Context) -> Any:
        vec = kind(ctx, 7, np.int64, partition=partition, block_size=2)
        vec.from_numpy(vec.global_indices())
        answers = []
        for index in range(-7, 7):
            wrapped = index % 7
            if vec.is_local(wrapped):
                assert vec[index] == wrapped + (0 if index < 0 else 10)
                vec[index] += 10
                answers.append(wrapped)
            else:
                for use in (lambda: vec[index], lambda: vec.__setitem__(index, 1)):
                    with pytest.raises(dtl.BoundsError, match=f"on rank {vec.owner(wrapped)}.*get") as failure:
                        use()
                    assert failure.value.status is dtl.Status.INVALID_INDEX
        np.testing.assert_array_equal(vec.local_view(), 20 + vec.global_indices())
        return len(answers)

    assert sum(on_ranks(3, rank)) == (42 if partition == "replicated" else 14)


def test_what_is_no_index_is_refused() -> None:
    vec = dtl.DistributedVector(CTX, 5)
    for index in (5, -6, 2**70, -(2**63)):
        with pytest.raises(dtl.BoundsError):
            vec[index]
    for key in ((1, 2), ()):
        with pytest.raises(dtl.BoundsError, match=f"{len(key)} dimensions"):
            vec[key]
    for key in (slice(None), slice(1, 2), Ellipsis, (slice(None),), "one", 1.0, True, None, [1, 2]):
        with pytest.raises(TypeError):
            vec[key]  # type: ignore[index]
    for key in (slice(None), Ellipsis):
        with pytest.raises(TypeError, match=r"get and set.*local_view\(\)"):
            vec[key] = 0.0  # type: ignore[index]
