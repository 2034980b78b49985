# The guide's section "DistributedSpan", as written; the lines that print are ours.
import dtl
import numpy as np

ctx = dtl.Context()

vec = dtl.DistributedVector(ctx, size=1000, dtype=np.float64)
span = dtl.DistributedSpan(vec)
local = span.local_view()  # zero-copy local NumPy view
copy = span.to_numpy()  # explicit copy
sub = span.subspan(10, 20)  # non-owning subspan

local[:] = vec.global_indices()
print(np.array_equal(vec.to_numpy(), vec.global_indices()), not copy.any())
print(span.global_size, span.local_size, span.rank, span.num_ranks)
print(sub.global_size, len(sub), [int(value) for value in sub.local_view()] == [i for i in range(10, 30) if vec.is_local(i)])
