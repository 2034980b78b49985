//! What a rank says on stderr when it has waited long: for what, from whom, and once. The test starts itself as a program with a short
//! patience, and reads its lines.

use dtl::{Context, DynFuture};
use std::process::Command;

const CASE: &str = "DTL_TEST_CASE";

type Wait = fn(&Context, i32);

/// Ways to wait for the other rank in vain, and what a rank then says that it waits for.
const CASES: [(&str, Wait, &str); 6] = [
    ("recv", |ctx, other| drop(dtl::recv::<i32>(ctx, other, 3)), "a message with tag 3 from rank "),
    ("probe", |ctx, other| drop(dtl::messages::probe(ctx, other, 3)), "a message with tag 3 from rank "),
    ("irecv", |ctx, other| drop(dtl::irecv::<i32>(ctx, other, 3).wait()), "a message with tag 3 from rank "),
    (
        "ssend",
        |ctx, other| drop(dtl::ssend(ctx, &[1.0, 2.0], other, 3)),
        "to receive the message with tag 3 (2 elements of float64)",
    ),
    (
        "ssend",
        |ctx, other| drop(dtl::ssend(ctx, &vec![1.0; 200_000], other, 3)),
        "to receive the message with tag 3 (200000 elements of float64)",
    ),
    (
        "irecv",
        |ctx, other| drop(dtl::waitall((0..1000).map(|_| dtl::irecv::<i32>(ctx, other, 3)))),
        "; 999 more sends and receives on this context wait, too",
    ),
];

#[test]
fn whoever_waits_long_for_a_message_says_so() {
    if let Ok(case) = std::env::var(CASE) {
        return wait(case.parse().unwrap());
    }
    for (case, (operation, _, what)) in CASES.iter().enumerate() {
        let lines = lines_of(case);
        for rank in 0..2 {
            let start = format!("dtl: {operation}: rank {rank} has been waiting 300ms for ");
            let end = "After 2s (DTL_TIMEOUT) it will be an error.";
            let said = lines.iter().filter(|line| line.starts_with(&start) && line.ends_with(end));
            assert_eq!(said.filter(|line| line.contains(what)).count(), 1, "{operation}: {lines:?}");
        }
        assert_eq!(lines.len(), 2, "{operation}: {lines:?}");
    }
    let lines = lines_of(CASES.len());
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains("has been waiting 300ms for a future that nobody has set"), "{lines:?}");
}

fn wait(case: usize) {
    let Some((_, wait, _)) = CASES.get(case) else { return drop(DynFuture::new().wait(None)) };
    std::thread::scope(|scope| {
        for context in Context::threads(2).unwrap() {
            scope.spawn(move || wait(&context, 1 - context.rank()));
        }
    });
}

/// The lines about waiting that this program says in a case.
fn lines_of(case: usize) -> Vec<String> {
    let mut program = Command::new(std::env::current_exe().unwrap());
    program.args(["--nocapture", "--exact", "whoever_waits_long_for_a_message_says_so"]);
    let patience = [("DTL_REPORT_AFTER", "0.3"), ("DTL_TIMEOUT", "2")];
    let done = program.env(CASE, case.to_string()).envs(patience).output().unwrap();
    let said = String::from_utf8(done.stderr).unwrap();
    assert!(done.status.success(), "{said}");
    said.lines().filter(|line| line.contains("has been waiting")).map(str::to_owned).collect()
}
