"""The largest sum of neighbours among many numbers. A stretch may begin on one rank and end on another, so each rank says four
things of its part, and a function puts two parts side by side: the first to the left of the second."""

from functools import reduce

import numpy as np
from numpy.typing import NDArray

import dtl

N = 100_000

Part = NDArray[np.int64]
"""The sum of a part, and its best stretches: from its left end, to its right end, and anywhere."""


def join(left: Part, right: Part) -> Part:
    (sum_left, from_left, to_right, best), (sum_right, from_right, to_end, other) = left, right
    return np.array(
        [
            sum_left + sum_right,
            max(from_left, sum_left + from_right),
            max(to_end, sum_right + to_right),
            max(best, other, to_right + from_right),
        ],
        np.int64,
    )


with dtl.Context() as ctx:
    index = np.arange(N * ctx.rank // ctx.size, N * (ctx.rank + 1) // ctx.size)
    numbers = (index * 7919 % 10007) * (index % 613) % 201 - 100
    alone = np.maximum(numbers, 0)
    part = reduce(join, np.stack([numbers, alone, alone, alone], axis=1))

    whole = dtl.allreduce(ctx, part, op=join)
    if ctx.is_root:
        print(f"Largest sum of neighbours among {N} numbers: {whole[3]}")
