//! The form of an operation that does not block: another operation, which follows from the first.

use super::{Located, Operation};

impl Operation {
    /// The same operation behind an `i`, which gives a request at once.
    pub fn nonblocking_form(&self) -> Operation {
        let mut form = self.clone();
        form.name.value = issued_name(&self.name);
        form.summary.value = format!("Issues `{}`, which is over when its request is.", self.name);
        form.details.value = details(self);
        if let Some(name) = &mut form.python.name {
            name.value = issued_name(name);
        }
        if let Some(name) = &mut form.python.with_function {
            name.value = issued_name(name);
        }
        for name in form.c.iter_mut().flat_map(|function| &mut function.name) {
            name.value = name.value.replacen("dtl_", "dtl_i", 1);
        }
        form
    }
}

/// `iallreduce` for `allreduce`.
pub fn issued_name(name: &Located<String>) -> String {
    format!("i{name}")
}

fn details(operation: &Operation) -> String {
    let own = [operation.summary.value.trim(), operation.details.value.trim()].join("\n\n");
    // An error that ranks do not agree on is that of the rank that finds it.
    let (of_one_rank, on_ranks) = match operation.scope.is_collective() {
        true => (" of a single rank", " on every rank"),
        false => ("", ""),
    };
    format!(
        "{}\n\nWhat is passed is in use until the operation is over: nothing may write to what is read, or touch what is \
         written. In Python and Rust the request keeps it; in C and Fortran it must stay where it is. Operations on a context begin in the order in \
         which they are issued or called. An error, also one in the arguments{of_one_rank}, is given by the \
         request{on_ranks}, and not by this call.",
        own.trim()
    )
}
