//! The form of an operation that does not block: another operation, which follows from the first.

use super::Operation;

impl Operation {
    /// The same operation behind a prefix, which gives a request at once. `container` is the name of the object, if it lends its
    /// elements.
    pub fn nonblocking_form(&self, container: Option<&str>) -> Operation {
        let prefix = if container.is_some() { "async_" } else { "i" };
        let issued_name = |name: &str| format!("{prefix}{name}");
        let mut form = self.clone();
        form.name.value = issued_name(&self.name);
        form.summary.value = format!("Issues `{}`, which is over when its request is.", self.name);
        form.details.value = details(self, container);
        if let Some(name) = &mut form.python.name {
            name.value = issued_name(name);
        }
        if let Some(name) = &mut form.python.with_function {
            name.value = issued_name(name);
        }
        for name in form.c.iter_mut().flat_map(|function| &mut function.name) {
            name.value = name.value.replacen("dtl_", &format!("dtl_{prefix}"), 1);
        }
        form
    }
}

fn details(operation: &Operation, container: Option<&str>) -> String {
    let own = [operation.summary.value.trim(), operation.details.value.trim()].join("\n\n");
    // An error that ranks do not agree on is that of the rank that finds it.
    let (of_one_rank, on_ranks) = match operation.scope.is_collective() {
        true => (" of a single rank", " on every rank"),
        false => ("", ""),
    };
    let in_use = match container {
        Some(container) => format!(
            "The {container} is in use until the operation is over: other operations on it are refused, and views of it must not be used. The \
             request keeps it; in Rust the request takes it, and gives it back when the operation has succeeded."
        ),
        None => "What is passed is in use until the operation is over: nothing may write to what is read, or touch what is \
                 written. In Python and Rust the request keeps it; in C and Fortran it must stay where it is."
            .to_owned(),
    };
    format!(
        "{}\n\n{in_use} Operations on a context begin in the order in which they are issued or called. An error, also one in the \
         arguments{of_one_rank}, is given by the request{on_ranks}, and not by this call.",
        own.trim()
    )
}
