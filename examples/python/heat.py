"""Heat spreads over a square plate whose edges are kept at zero: finite differences with halo exchange, beside the same
computation in one piece."""

import dtl
import numpy as np
from numpy.typing import NDArray

N, STEPS = 32, 50


def step(old: NDArray[np.float64]) -> NDArray[np.float64]:
    """The next temperatures; `old` has a ghost at each end of each dimension."""
    around: NDArray[np.float64] = old[:-2, 1:-1] + old[2:, 1:-1] + old[1:-1, :-2] + old[1:-1, 2:]
    return old[1:-1, 1:-1] + 0.125 * (around - 4.0 * old[1:-1, 1:-1])


with dtl.Context() as ctx:
    # A tensor over a grid of ranks that is as square as possible.
    plate = dtl.DistributedTensor(ctx, (N, N), grid=(0, 0))
    start = np.zeros((N, N))
    start[N // 4 : N // 2, N // 4 : N // 2] = 1.0
    plate.from_global(start if ctx.is_root else None)

    halo = plate.halo(1, boundary="constant", stencil="star")
    old, new = halo.local_view(), plate.local_view()
    for _ in range(STEPS):
        halo.exchange()
        new[:] = step(old)

    result = plate.gather_to(0)
    if result is not None:  # on rank 0
        serial = start
        for _ in range(STEPS):
            serial = step(np.pad(serial, 1))
        print(f"Heat that is left: {result.sum():.6f}")
        print(f"Largest difference from the serial solution: {np.abs(result - serial).max():.1f}")
