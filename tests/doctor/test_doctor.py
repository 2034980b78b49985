"""`python -m dtl.doctor` says what is there and what is wrong, whatever is broken, and ends well."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Dict, List

import pytest

import dtl


def doctor(**variables: str) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("DTL_", "MPI4PY_"))}
    finished = subprocess.run(
        [sys.executable, "-m", "dtl.doctor"],
        env={**environment, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        universal_newlines=True,
        timeout=300,
    )
    assert finished.stderr == ""
    assert finished.returncode == 0
    return finished.stdout


def section(report: str, heading: str) -> List[str]:
    return report.split(f"\n{heading}\n")[1].split("\n\n")[0].splitlines()


def test_what_it_looks_at() -> None:
    report = doctor(DTL_TIMEOUT="77")
    assert "  DTL_TIMEOUT: 77" in section(report, "Environment variables")
    assert "  DTL_MPI: not set (`openmpi`, `mpich` or `none`)" in section(report, "Environment variables")
    folders = [line.split(": ")[0].strip() for line in report.splitlines() if line.startswith("  /")]
    assert os.path.join(sys.prefix, "lib") in folders
    for launcher in ("Open MPI's mpirun", "MPICH's mpiexec", "Slurm's srun", "Flux"):
        assert f"  under {launcher}: " in report
    assert len(section(report, "Tried, in a process of its own each")) == 2
    assert section(report, "Advice")


def test_no_mpi_is_wanted() -> None:
    report = doctor(DTL_MPI="none")
    assert "  here: one process, without MPI" in report
    assert section(report, "Advice")[0] == "  DTL_MPI is none, so programs run in one process. Unset it to use MPI."


@pytest.mark.parametrize(
    "variables, problem",
    [
        ({"DTL_LIBMPI": "/bin/sh"}, "'/bin/sh', which is not the file of an MPI library that dtl knows"),
        ({"DTL_LIBMPI": "/nowhere/libmpi.so.40"}, "'/nowhere/libmpi.so.40', which is not the file of an MPI library"),
        ({"DTL_MPI": "lam"}, "'lam'; it must be openmpi, mpich or none"),
    ],
)
def test_wishes_that_cannot_be_granted(variables: Dict[str, str], problem: str) -> None:
    report = doctor(**variables)
    assert problem in "\n".join(section(report, "What a context of all processes uses"))
    assert problem in "\n".join(section(report, "Tried, in a process of its own each"))
    assert "No MPI can be used" in "\n".join(section(report, "Advice"))


def test_broken_libraries_and_plugins(tmp_path: Path) -> None:
    (tmp_path / "libmpi.so.40").write_text("no library")
    report = doctor(DTL_LIBMPI=str(tmp_path / "libmpi.so.40"), DTL_PLUGIN_PATH=str(tmp_path))
    (tmp_path / "dtl-mpi-openmpi.so").write_text("no plugin")
    broken = doctor(DTL_LIBMPI=str(tmp_path / "libmpi.so.40"), DTL_PLUGIN_PATH=str(tmp_path))
    tried = "\n".join(section(broken, "Tried, in a process of its own each"))
    assert "the MPI library cannot be used" in tried and "libmpi.so.40" in tried
    assert f"  {tmp_path}: looked into" in report
    assert "but do not work" in "\n".join(section(broken, "Advice"))


def test_under_a_launcher_one_rank_speaks() -> None:
    assert doctor(OMPI_COMM_WORLD_RANK="1", OMPI_COMM_WORLD_SIZE="2") == ""
    report = doctor(OMPI_COMM_WORLD_RANK="0", OMPI_COMM_WORLD_SIZE="2")
    assert "  started by: Open MPI's mpirun, as one of 2" in report
    assert "run it again without one" in report


def test_the_same_facts_in_a_program() -> None:
    assert dtl.describe_mpi().splitlines()[0] == f"dtl {dtl.__version__}"
