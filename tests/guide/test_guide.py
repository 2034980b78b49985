"""The user's guide, section by section: its programs run as written, each in a process of its own, and print what they should.

The programs lie beside this file, with the indentation that the guide lost in print. On several processes they are run by
`cargo xtask test guide`.
"""

import subprocess
import sys
from pathlib import Path

import pytest

CHECKED = Path(__file__).with_name("checked.py")
# The first two are no programs of the guide, and the last one needs an MPI.
OTHERS = ("checked", "test_guide", "mpi4py_interoperability")
PROGRAMS = sorted(path.stem for path in CHECKED.parent.glob("*.py") if path.stem not in OTHERS)


@pytest.mark.parametrize("name", PROGRAMS)
def test_section(name: str) -> None:
    finished = subprocess.run(
        [sys.executable, "-W", "error", str(CHECKED), name], capture_output=True, text=True, timeout=120
    )
    assert finished.stderr == ""
    assert finished.returncode == 0
