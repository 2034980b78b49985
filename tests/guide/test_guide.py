"""The user's guide, section by section: its programs run as written, each in a process of its own, and print what they should.

The programs lie beside this file, with the indentation that the guide lost in print. On several processes they are run by
`cargo xtask test guide`.
"""

import subprocess
import sys
from pathlib import Path

import pytest

CHECKED = Path(__file__).with_name("checked.py")
PROGRAMS = sorted(
    path.stem for path in CHECKED.parent.glob("*.py") if path.name not in ("checked.py", "test_guide.py")
)


@pytest.mark.parametrize("name", PROGRAMS)
def test_section(name: str) -> None:
    finished = subprocess.run(
        [sys.executable, "-W", "error", str(CHECKED), name], capture_output=True, text=True, timeout=120
    )
    assert finished.stderr == ""
    assert finished.returncode == 0
