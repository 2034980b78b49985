# The guide's section "DistributedTensor", as written; the lines that print are ours.
import dtl
import numpy as np

ctx = dtl.Context()

# Create 3D tensor (100x64x64)
tensor = dtl.DistributedTensor(ctx, shape=(100, 64, 64), dtype=np.float32)

# Properties
print(
    tensor.shape,  # Tuple: Global shape
    tensor.local_shape,  # Tuple: Local shape (differs in dim 0)
    tensor.ndim,  # int: Number of dimensions
    tensor.dtype,  # NumPy dtype
)

# Zero-copy NumPy view
local = tensor.local_view()  # 3D NumPy array
local[:] = np.random.randn(*local.shape)
print(local.shape, np.array_equal(tensor.to_numpy(), local))
