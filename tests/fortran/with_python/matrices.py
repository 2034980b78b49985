"""Rank 0 of a job whose rank 1 is the Fortran program `matrices.f90`: arrays keep their shape between the languages, with the
dimensions in reverse order. Started as every rank, with the Fortran program as its argument."""

import os
import sys

if int(os.environ.get("OMPI_COMM_WORLD_RANK", os.environ.get("PMI_RANK", "0"))) == 1:
    os.execv(sys.argv[1], sys.argv[1:])

import numpy as np

import dtl

passed = 0


def check(holds: bool, what: str) -> None:
    global passed
    if not holds:
        sys.exit(f"failed: {what}")
    passed += 1


ctx = dtl.Context()
check(ctx.size == 2, "there are two ranks")
columns = np.arange(12.0).reshape(4, 3)

received = dtl.recv(ctx, source=1)
check(received.shape == (4, 3) and bool(np.all(received == columns)), "a matrix from Fortran")
received = dtl.recv(ctx, source=1)
check(received.shape == () and received == 5, "a single value from Fortran")
received = dtl.recv(ctx, source=1)
check(received.dtype == bool and received.tolist() == [[True, False], [True, True], [False, True]], "logicals from Fortran")
received = dtl.irecv(ctx, source=1).wait()
check(received.shape == (2, 4, 3) and bool(np.all(received[1] == columns)), "three dimensions, later")
dtl.send(ctx, columns, dest=1)

check(bool(np.all(dtl.allreduce(ctx, columns) == 2 * columns)), "shapes that agree")
try:
    dtl.allreduce(ctx, columns.reshape(3, 4))
    check(False, "shapes that differ")
except dtl.CommunicationError as error:
    check("shape" in str(error) and "(3, 4)" in str(error) and "(4, 3)" in str(error), f"the shapes in {error}")
check(dtl.broadcast(ctx, None, root=1).shape == (4, 3), "a matrix that Fortran broadcasts")
gathered = dtl.gather(ctx, columns, root=0)
check(gathered.shape == (2, 4, 3) and bool(np.all(gathered[1] == columns)), "matrices from both")
check(dtl.scatter(ctx, None, root=1).shape == (4, 3), "a matrix of those that Fortran scatters")
check(dtl.allreduce(ctx, 2) == 5, "single values")
ctx.close()
print(f"matrices: {passed} checks passed")
