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
    given = [out for out in outputs if out is not None]
    operands = [*inputs, *given, options["where"]] if "where" in options else [*inputs, *given]
    layouts = layouts_of(operands)
    for operand in operands:
        if id(operand) not in layouts and _is_foreign(operand):
            return NotImplemented
    _check_method(ufunc, method)
    if given:
        _check_outputs(ufunc, given)
    model = check_layouts(f"numpy.{ufunc.__name__}", operands, layouts)
    arguments = [operand.local_view() if id(operand) in layouts else operand for operand in inputs]
    if "where" in options and is_container(options["where"]):
        options["where"] = options["where"].local_view()
    if len(given) < len(outputs):
        dtypes = _result_dtypes(ufunc, arguments, options)
        outputs = tuple(model.like(dtype) if out is None else out for out, dtype in zip(outputs, dtypes))
    views = tuple([out.local_view() for out in outputs])
    loan = lend(layouts, given)
    try:
        ufunc(*arguments, out=views, **options)
    finally:
        loan.end()
    return outputs[0] if len(outputs) == 1 else outputs


def layouts_of(operands: Sequence[Any]) -> Dict[int, Any]:
    """The layout of each container among these, by the identity of the container."""
    return {id(operand): operand._layout for operand in operands if is_container(operand)}


def lend(layouts: Dict[int, Any], written: Sequence[Any]) -> Any:
    """The loan of what NumPy reads, which stays as it is, and of what it writes, which is nobody else's, until the loan ends.

    Operations of dtl that another thread calls meanwhile are refused. Containers that were made for the results are no matter, as
    nobody else knows them.
    """
    read = list(layouts.values())
    return read[0].lend(read, [layouts[id(operand)] for operand in written if id(operand) in layouts])


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


def _check_outputs(ufunc: Any, given: Sequence[Any]) -> None:
    """Refuses to put distributed elements into an array."""
    if not all(is_container(out) for out in given):
        raise TypeError(f"numpy.{ufunc.__name__}: out is an array, which has no layout. Pass a container as out.")


def check_layouts(call: str, operands: Sequence[Any], layouts: Dict[int, Any]) -> Any:
    """Refuses operands whose elements do not stand beside each other; gives one of the containers, which have these layouts."""
    for model in operands:
        if id(model) in layouts:
            break
    layout = layouts[id(model)]
    for operand in operands:
        if id(operand) in layouts:
            if operand is not model and layouts[id(operand)] != layout:
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


def _refuse(message: str) -> None:
    raise _exception(Status.EXTENT_MISMATCH, message, None)


def _result_dtypes(ufunc: Any, arguments: List[Any], options: Dict[str, Any]) -> List[Any]:
    """The dtypes that NumPy gives the results, which do not depend on how many elements there are: it tells them of none."""
    none = [argument[:0] if isinstance(argument, np.ndarray) and argument.ndim else argument for argument in arguments]
    where = {name: value[:0] for name, value in options.items() if name == "where" and isinstance(value, np.ndarray)}
    results = ufunc(*none, **{**options, **where})
    return [result.dtype for result in (results if isinstance(results, tuple) else (results,))]
