"""The user's guide, section by section: its programs run as written, each in a process of its own, and print what they should.

The programs lie beside this file, with the indentation that the guide lost in print.
"""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

np.random.seed(42)
MEAN = np.random.randn(1_000_000).sum() / 1_000_000

PRINTED = {
    "quick_start": "Rank 0 of 1\nGlobal sum: 499500.0\n",
    "environment": "Rank 0 of 1\n['bool', 'bool', 'bool', 'bool', 'bool']\nTrue\n1\n",
    "context": (
        "0 1 True -1 False False False False -1\n"
        "False False\n"
        "BACKEND_UNAVAILABLE\nBACKEND_UNAVAILABLE\nBACKEND_UNAVAILABLE\n"
        "0 1\n"
        "False\n"
    ),
    "distributed_vector": "10000 10000 0 float32\nTrue 0\nTrue True\n",
    "collectives": "[0.] [0.] [1. 2. 3.] (1, 1) [0 1 2] (1, 1)\n",
    "scalars": "float 42.0\nndarray [1. 2. 3.]\n",
    "views": "True\nTrue\n0.0\n1.0 1.0\n",
    "exceptions": (
        "Invalid argument: vector.create: size is -1. Pass a number of elements that is 0 or more and below 2^63.\n"
        "True\nTrue\nTrue\nTrue True\nTrue True\nTrue\n"
    ),
    "distributed_mean": f"Global mean: {MEAN:.6f}\n",
    "dot_product": "Dot product: 9999900000\nExpected: 9999900000\n",
    "stencil": "Stencil computation complete\n",
}

PROGRAMS = sorted(path.stem for path in Path(__file__).parent.glob("*.py") if path != Path(__file__))


@pytest.mark.parametrize("name", PROGRAMS)
def test_section(name: str) -> None:
    program = Path(__file__).with_name(f"{name}.py")
    finished = subprocess.run(
        [sys.executable, "-W", "error", str(program)], capture_output=True, text=True, timeout=120
    )
    assert finished.stderr == ""
    assert finished.returncode == 0
    assert finished.stdout == PRINTED[name]
