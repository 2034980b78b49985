//! What the generated Python module cannot say in one line: conversions between Python objects, NumPy arrays and dtl.
//!
//! Arguments come in as Python objects (`argument`, `choice`, `dtype`, `number`, `array_in`, `callable`), results go out
//! (`array_out`, `number`, `view`), errors become exceptions (`refusal`). `request` is about
//! operations that go on after a call. What Python and NumPy ask
//! of every container is in `protocol`, `operators`, `item` and `selected`; `process` is what happens on import. Nothing here
//! knows an operation: the generated glue in `generated/python` calls these and then `dtl::ops`. Arrays are reached through
//! NumPy's C interface directly (`ndarray`), because a call on a small array costs little else.

mod argument;
mod array_in;
mod array_out;
mod callable;
mod callable_op;
mod choice;
mod dimensions;
mod dtype;
mod item;
mod ndarray;
mod number;
mod operators;
mod process;
mod protocol;
mod record;
mod refusal;
mod request;
mod selected;
mod view;

pub use argument::{
    Argument, communicator, flag, integer, no_overload, no_source, number_or_choice, object,
    of_all_processes, real, text,
};
pub use array_in::ArrayIn;
pub use array_out::ArrayOut;
pub use callable::{Callable, callable};
pub use callable_op::with_callable;
pub use choice::{choice, member};
pub use dimensions::{counts, members, per_dimension, shape, tuple};
pub use dtype::{dtype, dtype_object, expect_dtype};
pub use item::{item, no_deletion, set_item};
pub use number::scalar;
pub use operators::{binary, compare, in_place, no_modulus, unary};
pub use process::introduce;
pub use protocol::{Layout, array_ufunc, as_array, class_getitem, no_iteration, no_truth, whole};
pub use record::record;
pub use refusal::{Refusal, raise, refuse};
pub use request::{awaiting, issue_refusal, objects, outcome, outcomes};
pub use selected::Selected;
pub use view::view;
