"""The operators of reductions on objects: a function of two objects, or one of those that reductions of arrays have, as Python has it.

An operator that is none keeps a rank from taking part, so it is an error on every rank. Which function it is, nobody can compare;
names are compared where all ranks combine.
"""

import operator
from typing import Any, Callable, Dict, NamedTuple

from dtl._dtl import Context
from dtl._enums import ReduceOp
from dtl._errors import Status
from dtl._pickled import Refused, pickled

_FUNCTIONS: Dict[ReduceOp, Callable[[Any, Any], Any]] = {
    ReduceOp.SUM: operator.add,
    ReduceOp.PROD: operator.mul,
    ReduceOp.MIN: lambda a, b: b if b < a else a,
    ReduceOp.MAX: lambda a, b: b if b > a else a,
    ReduceOp.LAND: lambda a, b: a and b,
    ReduceOp.LOR: lambda a, b: a or b,
    ReduceOp.LXOR: lambda a, b: bool(a) != bool(b),
    ReduceOp.BAND: operator.and_,
    ReduceOp.BOR: operator.or_,
    ReduceOp.BXOR: operator.xor,
}


class Operand(NamedTuple):
    """What a rank brings to a reduction."""

    function: Callable[[Any, Any], Any]
    number: int
    """Which of the operators with a name it is, from 1; 0 for any function."""
    own: Any
    """Its object as bytes, for an operation to send."""


def operand(ctx: Context, call: str, obj: Any, op: Any) -> Operand:
    """The operator is looked at first; if it is none, what would be sent raises when an operation looks at it."""
    if callable(op):
        return Operand(op, 0, pickled(ctx, call, obj))
    found = next((known for known in _FUNCTIONS if isinstance(op, str) and op == known), None)
    if found is not None:
        return Operand(_FUNCTIONS[found], 1 + list(_FUNCTIONS).index(found), pickled(ctx, call, obj))
    names = ", ".join(f"'{known.value}'" for known in _FUNCTIONS)
    text = f"{call}: op is {op!r:.60}, which is no operator on objects. Pass a function of two objects, or one of {names}."
    return Operand(operator.add, 0, Refused(Status.INVALID_ARGUMENT, text, ctx.rank))
