"""What NumPy's ufuncs do with containers, and what becomes an array.

The compiled classes call this from `__array_ufunc__`, behind which stand all operators as well, and halos from `__array__`. A
container is here whatever has a `_layout`, spans included. Nothing here communicates: each rank works on its local elements, and what it
makes is laid out like what it is made from. Other functions of NumPy are in `_numpy_functions`.
"""

from typing import Any, Dict, List, Optional, Sequence, Tuple

import numpy as np

from dtl._dtl import _check_within  # type: ignore[attr-defined]
from dtl._errors import Status, _exception  # type: ignore[attr-defined]

_NUMBERS = (int, float, complex, np.generic)

_INSTEAD = {
    "reduce": "Use the methods that every rank calls together, such as x.sum() and x.max().",
    "accumulate": "Apply it to x.local_view() for the elements of one rank.",
    "reduceat": "Apply it to x.local_view() for the elements of one rank.",
    "outer": "Apply it to x.local_view() for the elements of one rank.",
    "at": "Apply it to x.local_view(), with local indices.",
}


def array_ufunc(ufunc: Any, method: str, inputs: Tuple[Any, ...], options: Dict[str, Any]) -> Any:
    """A ufunc on the local elements of containers of equal layout, and numbers; gives new containers, or `out`."""
    outputs: Tuple[Any, ...] = options.pop("out", ()) or (None,) * ufunc.nout
    operands = [*inputs, *(out for out in outputs if out is not None), *_mask(options)]
    if any(_is_foreign(operand) for operand in operands):
        return NotImplemented
    _check_method(ufunc, method)
    _check_outputs(ufunc, outputs)
    model = check_layouts(f"numpy.{ufunc.__name__}", operands)
    arguments = [_local(operand) for operand in inputs]
    if "where" in options:
        options["where"] = _local(options["where"])
    if any(out is None for out in outputs):
        dtypes = _result_dtypes(ufunc, arguments, options)
        outputs = tuple(model.like(dtype) if out is None else out for out, dtype in zip(outputs, dtypes))
    views = tuple(out.local_view() for out in outputs)
    with lent(operands, outputs):
        ufunc(*arguments, out=views, **options)
    return outputs[0] if len(outputs) == 1 else outputs


def lent(operands: Sequence[Any], written: Sequence[Any]) -> Any:
    """For a `with` statement: what NumPy reads stays as it is, and what it writes is nobody else's, until it ends.

    Operations of dtl that another thread calls meanwhile are refused.
    """
    read, written = ([it._layout for it in containers if is_container(it)] for containers in (operands, written))
    return written[0].lend(read, written) if written else read[0].lend(read, written)


def as_array(view: Any, dtype: Any, copy: Optional[bool]) -> Any:
    """A view as `numpy.asarray` and the like want it."""
    if dtype is None or view.dtype == dtype:
        return view.copy() if copy else view
    if copy is False:
        raise ValueError(f"elements of {view.dtype} cannot become {np.dtype(dtype)} without a copy, as copy=False asks")
    return view.astype(dtype)


def _check_method(ufunc: Any, method: str) -> None:
    """Refuses what does not work element by element."""
    if method != "__call__" or ufunc.signature is not None:
        name = ufunc.__name__ if method == "__call__" else f"{ufunc.__name__}.{method}"
        cure = _INSTEAD.get(method, "Apply it to x.local_view() for the elements of one rank.")
        raise TypeError(f"numpy.{name} does not work element by element, so it takes no container x. {cure}")


def _check_outputs(ufunc: Any, outputs: Tuple[Any, ...]) -> None:
    """Refuses to put distributed elements into an array."""
    if not all(out is None or is_container(out) for out in outputs):
        raise TypeError(f"numpy.{ufunc.__name__}: out is an array, which has no layout. Pass a container as out.")


def check_layouts(call: str, operands: Sequence[Any]) -> Any:
    """Refuses operands whose elements do not stand beside each other; gives one of the containers."""
    model = next(operand for operand in operands if is_container(operand))
    layout = model._layout
    for operand in operands:
        if is_container(operand):
            if operand is not model and operand._layout != layout:
                _refuse(
                    f"{call}: the operands are laid out differently: {model!r} and {operand!r}. Only elements "
                    "on the same rank can be combined; make them so with redistribute, and of spans take the same range."
                )
            continue
        if isinstance(operand, _NUMBERS):
            continue
        _check_within(operand, f"{call}: an operand")
        if np.size(operand) != 1 or np.ndim(operand) > model.local_view().ndim:
            _refuse(
                f"{call}: an operand is an array of shape {np.shape(operand)}, which is not distributed like "
                f"{model!r}. Pass a number or a container, or combine the array with local_view()."
            )
    return model


def is_container(operand: Any) -> bool:
    """Whether it is a container whose elements NumPy can combine with others."""
    return hasattr(type(operand), "_layout")


def _is_foreign(operand: Any) -> bool:
    """Whether a class of somebody else may know better what to do, and is to be asked."""
    if is_container(operand) or isinstance(operand, (np.ndarray, *_NUMBERS)):
        return False
    return hasattr(type(operand), "__array_ufunc__")


def _mask(options: Dict[str, Any]) -> List[Any]:
    return [options["where"]] if "where" in options else []


def _refuse(message: str) -> None:
    raise _exception(Status.EXTENT_MISMATCH, message, None)


def _local(operand: Any) -> Any:
    return operand.local_view() if is_container(operand) else operand


def _result_dtypes(ufunc: Any, arguments: List[Any], options: Dict[str, Any]) -> List[Any]:
    """The dtypes that NumPy gives the results, which do not depend on how many elements there are: it tells them of none."""
    none = [argument[:0] if isinstance(argument, np.ndarray) and argument.ndim else argument for argument in arguments]
    where = {name: value[:0] for name, value in options.items() if name == "where" and isinstance(value, np.ndarray)}
    results = ufunc(*none, **{**options, **where})
    return [result.dtype for result in (results if isinstance(results, tuple) else (results,))]
