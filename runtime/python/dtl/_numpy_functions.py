"""What NumPy's functions do with containers, other than ufuncs; the compiled classes call this from `__array_function__`.

What a function gives must be right on any number of ranks: what NumPy would give of all elements, distributed like the operands where it is
an array. Functions that cannot be so are refused in the same way on one rank and on many. Nothing is brought to one rank without
being asked for. What compares or reduces all elements is collective.
"""

from typing import Any, Callable, Dict, Iterable, NoReturn, Sequence, Tuple

import numpy as np

from dtl._numpy import check_layouts, is_container, layouts_of, lend


def array_function(function: Any, types: Iterable[type], args: Tuple[Any, ...], kwargs: Dict[str, Any]) -> Any:
    """The function on operands with containers among them."""
    others = [kind for kind in types if not issubclass(kind, np.ndarray)]
    if not all(kind.__module__ == "dtl" for kind in others):
        return NotImplemented
    # Maps have no elements that stand beside those of others.
    perform = _FUNCTIONS.get(function, _refuse) if all(hasattr(kind, "_layout") for kind in others) else _refuse
    return perform(function, *args, **kwargs)


def _name(function: Any) -> str:
    return f"{function.__module__}.{function.__name__}"


def _refuse(function: Any, *_: Any, **__: Any) -> NoReturn:
    """Says what to call instead."""
    cure = _INSTEAD.get(function)
    raise TypeError(
        f"{_name(function)} takes no container x of dtl, whose elements are divided over ranks. Use "
        + (f"{cure}, " if cure else "")
        + "what every rank calls together, such as x.sum(); or apply it to x.local_view() for the elements of one rank, or to what "
        "x.gather_to(root) of a container brings to the root."
    )


def _reduced(function: Any, *args: Any, **kwargs: Any) -> Any:
    """A reduction of all elements: NumPy calls the container's own."""
    if len(args) > 4 or not {"a", "axis", "dtype", "out"}.issuperset(kwargs):
        _refuse(function)
    return function.__wrapped__(*args, **kwargs)


def _by_element(function: Any, *args: Any, **kwargs: Any) -> Any:
    """A function that gives an element for each of the operands', without communication, in a new container."""
    model, _, result = _on_local(function, args, kwargs, ())
    return _stored(function, model, result)


def _by_element_with_out(function: Any, *args: Any, **kwargs: Any) -> Any:
    """The same, where an operand may be what the result is written to."""
    model, views, result = _on_local(function, args, kwargs, _written(function, *args, **kwargs))
    for container, view in views:
        if result is view:
            return container
    return _stored(function, model, result)


def _written(function: Any, *args: Any, **kwargs: Any) -> Tuple[Any, ...]:
    """The operands that the function writes to."""
    if function is np.nan_to_num:
        is_copied = kwargs.get("copy", args[1] if len(args) > 1 else True)
        return () if is_copied else (*args[:1], kwargs.get("x"))
    return (*args[_OUT[function] :], kwargs.get("out"))


_OUT = {np.clip: 3, np.round: 2, np.around: 2, np.fix: 1, np.isposinf: 1, np.isneginf: 1}
"""The place of `out` among the arguments of each function that has it."""


def _on_local(function: Any, args: Tuple[Any, ...], kwargs: Dict[str, Any], written: Sequence[Any]) -> Any:
    """One of the containers, all of them with views, and what the function gives of the views, some of which it writes to."""
    operands = [*args, *kwargs.values()]
    layouts = layouts_of(operands)
    model = check_layouts(_name(function), operands, layouts)
    if kwargs.get("shape") is not None:
        _refuse(function)
    views = [(operand, operand.local_view()) for operand in operands if id(operand) in layouts]

    def local(operand: Any) -> Any:
        return next((view for container, view in views if container is operand), operand)

    loan = lend(layouts, written)
    try:
        return model, views, function(*map(local, args), **{name: local(value) for name, value in kwargs.items()})
    finally:
        loan.end()


def _stored(function: Any, model: Any, result: Any) -> Any:
    """A container of what the ranks have, each for its elements."""
    if not isinstance(result, np.ndarray) or result.shape != model.local_view().shape:
        _refuse(function)
    made = model.like(result.dtype)
    made.local_view()[...] = result
    return made


def _of_shape(function: Any, a: Any, *args: Any, **kwargs: Any) -> Any:
    """What depends on the extents of an array alone. This one has those of the container, and no memory."""
    return function(np.broadcast_to(np.False_, _shape(a)), *args, **kwargs)


def _of_dtype(function: Any, *args: Any) -> Any:
    """What depends on data types alone."""
    return function(*(np.empty(0, operand.dtype) if is_container(operand) else operand for operand in args))


def _shape(operand: Any) -> Tuple[int, ...]:
    if not is_container(operand):
        return np.shape(operand)
    # A span has one dimension, whatever its container has.
    shape: Tuple[int, ...] = getattr(operand, "shape", (len(operand),))
    return shape


def _array_equal(_: Any, a1: Any, a2: Any, equal_nan: bool = False) -> bool:
    """Collective, unless the shapes differ, which every rank knows."""
    if _shape(a1) != _shape(a2):
        return False
    equal = np.equal(a1, a2)
    if equal_nan:
        equal |= np.not_equal(a1, a1) & np.not_equal(a2, a2)
    return bool(equal.all())


def _array_equiv(_: Any, a1: Any, a2: Any) -> bool:
    """Collective, unless the shapes differ, which every rank knows."""
    try:
        np.broadcast_shapes(_shape(a1), _shape(a2))
    except ValueError:
        return False
    return bool(np.equal(a1, a2).all())


def _allclose(_: Any, *args: Any, **kwargs: Any) -> bool:
    """Collective."""
    return bool(np.isclose(*args, **kwargs).all())


_INSTEAD = {
    np.argsort: "dtl.sort(x), which sorts in place,",
    np.average: "x.mean()",
    np.copyto: "dtl.copy(x, y)",
    np.count_nonzero: "(x != 0).sum()",
    np.dot: "(x * y).sum()",
    np.inner: "(x * y).sum()",
    np.linalg.norm: "(abs(x) ** 2).sum() ** 0.5",
    np.ptp: "x.max() - x.min()",
    np.sort: "dtl.sort(x), which sorts in place,",
    np.std: "((x - x.mean()) ** 2).mean() ** 0.5",
    np.var: "((x - x.mean()) ** 2).mean()",
    np.vdot: "(numpy.conj(x) * y).sum()",
}
"""What does it for containers."""

_FUNCTIONS: Dict[Any, Callable[..., Any]] = {
    np.allclose: _allclose,
    np.array_equal: _array_equal,
    np.array_equiv: _array_equiv,
    **dict.fromkeys((np.sum, np.prod, np.min, np.amin, np.max, np.amax, np.mean, np.any, np.all), _reduced),
    **dict.fromkeys((np.shape, np.ndim, np.size), _of_shape),
    **dict.fromkeys((np.result_type, np.common_type, np.iscomplexobj, np.isrealobj), _of_dtype),
    **dict.fromkeys((np.clip, np.round, np.around, np.fix, np.isposinf, np.isneginf, np.nan_to_num), _by_element_with_out),
    **dict.fromkeys((np.where, np.isclose, np.real, np.imag, np.angle, np.isreal, np.iscomplex, np.i0, np.sinc), _by_element),
    **dict.fromkeys((np.copy, np.empty_like, np.zeros_like, np.ones_like, np.full_like), _by_element),
}
"""How each function that can be right is carried out."""
