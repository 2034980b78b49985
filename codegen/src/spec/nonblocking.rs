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
        form.errors.clear();
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

/// What is said of every such form stands in the documentation of requests.
fn details(operation: &Operation, container: Option<&str>) -> String {
    let in_use = match container {
        Some(container) => {
            format!("The {container} is in use until then; in Rust the request takes it, and gives it back.")
        }
        None => "What is passed is in use until then.".to_owned(),
    };
    format!(
        "It takes what `{0}` takes; the request gives what `{0}` gives, and its errors. {in_use}",
        operation.name
    )
}
