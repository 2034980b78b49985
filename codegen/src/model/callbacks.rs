//! Resolved callbacks: functions of the caller that operations take.

use std::rc::Rc;

use crate::diagnostic::Position;
use crate::spec::{CallbackLife, CallbackThread, Direction};

use super::{Status, Type};

/// A function of the caller that an operation calls.
#[derive(Debug, Clone)]
pub struct Callback {
    /// Name, such as `error_handler`.
    pub name: String,
    /// Rust type, such as `ErrorHandler`.
    pub type_name: String,
    /// C type, such as `dtl_error_handler_t`.
    pub c_type: String,
    /// One sentence.
    pub summary: String,
    /// What it is passed, in order.
    pub params: Vec<CallbackParam>,
    /// What it returns, if anything.
    pub returns: Option<CallbackReturns>,
    /// When it is called, as a phrase.
    pub called: String,
    /// By which thread.
    pub thread: CallbackThread,
    /// The status with which the operation fails when the function does; `None`: a failure is reported and changes nothing.
    pub fails: Option<Rc<Status>>,
    /// How long dtl may call it.
    pub lasts: CallbackLife,
    /// Functions that examples pass.
    pub samples: Vec<CallbackSample>,
    /// Where it is specified.
    pub position: Position,
}

impl Callback {
    /// True when dtl may call it until the operation is over, and no longer.
    pub fn is_borrowed(&self) -> bool {
        self.lasts == CallbackLife::Operation
    }

    /// True when it is passed elements, one of each at a time.
    pub fn is_elementwise(&self) -> bool {
        self.params.iter().any(CallbackParam::is_element)
    }

    /// True when it is passed arrays.
    pub fn has_arrays(&self) -> bool {
        self.params.iter().any(CallbackParam::is_array)
    }

    /// True when it is another function for each type of elements.
    pub fn has_elements(&self) -> bool {
        self.has_arrays() || self.is_elementwise()
    }

    /// The function called `name` that examples pass.
    pub fn sample(&self, name: &str) -> Option<&CallbackSample> {
        self.samples.iter().find(|sample| sample.name == name)
    }

    /// The element that it gives by writing it, where it returns nothing.
    pub fn given_element(&self) -> Option<&CallbackParam> {
        self.params.iter().find(|param| param.is_element() && param.direction == Direction::Out)
    }

    /// The global index of the element that it is passed.
    pub fn index(&self) -> Option<&CallbackParam> {
        self.params.iter().find(|param| self.is_elementwise() && matches!(param.ty, Type::Integer(_)))
    }
}

/// What a callback is passed.
#[derive(Debug, Clone)]
pub struct CallbackParam {
    /// Name.
    pub name: String,
    /// An integer, a text, an array or an element.
    pub ty: Type,
    /// Whether an array or element is read, written or both.
    pub direction: Direction,
    /// What it is.
    pub doc: String,
}

impl CallbackParam {
    /// True for an array.
    pub fn is_array(&self) -> bool {
        matches!(self.ty, Type::Array(_))
    }

    /// True for an element.
    pub fn is_element(&self) -> bool {
        matches!(self.ty, Type::Value(_))
    }

    /// True for an array or element that the callback writes.
    pub fn is_written(&self) -> bool {
        (self.is_array() || self.is_element()) && self.direction != Direction::In
    }
}

/// A function that examples pass, in each language.
#[derive(Debug, Clone)]
pub struct CallbackSample {
    /// Its name.
    pub name: String,
    /// The body of a C function.
    pub c: String,
    /// The body of a procedure of Fortran.
    pub fortran: String,
    /// A callable expression of Python.
    pub python: String,
    /// A closure of Rust.
    pub rust: String,
}

/// What a callback returns.
#[derive(Debug, Clone)]
pub struct CallbackReturns {
    /// A truth value.
    pub ty: Type,
    /// What it says, as a phrase.
    pub doc: String,
}
