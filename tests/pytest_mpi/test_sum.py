"""The guide's section "pytest-mpi": what a user's tests may look like. Run with
`mpirun -np 4 python -m pytest tests/pytest_mpi --with-mpi`.
"""

import numpy as np
import pytest

import dtl


@pytest.fixture
def ctx():
    with dtl.Context() as ctx:
        yield ctx


@pytest.mark.mpi
def test_every_rank_has_its_part(ctx):
    vec = dtl.DistributedVector(ctx, 1000)
    vec.local_view()[:] = vec.global_indices()
    assert dtl.allreduce(ctx, vec.local_view().sum()) == 499500.0


@pytest.mark.mpi
def test_everybody_gets_what_the_root_has(ctx):
    data = np.arange(3) if ctx.is_root else None
    assert dtl.broadcast(ctx, data).tolist() == [0, 1, 2]
