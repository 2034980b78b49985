"""Ways in which the last rank of a job ends, while the others go on as if nothing had happened.

    mpirun -n 4 python tests/endings/ways.py WAY [mpi4py]

With `mpi4py`, that has initialised MPI and will finalise it.
"""

import builtins
import os
import signal
import sys
import time

if "mpi4py" in sys.argv:
    from mpi4py import MPI  # noqa: F401

import dtl


def all_is_well(ctx: dtl.Context, is_last: bool) -> None:
    # Contexts, vectors and views are alive when the interpreter ends.
    globals()["kept"] = [ctx, ctx.dup(), dtl.DistributedVector(ctx, 1000).local_view()]


def a_child_ends_alone(ctx: dtl.Context, is_last: bool) -> None:
    # A forked process inherits the context; that it ends, and even that it closes it, is nobody else's business.
    if is_last:
        child = os.fork()
        if child == 0:
            ctx.__exit__(None, None, None)
            # mpi4py finalises MPI in any process that ends in the usual way.
            os._exit(0) if "mpi4py" in sys.argv else sys.exit(0)
        assert os.waitpid(child, 0) == (child, 0)
    ctx.barrier()


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
        time.sleep(float(os.environ["DTL_TIMEOUT"]) + 1)


def main() -> None:
    way = sys.argv[1]
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
