"""Calls what the recipes added, from Python, on two ranks."""

from concurrent.futures import ThreadPoolExecutor

import dtl
import numpy as np


def on_rank(ctx: dtl.Context) -> None:
    data = np.array([[1.0, 9.0], [4.0, 2.0]])
    largest = dtl.maximum(ctx, data[ctx.rank])
    last = dtl.allreduce(ctx, data[ctx.rank], op="last")
    vec = dtl.DistributedVector(ctx, 7, dtype="timedelta64")
    code = 16 if vec.dtype == np.dtype("timedelta64") else vec.dtype
    numbers = dtl.DistributedVector(ctx, 7)
    numbers.local_view()[:] = numbers.global_indices()
    index = dtl.find_last_if(numbers, lambda value: value < 4)
    if ctx.is_root:
        added = f"dtype {code}, at {index}, {numbers.local_nbytes} bytes"
        print(f"{largest[0]} {largest[1]}, last {last[0]} {last[1]}, {added}")


with ThreadPoolExecutor(2) as pool:
    list(pool.map(on_rank, dtl.Context.threads(2)))
