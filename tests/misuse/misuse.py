"""The table of misuse: every collective operation, called by the last rank with one thing wrong. Each rank that calls must
raise the same class with the same text, before it has waited for nobody, and the ranks must be able to go on.

    python tests/misuse/misuse.py RANKS

In a process that is alone, the ranks are threads of it.
"""

import sys
import time
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Optional

from operation import Operation
from operations import OPERATIONS
from ranks import WORLD, on_ranks
from values import OBJECTS, Value, value

import dtl

NOT_CAUGHT = """Not caught, and why:
  values that ranks may choose by themselves (fill, execution, device_id, key, color): no rank depends on another's
  elements that differ between ranks: they are the data
  functions in place of an operator that differ from rank to rank: nobody can compare them
  what others than the root pass to scatter, from_global and broadcast: it is ignored, or says where the result goes
  calls in another order on two contexts: each rank waits for the others until the deadline, which names the ranks that are missing
  a rank that calls nothing more and keeps its context: the deadline, too (`cargo xtask test endings`)
  a rank that does something else before halo.end: that completes what this rank has begun, and says nothing to the others
"""

NOTHING = "nothing"
"""What is wrong in the row whose call must succeed; the others would mean little if theirs could not."""

SILENT = {"halo.end"}
"""Operations that say nothing to the other ranks: nothing but their arguments can be wrong."""


class Misuse(NamedTuple):
    """A row of the table: what all ranks but the last call, and what the last one does meanwhile."""

    operation: Operation
    field: str
    """What is wrong."""
    changed: Dict[str, Any]
    """The last rank's arguments that are not those of the others."""


def arguments(operation: Operation, size: int, names: Any) -> Dict[str, Value]:
    """What ranks pass for these parameters."""
    kinds = {**operation.needs, **operation.takes}
    # What is passed to a form that does not block is what is passed to the one that does.
    return {name: value(operation.issues or operation.name, name, kinds[name], size) for name in names}


def rows(operation: Operation, size: int) -> Iterator[Misuse]:
    """Everything that can be wrong with an operation."""
    yield Misuse(operation, NOTHING, {})
    for field, parameter in operation.agrees.items():
        values = arguments(operation, size, [parameter])[parameter]
        yield Misuse(operation, field, {parameter: values.other(field)})
    for parameter, values in arguments(operation, size, [*operation.needs, *operation.takes]).items():
        if values.wrong is not None:
            yield Misuse(operation, f"wrong {parameter}", {parameter: values.wrong})
    if operation.name in SILENT:
        return
    if operation.object not in ("", "context") and not operation.call[0].isupper():
        yield Misuse(operation, "container", {})
    yield Misuse(operation, "operation", {})
    yield Misuse(operation, "skipped", {})


def prepared(misuse: Misuse, ctx: dtl.Context) -> Callable[[], Any]:
    """The call that this rank is to make, with all objects that it needs."""
    operation, is_last = misuse.operation, ctx.rank == ctx.size - 1
    passed = [name for name, kind in operation.takes.items() if kind in ("buffer", "rows", "counts")]
    given = arguments(operation, ctx.size, [*operation.needs, *passed])
    kinds = {**operation.needs, **operation.takes}
    # What only the last rank passes, the others pass as it is right.
    given.update(arguments(operation, ctx.size, misuse.changed))
    made = {name: it.right for name, it in given.items()}
    if is_last:
        made.update(misuse.changed)
    for name in given:
        if kinds[name] in OBJECTS:
            objects = [OBJECTS[kinds[name]](ctx) for _ in range(2)]
            made[name] = objects[is_last and name in misuse.changed]
    receivers = [OBJECTS[operation.object](ctx) for _ in range(2)] if operation.object else [dtl, dtl]
    receiver = receivers[is_last and misuse.field == "container"]
    if operation.call[0].isupper():
        receiver = dtl
    if operation.name == "halo.end":
        receiver.begin()
    if is_last:
        if misuse.field == "operation":
            other = dtl.allreduce if operation.call == "barrier" else dtl.barrier
            return lambda: other(ctx, 1) if other is dtl.allreduce else other(ctx)
        if misuse.field == "skipped":
            return lambda: ctx.__exit__(None, None, None)
    function = getattr(receiver, operation.call)
    # The first argument of a function of the module has no name.
    unnamed = [made.pop(name) for name in list(operation.needs)[: receiver is dtl] if name in made]
    if operation.issues:
        return lambda: function(*unnamed, **made).wait()
    return lambda: function(*unnamed, **made)


def outcome(call: Callable[[], Any]) -> Dict[str, Any]:
    """What became of a call."""
    start = time.monotonic()
    kind, text = "", ""
    try:
        text = f"returned {call()!r:.60}"
    except Exception as failure:
        kind, text = type(failure).__name__, str(failure)
        if getattr(failure, "status", None) == dtl.Status.TIMEOUT:
            kind, text = "", f"was found by waiting alone: {text}"
    return {"kind": kind, "text": text, "seconds": time.monotonic() - start}


def attempt(misuse: Misuse, ctx: dtl.Context) -> Dict[str, Any]:
    """What becomes of this rank's call, and whether the ranks can communicate afterwards."""
    with ctx.dup() as own:
        found = outcome(prepared(misuse, own))
        after = outcome(lambda: dtl.allreduce(own, 1))
    if misuse.field != "skipped":
        found["after"] = after["text"]
    dtl.barrier(ctx)
    return found


def judgement(misuse: Misuse, outcomes: List[Dict[str, Any]]) -> Optional[str]:
    """What is wrong with the outcomes of all ranks, if anything is."""
    if misuse.field == NOTHING:
        failures = {f"{it['kind']}: {it['text']}" for it in outcomes if it["kind"] not in ("", "BackendError")}
        return "; ".join(sorted(failures)) or None
    called = outcomes[:-1] if misuse.field == "skipped" else outcomes
    differing = {(it["kind"], it["text"]) for it in called}
    if any(not it["kind"] for it in called):
        return "; ".join(sorted({f"a rank {it['text']}" for it in called if not it["kind"]}))
    if len(differing) > 1:
        return "ranks differ: " + "; ".join(f"{kind}: {text}" for kind, text in sorted(differing))
    after = {it["after"] for it in outcomes if "after" in it} - {f"returned {len(outcomes)}"}
    return f"afterwards: {'; '.join(sorted(after))}" if after else None


def main(size: int) -> None:
    table = [row for operation in OPERATIONS for row in rows(operation, size)]
    every = on_ranks(size, lambda ctx: [attempt(row, ctx) for row in table])
    failures = 0
    for number, row in enumerate(table):
        outcomes = [of_rank[number] for of_rank in every]
        wrong = judgement(row, outcomes)
        failures += wrong is not None
        if WORLD.rank == 0:
            first = outcomes[0]
            seconds = max(it["seconds"] for it in outcomes)
            verdict = f"FAILED {wrong}" if wrong else ": ".join(filter(None, (first["kind"], first["text"])))
            print(f"{row.operation.name:<24} {row.field:<20} {seconds * 1000:7.1f} ms  {verdict}")
    if WORLD.rank == 0:
        print(NOT_CAUGHT)
        print(f"{len(table)} rows, {failures} failed")
    sys.exit(failures > 0)


main(int(sys.argv[1]))
