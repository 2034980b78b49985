//! The runtime on processes that an MPI library connects. Without arguments the program finds the launchers of this machine
//! and starts itself under each, on 1, 2 and 4 ranks, once for each case; with arguments it is one rank of a case.
//! `cases.rs` has what ranks do, `jobs.rs` how they are started and judged.

#[path = "../threads/arrays.rs"]
mod arrays;
mod cases;
mod jobs;
#[path = "../threads/plan.rs"]
mod plan;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["rank", case] => cases::run(case),
        // The options of cargo's own test programs are of no use here.
        _ => jobs::run_all(arguments.iter().find(|argument| !argument.starts_with('-'))),
    }
}
