"""Arrays in Python: what vectors are, but for their size, which is fixed. Vectors have their own tests against NumPy."""

from typing import Any, Callable, Dict, List

import numpy as np
import pytest

import dtl
from ranks import alone, on_ranks

PARTITIONS = ["block", "cyclic", "block_cyclic", "hash", "replicated"]

# Each gives a value that both kinds of container must have alike; new members that need arguments join here.
ANSWERS: Dict[str, Callable[[Any], Any]] = {
    "len": len,
    "is_local": lambda line: [line.is_local(i) for i in range(len(line))],
    "owner": lambda line: [line.owner(i) for i in range(len(line))],
    "to_global": lambda line: [line.to_global(i) for i in range(line.local_size)],
    "global_indices": lambda line: line.global_indices().tolist(),
    "to_numpy": lambda line: line.to_numpy().tolist(),
    "local_view": lambda line: line.local_view().tolist(),
    "from_numpy": lambda line: line.from_numpy(np.arange(line.local_size, dtype=line.dtype)),
    "fill": lambda line: line.fill(3),
    "item": lambda line: line[line.to_global(0)] if line.local_size else None,
    "sum": lambda line: (line + line).local_view().tolist(),
}


def properties(line: Any) -> Dict[str, Any]:
    """The value of each property."""
    kind = type(line)
    names = [name for name in dir(kind) if not name.startswith("_") and not callable(getattr(kind, name))]
    return {name: getattr(line, name) for name in names}


@pytest.mark.parametrize("partition", PARTITIONS)
@pytest.mark.parametrize("size", [0, 1, 10])
def test_an_array_is_like_a_vector(partition: str, size: int) -> None:
    def program(ctx: dtl.Context) -> List[Any]:
        told = []
        for kind in (dtl.DistributedVector, dtl.DistributedArray):
            line = kind(ctx, size, "int32", fill=7, partition=partition, block_size=2)
            assert kind.__name__[len("Distributed") :].lower() in repr(line).lower()
            told.append([properties(line), {name: answer(line) for name, answer in ANSWERS.items()}])
        assert len(told[0][0]) >= 15
        return told

    for vector, array in on_ranks(2, program):
        assert vector == array


def test_its_size_is_fixed() -> None:
    array = dtl.DistributedArray(alone(), 4)
    assert not hasattr(array, "resize")
    assert not isinstance(array, dtl.DistributedVector)


def test_kinds_combine_only_by_layout() -> None:
    ctx = alone()
    array, vector = dtl.DistributedArray(ctx, 4, fill=1.0), dtl.DistributedVector(ctx, 4, fill=2.0)
    added = array + vector
    assert isinstance(added, dtl.DistributedArray)
    np.testing.assert_array_equal(added.local_view(), [3.0] * 4)
