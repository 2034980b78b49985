"""How often each digit sum occurs among a million numbers. Each rank counts in its own part; the counts add up in a map."""

import numpy as np

import dtl

with dtl.Context() as ctx:
    numbers = np.arange(ctx.rank, 1_000_000, ctx.size)
    digit_sums = sum(numbers // 10**place % 10 for place in range(6))
    keys, times = np.unique(digit_sums, return_counts=True)

    counts = dtl.DistributedMap(ctx, np.int64, np.int64)
    counts.combine(keys, times, op=dtl.SUM)
    counts.sync()

    asked = np.array([0, 1, 27])
    found = counts.find(asked)
    if ctx.is_root:
        print(f"{len(counts)} different digit sums")
        for digit_sum, count in zip(asked, found):
            print(f"Digit sum {digit_sum}: {count} times")
