# The guide's section "mpi4py Interoperability", as written; the line that prints is ours.
from mpi4py import MPI
import dtl

# Use existing communicator
world = MPI.COMM_WORLD
ctx = dtl.Context(comm=world)

# Split communicator
color = ctx.rank % 2
sub_comm = world.Split(color, ctx.rank)
sub_ctx = dtl.Context(comm=sub_comm)

# Operations within sub-communicator
vec = dtl.DistributedVector(sub_ctx, 1000)
# Collectives only involve ranks in sub_comm

print(sub_ctx.rank, sub_ctx.size, vec.global_size, dtl.allreduce(sub_ctx, ctx.rank))
