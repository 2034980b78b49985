"""What processes do that a rank has forked or started: they are no ranks, so they neither use its contexts nor touch its job."""

import multiprocessing
import os
import subprocess
import sys
import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import dtl

HELPER = "import dtl; ctx = dtl.Context(); print('one of', ctx.size, 'has', dtl.allreduce(ctx, 7))"


def start_the_rank() -> int:
    """Starts this program again, through a shell, as the rank that a launcher wanted to start; gives its exit code."""
    import dtl

    assert dtl.__name__ == "dtl", "dtl is imported, which is no use of MPI"
    script = '"$@"; code=$?; exit $code'
    command = ["sh", "-c", script, "sh", sys.executable, *sys.argv]
    return subprocess.run(command, env=dict(os.environ, IS_STARTED="1"), close_fds=False, check=False).returncode


def run_helper_programs() -> None:
    """Runs programs that use dtl, directly and through a shell."""
    through_a_shell = ["sh", "-c", '"$0" -c "$1"; code=$?; exit $code', sys.executable, HELPER]
    for command in ([sys.executable, "-c", HELPER], through_a_shell):
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert (done.returncode, done.stdout) == (0, "one of 1 has 7\n"), done
        assert "is no rank of the job" in done.stderr, done


def forked(act: Callable[[], Any]) -> int:
    """Runs a function in a forked process, which ends as programs do; gives its exit code."""
    child = os.fork()
    if child == 0:
        act()
        sys.exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def end_in_every_way(ctx: "dtl.Context") -> None:
    """Forks processes that end, after closing the context or without."""

    def fail() -> None:
        raise ValueError("an error of a child")

    # What is given to `sys.exit` is not known when mpi4py wants to finalise MPI.
    told = 0 if "mpi4py" in sys.argv else 5
    for prepare in (ctx.describe, lambda: ctx.__exit__(None, None, None)):
        for end, code in [(lambda: os._exit(5), 5), (lambda: sys.exit(5), told), (lambda: None, 0), (fail, 1)]:
            assert forked(lambda prepare=prepare, end=end: (prepare(), end())) == code
    ctx.set_error_policy("terminate")
    assert forked(ctx.barrier) == 1
    ctx.set_error_policy("return_status")


def must_be_refused(calls: dict[str, Callable[[], Any]]) -> None:
    """Makes calls that only ranks may make."""
    import dtl

    for name, call in calls.items():
        try:
            call()
        except dtl.DTLError as error:
            assert "made by another process" in str(error), (name, error)
        else:
            raise AssertionError(f"{name} went well in a process that is no rank")


def use_contexts(calls: dict[str, Callable[[], Any]]) -> None:
    """Forks a process that makes these calls, and then some on contexts of its own; the latter go well."""
    import dtl

    def act() -> None:
        try:
            must_be_refused(calls)
            own = dtl.Context()
            assert own.size == 1 and dtl.allreduce(own, 7) == 7
            assert dtl.DistributedVector(own.dup(), 5).sum() == 0
            first, second = dtl.Context.threads(2)
            request = dtl.irecv(first, source=1)
            dtl.send(second, 2.5, dest=0)
            assert request.wait() == 2.5
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)

    assert forked(act) == 0


def run_workers(ctx: "dtl.Context") -> None:
    """Runs workers that try to use the context that they inherit, and make one of their own."""
    import dtl

    def work(number: int) -> int:
        must_be_refused({"allreduce": lambda: dtl.allreduce(ctx, 1)})
        return int(dtl.allreduce(dtl.Context(), number))

    globals()["work"] = work
    work.__qualname__ = "work"
    with multiprocessing.get_context("fork").Pool(2) as pool:
        assert pool.map(work, range(20)) == list(range(20))
    process = multiprocessing.get_context("fork").Process(target=work, args=(3,))
    process.start()
    process.join()
    assert process.exitcode == 0
