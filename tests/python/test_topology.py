"""Where ranks run, compared with what each of them finds out by itself and tells the others."""

import os
import socket
import subprocess
import sys

import pytest
from ranks import WORLD, everywhere

import dtl
from dtl import topology

RANKS = range(WORLD.size)
HOSTS = everywhere(socket.gethostname())


def test_this_machine() -> None:
    assert topology.num_cpus() == os.cpu_count()
    assert topology.num_gpus() == 0


def test_cpus_of_ranks() -> None:
    first = everywhere(min(os.sched_getaffinity(0)))
    assert [topology.cpu_affinity(rank) for rank in RANKS] == first


def test_gpus_of_ranks() -> None:
    assert [topology.gpu_id(rank) for rank in RANKS] == [-1] * WORLD.size


def test_ranks_of_one_machine() -> None:
    for a in RANKS:
        assert [topology.is_local(a, b) for b in RANKS] == [HOSTS[a] == HOSTS[b] for b in RANKS]
    machines = list(dict.fromkeys(HOSTS))
    assert [topology.node_id(rank) for rank in RANKS] == [machines.index(host) for host in HOSTS]


def test_one_rank_may_ask_alone() -> None:
    if WORLD.rank == WORLD.size - 1:
        assert topology.is_local(0, WORLD.rank) == (HOSTS[0] == HOSTS[-1])
        assert topology.node_id(0) == 0


@pytest.mark.parametrize("rank", [-1, WORLD.size, 2**31 - 1])
def test_ranks_that_do_not_exist(rank: int) -> None:
    asked = [topology.cpu_affinity, topology.gpu_id, topology.node_id]
    for ask in [*asked, lambda rank: topology.is_local(0, rank), lambda rank: topology.is_local(rank, 0)]:
        with pytest.raises(dtl.BoundsError, match=rf"rank(_[ab])? is {rank}, but the job has {WORLD.size} process"):
            ask(rank)


def test_both_names_are_one_module() -> None:
    assert dtl.Topology is topology


PROGRAM = f"""
import dtl
assert dtl.topology.num_cpus() == {os.cpu_count()}
try:
    print(dtl.topology.is_local(0, 0), dtl.topology.node_id(0), dtl.topology.gpu_id(0))
except dtl.DTLError as error:
    print(error.status.name, "make a context of all processes" in str(error))
"""


def printed(variables: dict[str, str]) -> str:
    """What a program of its own prints that makes no context."""
    command = [sys.executable, "-c", PROGRAM]
    environment = dict(os.environ, **variables)
    return subprocess.run(command, env=environment, check=True, timeout=600, capture_output=True, text=True).stdout.strip()


def test_before_a_context_is_made() -> None:
    """A process alone knows itself; one of several does not know the others, and says what to do."""
    # With another number than this rank's it is no program that this rank has started, but a rank.
    number = str((WORLD.rank + 1) % WORLD.size)
    others = {name: number for name in ("OMPI_COMM_WORLD_RANK", "PMI_RANK") if name in os.environ}
    assert printed(others) == ("INVALID_STATE True" if WORLD.size > 1 else "True 0 -1")


def test_a_program_that_a_rank_starts_is_alone() -> None:
    assert printed({}) == "True 0 -1"
