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
    if ctx.is_root:
        print(f"{largest[0]} {largest[1]}, last {last[0]} {last[1]}, dtype {code}")


with ThreadPoolExecutor(2) as pool:
    list(pool.map(on_rank, dtl.Context.threads(2)))
