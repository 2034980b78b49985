//! Communication between the ranks of a context. `transport.rs` is the seam to whatever moves bytes, with `single.rs`,
//! `threads.rs`, `mpi/` and `shared/` (shared memory over another transport) behind it; `endpoint.rs` is one rank's end of a
//! communicator, which belongs to one process (`process.rs`); `scripted.rs` lets calls of a transport fail, for tests. `call.rs`
//! is a collective call in progress, as everything above this folder sees it; it rests on `round.rs` (the fixed round that starts
//! every collective), `contract.rs` (what ranks must agree on, and the sentences when they do not), `shape.rs` (shapes of arrays
//! among that) and `turns.rs` (the order of calls); `panics.rs` is what becomes of a panic in a call; `on_behalf.rs` lets calls be
//! parts of an operation that is made of them. All of it is futures; `progress.rs` drives them in the loop of `wait.rs`, the
//! only place that waits, which a person may end (`interruption.rs`).

pub(crate) mod call;
mod contract;
pub(crate) mod endpoint;
pub(crate) mod interruption;
mod meeting;
mod movement;
pub mod mpi;
mod on_behalf;
pub(crate) mod panics;
pub(crate) mod process;
pub(crate) mod progress;
pub(crate) mod ranks;
pub(crate) mod round;
pub mod scripted;
pub(crate) mod settings;
mod shape;
pub(crate) mod shared;
pub(crate) mod single;
pub(crate) mod threads;
pub(crate) mod transport;
mod turns;
mod wait;

pub use call::Call;
pub use interruption::ask_while_waiting;
pub use on_behalf::{aside, on_behalf_of, whole_of};
pub use progress::Wait;
pub use settings::Settings;
