"""Sequences of operations drawn at random, each compared with what NumPy computes from the arrays of all ranks.

    cargo xtask run -n 4 --mpi mpich tests/oracle/sequences.py 1000
    cargo xtask run -n 4 --mpi mpich tests/oracle/sequences.py --seed 17

All ranks draw the same numbers, so that each knows what the others pass. A sequence runs on as many of the processes as its
seed says; one that gives something else than NumPy prints its seed, with which it runs again.
"""

import argparse
import sys
from typing import Any, Callable, List, NamedTuple, Optional, Tuple

import numpy as np

import dtl

Random = np.random.RandomState
Rest = Optional[Callable[[], None]]
"""What is left to do of an operation that has only begun: wait for it and compare."""

LONGEST = 6

ANYTHING = object()
"""In place of a result that is not compared."""

INTEGERS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
FLOATS = ["float16", "float32", "float64"]
OTHERS = ["bool", "complex64", "complex128", "V1"]
OPERATORS = {
    "sum": np.add,
    "prod": np.multiply,
    "min": np.minimum,
    "max": np.maximum,
    "land": np.logical_and,
    "lor": np.logical_or,
    "lxor": np.logical_xor,
    "band": np.bitwise_and,
    "bor": np.bitwise_or,
    "bxor": np.bitwise_xor,
}
OF_FLOATS = ["sum", "prod", "min", "max", "land", "lor", "lxor"]


def pick(random: Random, choices: Any) -> Any:
    return choices[random.randint(len(choices))]


def an_operator(random: Random) -> Tuple[str, str]:
    """A dtype, and an operator that is defined for it."""
    dtype = pick(random, INTEGERS + FLOATS + OTHERS[:3])
    if dtype.startswith("complex"):
        return dtype, pick(random, ["sum", "prod"])
    return dtype, pick(random, OF_FLOATS if dtype.startswith("float") else list(OPERATORS))


def a_shape(random: Random) -> Tuple[int, ...]:
    if random.randint(20) == 0:
        return (int(random.randint(1000, 3000)),)
    return tuple(int(pick(random, [0, 1, 2, 3, 5, 11])) for _ in range(random.randint(4)))


def arrays(random: Random, ranks: int, shape: Tuple[int, ...], dtype: str) -> List[np.ndarray]:
    """An array for each rank, of small whole numbers, whose sums and products no dtype rounds."""
    numbers = random.randint(0, 4, (ranks, *shape))
    if dtype == "V1":
        return list(numbers.astype(np.uint8).view("V1"))
    made = numbers.astype(dtype)
    return list(made * (1 + 1j)) if dtype == "complex128" else list(made)


def laid_out(random: Random, array: np.ndarray) -> np.ndarray:
    """The same array in memory that is contiguous or not, in one order or another."""
    way = random.randint(5)
    if way == 0 and array.ndim > 0:
        wide = np.zeros((*array.shape[:-1], 2 * array.shape[-1]), array.dtype)
        wide[..., ::2] = array
        return wide[..., ::2]
    if way == 1 and array.ndim > 0:
        return np.ascontiguousarray(array[::-1])[::-1]
    if way == 2:
        return np.array(array, order="F")
    return array


def place(random: Random, shape: Tuple[int, ...], dtype: Any) -> Optional[np.ndarray]:
    """Memory for a result, or none."""
    return np.zeros(shape, dtype) if random.randint(2) else None


def reduced(op: str, operands: List[np.ndarray]) -> np.ndarray:
    total = operands[0].astype(bool) if op.startswith("l") else operands[0]
    for operand in operands[1:]:
        total = OPERATORS[op](total, operand)
    return np.asarray(total).astype(operands[0].dtype)


def equal(result: Any, wanted: Any, out: Optional[np.ndarray] = None) -> None:
    if wanted is None or wanted is ANYTHING:
        assert wanted is ANYTHING or result is None, result
        return
    assert out is None or result is out
    result = np.asarray(result)
    assert result.dtype == wanted.dtype and result.shape == wanted.shape, (result, wanted)
    assert result.tobytes() == wanted.tobytes(), (result, wanted)


