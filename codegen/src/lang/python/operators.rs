//! The operators of Python that NumPy has for its arrays, and the ufunc behind each. Classes that behave like arrays have
//! them all; the glue and the stubs read the tables here.

use serde::Serialize;

/// An operator: `__add__` is `numpy.add`.
#[derive(Clone, Copy, Serialize)]
pub struct Operator {
    /// The middle of its special methods' names.
    pub name: &'static str,
    /// The ufunc.
    pub ufunc: &'static str,
    /// There is an assignment, such as `+=`.
    pub in_place: bool,
    /// It has a third operand in Python, which NumPy's ufunc does not take.
    pub modulo: bool,
}

const fn binary(name: &'static str, ufunc: &'static str) -> Operator {
    Operator { name, ufunc, in_place: true, modulo: false }
}

/// Of two operands.
pub const BINARY: [Operator; 13] = [
    binary("add", "add"),
    binary("sub", "subtract"),
    binary("mul", "multiply"),
    binary("truediv", "true_divide"),
    binary("floordiv", "floor_divide"),
    binary("mod", "remainder"),
    Operator { in_place: false, ..binary("divmod", "divmod") },
    Operator { modulo: true, ..binary("pow", "power") },
    binary("lshift", "left_shift"),
    binary("rshift", "right_shift"),
    binary("and", "bitwise_and"),
    binary("xor", "bitwise_xor"),
    binary("or", "bitwise_or"),
];

/// Of one operand.
pub const UNARY: [Operator; 4] = [
    binary("neg", "negative"),
    binary("pos", "positive"),
    binary("abs", "absolute"),
    binary("invert", "invert"),
];
