# The guide's section "Working with Scalars", as written; the lines that print are ours.
import dtl
import numpy as np

ctx = dtl.Context()

# Scalar input
local_sum = 42.0
global_sum = dtl.allreduce(ctx, local_sum, op=dtl.SUM)
# global_sum is a scalar (float)
print(type(global_sum).__name__, global_sum)

# Array input
local_arr = np.array([1.0, 2.0, 3.0])
global_arr = dtl.allreduce(ctx, local_arr, op=dtl.SUM)
# global_arr is np.ndarray
print(type(global_arr).__name__, global_arr)
