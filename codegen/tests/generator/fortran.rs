//! The Fortran module, as text: what no program could try for every operation.

use crate::support::repository;

/// The procedures of the module, as pairs of a name and its statements, each in one line.
fn procedures() -> Vec<(String, Vec<String>)> {
    let files = dtl_codegen::generate(&repository()).expect("the specification is right");
    let module = files.into_iter().find(|file| file.path.ends_with("/dtl.f90")).expect("there is a module");
    let (_, text) = module.text.split_once("\ncontains\n").expect("the module has procedures");
    let mut procedures: Vec<(String, Vec<String>)> = Vec::new();
    let mut statement = String::new();
    let mut is_outermost = false;
    for line in text.lines() {
        if statement.is_empty() {
            is_outermost = line.starts_with("  ") && !line.starts_with("   ");
        }
        statement.push_str(line.trim_start());
        if statement.ends_with('&') {
            statement.pop();
            continue;
        }
        let statement = std::mem::take(&mut statement);
        let is_head = is_outermost && statement.contains('(');
        if is_head && !statement.starts_with("!") && !statement.starts_with("end ") {
            procedures.push((statement, Vec::new()));
        } else if let Some((_, statements)) = procedures.last_mut() {
            statements.push(statement);
        }
    }
    procedures
}

/// A query of C that succeeds makes the text of the error before it go away.
#[test]
fn nothing_is_asked_between_an_error_and_its_text() {
    let mut calls = 0;
    for (name, statements) in procedures() {
        let Some(call) = statements.iter().rposition(|statement| statement.contains("call_status = ")) else {
            continue;
        };
        calls += 1;
        for statement in &statements[call + 1..] {
            // Functions of C have their own names in the module, or others where it has these itself.
            let is_safe = !["raw_", "dtl_"].iter().any(|prefix| statement.contains(prefix))
                || statement.starts_with("if (call_status == DTL_SUCCESS)");
            assert!(is_safe, "{name}: after an error, `{statement}` makes its text go away");
        }
    }
    assert!(calls > 100, "only {calls} calls of C were found");
}
