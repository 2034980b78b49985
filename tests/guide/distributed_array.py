# The guide's section "DistributedArray", as written; the lines that print are ours.
import dtl
import numpy as np

ctx = dtl.Context()
global_idx = 999

# Create fixed-size array (1000 elements, float64)
arr = dtl.DistributedArray(ctx, size=1000, dtype=np.float64)

# With fill value
arr = dtl.DistributedArray(ctx, size=1000, dtype=np.float64, fill=0.0)

# With policy selection
arr = dtl.DistributedArray(
    ctx, size=1000, dtype=np.float64,
    partition=dtl.PARTITION_CYCLIC
)

# Properties (same as DistributedVector)
print(
    arr.global_size,  # Total elements (always 1000)
    arr.local_size,  # Elements on this rank
    arr.local_offset,  # Global index of first local element
    arr.dtype,  # NumPy dtype
)

# Zero-copy NumPy view
local = arr.local_view()
local[:] = np.arange(len(local))

# Index queries
print(
    arr.is_local(global_idx),  # bool: Is index on this rank?
    arr.owner(global_idx),  # int: Which rank owns index?
)

# NO resize() method - arrays are fixed size
try:
    arr.resize(2000)  # AttributeError!
except AttributeError:
    print("AttributeError")
