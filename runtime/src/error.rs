//! The one error type of dtl: a status code of the specification, a sentence that says what happened and what to do,
//! and, when one rank of several found the error, which. Every language turns it into its own kind of failure.

use crate::on_behalf::whole_of;
use dtl_types::{Operation, SpecEnum, Status};
use std::any::Any;
use std::fmt;

/// What dtl's fallible functions return.
pub type Result<T> = std::result::Result<T, Error>;

/// A failed operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    status: Status,
    rank: Option<i32>,
    message: String,
}

impl Error {
    /// An error found on this rank.
    pub fn new(status: Status, message: impl Into<String>) -> Self {
        Error { status, rank: None, message: message.into() }
    }

    /// What a panic becomes where it must not go on: at the borders to other languages.
    #[cold]
    pub fn of_panic(payload: Box<dyn Any + Send>) -> Self {
        let text = match (payload.downcast_ref::<&str>(), payload.downcast_ref::<String>()) {
            (Some(text), _) => (*text).to_owned(),
            (None, Some(text)) => text.clone(),
            (None, None) => "no text".to_owned(),
        };
        // Dropping a payload runs code of its own, which could panic again, outside of `catch_unwind`.
        std::mem::forget(payload);
        Error::new(
            Status::Internal,
            format!("dtl failed inside ({text}); please report it with the program that shows it"),
        )
    }

    /// The same error, recorded as found on `rank` of the context.
    pub fn found_on(mut self, rank: i32) -> Self {
        self.rank = Some(rank);
        self
    }

    /// The same error, its message beginning with the operation that it stopped.
    pub fn of(mut self, operation: Operation) -> Self {
        let name = whole_of(operation).name();
        if !self.message.strip_prefix(name).is_some_and(|rest| rest.starts_with(':')) {
            self.message = format!("{name}: {}", self.message);
        }
        self
    }

    /// The status code, equal in every language.
    pub fn status(&self) -> Status {
        self.status
    }

    /// The sentence for the user.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The rank that found the error, when it is known and there is more than one.
    pub fn rank(&self) -> Option<i32> {
        self.rank
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
