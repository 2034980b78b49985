"""Communicators of mpi4py become contexts. These run as one pytest for each rank, in worlds of several sizes."""

import gc
import os
import re
import threading
from typing import Any, List

import numpy as np
import pytest
from mpi4py import MPI

import dtl

WORLD = MPI.COMM_WORLD


def world_ranks(ctx: dtl.Context) -> List[int]:
    """The ranks of a context, in its order, by their numbers in the world."""
    return [int(rank) for rank in dtl.allgather(ctx, np.array([WORLD.rank])).ravel()]


def refusal(comm: Any) -> str:
    """Why a communicator is refused; the same on every rank, whatever its number is there."""
    with pytest.raises(dtl.InvalidArgumentError) as caught:
        dtl.Context(comm=comm)
    text = re.sub("comm is -?[0-9]+", "comm is N", str(caught.value))
    assert WORLD.allgather(text) == [text] * WORLD.size
    return text


def test_predefined_communicators() -> None:
    with dtl.Context(comm=WORLD) as ctx:
        assert (ctx.rank, ctx.size, ctx.has_mpi) == (WORLD.rank, WORLD.size, True)
        assert world_ranks(ctx) == list(range(WORLD.size))
    with dtl.Context(comm=MPI.COMM_SELF) as ctx:
        assert (ctx.rank, ctx.size, ctx.has_mpi) == (0, 1, True)
        assert world_ranks(ctx) == [WORLD.rank]


def test_a_context_of_all_ranks_is_that_of_the_world() -> None:
    with dtl.Context() as ctx:
        assert (ctx.rank, ctx.size, ctx.has_mpi) == (WORLD.rank, WORLD.size, True)


def test_reordered_ranks() -> None:
    reversed_world = WORLD.Split(0, -WORLD.rank)
    with dtl.Context(comm=reversed_world) as ctx:
        assert ctx.rank == reversed_world.rank == WORLD.size - 1 - WORLD.rank
        assert world_ranks(ctx) == list(reversed(range(WORLD.size)))
        vec = dtl.DistributedVector(ctx, 10, dtype=np.int64)
        vec.local_view()[:] = vec.global_indices()
        # The last rank of the world has the first elements.
        assert vec.owner(0) == 0 and vec.is_local(0) == (WORLD.rank == WORLD.size - 1)
    reversed_world.Free()


def test_operations_concern_the_ranks_of_the_communicator_alone() -> None:
    color = WORLD.rank % 2
    part = WORLD.Split(color, WORLD.rank)
    members = [rank for rank in range(WORLD.size) if rank % 2 == color]
    with dtl.Context(comm=part) as ctx:
        assert world_ranks(ctx) == members
        assert dtl.allreduce(ctx, float(WORLD.rank)) == sum(members)
        if color == 0:
            dtl.barrier(ctx)
        assert world_ranks(ctx.dup()) == members
    part.Free()


def test_messages_do_not_mix_with_those_of_the_user() -> None:
    copy = WORLD.Dup()
    contexts = [dtl.Context(comm=copy), dtl.Context(comm=WORLD), dtl.Context(comm=copy)]
    sent, received = np.array([1]), np.array([0])
    request = WORLD.Iallreduce(sent, received)
    for ctx in reversed(contexts):
        assert dtl.allreduce(ctx, 1) == WORLD.size
    assert WORLD.allreduce(1) == WORLD.size
    request.Wait()
    assert received[0] == WORLD.size
    copy.Free()


def test_integers_and_other_objects_that_have_them() -> None:
    class Wrapped:
        def py2f(self) -> int:
            return WORLD.py2f()

    for comm in (WORLD.py2f(), Wrapped()):
        with dtl.Context(comm=comm) as ctx:
            assert world_ranks(ctx) == list(range(WORLD.size))


@pytest.mark.parametrize("comm", ["world", 1.5, True, object()])
def test_what_is_no_communicator(comm: Any) -> None:
    with pytest.raises(dtl.ArgumentTypeError, match="must be a communicator of mpi4py, the integer form of one"):
        dtl.Context(comm=comm)


