"""What vectors, arrays and tensors have in common: their base class, in Python."""

from typing import Any, List

import numpy as np
import pytest

import dtl
from ranks import on_ranks


def containers(ctx: dtl.Context) -> List[Any]:
    return [
        dtl.DistributedVector(ctx, 6, fill=2.0),
        dtl.DistributedArray(ctx, 6, fill=2.0, partition="cyclic"),
        dtl.DistributedTensor(ctx, (2, 3), fill=2.0),
    ]


def norm(x: dtl.DistributedContainer) -> float:
    return float(np.sqrt((x * x).sum()))


@pytest.mark.parametrize("ranks", [1, 2, 4])
def test_a_function_takes_any_container(ranks: int) -> None:
    def program(ctx: dtl.Context) -> None:
        for container in containers(ctx):
            assert norm(container) == np.sqrt(24.0)
            assert container.global_size == 6 and container.local_view().size == container.local_size

    on_ranks(ranks, program)


@pytest.mark.parametrize("ranks", [1, 2])
def test_what_a_container_gives_is_of_its_own_class(ranks: int) -> None:
    def program(ctx: dtl.Context) -> None:
        for container in containers(ctx):
            kind = type(container)
            assert isinstance(container, dtl.DistributedContainer) and kind.__base__ is dtl.DistributedContainer
            for made in (container.like("int8"), container + 1, -container, container == 2.0, np.sqrt(container)):
                assert type(made) is kind
            assert repr(container).startswith(f"<dtl.{kind.__name__}: ")
            with pytest.raises(TypeError, match=f"a {kind.__name__} cannot be iterated over"):
                iter(container)
            with pytest.raises(ValueError, match=f"a {kind.__name__} is neither true nor false"):
                bool(container)
            assert len(container) == container.shape[0]
        # What only some have is there.
        vec, arr, tensor = (container.like("int8") for container in containers(ctx))
        vec.resize(9)
        assert vec.global_size == 9 and not hasattr(arr, "resize") and tensor.local_shape[1] == 3

    on_ranks(ranks, program)


def test_there_is_no_container_that_is_nothing_else() -> None:
    with pytest.raises(TypeError, match="DistributedContainer"):
        dtl.DistributedContainer()
    with dtl.Context() as ctx:
        for other in (dtl.DistributedSpan(dtl.DistributedVector(ctx, 3)), dtl.DistributedMap(ctx, "int32", "int32")):
            assert not isinstance(other, dtl.DistributedContainer)


def test_a_class_of_the_program_that_extends_it_has_no_objects() -> None:
    class Mine(dtl.DistributedContainer):
        pass

    with pytest.raises(TypeError, match="Mine"):
        Mine()