def begin(random: Random, name: str, wanted: Any, out: Optional[np.ndarray], *args: Any, **given: Any) -> Rest:
    """Calls an operation and compares what it gives, or issues it and leaves that for later."""
    if out is not None:
        given["out"] = out
    if random.randint(2):
        request = getattr(dtl, "i" + name)(*args, **given)
        return lambda: equal(request.wait(), wanted, out)
    equal(getattr(dtl, name)(*args, **given), wanted, out)
    return None


def reduction(ctx: dtl.Context, random: Random) -> Rest:
    dtype, op = an_operator(random)
    sent = arrays(random, ctx.size, a_shape(random), dtype)
    root, out = int(random.randint(ctx.size)), place(random, sent[0].shape, dtype)
    data = laid_out(random, sent[ctx.rank])
    kind = random.randint(4)
    if kind == 0:
        return begin(random, "allreduce", reduced(op, sent), out, ctx, data, op=op)
    if kind == 1:
        wanted, out = (reduced(op, sent), out) if ctx.rank == root else (None, None)
        return begin(random, "reduce", wanted, out, ctx, data, op, root)
    if kind == 2:
        return begin(random, "scan", reduced(op, sent[: ctx.rank + 1]), out, ctx, data, op=op)
    # What rank 0 gets is in tests/python/test_collectives.py.
    before = reduced(op, sent[: ctx.rank]) if ctx.rank else ANYTHING
    return begin(random, "exscan", before, out, ctx, data, op=op)


def divided_reduction(ctx: dtl.Context, random: Random) -> Rest:
    dtype, op = an_operator(random)
    sent = arrays(random, ctx.size, (ctx.size, *a_shape(random)[:2]), dtype)
    out = place(random, sent[0].shape[1:], dtype)
    wanted = np.asarray(reduced(op, sent)[ctx.rank])
    return begin(random, "reduce_scatter", wanted, out, ctx, laid_out(random, sent[ctx.rank]), op)


def movement(ctx: dtl.Context, random: Random) -> Rest:
    dtype, shape, root = pick(random, INTEGERS + FLOATS + OTHERS), a_shape(random)[:2], int(random.randint(ctx.size))
    kind = random.randint(5)
    is_root, is_divided = ctx.rank == root, kind in (2, 4)
    sent = arrays(random, ctx.size, (ctx.size, *shape) if is_divided else shape, dtype)
    data, fills = laid_out(random, sent[ctx.rank]), random.randint(2)
    if kind == 0:
        given = data.copy() if is_root or fills else None
        return begin(random, "broadcast", sent[root], None, ctx, given, root=root)
    if kind == 1:
        return begin(random, "gather", np.stack(sent) if is_root else None, None, ctx, data, root=root)
    if kind == 2:
        out, given = place(random, shape, sent[0].dtype), data if is_root else object()
        return begin(random, "scatter", np.asarray(sent[root][ctx.rank]), out, ctx, given, root=root)
    if kind == 3:
        out = place(random, (ctx.size, *shape), sent[0].dtype)
        return begin(random, "allgather", np.stack(sent), out, ctx, data)
    out = place(random, sent[0].shape, sent[0].dtype)
    return begin(random, "alltoall", np.stack(sent)[:, ctx.rank], out, ctx, data)


def varying(ctx: dtl.Context, random: Random) -> Rest:
    size, rank = ctx.size, ctx.rank
    dtype, row, root = pick(random, INTEGERS + FLOATS + OTHERS), a_shape(random)[:1], int(random.randint(size))
    counts = random.choice([0, 1, 2, 7, 300], (size, size))
    rows = [arrays(random, size, (int(counts[source].max()), *row), dtype) for source in range(size)]
    blocks = [[rows[source][to][: counts[source, to]] for to in range(size)] for source in range(size)]
    stacked = np.concatenate([blocks[source][0] for source in range(size)])
    known = bool(random.randint(2))
    kind = random.randint(4)
    if kind == 0:
        given = counts[:, 0] if known else None
        return begin(random, "gatherv", stacked if rank == root else None, None, ctx, blocks[rank][0], root, given)
    if kind == 1:
        data = laid_out(random, blocks[rank][0])
        return begin(random, "allgatherv", stacked, None, ctx, data, counts[:, 0] if known else None)
    if kind == 2:
        own = (np.concatenate(blocks[root]), counts[root]) if rank == root else (None,)
        return begin(random, "scatterv", blocks[root][rank], None, ctx, *own, root=root)
    wanted = np.concatenate([blocks[source][rank] for source in range(size)])
    received = counts[:, rank] if known else None
    data = np.concatenate(blocks[rank])
    return begin(random, "alltoallv", wanted, None, ctx, data, counts[rank], recvcounts=received)


