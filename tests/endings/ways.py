"""Ways in which the last rank of a job ends, while the others go on as if nothing had happened.

    mpirun -n 4 python tests/endings/ways.py WAY [mpi4py]

With `mpi4py`, that has initialised MPI and will finalise it. What children and helper programs of a rank do is in
`children.py`.
"""

import builtins
import ctypes
import math
import os
import signal
import sys
import threading
import time
from code import InteractiveConsole

import children

WAY = sys.argv[1]

if WAY == "a_script_that_starts_the_rank" and "IS_STARTED" not in os.environ:
    sys.exit(children.start_the_rank())

if "mpi4py" in sys.argv:
    import mpi4py

    mpi4py.rc.threads = WAY != "work_under_an_mpi_for_one_thread"
    from mpi4py import MPI

    if WAY == "a_helper_program":
        # Of a rank in which nobody has used dtl so far.
        children.run_helper_programs()

import numpy as np

import dtl


def all_is_well(ctx: dtl.Context, is_last: bool) -> None:
    # Contexts, vectors and views are alive when the interpreter ends.
    globals()["kept"] = [ctx, ctx.dup(), dtl.DistributedVector(ctx, 1000).local_view()]


def children_that_end(ctx: dtl.Context, is_last: bool) -> None:
    if is_last:
        children.end_in_every_way(ctx)
    ctx.barrier()


def children_that_use_contexts(ctx: dtl.Context, is_last: bool) -> None:
    derived, vector, request = ctx.dup(), dtl.DistributedVector(ctx, 10), dtl.irecv(ctx, source=ctx.size - 1)
    halo = vector.halo(1)
    halo.begin()
    if is_last:
        calls = {
            "allreduce": lambda: dtl.allreduce(ctx, 100),
            "barrier": derived.barrier,
            "dup": ctx.dup,
            "split": lambda: derived.split(0),
            "sum": vector.sum,
            "sort": lambda: dtl.sort(vector),
            "a vector": lambda: dtl.DistributedVector(ctx, 5),
            "end": halo.end,
            "exchange": halo.exchange,
            "gather_object": lambda: dtl.gather_object(ctx, {}),
            "send": lambda: dtl.send(ctx, 1.0, dest=0),
            "isend": lambda: dtl.isend(ctx, 1.0, dest=0).wait(),
            "recv": lambda: dtl.recv(ctx, source=0),
            "probe": lambda: dtl.probe(ctx),
            "wait": request.wait,
            "test": request.test,
            "waitall": lambda: dtl.waitall([request]),
        }
        children.use_contexts(calls)
    halo.end()
    for rank in range(ctx.size if is_last else 0):
        dtl.send(ctx, 3.5, dest=rank)
    assert request.wait() == 3.5 and vector.sum() == 0
    ctx.barrier()


def workers_of_multiprocessing(ctx: dtl.Context, is_last: bool) -> None:
    if is_last:
        children.run_workers(ctx)
    ctx.barrier()


def a_helper_program(ctx: dtl.Context, is_last: bool) -> None:
    children.run_helper_programs()
    ctx.barrier()


def a_script_that_starts_the_rank(ctx: dtl.Context, is_last: bool) -> None:
    # What started this process was no rank.
    size = os.environ.get("OMPI_COMM_WORLD_SIZE") or os.environ["PMI_SIZE"]
    assert dtl.allreduce(ctx, 1) == int(size)


def mpi_is_finalised(ctx: dtl.Context, is_last: bool) -> None:
    derived = ctx.dup()
    vector = dtl.DistributedVector(derived, 10)
    request = None if is_last else dtl.irecv(ctx, source=ctx.size - 1)
    if "mpi4py" in sys.argv:
        MPI.Finalize()
    else:
        library = next(name for name in ("libmpi.so.40", "libmpich.so.12", "libmpi.so.12") if name in loaded())
        ctypes.CDLL(library, mode=os.RTLD_NOLOAD | os.RTLD_NOW).MPI_Finalize()
    calls = [
        lambda: dtl.allreduce(ctx, 1),
        lambda: dtl.iallreduce(ctx, 1).wait(),
        lambda: dtl.send(ctx, 1.0, dest=0),
        lambda: dtl.probe(ctx),
        ctx.barrier,
        ctx.dup,
        lambda: ctx.split(0),
        vector.barrier,
        lambda: dtl.Context(),
    ]
    if "mpi4py" in sys.argv:
        calls.append(lambda: dtl.Context(comm=MPI.COMM_WORLD))
    start = time.monotonic()
    for call in calls + ([] if is_last else [request.wait]):
        try:
            call()
        except dtl.DTLError as error:
            assert "MPI" in str(error) and "finalised" in str(error), error
        else:
            raise AssertionError("a call went well without MPI")
    assert time.monotonic() - start < float(os.environ["DTL_TIMEOUT"]) / 2
    assert not ctx.is_valid and vector.local_size > 0
    builtins.kept = [ctx, derived, vector, request]  # type: ignore[attr-defined]


def loaded() -> str:
    with open("/proc/self/maps") as maps:
        return maps.read()


def exceptions_that_were_handled(ctx: dtl.Context, is_last: bool) -> None:
    if is_last:
        console = InteractiveConsole()
        console.write = lambda text: None  # type: ignore[method-assign]
        console.push("1/0")
        assert sys.last_type is ZeroDivisionError
        return
    time.sleep(float(os.environ["DTL_TIMEOUT"]))


def an_exception_that_the_program_handled_itself(ctx: dtl.Context, is_last: bool) -> None:
    # The module does; only the others take their time.
    if not is_last:
        time.sleep(float(os.environ["DTL_TIMEOUT"]))


def an_exception_while_others_wait(ctx: dtl.Context, is_last: bool) -> None:
    if is_last:
        raise ValueError("on purpose")
    ctx.barrier()


