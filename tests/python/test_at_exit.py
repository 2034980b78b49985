"""Objects of the program that use dtl while the interpreter ends: values or ordinary exceptions, and no panic."""

import os
import subprocess
import sys

import pytest

PROGRAM = """
import dtl

class Kept:
    def __init__(self):
        self.ctx = dtl.Context()
        self.me = self

    def __del__(self):
        try:
            print("gave", {use}, flush=True)
        except Exception as failure:
            print("caught", type(failure).__name__, flush=True)

kept = Kept()
"""

USES = [
    "dtl.allreduce(self.ctx, 1)",
    "dtl.allreduce(self.ctx, [1.0, 2.0]).sum()",
    "dtl.allreduce(self.ctx, 'no numbers')",
    "dtl.DistributedVector(self.ctx, 3, fill=2).local_view().sum()",
    "(dtl.DistributedVector(self.ctx, 3, fill=2) * 2).sum()",
    "dtl.DistributedVector(self.ctx, 3, 'bfloat16')",
    "dtl.broadcast_object(self.ctx, {1: 2})",
    "dtl.DistributedMap(self.ctx, int, float)",
    "dtl.iallreduce(self.ctx, 1).wait()",
]


@pytest.mark.parametrize("use", USES)
def test_the_end_of_the_interpreter(use: str) -> None:
    launched = ("MPI4PY", "OMPI", "PMI", "PMIX", "MPICH")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(launched)}
    environment["DTL_MPI"] = "none"
    program = PROGRAM.replace("{use}", use)
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=120)
    assert "panic" not in done.stderr.lower()
    assert done.returncode == 0 and done.stdout.startswith(("gave", "caught")), done.stderr
