# The guide's section "Policy Selection", as written; the lines that make vec and that print are ours.
import dtl
import numpy as np

ctx = dtl.Context()

dtl.PARTITION_BLOCK  # Contiguous chunks (default)
dtl.PARTITION_CYCLIC  # Round-robin distribution
dtl.PARTITION_HASH  # Hash-based distribution

# Block partition: ranks get contiguous chunks
# [0,1,2,3,4,5,6,7] with 2 ranks -> rank0:[0,1,2,3], rank1:[4,5,6,7]
vec_block = dtl.DistributedVector(
    ctx, size=1000, dtype=np.float64,
    partition=dtl.PARTITION_BLOCK
)

# Cyclic partition: round-robin
# [0,1,2,3,4,5,6,7] with 2 ranks -> rank0:[0,2,4,6], rank1:[1,3,5,7]
vec_cyclic = dtl.DistributedVector(
    ctx, size=1000, dtype=np.float64,
    partition=dtl.PARTITION_CYCLIC
)

dtl.PLACEMENT_HOST  # CPU memory (default)
dtl.PLACEMENT_DEVICE  # GPU memory (requires CUDA)
dtl.PLACEMENT_UNIFIED  # CUDA unified memory

# CPU-only vector
cpu_vec = dtl.DistributedVector(
    ctx, size=1000, dtype=np.float64,
    placement=dtl.PLACEMENT_HOST
)

# GPU vector (if CUDA available)
if dtl.has_cuda():
    gpu_vec = dtl.DistributedVector(
        ctx, size=1000, dtype=np.float64,
        placement=dtl.PLACEMENT_DEVICE
    )

for vec in (vec_block, vec_cyclic, cpu_vec, dtl.DistributedVector(ctx, 8, partition=dtl.PARTITION_HASH)):
    vec.partition_policy  # Returns current partition policy
    vec.placement_policy  # Returns current placement policy
    print(vec.partition_policy.name, vec.placement_policy.name, vec.global_indices()[:2])

dtl.has_cuda()  # bool: CUDA backend available
dtl.has_mpi()  # bool: MPI backend available
print(type(dtl.has_cuda()).__name__, type(dtl.has_mpi()).__name__)
