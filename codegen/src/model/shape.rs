//! The shape of an array, as far as the specification says it.

use std::fmt;

/// The shape of an array: `()` of one element, `(local_size,)` of a line, `(size, ...)` with a row for each rank, `(...)` of any; or the
/// name of the parameter whose numbers are the extents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    text: String,
    extents: Vec<Extent>,
}

/// One extent of a shape, or several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Extent {
    /// A property or parameter that says it, or a word for the reader.
    Named(String),
    /// Any number of extents.
    Others,
}

impl Shape {
    /// Reads what the specification says.
    pub(super) fn read(text: &str) -> Self {
        let inside = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
        let words = inside.into_iter().flat_map(|inside| inside.split(',')).map(str::trim);
        let extents = words.filter(|word| !word.is_empty()).map(|word| match word {
            "..." => Extent::Others,
            name => Extent::Named(name.to_owned()),
        });
        Self { text: text.to_owned(), extents: extents.collect() }
    }

    /// Its extents; none for one element, and where a parameter has them.
    pub fn extents(&self) -> &[Extent] {
        &self.extents
    }

    /// True for one element.
    pub fn is_one_element(&self) -> bool {
        self.text == "()"
    }

    /// The name of the only extent of a line.
    pub fn line(&self) -> Option<&str> {
        match self.extents.as_slice() {
            [Extent::Named(name)] => Some(name),
            _ => None,
        }
    }

    /// True when there is a row for each rank.
    pub fn is_by_rank(&self) -> bool {
        matches!(self.extents.as_slice(), [Extent::Named(first), ..] if first == "size")
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
