//! Reading `dtl.h` as the C compiler does: the declarations that it makes, without those of system headers.

use crate::command::Command;
use crate::{Result, library};

/// The declarations of the header, each on a line of its own, without its semicolon and with single blanks.
pub fn declarations() -> Result<Vec<String>> {
    let header = library::include().join("dtl/dtl.h");
    let text = Command::new("cc").args(["-E", "-I"]).arg(library::include()).arg(&header).output()?;
    Ok(split(&own_lines(&text)))
}

/// The functions that the header declares, in its order.
pub fn functions() -> Result<Vec<String>> {
    Ok(declarations()?.iter().filter_map(|declaration| function(declaration)).collect())
}

/// The function that a declaration declares, if it is one.
fn function(declaration: &str) -> Option<String> {
    if declaration.starts_with("typedef") || declaration.contains('{') {
        return None;
    }
    // Attributes may come first, and have parentheses of their own.
    let start = declaration.match_indices("dtl_").map(|(start, _)| &declaration[start..]).find(|rest| {
        rest.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_').trim_start().starts_with('(')
    })?;
    Some(start.split(['(', ' ']).next().unwrap_or_default().to_owned())
}

/// The lines that come from headers of dtl: the preprocessor says before each stretch from which file it is.
fn own_lines(text: &str) -> String {
    let mut own = false;
    let mut lines = String::new();
    for line in text.lines() {
        if let Some(mark) = line.strip_prefix("# ") {
            let file = mark.split('"').nth(1).unwrap_or_default();
            own = file.contains("/dtl/");
        } else if own {
            lines.push_str(line);
            lines.push('\n');
        }
    }
    lines
}

/// Splits at the semicolons outside braces.
fn split(text: &str) -> Vec<String> {
    let mut declarations = Vec::new();
    let mut current = String::new();
    let mut depth = 0;
    for c in text.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if c == ';' && depth == 0 {
            declarations.push(current.split_whitespace().collect::<Vec<_>>().join(" "));
            current.clear();
        } else {
            current.push(c);
        }
    }
    declarations
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_told_from_types() {
        assert_eq!(
            function("dtl_status dtl_context_create(dtl_context_t *context)").unwrap(),
            "dtl_context_create"
        );
        assert_eq!(function("const char *dtl_status_name(dtl_status status)").unwrap(), "dtl_status_name");
        let attributed = "__attribute__((warn_unused_result)) dtl_status dtl_barrier(dtl_context_t ctx)";
        assert_eq!(function(attributed).unwrap(), "dtl_barrier");
        assert_eq!(function("typedef void (*dtl_callback)(dtl_status status)"), None);
        assert_eq!(function("typedef int32_t dtl_rank_t"), None);
        assert_eq!(function("struct dtl_shape { int ndim; }"), None);
    }

    #[test]
    fn only_lines_of_our_headers_count() {
        let text = "# 1 \"/usr/include/stdint.h\" 1\nint system;\n# 3 \"include/dtl/dtl.h\" 2\nint\n  dtl;\n";
        assert_eq!(split(&own_lines(text)), ["int dtl"]);
    }

    #[test]
    fn semicolons_inside_braces_do_not_split() {
        assert_eq!(
            split("struct s { int a; int b; }; int f(void);"),
            ["struct s { int a; int b; }", "int f(void)"]
        );
    }
}
