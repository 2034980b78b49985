//! What the generated Python module cannot say in one line: conversions between Python objects, NumPy arrays and dtl.
//!
//! Arguments come in as Python objects (`argument`, `choice`, `dtype`, `number`, `array_in`, `subclass`, `callable`, `combiner`,
//! `elementwise`), results
//! go out (`array_out`, `number`, `view`), errors become exceptions (`refusal`), and panics, too (`guard`). `request` is about operations that go on after
//! a call, and futures; `operation` is about those that are written in Python. What Python and NumPy ask of every container is
//! in `protocol`, `operators`, `item` and `selected`; `process` is what happens on import, `interrupt` what happens on Ctrl-C.
//! Nothing here knows an operation: the generated glue in `generated/python` calls these and then `dtl::ops`. Arrays are
//! reached through NumPy's C interface directly (`ndarray`), because a call on a small array costs little else.

mod argument;
mod array_in;
mod array_out;
mod callable;
mod choice;
mod combiner;
mod dimensions;
mod dtype;
mod elementwise;
mod guard;
mod interrupt;
mod item;
mod ndarray;
mod number;
mod operation;
mod operators;
mod pair;
mod process;
mod protocol;
mod record;
mod refusal;
mod request;
mod selected;
mod subclass;
mod view;

pub use argument::{
    Argument, communicator, flag, integer, integer_or_flag, no_overload, no_source, number_or_choice, object,
    of_all_processes, real, refuse_argument, text,
};
pub use array_in::ArrayIn;
pub use array_out::ArrayOut;
pub use callable::{Callable, callable};
pub use choice::{choice, member, operator};
pub use combiner::{Combiner, combiner};
pub use dimensions::{counts, members, per_dimension, shape, tuple};
pub use dtype::{dtype, dtype_object, expect_dtype};
pub use elementwise::{Elementwise, Gives, elementwise};
pub use guard::guard;
pub use item::{item, no_deletion, set_item};
pub use number::scalar;
pub use operation::operation;
pub use operators::{binary, compare, in_place, no_modulus, unary};
pub use pair::{both, pair};
pub use process::introduce;
pub use protocol::{
    Layout, array_function, array_ufunc, as_array, class_getitem, no_array, no_iteration, no_truth, whole,
};
pub use record::record;
pub use refusal::{Refusal, raise, refuse};
pub use request::{anything, awaiting, issue_refusal, objects, outcome, outcomes, then};
pub use selected::Selected;
pub use subclass::check_within;
pub use view::view;
