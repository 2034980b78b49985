//! What may be in a Python list of objects beside these: objects of other classes, from which one is made.

use super::Object;

impl Object {
    /// The Python classes whose objects may be in a list of these.
    pub fn accepted_in_lists(&self, separator: &str, params: &str) -> String {
        let others = self.accepts.iter().map(|other| &other.python);
        let classes = std::iter::once(&self.python).chain(others).map(|class| format!("{class}{params}"));
        classes.collect::<Vec<_>>().join(separator)
    }
}

/// Objects of another class from which one is made where they are in a list.
#[derive(Debug, Clone)]
pub struct Accepted {
    /// Symbol of the operation that does it.
    pub symbol: String,
    /// Name of the other object.
    pub source: String,
    /// Its Python class.
    pub python: String,
}