def test_no_communicator() -> None:
    assert "the communicator is MPI_COMM_NULL" in refusal(MPI.COMM_NULL)


def test_freed_communicators() -> None:
    comm = WORLD.Dup()
    number = comm.py2f()
    comm.Free()
    assert "the communicator is MPI_COMM_NULL" in refusal(comm)
    assert "belongs to no communicator" in refusal(number)
    assert "belongs to no communicator" in refusal(123456)
    assert "too large" in refusal(2**40)
    assert "too large" in refusal(2**80)


def test_intercommunicators() -> None:
    if WORLD.size == 1:
        pytest.skip("left to a larger world: 2 ranks")
    half = WORLD.Split(WORLD.rank % 2, WORLD.rank)
    inter = half.Create_intercomm(0, WORLD, 1 - WORLD.rank % 2)
    assert "intercommunicator" in refusal(inter)
    with dtl.Context(comm=half) as ctx:
        assert ctx.size == half.size
    inter.Free()
    half.Free()


def test_a_context_outlives_its_communicator() -> None:
    comm = WORLD.Split(0, -WORLD.rank)
    ctx = dtl.Context(comm=comm)
    comm.Free()
    del comm
    gc.collect()
    assert dtl.allreduce(ctx, 1) == WORLD.size
    assert world_ranks(ctx) == list(reversed(range(WORLD.size)))


def test_a_communicator_can_be_freed_while_one_rank_has_its_context() -> None:
    comm = WORLD.Dup()
    contexts = [dtl.Context(comm=comm)]
    if WORLD.rank > 0:
        contexts.clear()
        gc.collect()
    comm.Free()
    WORLD.Barrier()
    assert [ctx.is_valid for ctx in contexts] == [True] * (WORLD.rank == 0)


def test_contexts_that_are_dropped_with_their_communicators() -> None:
    before = dtl._dtl._live_objects()  # type: ignore[attr-defined]
    for _ in range(20):
        ctx = dtl.Context(comm=WORLD.Dup())
        cycle: List[Any] = [ctx, dtl.DistributedVector(ctx, 100)]
        cycle.append(cycle)
        del ctx, cycle
    gc.collect()
    assert dtl._dtl._live_objects() == before  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", ["one communicator", "new communicators", "duplicates"])
def test_thousands_of_contexts(kind: str) -> None:
    """MPI libraries have some 2000 communicators at a time."""
    parent = dtl.Context(comm=WORLD)
    # MPI itself is slow at making communicators where ranks share a core.
    for _ in range(5000 if WORLD.size <= 2 else 200):
        if kind == "one communicator":
            dtl.Context(comm=WORLD).close()
        elif kind == "new communicators":
            comm = WORLD.Dup()
            dtl.Context(comm=comm).close()
            comm.Free()
        else:
            parent.dup().close()
    assert dtl.allreduce(parent, 1) == WORLD.size


def test_threads_with_a_context_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """What two threads start in an order of their own does not get mixed up, also where MPI moves the data."""
    monkeypatch.setenv("DTL_SHARED_MEMORY", "0")
    contexts = [dtl.Context(comm=WORLD), dtl.Context(comm=WORLD)]
    wrong: List[Any] = []

    def work(ctx: dtl.Context, value: float) -> None:
        data = np.full(20_000, value)
        for _ in range(50):
            total = dtl.allreduce(ctx, data)
            if not (total == value * WORLD.size).all():
                wrong.append(total)

    threads = [threading.Thread(target=work, args=pair) for pair in zip(contexts, (1.0, 10.0))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_mpi4py_has_been_told_which_library_is_used() -> None:
    dtl.Context().close()
    family = "openmpi" if "Open MPI" in MPI.Get_library_version() else "mpich"
    assert os.environ["MPI4PY_MPIABI"] == family
    assert os.path.samefile(os.environ["MPI4PY_LIBMPI"], library_in_process())


def library_in_process() -> str:
    with open("/proc/self/maps") as maps:
        paths = {line.split()[-1] for line in maps if "/libmpi.so" in line or "/libmpich.so" in line}
    assert len(paths) == 1, f"one MPI library is in this process: {paths}"
    return paths.pop()
