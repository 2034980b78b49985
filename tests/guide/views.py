# The guide's section "NumPy Integration", as written; the lines that print are ours. What the guide calls undefined, a view
# whose container is gone, is safe here: the view keeps it alive.
import dtl
import numpy as np

ctx = dtl.Context()

vec = dtl.DistributedVector(ctx, 1000)
local = vec.local_view()

# Modifications affect the container
local[:] = np.sin(np.arange(len(local)))
print(np.array_equal(vec.to_numpy(), np.sin(np.arange(len(local)))))

# NumPy operations work directly
mean = np.mean(local)
local_sorted = np.sort(local)  # Creates copy
np.multiply(local, 2, out=local)  # In-place, zero-copy
print(np.array_equal(vec.to_numpy(), 2 * np.sin(np.arange(len(local)))))

# CORRECT: Container outlives view
vec = dtl.DistributedVector(ctx, 1000)
local = vec.local_view()
local[:] = 0  # Safe

# INCORRECT: Container destroyed before view used
local = dtl.DistributedVector(ctx, 1000).local_view()  # vec destroyed!
local[:] = 0
print(local.sum())

# GOOD: Vectorized NumPy operations
local = vec.local_view()
local[:] = np.exp(local)  # Fast, uses SIMD
print(local[0], vec.to_numpy()[0])

# BAD: Python loops
for i in range(len(local)):
    local[i] = np.exp(local[i])  # Slow, Python overhead
print(np.all(vec.to_numpy() == np.exp(1)))
