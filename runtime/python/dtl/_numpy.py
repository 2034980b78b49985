"""What NumPy asks of containers: to take part in its element-wise functions, and to become an array.

The compiled classes call this from `__array_ufunc__`, behind which stand all operators as well, and from `__array__`. A
container is here whatever has a `_layout`, spans included. Nothing here communicates: each rank works on its local elements, and what it
makes is laid out like what it is made from.
"""

from typing import Any, Dict, List, Optional, Tuple

import numpy as np

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
    model = _check_layouts(ufunc, operands)
    arguments = [_local(operand) for operand in inputs]
    if "where" in options:
        options["where"] = _local(options["where"])
    if any(out is None for out in outputs):
        dtypes = _result_dtypes(ufunc, arguments, options)
        outputs = tuple(model.like(dtype) if out is None else out for out, dtype in zip(outputs, dtypes))
    ufunc(*arguments, out=tuple(out.local_view() for out in outputs), **options)
    for out in outputs:
        out._layout.note_write()
    return outputs[0] if len(outputs) == 1 else outputs


def as_array(container: Any, dtype: Any, copy: Optional[bool]) -> Any:
    """The elements of a container that is on one rank, for `numpy.asarray` and the like."""
    if container.num_ranks != 1:
        raise TypeError(
            f"a {type(container).__name__} on {container.num_ranks} ranks is no array of one process. Use local_view() for the "
            "elements of this rank, to_numpy() for a copy of them, or gather_to(root) of a container to bring all of its "
            "elements to one rank."
        )
    view = container.local_view()
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
    if not all(out is None or _is_container(out) for out in outputs):
        raise TypeError(f"numpy.{ufunc.__name__}: out is an array, which has no layout. Pass a container as out.")


def _check_layouts(ufunc: Any, operands: List[Any]) -> Any:
    """Refuses operands whose elements do not stand beside each other; gives one of the containers."""
    model = next(operand for operand in operands if _is_container(operand))
    layout = model._layout
    for operand in operands:
        if _is_container(operand):
            if operand is not model and operand._layout != layout:
                _refuse(
                    f"numpy.{ufunc.__name__}: the operands are laid out differently: {model!r} and {operand!r}. Only elements "
                    "on the same rank can be combined; make them so with redistribute, and of spans take the same range."
                )
        elif not isinstance(operand, _NUMBERS) and (np.size(operand) != 1 or np.ndim(operand) > model.local_view().ndim):
            _refuse(
                f"numpy.{ufunc.__name__}: an operand is an array of shape {np.shape(operand)}, which is not distributed like "
                f"{model!r}. Pass a number or a container, or combine the array with local_view()."
            )
    return model


def _is_container(operand: Any) -> bool:
    return hasattr(type(operand), "_layout")


def _is_foreign(operand: Any) -> bool:
    """Whether a class of somebody else may know better what to do, and is to be asked."""
    if _is_container(operand) or isinstance(operand, (np.ndarray, *_NUMBERS)):
        return False
    return hasattr(type(operand), "__array_ufunc__")


def _mask(options: Dict[str, Any]) -> List[Any]:
    return [options["where"]] if "where" in options else []


def _refuse(message: str) -> None:
    raise _exception(Status.EXTENT_MISMATCH, message, None)


def _local(operand: Any) -> Any:
    return operand.local_view() if _is_container(operand) else operand


def _result_dtypes(ufunc: Any, arguments: List[Any], options: Dict[str, Any]) -> List[Any]:
    """The dtypes that NumPy gives the results, which do not depend on how many elements there are: it tells them of none."""
    none = [argument[:0] if isinstance(argument, np.ndarray) and argument.ndim else argument for argument in arguments]
    where = {name: value[:0] for name, value in options.items() if name == "where" and isinstance(value, np.ndarray)}
    results = ufunc(*none, **{**options, **where})
    return [result.dtype for result in (results if isinstance(results, tuple) else (results,))]
