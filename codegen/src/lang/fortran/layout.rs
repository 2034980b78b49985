//! Fortran's free source form: at most 100 columns, long statements continued with `&`.

/// Longest line that is written. The standard allows 132 columns; shorter ones fit beside each other in an editor.
pub(super) const COLUMNS: usize = 100;

/// Continues every statement that is too long. Comments are left alone: their texts come wrapped.
pub(super) fn continue_lines(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        let indent = line.len() - line.trim_start().len();
        let mut rest = line.trim_end().to_owned();
        while rest.chars().count() > COLUMNS && !rest.trim_start().starts_with('!') {
            let at = last_break(&rest, indent);
            out.push_str(rest[..at].trim_end());
            out.push_str(" &\n");
            rest = format!("{:width$}{}", "", rest[at..].trim_start(), width = indent + 4);
        }
        out.push_str(&rest);
        out.push('\n');
    }
    out
}

/// The last place where `line` may be divided: a blank outside of texts that leaves room for ` &`.
fn last_break(line: &str, indent: usize) -> usize {
    let mut quote = None;
    let mut best = None;
    for (at, letter) in line.char_indices() {
        match (quote, letter) {
            (Some(open), letter) if letter == open => quote = None,
            (None, '\'' | '"') => quote = Some(letter),
            (None, ' ') if at > indent + 4 && at <= COLUMNS - 2 => best = Some(at),
            _ => {}
        }
    }
    best.unwrap_or_else(|| panic!("a line of Fortran cannot be divided: {line}"))
}

/// A Fortran text literal.
pub(super) fn text(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_statements_are_continued_outside_of_texts() {
        let long = format!("    call stop({}, 'a b c {} d', last)", "x".repeat(60), "y".repeat(30));
        let lines: Vec<String> = continue_lines(&long).lines().map(str::to_owned).collect();
        assert_eq!(lines.len(), 2);
        assert!(lines[0].ends_with(", &") && lines[1].starts_with("        'a b c"), "{lines:?}");
    }

    #[test]
    fn quotes_are_doubled() {
        assert_eq!(text("vector's"), "'vector''s'");
    }
}
