//! Numbers that stand for something: enumerations, flags and reserved fields.

use dtl::{Error, Result};
use dtl_types::{Operation, SpecEnum, Status};
use std::ffi::c_int;

/// The value of an enumeration with the number `code`; `prefix` is what its C enumerators begin with.
#[inline]
pub fn enumeration<E: SpecEnum>(name: &str, code: i32, prefix: &str) -> Result<E> {
    E::from_code(code).ok_or_else(|| unknown::<E>(name, code, prefix))
}

#[cold]
fn unknown<E: SpecEnum>(name: &str, code: i32, prefix: &str) -> Error {
    let choice = |value: &E| format!("{prefix}{} ({})", value.name().to_uppercase(), value.code());
    let choices: Vec<String> = E::VALUES.iter().map(choice).collect();
    Error::new(Status::InvalidArgument, format!("{name} is {code}; use one of {}", choices.join(", ")))
}

/// The status of an error, as a binding reports one that it found itself.
pub fn error(name: &str, status: i32) -> Result<Status> {
    Status::from_code(status).filter(|status| status.code() >= 100).ok_or_else(|| {
        let cure = "pass a DTL_ERROR_ status";
        Error::new(Status::InvalidArgument, format!("{name} is {status}, which is no error; {cure}"))
    })
}

/// The operation that the specification calls `text`, as a binding names it.
pub fn operation(name: &str, text: &str) -> Result<Operation> {
    Operation::from_name(text).ok_or_else(|| {
        let cure = "pass its name in the specification, such as \"allreduce\"";
        Error::new(Status::InvalidArgument, format!("{name} is {text:?}, which is no operation; {cure}"))
    })
}

/// A truth value as C has it.
#[inline]
pub fn flag(value: bool) -> c_int {
    c_int::from(value)
}

/// Fields that later versions may give a meaning, all behind the first `meant`, must be zero.
pub fn reserved(name: &str, fields: &[i32], meant: usize) -> Result<()> {
    match (meant..fields.len()).find(|at| fields[*at] != 0) {
        None => Ok(()),
        Some(at) => Err(Error::new(
            Status::InvalidArgument,
            format!(
                "{name}[{at}] is {}; reserved fields must be 0, which the struct's init function sets",
                fields[at]
            ),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dtl_types::ReduceOp;

    #[test]
    fn an_unknown_number_lists_the_choices() {
        let error = enumeration::<ReduceOp>("op", 9999, "DTL_OP_").expect_err("9999 is no operator");
        assert_eq!(error.status(), Status::InvalidArgument);
        let start = "op is 9999; use one of DTL_OP_SUM (0), DTL_OP_PROD (1), ";
        assert!(error.message().starts_with(start), "{}", error.message());
        assert_eq!(enumeration("op", 1, "DTL_OP_"), Ok(ReduceOp::Prod));
    }

    #[test]
    fn reserved_fields_must_be_zero() {
        assert_eq!(reserved("opts.reserved", &[7, 0], 1), Ok(()));
        let error = reserved("opts.reserved", &[0, 7], 1).expect_err("7 is not 0");
        assert!(error.message().starts_with("opts.reserved[1] is 7;"), "{}", error.message());
    }
}
