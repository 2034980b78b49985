"""Elements of one container copied into another of any layout, in Python, against NumPy."""

import itertools
from typing import Any, List

import numpy as np
import pytest

import dtl
from ranks import LINES, on_ranks

PARTITIONS = ["block", "cyclic", "block_cyclic", "hash", "replicated"]
DTYPES = ["int8", "uint16", "float32", "float64", "complex128", "bool", "float16"]


def filled(container: Any, whole: Any) -> Any:
    """The container with the elements of an array of the global shape."""
    container.from_global(whole if container.rank == 0 else None)
    return container


@pytest.mark.parametrize("ranks", [1, 2, 3, 4])
@pytest.mark.parametrize("kind", LINES)
def test_each_element_is_copied_by_its_index(kind: Any, ranks: int) -> None:
    def program(ctx: dtl.Context) -> None:
        for old, new, size in itertools.product(PARTITIONS, PARTITIONS, [0, 1, 3, 17]):
            whole = np.arange(size) * 1.5 + 1
            src = filled(kind(ctx, size, partition=old, block_size=2), whole)
            dst = kind(ctx, size, fill=-1.0, partition=new, block_size=3)
            view = dst.local_view()
            dtl.copy(src, dst)
            np.testing.assert_array_equal(dst.to_numpy(), whole[dst.global_indices()], err_msg=f"{old} to {new}")
            np.testing.assert_array_equal(view, dst.to_numpy(), err_msg="a view that was there before shows them")
            np.testing.assert_array_equal(src.to_numpy(), whole[src.global_indices()], err_msg="src is as it was")
            assert dst.partition_policy.name.lower() == new and dst.is_clean()

    on_ranks(ranks, program)


@pytest.mark.parametrize("ranks", [1, 2, 4])
@pytest.mark.parametrize("dtype", DTYPES)
def test_elements_of_every_type(dtype: str, ranks: int) -> None:
    def program(ctx: dtl.Context) -> None:
        whole = (np.arange(23) % 7).astype(dtype)
        for new in PARTITIONS:
            src = filled(dtl.DistributedVector(ctx, 23, dtype, partition="cyclic"), whole)
            dst = dtl.DistributedVector(ctx, 23, dtype, partition=new)
            dtl.copy(src, dst=dst)
            np.testing.assert_array_equal(dst.to_numpy(), whole[dst.global_indices()])

    on_ranks(ranks, program)


@pytest.mark.parametrize("ranks", [1, 2, 4])
def test_tensors_over_other_grids(ranks: int) -> None:
    def program(ctx: dtl.Context) -> None:
        whole = np.arange(5 * 4 * 3).reshape(5, 4, 3)
        layouts: List[Any] = [
            {},
            {"grid": (1, 1, ranks), "partition": ("block", "cyclic", "block_cyclic"), "block_size": 2},
            {"grid": (1, ranks, 1), "partition": ("hash", "cyclic", "block")},
            {"grid": (ranks, 1, 1), "partition": ("replicated", "block", "block")},
        ]
        for old, new in itertools.product(layouts, layouts):
            src = filled(dtl.DistributedTensor(ctx, whole.shape, "int32", **old), whole.astype("int32"))
            dst = dtl.DistributedTensor(ctx, whole.shape, "int32", **new)
            dtl.copy(src, dst)
            gathered = dst.gather_to(0)
            if gathered is not None:
                np.testing.assert_array_equal(gathered, whole, err_msg=f"{old} to {new}")

    on_ranks(ranks, program)


@pytest.mark.parametrize("ranks", [1, 2, 4])
def test_the_copies_of_rank_0_count(ranks: int) -> None:
    def program(ctx: dtl.Context) -> None:
        for new in PARTITIONS:
            src = dtl.DistributedVector(ctx, 5, partition="replicated")
            src.fill(float(ctx.rank + 1))
            dst = dtl.DistributedVector(ctx, 5, partition=new)
            dst.fill(-1.0)
            dtl.copy(src, dst)
            np.testing.assert_array_equal(dst.to_numpy(), np.ones(dst.local_size))
            assert dst.is_clean() and src.is_dirty() == (ranks > 1)

    on_ranks(ranks, program)


@pytest.mark.parametrize("ranks", [1, 2])
def test_a_container_may_be_copied_into_itself(ranks: int) -> None:
    def program(ctx: dtl.Context) -> None:
        for partition in PARTITIONS:
            vec = filled(dtl.DistributedVector(ctx, 7, partition=partition), np.arange(7.0))
            dtl.copy(vec, vec)
            np.testing.assert_array_equal(vec.to_numpy(), vec.global_indices())

    on_ranks(ranks, program)


@pytest.mark.parametrize("ranks", [1, 2, 4])
def test_what_does_not_fit_is_the_same_error_on_all_ranks(ranks: int) -> None:
    def program(ctx: dtl.Context) -> List[str]:
        vec = filled(dtl.DistributedVector(ctx, 6), np.arange(6.0))
        messages = []

        def refused(error: Any, match: str, dst: Any) -> None:
            with pytest.raises(error, match=match) as caught:
                dtl.copy(vec, dst)
            messages.append(str(caught.value))

        refused(
            dtl.InvalidArgumentError,
            r"src has the shape \[6\] and dst has the shape \[7\]\. Make dst with",
            dtl.DistributedVector(ctx, 7),
        )
        refused(
            dtl.InvalidArgumentError,
            "src holds float64 and dst holds float32. Make dst with",
            dtl.DistributedVector(ctx, 6, "float32"),
        )
        refused(TypeError, "dst is .*, but must be a dtl.DistributedVector or a dtl.DistributedArray", dtl.DistributedMap(ctx, "int32", "int32"))
        refused(dtl.InvalidArgumentError, "different contexts", dtl.DistributedVector(ctx.dup(), 6))
        first, second = dtl.DistributedVector(ctx, 6), dtl.DistributedVector(ctx, 6)
        if ranks > 1:
            last = ctx.rank == ranks - 1
            refused(dtl.ContractError, "dst differs between ranks", second if last else first)
            refused(TypeError, "dst is 3", 3 if last else first)
        for dst in (first, dtl.DistributedArray(ctx, 6), dtl.DistributedTensor(ctx, (6,))):
            dtl.copy(vec, dst)
            np.testing.assert_array_equal(dst.to_numpy(), vec.to_numpy())
        return messages

    every = on_ranks(ranks, program)
    assert all(messages == every[0] for messages in every)


def test_the_first_argument_says_which_containers_are_copied() -> None:
    ctx = dtl.Environment().make_cpu_context()
    arr = dtl.DistributedArray(ctx, 3)
    for wrong in (np.zeros(3), None, ctx):
        with pytest.raises(
            TypeError,
            match="copy: src is .*, but must be a dtl.DistributedVector or a dtl.DistributedArray or a dtl.DistributedTensor",
        ):
            dtl.copy(wrong, arr)  # type: ignore[call-overload]
    with pytest.raises(TypeError, match="src"):
        dtl.copy(src=arr, dst=arr)  # type: ignore[call-overload]
    with pytest.raises(TypeError):
        dtl.copy(arr)  # type: ignore[call-overload]
