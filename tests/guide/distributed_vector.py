# The guide's sections "DistributedVector" and "Supported dtypes", as written; the lines that print are ours.
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