class Letter(NamedTuple):
    """What one rank sends to another."""

    sender: int
    receiver: int
    tag: int
    content: np.ndarray


def letters_of(random: Random, size: int) -> List[Letter]:
    """Who sends what to whom, of short and long messages. Their tags are those of no other letters that may be under way."""
    first_tag = 4 * int(random.randint(1 << 28))
    letters = []
    for _ in range(random.randint(1, 2 * size + 1)):
        long = random.randint(12) == 0
        shape = (int(random.randint(10_000, 40_000)),) if long else a_shape(random)
        content = arrays(random, 1, shape, pick(random, INTEGERS + FLOATS + OTHERS))[0]
        sender, receiver, tag = random.randint(size), random.randint(size), random.randint(3)
        letters.append(Letter(int(sender), int(receiver), first_tag + int(tag), content))
    return letters


def send(ctx: dtl.Context, own: Random, letter: Letter, names: List[str]) -> Rest:
    return begin(own, pick(own, names), None, None, ctx, laid_out(own, letter.content), letter.receiver, letter.tag)


def receive(ctx: dtl.Context, own: Random, letter: Letter, source: int, tag: int) -> Rest:
    out = place(own, letter.content.shape, letter.content.dtype)
    return begin(own, "recv", letter.content, out, ctx, source, tag)


def one_by_one(ctx: dtl.Context, own: Random, letters: List[Letter]) -> List[Rest]:
    """Every rank goes through all letters in one order, so that the one on the other side of the first that waits is there."""
    rests = []
    for letter in letters:
        if letter.sender == ctx.rank:
            # Nobody but itself could receive what a rank sends to itself.
            names = ["send"] if letter.receiver == ctx.rank else ["send", "ssend"]
            rests.append(send(ctx, own, letter, names))
        if letter.receiver == ctx.rank:
            alike = {other.sender for other in letters if other[1:3] == letter[1:3]}
            way = own.randint(3)
            source = dtl.ANY_SOURCE if way == 0 and len(alike) == 1 else letter.sender
            rests.append(receive(ctx, own, letter, source, dtl.ANY_TAG if way == 1 else letter.tag))
    return rests


def in_any_order(ctx: dtl.Context, own: Random, letters: List[Letter]) -> List[Rest]:
    """Nobody waits for a receiver before it has sent everything, so that each may receive in an order of its own."""
    rests = [send(ctx, own, letter, ["send"]) for letter in letters if letter.sender == ctx.rank]
    coming = [letter for letter in letters if letter.receiver == ctx.rank]
    while coming:
        chosen = pick(own, coming)
        # Of those that a receiver cannot tell apart, the first.
        first = next(index for index, letter in enumerate(coming) if letter[:3] == chosen[:3])
        letter = coming.pop(first)
        rests.append(receive(ctx, own, letter, letter.sender, letter.tag))
    return rests


def messages(ctx: dtl.Context, random: Random) -> Rest:
    """Letters between drawn ranks, or one from each rank to another one."""
    letters = letters_of(random, ctx.size)
    targets, tag, shape = random.permutation(ctx.size), letters[0].tag + 3, a_shape(random)
    dtype = pick(random, INTEGERS + FLOATS + OTHERS)
    kind, sent = random.randint(3), arrays(random, ctx.size, shape, dtype)
    # How a rank sends and receives is its own choice.
    own = Random(random.randint(1 << 30) + ctx.rank)
    if kind == 0:
        to, source = int(targets[ctx.rank]), int(np.argsort(targets)[ctx.rank])
        given, out = laid_out(own, sent[ctx.rank]), place(own, shape, sent[0].dtype)
        asked = dtl.ANY_SOURCE if own.randint(2) else source
        return begin(own, "sendrecv", sent[source], out, ctx, given, to, tag, asked, tag)
    rests = (one_by_one if kind == 1 else in_any_order)(ctx, own, letters)
    left = [rest for rest in rests if rest is not None]

    def finish() -> None:
        while left:
            left.pop(own.randint(len(left)))()

    return finish


