//! What connects the ranks of a context: everything below an agreement of all of them. `transport.rs` is the seam to whatever moves
//! bytes, with `single.rs`, `threads.rs`, `mpi/` and `shared/` (shared memory over another transport) behind it; `scripted.rs`
//! lets calls of a transport fail, for tests. `endpoint.rs` is one rank's end of a communicator, which belongs to one process
//! (`process.rs`), with the order of its collective calls (`turns.rs`), what moves in them (`movement.rs`) and its messages
//! (`mailbox/`). What only all ranks together can free is held by each (`hold.rs`). All that waits is a future; `progress.rs` drives
//! them in the loop of `wait.rs`, the only place that waits, which a person may end (`interruption.rs`).

pub(crate) mod endpoint;
pub mod hold;
pub(crate) mod interruption;
pub(crate) mod mailbox;
mod meeting;
pub(crate) mod movement;
pub mod mpi;
pub(crate) mod process;
pub(crate) mod progress;
pub(crate) mod ranks;
pub mod scripted;
pub(crate) mod settings;
pub(crate) mod shared;
pub(crate) mod single;
pub(crate) mod threads;
pub(crate) mod transport;
pub(crate) mod turns;
mod wait;

pub use interruption::ask_while_waiting;
pub use progress::Wait;
pub use settings::Settings;
