//! Writing a text as a documentation comment of one language.

use super::markup::{Block, Span, parse};

/// A language of documentation comments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Markdown, as rustdoc reads it.
    Rustdoc,
    /// Doxygen's Markdown.
    Doxygen,
    /// reStructuredText, as numpydoc reads it.
    Numpydoc,
    /// FORD's Markdown.
    Ford,
}

/// Writes `text` in `dialect` as lines of at most `width` characters, as far as its words allow. Paragraphs and lists are
/// separated by empty lines; there is none at the start or the end.
pub fn render(text: &str, dialect: Dialect, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for block in parse(text) {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        match block {
            Block::Paragraph(spans) => lines.extend(wrap(&words(&spans, dialect), width)),
            Block::List(items) => {
                for item in items {
                    for (number, line) in
                        wrap(&words(&item, dialect), width.saturating_sub(2)).into_iter().enumerate()
                    {
                        lines.push(format!("{}{line}", if number == 0 { "- " } else { "  " }));
                    }
                }
            }
        }
    }
    lines
}

/// The words of a paragraph; code is one word, with the punctuation that touches it.
fn words(spans: &[Span], dialect: Dialect) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut touches = false;
    for span in spans {
        let pieces: Vec<String> = match span {
            Span::Code(code) => vec![dialect.code(code)],
            Span::Text(text) => text.split_whitespace().map(|word| dialect.word(word)).collect(),
        };
        let starts_apart = matches!(span, Span::Text(text) if text.starts_with(char::is_whitespace));
        for (number, piece) in pieces.into_iter().enumerate() {
            match words.last_mut() {
                Some(last) if touches && number == 0 && !starts_apart => last.push_str(&piece),
                _ => words.push(piece),
            }
        }
        touches = match span {
            Span::Code(_) => true,
            Span::Text(text) => !text.ends_with(char::is_whitespace),
        };
    }
    words
}

/// Fills lines greedily.
fn wrap(words: &[String], width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut filled = 0;
    for word in words {
        let letters = word.chars().count();
        match lines.last_mut() {
            // A line must not begin with the sign of a list: the word stays with the one before it.
            Some(line) if filled + 1 + letters <= width || word == "-" => {
                line.push(' ');
                line.push_str(word);
                filled += 1 + letters;
            }
            _ => {
                lines.push(word.clone());
                filled = letters;
            }
        }
    }
    lines
}

impl Dialect {
    fn code(self, code: &str) -> String {
        match self {
            Self::Numpydoc => format!("``{code}``"),
            Self::Rustdoc | Self::Doxygen | Self::Ford => format!("`{code}`"),
        }
    }

    /// A word of ordinary text: what would be markup in this dialect is escaped, so that it stays text.
    fn word(self, word: &str) -> String {
        let mut escaped = String::with_capacity(word.len());
        let mut letters = word.chars().peekable();
        while let Some(letter) = letters.next() {
            let opens = letters.peek().is_some_and(|next| next.is_ascii_alphabetic() || *next == '/');
            let markup = match self {
                Self::Rustdoc => matches!(letter, '\\' | '*' | '[' | ']') || (letter == '<' && opens),
                Self::Doxygen => {
                    matches!(letter, '\\' | '@' | '*') || (matches!(letter, '<' | '#' | '%' | '&') && opens)
                }
                Self::Numpydoc => {
                    matches!(letter, '\\' | '*' | '|')
                        || (letter == '_' && !letters.peek().is_some_and(char::is_ascii_alphanumeric))
                }
                Self::Ford => matches!(letter, '\\' | '*' | '|' | '[' | ']') || (letter == '<' && opens),
            };
            if markup {
                escaped.push('\\');
            }
            escaped.push(letter);
        }
        escaped
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_never_divided_and_keeps_its_punctuation() {
        let lines = render("Pass (`a b c`), or nothing.", Dialect::Numpydoc, 12);
        assert_eq!(lines, ["Pass", "(``a b c``),", "or nothing."]);
    }

    #[test]
    fn code_after_a_word_stays_apart() {
        assert_eq!(render("the `x` value", Dialect::Ford, 80), ["the `x` value"]);
        assert_eq!(render("`x`-th of `a``b`", Dialect::Ford, 80), ["`x`-th of `a``b`"]);
    }

    #[test]
    fn lists_are_indented_and_separated() {
        let lines = render("Either:\n- one two three\n- four\n\nLast.", Dialect::Doxygen, 11);
        assert_eq!(lines, ["Either:", "", "- one two", "  three", "- four", "", "Last."]);
    }

    #[test]
    fn markup_of_the_dialect_is_escaped() {
        let text = "0 <= a[i] < n, 2*n, <b>, user@host, name_";
        assert_eq!(render(text, Dialect::Rustdoc, 80), [r"0 <= a\[i\] < n, 2\*n, \<b>, user@host, name_"]);
        assert_eq!(render(text, Dialect::Doxygen, 80), [r"0 <= a[i] < n, 2\*n, \<b>, user\@host, name_"]);
        assert_eq!(render(text, Dialect::Numpydoc, 80), [r"0 <= a[i] < n, 2\*n, <b>, user@host, name\_"]);
    }

    #[test]
    fn a_wrapped_minus_does_not_become_a_list() {
        assert_eq!(render("0 to size - 1", Dialect::Ford, 9), ["0 to size -", "1"]);
    }

    #[test]
    fn no_text_gives_no_lines() {
        assert!(render(" \n\n", Dialect::Rustdoc, 80).is_empty());
    }
}
