"""Reductions with a function of the caller in place of an operator: `dtl.allreduce(ctx, data, op=lambda a, b: ...)`.

The compiled functions come here when `op` is callable. The function is called with two arrays of the shape and dtype of what is
combined, and gives a third; with what ranks 0 and 1 have, then with what it gave and what rank 2 has, and so on. So it need
not be commutative, and ranks that combine the same get the same bits. Arrays are moved whole, since nothing says
that the function combines them element by element.
"""

from typing import Any, Callable, List, Optional

import numpy as np

from dtl._dtl import Context, allgather, alltoall, gather
from dtl._errors import Status
from dtl._together import together

_Array = Any
_Function = Callable[[_Array, _Array], Any]


def allreduce(ctx: Context, data: Any, op: _Function, out: Optional[_Array] = None) -> Any:
    """Every rank combines the arrays of all."""
    arrays = allgather(ctx, np.asarray(data))
    return _combined(ctx, "allreduce", op, arrays, data, out)


def reduce(ctx: Context, data: Any, op: _Function, root: int = 0, out: Optional[_Array] = None) -> Any:
    """The root combines the arrays of all, and alone calls the function."""
    arrays = gather(ctx, np.asarray(data), root=root)
    return _combined(ctx, "reduce", op, [] if arrays is None else arrays, data, out)


def reduce_scatter(ctx: Context, data: Any, op: _Function, out: Optional[_Array] = None) -> Any:
    """Each rank combines what all have for it."""
    return _combined(ctx, "reduce_scatter", op, alltoall(ctx, np.asarray(data)), None, out)


def scan(ctx: Context, data: Any, op: _Function, out: Optional[_Array] = None) -> Any:
    """Each rank combines the arrays of those up to it."""
    arrays = allgather(ctx, np.asarray(data))[: ctx.rank + 1]
    return _combined(ctx, "scan", op, arrays, data, out)


def exscan(ctx: Context, data: Any, op: _Function, out: Optional[_Array] = None) -> Any:
    """Each rank combines the arrays of those below it; of a function nobody knows what changes nothing, so rank 0 gets none."""
    arrays = allgather(ctx, np.asarray(data))[: ctx.rank]
    return _combined(ctx, "exscan", op, arrays, data, out)


def _combined(
    ctx: Context, reduction: str, op: _Function, arrays: Any, data: Any, out: Optional[_Array]
) -> Any:
    """The arrays combined in their order, as `data` is: an array, or a scalar of NumPy or Python; `None` of none."""
    call = f"{reduction} with a function"
    result = together(ctx, call, Status.REDUCE_FAILED, lambda: _stored(_fold(op, arrays), out))
    if result is None or out is not None or result.ndim > 0 or isinstance(data, np.ndarray):
        return result
    return result[()] if data is None or isinstance(data, np.generic) else result.item()


def _fold(op: _Function, arrays: Any) -> Optional[_Array]:
    # `...` keeps elements arrays, of no dimensions.
    operands: List[_Array] = [arrays[number, ...] for number in range(len(arrays))]
    if not operands:
        return None
    result = operands[0]
    for operand in operands[1:]:
        combined = np.asarray(op(result, operand))
        if (combined.dtype, combined.shape) != (operand.dtype, operand.shape):
            raise ValueError(
                f"op gave {combined.dtype} of shape {combined.shape} for two arrays of {operand.dtype} of shape {operand.shape}. "
                "Return an array of their dtype and shape."
            )
        result = combined
    return result


def _stored(result: Optional[_Array], out: Optional[_Array]) -> Optional[_Array]:
    """The result in `out`, or in memory of its own."""
    if result is None or out is None:
        return result if result is None else result.copy()
    if not isinstance(out, np.ndarray) or (out.dtype, out.shape) != (result.dtype, result.shape):
        raise ValueError(f"out must be an array of {result.dtype} of shape {result.shape}, as the result is.")
    out[...] = result
    return out
