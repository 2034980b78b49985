"""NumPy's functions on containers: each gives what NumPy gives of all elements, or is refused, on one rank as on several.

The functions are not listed here: all that NumPy has are called. What a rank gets back is compared with what NumPy makes of the
whole arrays.
"""

import warnings
from typing import Any, Callable, Dict, List, Tuple

import numpy as np
import pytest

import dtl
from ranks import on_ranks

SHAPE = (4, 3)

DATA = np.arange(12.0).reshape(SHAPE) / 4 - 1

NO_FUNCTIONS_OF_ARRAYS = {
    # They ask about the object, and a container is no sequence.
    "iterable", "isscalar",
    # They print, change how NumPy works, or read and write files.
    "info", "test", "source", "lookfor", "disp", "add_docstring", "add_newdoc", "add_newdoc_ufunc", "deprecate", "get_include",
    "seterr", "seterrcall", "seterrobj", "setbufsize", "set_numeric_ops", "set_string_function", "set_printoptions",
    "printoptions", "errstate", "show_config", "show_runtime", "who", "getbufsize", "byte_bounds", "memmap", "DataSource",
    # They give memory as it is, or None for what they do not know.
    "empty", "empty_like", "bmat",
    # They make something else of a container than an array, which does not look at its elements.
    "dtype", "vectorize", "ndenumerate", "frompyfunc", "nested_iters", "ndindex", "finfo", "iinfo", "object_", "safe_eval", "mintypecode",
    "void", "str_", "bytes_", "unicode_", "string_", "str0", "bytes0", "void0", "object0", "bool8", "issubclass_", "issctype",
    "issubsctype", "obj2sctype", "sctype2char", "maximum_sctype", "asmatrix_", "typename", "issubdtype", "isdtype",
    "get_array_wrap", "may_share_memory", "shares_memory",
    # It swaps elements one by one.
    "shuffle",
    # They are about the generator.
    "seed", "get_state", "set_state", "get_bit_generator", "set_bit_generator",
}  # fmt: skip


def functions() -> List[Tuple[str, Callable[..., Any]]]:
    """What can be called in NumPy and gives something of arrays."""
    found: Dict[str, Callable[..., Any]] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for module in (np, np.linalg, np.fft, np.random, np.ma, np.polynomial.polynomial, np.lib.scimath):
            for name in dir(module):
                member = getattr(module, name)
                known = name.startswith("_") or name in NO_FUNCTIONS_OF_ARRAYS
                if callable(member) and not known and not isinstance(member, type):
                    found[f"{module.__name__}.{name}"] = member
    return sorted(found.items())


def containers(ctx: dtl.Context) -> List[Tuple[Any, Any]]:
    """Containers of every kind and their elements."""
    tensor = dtl.DistributedTensor(ctx, SHAPE)
    tensor.from_global(DATA if ctx.is_root else None)
    made: List[Tuple[Any, Any]] = [(tensor, DATA)]
    for kind in (dtl.DistributedVector, dtl.DistributedArray):
        line = kind(ctx, DATA.size)
        line.from_global(DATA.ravel() if ctx.is_root else None)
        made.append((line, DATA.ravel()))
    made.append((dtl.DistributedSpan(made[1][0]), DATA.ravel()))
    return made


def whole(ctx: dtl.Context, given: Any) -> Any:
    """What NumPy would have given: an array of all elements, of a container."""
    if isinstance(given, tuple):
        return tuple(whole(ctx, part) for part in given)
    if isinstance(given, dtl.DistributedTensor):
        return dtl.broadcast(ctx, given.gather_to(0))
    if isinstance(given, (dtl.DistributedVector, dtl.DistributedArray, dtl.DistributedSpan)):
        return dtl.allgatherv(ctx, given.to_numpy())
    return given


