# The guide's section "Environment API", as written but for the GPU; the lines that print are ours.
import dtl

# Create environment (initializes backends on first call)
env = dtl.Environment()

# As context manager (recommended)
with dtl.Environment() as env:
    ctx = env.make_world_context()
    print(f"Rank {ctx.rank} of {ctx.size}")

env = dtl.Environment()

# Create context spanning all MPI ranks (CPU)
ctx = env.make_world_context()

# Create single-process CPU-only context (no MPI)
ctx = env.make_cpu_context()

env.has_mpi  # bool: MPI available
env.has_cuda  # bool: CUDA available
env.has_hip  # bool: HIP available
env.has_nccl  # bool: NCCL available
env.has_shmem  # bool: SHMEM available

print([type(known).__name__ for known in (env.has_mpi, env.has_cuda, env.has_hip, env.has_nccl, env.has_shmem)])

print(dtl.Environment.is_initialized())  # True if any environment handle exists
print(dtl.Environment.ref_count())  # Number of active environment handles
