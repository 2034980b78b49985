//! What only processes that an MPI connects can do: make more contexts than the library has communicators, end early or
//! badly, have a library that does not belong to their launcher. What they do as threads do is in `tests/ranks`.
//!
//! Without arguments the program finds the launchers of this machine and starts itself under each, on 1, 2 and 4 ranks, once
//! for each case; with arguments it is one rank of a case.
//! `cases.rs` has what ranks do, `jobs.rs` how they are started and judged.

mod cases;
mod jobs;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["rank", case] => cases::run(case),
        // The options of cargo's own test programs are of no use here.
        _ => jobs::run_all(arguments.iter().find(|argument| !argument.starts_with('-'))),
    }
}