def an_exception_while_others_end(ctx: dtl.Context, is_last: bool) -> None:
    if is_last:
        raise ValueError("on purpose")


def an_exception_inside_a_with_block(ctx: dtl.Context, is_last: bool) -> None:
    with dtl.Context() as inner:
        if is_last:
            raise ValueError("on purpose")
        inner.barrier()


def an_exception_everywhere(ctx: dtl.Context, is_last: bool) -> None:
    raise ValueError("on purpose")


def exit_3_while_others_wait(ctx: dtl.Context, is_last: bool) -> None:
    if is_last:
        sys.exit(3)
    ctx.barrier()


def exit_3_while_others_end(ctx: dtl.Context, is_last: bool) -> None:
    if is_last:
        sys.exit(3)


def exit_3_inside_a_with_block(ctx: dtl.Context, is_last: bool) -> None:
    with dtl.Context() as inner:
        if is_last:
            sys.exit(3)
        inner.barrier()


def the_error_policy(ctx: dtl.Context, is_last: bool) -> None:
    ctx.set_error_policy("terminate")
    vec = dtl.DistributedVector(ctx, 5)
    if is_last:
        try:
            vec.to_local(9)
        finally:
            print("an exception came out")
            os._exit(9)
    ctx.barrier()


def gone_without_a_word(ctx: dtl.Context, is_last: bool) -> None:
    if is_last:
        os._exit(0)
    ctx.barrier()


def killed(ctx: dtl.Context, is_last: bool) -> None:
    if is_last:
        os.kill(os.getpid(), signal.SIGKILL)
    ctx.barrier()


def stopped(ctx: dtl.Context, is_last: bool) -> None:
    if is_last:
        os.kill(os.getpid(), signal.SIGSTOP)
    ctx.barrier()


def stopped_while_others_end(ctx: dtl.Context, is_last: bool) -> None:
    if is_last:
        os.kill(os.getpid(), signal.SIGSTOP)


def stopped_while_data_moves(ctx: dtl.Context, is_last: bool) -> None:
    data = np.ones(1 << 22)
    gathered = np.empty((ctx.size, data.size))
    stop_soon(is_last)
    while True:
        dtl.allgather(ctx, data, out=gathered)


def stopped_while_messages_move(ctx: dtl.Context, is_last: bool) -> None:
    data, received = np.ones(1 << 20), np.empty(1 << 20)
    stop_soon(is_last)
    while True:
        dtl.sendrecv(ctx, data, (ctx.rank + 1) % ctx.size, 0, (ctx.rank - 1) % ctx.size, 0, out=received)


def stopped_while_contexts_are_made(ctx: dtl.Context, is_last: bool) -> None:
    stop_soon(is_last)
    while True:
        ctx.split(ctx.rank % 2).close()
        ctx.dup().close()


def stop_soon(is_last: bool) -> None:
    if is_last:
        threading.Timer(0.3, os.kill, [os.getpid(), signal.SIGSTOP]).start()


def a_skipped_call(ctx: dtl.Context, is_last: bool) -> None:
    if not is_last:
        ctx.barrier()


def a_message_that_is_never_sent(ctx: dtl.Context, is_last: bool) -> None:
    # The interpreter frees the context late, as programs in C and Fortran that do not care never do.
    builtins.kept = ctx  # type: ignore[attr-defined]
    if not is_last:
        dtl.recv(ctx, source=ctx.size - 1)


def work_that_takes_longer_than_others_wait(ctx: dtl.Context, is_last: bool) -> None:
    builtins.kept = ctx  # type: ignore[attr-defined]
    if is_last:
        # Compiled code of a program may keep the interpreter from all threads while it works.
        ctypes.PyDLL(None).sleep(math.ceil(3 * float(os.environ["DTL_TIMEOUT"])))


def work_under_an_mpi_for_one_thread(ctx: dtl.Context, is_last: bool) -> None:
    work_that_takes_longer_than_others_wait(ctx, is_last)


def a_timeout_that_is_handled(ctx: dtl.Context, is_last: bool) -> None:
    patience = float(os.environ["DTL_TIMEOUT"])
    if is_last:
        time.sleep(patience + 1)
        return
    try:
        ctx.barrier()
    except dtl.TimeoutError:
        print("handled")


def a_timeout_that_is_handled_over_mpi(ctx: dtl.Context, is_last: bool) -> None:
    a_timeout_that_is_handled(ctx, is_last)


def main() -> None:
    way = WAY
    if way == "a_variable_that_differs":
        if int(os.environ.get("OMPI_COMM_WORLD_RANK") or os.environ["PMI_RANK"]) == 1:
            os.environ["DTL_SHARED_MEMORY"] = "0"
        way = "all_is_well"
    if way.endswith("_over_mpi"):
        os.environ["DTL_SHARED_MEMORY"] = "0"
    if way == "no_context_anywhere":
        return
    if way == "no_context_on_the_last_rank":
        rank = os.environ.get("OMPI_COMM_WORLD_RANK") or os.environ["PMI_RANK"]
        size = os.environ.get("OMPI_COMM_WORLD_SIZE") or os.environ["PMI_SIZE"]
        if int(rank) == int(size) - 1:
            return
        way = "all_is_well"
    ctx = dtl.Context()
    is_last = ctx.rank == ctx.size - 1
    if is_last:
        print("goes at", time.time(), flush=True)
    globals()[way](ctx, is_last)


if __name__ == "__main__":
    main()
    if WAY == "an_exception_that_the_program_handled_itself":
        try:
            raise ValueError("on purpose")
        except ValueError as handled:
            # As test runners do.
            sys.last_type, sys.last_value, sys.last_traceback = ValueError, handled, handled.__traceback__
