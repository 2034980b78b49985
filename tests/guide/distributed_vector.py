# The guide's section "DistributedVector" and "Partition Policies", as written; the lines that print are ours.
import dtl
import numpy as np

ctx = dtl.Context()
global_idx = 9999

# Create vector
vec = dtl.DistributedVector(ctx, size=10000, dtype=np.float64)

# With fill value
vec = dtl.DistributedVector(ctx, size=10000, dtype=np.float32, fill=0.0)

# Properties
print(
    vec.global_size,  # Total elements across all ranks
    vec.local_size,  # Elements on this rank
    vec.local_offset,  # Global index of first local element
    vec.dtype,  # NumPy dtype
)

# Zero-copy NumPy view
local = vec.local_view()
local[:] = np.random.randn(len(local))

# Index queries
print(
    vec.is_local(global_idx),  # bool: Is index on this rank?
    vec.owner(global_idx),  # int: Which rank owns index?
)

for dtype in (np.int8, np.int32, np.int64, np.uint8, np.uint32, np.uint64, np.float32, np.float64):
    assert dtl.DistributedVector(ctx, 3, dtype=dtype).local_view().dtype == dtype

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

print(vec_cyclic.partition_policy == dtl.PARTITION_CYCLIC, cpu_vec.placement_policy == dtl.PLACEMENT_HOST)