def groups(ctx: dtl.Context, random: Random) -> Rest:
    colors = random.randint(0, 3, ctx.size)
    keys = random.randint(0, 3, ctx.size)
    color = int(colors[ctx.rank])
    group = ctx.split(color if color < 2 else None, int(keys[ctx.rank]))
    seed = random.randint(1 << 30)
    if color == 2:
        assert group is None
        return None
    members = sorted((int(keys[rank]), rank) for rank in range(ctx.size) if colors[rank] == color)
    assert group is not None and members[group.rank][1] == ctx.rank
    with group, group.dup() as twin:
        inner = Random(seed + color)
        for kind in (reduction, movement, messages):
            rest = kind(twin, inner)
            if rest is not None:
                rest()
        equal(dtl.allgather(twin, ctx.rank), np.array([rank for _, rank in members]))
    return None


def line(ctx: dtl.Context, random: Random) -> Rest:
    """A vector beside an array of all its elements, on which the same is done."""
    count = int(pick(random, [0, 1, 6, 40, 500]))
    dtype = pick(random, ["int16", "int64", "float32", "float64", "uint8"])
    partitions = ["block", "cyclic", "block_cyclic", "hash"]
    model = random.randint(0, 50, count).astype(dtype)
    vec = dtl.DistributedVector(ctx, count, dtype, partition=pick(random, partitions), block_size=3)
    vec.from_numpy(model[vec.global_indices()])
    for _ in range(random.randint(1, 4)):
        kind, root = random.randint(6), int(random.randint(ctx.size))
        if kind == 0:
            vec.redistribute(pick(random, partitions), block_size=int(random.randint(1, 5)))
        elif kind == 1:
            model = np.sort(model)
            dtl.sort(vec)
        elif kind == 2:
            equal(vec.gather_to(root), model if ctx.rank == root else None)
        elif kind == 3:
            assert float(vec.sum()) == float(model.astype(np.float64).sum())
            assert count == 0 or (vec.min(), vec.max()) == (model.min(), model.max())
        elif kind == 4:
            vec = vec * 2 + vec
            model = (model * 2 + model).astype(model.dtype)
            assert vec.dtype == model.dtype
        else:
            first, last = sorted(int(bound) for bound in random.randint(0, count + 1, 2))
            equal(vec.get(slice(first, last)), model[first:last])
            model[first:last] = 7
            vec.set(slice(first, last), model[first:last])
        equal(vec.to_numpy(), model[vec.global_indices()])
    return None


KINDS = [reduction, reduction, divided_reduction, movement, movement, varying, messages, messages, groups, line]
"""All kinds of operations, the common ones more than once."""


def run(ctx: dtl.Context, seed: int) -> None:
    random = Random(seed)
    # In which order a rank asks for what it has begun is its own choice.
    own = Random(seed + 1000 * (ctx.rank + 1))
    rests: List[Callable[[], None]] = []
    for _ in range(random.randint(1, LONGEST + 1)):
        rest = pick(random, KINDS)(ctx, random)
        if rest is not None:
            rests.append(rest)
        while rests and own.randint(3):
            rests.pop(own.randint(len(rests)))()
    for rest in rests:
        rest()


def main() -> None:
    parser = argparse.ArgumentParser(description="Random sequences of operations, against NumPy.")
    parser.add_argument("sequences", type=int, nargs="?", default=100)
    parser.add_argument("--seed", type=int)
    arguments = parser.parse_args()
    seeds = range(arguments.sequences) if arguments.seed is None else [arguments.seed]
    world = dtl.Context()
    parts = [world.split(0 if world.rank < size else None) for size in range(1, world.size + 1)]
    for seed in seeds:
        ctx = parts[seed % world.size]
        if ctx is None:
            continue
        try:
            run(ctx, seed)
        except BaseException:
            print(f"rank {ctx.rank} of {ctx.size}: it was the sequence --seed {seed}", file=sys.stderr)
            raise
    world.barrier()
    if world.is_root:
        print(f"{len(seeds)} sequences give what NumPy computes")


if __name__ == "__main__":
    main()
