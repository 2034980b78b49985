//! Documentation: the one small markup of `spec/`, written out as the comments of each language.
//!
//! `markup` reads a text, `dialect` writes it as lines without comment signs, wrapped; `phrases` holds the sentences that
//! follow from an operation's other keys, so that all languages say the same. Backends put the lines into comments.

mod dialect;
mod markup;
mod phrases;

pub use dialect::{Dialect, render};
pub use markup::{Block, Span, parse};
pub use phrases::{
    ErrorLine, collectiveness, conditions, default_text, deprecation, element_types, error_lines, lifetime,
    listed, since,
};

/// For `///` comments in Rust, whose signs and indentation take up to eight columns.
pub fn rustdoc(text: &str) -> Vec<String> {
    render(text, Dialect::Rustdoc, 100)
}

/// For comments in the C header.
pub fn doxygen(text: &str) -> Vec<String> {
    render(text, Dialect::Doxygen, 90)
}

/// For docstrings in Python; backslashes are not escaped for a string literal.
pub fn numpydoc(text: &str) -> Vec<String> {
    render(text, Dialect::Numpydoc, 72)
}

/// For `!!` comments in Fortran, whose lines must stay within 100 columns.
pub fn ford(text: &str) -> Vec<String> {
    render(text, Dialect::Ford, 84)
}

/// For Markdown files: one line for each paragraph and list item.
pub fn markdown(text: &str) -> Vec<String> {
    render(text, Dialect::Rustdoc, usize::MAX)
}

/// A phrase as a sentence.
pub fn sentence(phrase: &str) -> String {
    let mut letters = phrase.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{first}{}.", letters.as_str())
}