def outcome(call: Callable[[], Any]) -> Tuple[Any, Any]:
    """What a call gives, and what it raises."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return call(), None
        except Exception as failure:
            return None, failure


def alike(given: Any, wanted: Any) -> bool:
    if isinstance(wanted, tuple):
        return len(given) == len(wanted) and all(map(alike, given, wanted))
    if not isinstance(wanted, (np.ndarray, np.generic, float, complex)):
        return type(given) is type(wanted) and bool(given == wanted)
    return np.shape(given) == np.shape(wanted) and bool(np.all(np.isclose(given, wanted, equal_nan=True)))


ARGUMENTS: List[Callable[[Any], Tuple[Any, ...]]] = [
    lambda x: (x,),
    lambda x: (x, x),
    lambda x: (x, 2),
    lambda x: (2, x),
    lambda x: (x, x, x),
    lambda x: (x, 0, 1),
    lambda x: ([x, x],),
    lambda x: (np.ones(x.shape if hasattr(x, "shape") else len(x)), x),
]


@pytest.mark.parametrize("size", [1, 2, 4])
def test_every_function_is_right_or_refused(size: int) -> None:
    def rank(ctx: dtl.Context) -> List[str]:
        wrong, right = [], []
        for container, elements in containers(ctx):
            own = container.to_numpy()
            for name, function in functions():
                for number, arguments in enumerate(ARGUMENTS):
                    container.from_numpy(own)
                    given, refusal = outcome(lambda: function(*arguments(container)))
                    wanted, failure = outcome(lambda: function(*arguments(elements.copy())))
                    if refusal is not None or failure is not None:
                        continue
                    given = whole(ctx, given)
                    if alike(given, wanted):
                        right.append(name)
                    else:
                        wrong.append(f"{name} of {type(container).__name__}, {number}: {given!r}, not {wanted!r}")
        assert {"numpy.sum", "numpy.sin", "numpy.clip", "numpy.array_equal", "numpy.where"} <= set(right)
        return wrong

    for wrong in on_ranks(size, rank):
        assert not wrong, "\n".join(wrong)


NUMPYS_OWN_WORDS = {"concat", "concatenate", "from_dlpack", "frombuffer", "isfortran", "poly", "roots"}
"""Functions that want something of an array before they ask a container."""


def refused(ctx: dtl.Context) -> List[str]:
    """The functions of one container that are not refused with a cure."""
    found = []
    for container, elements in containers(ctx):
        for name, function in functions():
            _, failure = outcome(lambda: function(elements))
            given, refusal = outcome(lambda: function(container))
            known = name.startswith("numpy.ma.") or name.split(".")[-1] in NUMPYS_OWN_WORDS
            if failure is None and refusal is not None and not known and "local_view()" not in str(refusal):
                found.append(f"{name} of {type(container).__name__}: {type(refusal).__name__}: {refusal}")
    return found


@pytest.mark.parametrize("size", [1, 2])
def test_refusals_say_what_to_do(size: int) -> None:
    for found in on_ranks(size, refused):
        assert not found, "\n".join(found)


@pytest.mark.parametrize("size", [1, 2, 4])
def test_comparisons_of_all_elements(size: int) -> None:
    def rank(ctx: dtl.Context) -> None:
        for (v, _), (w, elements) in zip(containers(ctx), containers(ctx)):
            other = elements.copy()
            other[-1] += 1e-12
            near = v.like(v.dtype)
            np.copyto(near.local_view(), v.local_view())
            if ctx.rank == ctx.size - 1 and near.local_size:
                near.local_view()[..., -1] += 1e-12
            for function in (np.array_equal, np.array_equiv, np.allclose):
                assert function(v, w) is True
                assert function(v, near) is function(elements, other)
            assert np.array_equal(v, 1.0) is False
            assert np.array_equiv(v * 0 + 1, 1.0) is True
            near.local_view()[...] = np.nan
            assert np.array_equal(near, near) is False
            assert np.array_equal(near, near, equal_nan=True) is True
            assert np.allclose(near, near, equal_nan=True) is True
            longer = dtl.DistributedVector(ctx, 13)
            assert np.array_equal(v, longer) is False
            assert np.array_equiv(longer, v) is False

    on_ranks(size, rank)


def test_layouts_are_compared() -> None:
    def rank(ctx: dtl.Context) -> None:
        v, w = dtl.DistributedVector(ctx, 8), dtl.DistributedVector(ctx, 8, partition="cyclic")
        for call in (np.array_equal, np.allclose, np.isclose, lambda a, b: np.where(a > 0, b, 0), lambda a, b: np.clip(a, b, 1)):
            with pytest.raises(dtl.InvalidArgumentError, match="redistribute"):
                call(v, w)
            with pytest.raises(dtl.InvalidArgumentError, match=r"local_view\(\)"):
                call(v, np.zeros(8))

    on_ranks(2, rank)


def test_what_is_written_to() -> None:
    def rank(ctx: dtl.Context) -> None:
        v = dtl.DistributedVector(ctx, 4, partition="replicated", fill=2.5)
        out = v.like(v.dtype)
        out.sync()
        assert np.clip(v, 0, 1, out=out) is out and out.is_dirty()
        assert np.round(v, 0, v) is v
        assert (v.to_numpy() == 2).all() and (out.to_numpy() == 1).all()
        with pytest.raises(TypeError, match=r"local_view\(\)"):
            np.zeros_like(v, shape=(4,))
        with pytest.raises(TypeError, match=r"local_view\(\)"):
            np.sum(v, keepdims=True)

    on_ranks(2, rank)


USES: List[Callable[[Any], Any]] = [
    np.asarray, np.array, np.sort, np.linalg.norm, np.stack, lambda x: np.array([x, x]),
    lambda x: np.zeros(12).__setitem__(slice(None), x), lambda x: np.ma.masked_all(12) + x,
]  # fmt: skip


@pytest.mark.parametrize("size", [1, 2])
def test_a_container_is_no_array(size: int) -> None:
    def rank(ctx: dtl.Context) -> None:
        table = dtl.DistributedMap(ctx, "int64", "float64")
        for container in [*(container for container, _ in containers(ctx)), table]:
            for use in USES:
                with pytest.raises(TypeError, match=r"local_view\(\)"):
                    use(container)
        for use in (np.sin, np.shape, lambda x: np.array_equal(x, x), lambda x: np.clip(x, 0, 1)):
            with pytest.raises(TypeError, match=r"local_view\(\)"):
                use(table)

    on_ranks(size, rank)


@pytest.mark.parametrize("size", [1, 2])
def test_halos_are_arrays_of_their_rank(size: int) -> None:
    def rank(ctx: dtl.Context) -> None:
        for boundary in ("none", "periodic"):
            halo = dtl.DistributedTensor(ctx, (4, 3), np.float32, fill=2).halo(1, boundary=boundary)
            halo.exchange()
            view = halo.local_view()
            assert np.shares_memory(np.asarray(halo), view) and not np.shares_memory(np.array(halo), view)
            assert np.asarray(halo).dtype == np.float32 and np.asarray(halo, dtype=np.float64).dtype == np.float64
            for function in (np.sum, np.shape, np.size, np.ndim, np.sin, np.sort, np.ravel, lambda x: np.roll(x, 1), np.std):
                np.testing.assert_array_equal(function(halo), function(view))
            assert np.array_equal(halo, view)
            np.testing.assert_array_equal(dtl.allreduce(ctx, halo, op="max"), dtl.allreduce(ctx, view, op="max"))

    on_ranks(size, rank)
