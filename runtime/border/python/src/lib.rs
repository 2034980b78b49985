//! What the generated Python module cannot say in one line: conversions between Python objects, NumPy arrays and dtl.
//!
//! Arguments come in as Python objects (`argument`, `choice`, `dtype`, `number`, `array_in`), results go out
//! (`array_out`, `number`, `view`), errors become exceptions (`refusal`); `process` is what happens on import. Nothing here
//! knows an operation: the generated glue in `generated/python` calls these and then `dtl::ops`. Arrays are reached through
//! NumPy's C interface directly (`ndarray`), because a call on a small array costs little else.

mod argument;
mod array_in;
mod array_out;
mod choice;
mod dtype;
mod ndarray;
mod number;
mod process;
mod protocol;
mod refusal;
mod view;

pub use argument::{Argument, communicator, flag, integer, object, text};
pub use array_in::ArrayIn;
pub use array_out::ArrayOut;
pub use choice::{choice, member};
pub use dtype::{dtype, dtype_object};
pub use number::scalar;
pub use process::introduce;
pub use protocol::{class_getitem, no_iteration};
pub use refusal::{Refusal, raise, refuse};
pub use view::view;
