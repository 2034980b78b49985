//! The table of functions between the dtl runtime, which never links MPI, and the plugins, one for each binary interface of
//! MPI libraries. The runtime opens a plugin and asks it for its table; nothing else passes between them. It has no
//! dependencies, so that building a plugin builds nothing of the runtime. What both sides say on stderr they say by `stderr.rs`.

mod stderr;

pub use stderr::say;

/// The version of this table. A plugin with another one is refused.
pub const ABI: u32 = 9;

/// The name of the one function that a plugin exports; its type is [`Entry`].
pub const ENTRY: &str = "dtl_mpi_plugin";

/// Gives the plugin's table, which lives as long as the process.
pub type Entry = unsafe extern "C" fn() -> *const Table;

/// A binary interface that MPI libraries share: the name that programs link, and the plugin that goes with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flavor {
    /// Which family of MPI libraries it is, as users name it.
    pub family: Family,
    /// The name of the library, as programs that use it ask for it.
    pub soname: &'static str,
    /// The file name of the plugin.
    pub plugin: &'static str,
    /// A name that programs built on other systems ask for. The plugin answers to it once it is in a process, so that they
    /// get this library; that is how a wheel of mpi4py runs on Debian's MPICH.
    pub alias: Option<&'static str>,
}

impl Flavor {
    /// The file name of the text that says why there is no plugin, where one could not be built.
    pub fn absence(&self) -> String {
        format!("{}.missing", self.plugin)
    }
}

/// A family of MPI libraries, with headers and launchers in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// Open MPI.
    OpenMpi,
    /// MPICH and its descendants, such as those of Intel and Cray.
    Mpich,
}

impl Family {
    /// All families, in the order in which they are tried.
    pub const ALL: [Family; 2] = [Family::OpenMpi, Family::Mpich];

    /// The name in lower case, as in the environment variable `DTL_MPI`.
    pub fn name(self) -> &'static str {
        match self {
            Family::OpenMpi => "openmpi",
            Family::Mpich => "mpich",
        }
    }
}

/// Every interface that there is a plugin for, in the order in which libraries are looked for.
pub const FLAVORS: [Flavor; 3] = [
    Flavor { family: Family::OpenMpi, soname: "libmpi.so.40", plugin: "dtl-mpi-openmpi.so", alias: None },
    Flavor { family: Family::Mpich, soname: "libmpi.so.12", plugin: "dtl-mpi-mpich.so", alias: None },
    // Debian gives MPICH's library a name of its own, so that it can stand beside Open MPI's.
    Flavor {
        family: Family::Mpich,
        soname: "libmpich.so.12",
        plugin: "dtl-mpi-mpich-debian.so",
        alias: Some("libmpi.so.12"),
    },
];

/// What a movement does with blocks; the values of [`Movement::pattern`].
pub mod pattern {
    /// The root's block goes to every other rank.
    pub const BROADCAST: i32 = 0;
    /// Every rank's block goes to the root.
    pub const GATHER: i32 = 1;
    /// The root sends one block to each other rank.
    pub const SCATTER: i32 = 2;
    /// Every rank's block goes to every rank.
    pub const ALLGATHER: i32 = 3;
    /// Every rank sends one block to each rank.
    pub const ALLTOALL: i32 = 4;
    /// Every rank sends one block to each rank, each of its own size.
    pub const EXCHANGE: i32 = 5;
    /// The bits that are set in the blocks of all ranks, which are small, go to every rank.
    pub const AND: i32 = 6;
}

/// What [`Table::test`] and the functions for packets answer.
pub mod outcome {
    /// The movement goes on.
    pub const PENDING: i32 = 0;
    /// The movement is complete on this rank.
    pub const COMPLETE: i32 = 1;
    /// A rank that has left the communicator is needed; [`super::Table::fault_ranks`] says which.
    pub const LEFT: i32 = 2;
    /// The communicator moves nothing any more; [`super::Table::fault_text`] says why.
    pub const BROKEN: i32 = 3;
    /// MPI itself has failed; [`super::Table::fault_text`] says how.
    pub const FAILED: i32 = 4;
}

/// What MPI is doing in this process; the answers of [`Table::state`].
pub mod state {
    /// It has not been initialised.
    pub const ASLEEP: i32 = 0;
    /// It can be used.
    pub const READY: i32 = 1;
    /// It has been finalised and cannot be used again.
    pub const OVER: i32 = 2;
}

/// Failures of [`Table::adopt`] that are not MPI's.
pub mod refusal {
    /// The communicator is MPI_COMM_NULL.
    pub const NULL: i32 = -1;
    /// The communicator joins two groups.
    pub const INTER: i32 = -2;
    /// The number belongs to no communicator, or to one that was freed.
    pub const UNKNOWN: i32 = -3;
}

/// Where a block of its own size is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(C)]
pub struct Place {
    /// Its first byte; anything for a block without bytes.
    pub start: *mut u8,
    /// How many bytes it has.
    pub bytes: usize,
}

/// Blocks that move between the ranks of a communicator.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub struct Movement {
    /// One of [`pattern`].
    pub pattern: i32,
    /// The root, for patterns that have one.
    pub root: i32,
    /// The size of each block, or of the largest that any rank sends; below 2^31.
    pub bytes: usize,
    /// What this rank sends, and the distance between blocks where it sends one to each rank.
    pub send: *const u8,
    /// Distance between blocks that are sent.
    pub send_stride: usize,
    /// Where this rank receives.
    pub receive: *mut u8,
    /// Distance between blocks that are received.
    pub receive_stride: usize,
    /// For an exchange: the blocks that are sent, one to each rank. Otherwise null.
    pub send_places: *const Place,
    /// For an exchange: the blocks that are received, one from each rank. Otherwise null.
    pub receive_places: *const Place,
    /// For an exchange: bytes at the beginning of each block that are not part of the movement.
    pub skipped: usize,
}

/// Bytes of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(C)]
pub struct Part {
    /// The first byte; anything where there are none.
    pub start: *const u8,
    /// How many there are.
    pub bytes: usize,
}

/// The functions of a plugin. Texts are written as UTF-8 to the given memory, cut to its capacity, and their lengths are
/// returned. Functions that return a code give 0 for success, and otherwise what [`Table::error_text`] explains.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub struct Table {
    /// Equal to [`ABI`].
    pub abi: u32,
    /// The size of this struct, in bytes.
    pub size: u32,
    /// What the MPI library calls itself. May be called at any time.
    pub library_version: unsafe extern "C" fn(text: *mut u8, capacity: usize) -> usize,
    /// The explanation of a code.
    pub error_text: unsafe extern "C" fn(code: i32, text: *mut u8, capacity: usize) -> usize,
    /// One of [`state`]. May be called at any time.
    pub state: extern "C" fn() -> i32,
    /// Initialises MPI unless it is; it will then be finalised when all processes end. The number of seconds is how long to wait
    /// for other processes where MPI itself waits for them.
    pub initialize: extern "C" fn(timeout_seconds: f64) -> i32,
    /// Has this function called before the process waits for the others to end as well: it leaves all ends.
    pub call_before_ending: extern "C" fn(leave_all: extern "C" fn()),
    /// Has these functions called when a user frees a communicator, on all its ranks: the first says whether this rank has let go of
    /// all that was made from the end of dtl's copy of it; if all ranks have, the second frees that, and the end is gone.
    pub call_when_freed:
        extern "C" fn(has_released_all: extern "C" fn(end: u64) -> i32, free_all: extern "C" fn(end: u64)),
    /// Notes that this process has waited for other ranks in vain, which have left or, if not zero, not come until the deadline.
    /// Should it end with an error, their exit codes come before its own, and after a deadline it hardly waits for them again.
    pub waited_in_vain: extern "C" fn(until_deadline: i32),
    /// MPI's level of thread support, 0 (one thread) to 3 (any).
    pub thread_level: extern "C" fn() -> i32,
    /// The number of processes that MPI has started together.
    pub world_size: extern "C" fn() -> i32,
    /// The end of dtl's private copy of the communicator of all processes, from which others are made. The first call is
    /// collective.
    pub open_world: unsafe extern "C" fn(end: *mut u64) -> i32,
    /// The end of dtl's private copy of a communicator of the user, given as Fortran knows it. The first call for each is
    /// collective.
    pub adopt: unsafe extern "C" fn(fortran: i32, end: *mut u64) -> i32,
    /// This process's rank.
    pub rank: unsafe extern "C" fn(end: u64) -> i32,
    /// The number of ranks.
    pub ranks: unsafe extern "C" fn(end: u64) -> i32,
    /// Starts making a new end on a new communicator of these members, whose number, or 0 without members, is written when the
    /// request is complete. All ranks start it, as they start movements, each with the members of the group that it is to be in.
    pub split: unsafe extern "C" fn(end: u64, members: *const i32, count: usize, new_end: *mut u64) -> u64,
    /// Tells the other ranks that this one starts nothing more on this end. Local.
    pub leave: unsafe extern "C" fn(end: u64),
    /// Whether nothing has gone wrong on this end, so that it can be freed once all ranks have left it. Local.
    pub is_sound: unsafe extern "C" fn(end: u64) -> i32,
    /// Goes on freeing an end with its communicator, which all ranks have left and free together; one of [`outcome`]. Unless that
    /// is pending, the end is gone.
    pub free: unsafe extern "C" fn(end: u64) -> i32,
    /// Starts a movement. Returns at once.
    pub start: unsafe extern "C" fn(end: u64, movement: *const Movement) -> u64,
    /// Makes progress and gives one of [`outcome`]; unless that is pending, the request is gone.
    pub test: unsafe extern "C" fn(end: u64, request: u64) -> i32,
    /// Tells the other ranks that this one waits in the movement of a request, so that they do not take it for missing.
    pub announce: unsafe extern "C" fn(end: u64, request: u64),
    /// Writes the ranks that are missing in a movement, as far as is known, and returns how many: those of which nothing has come
    /// that must come, or which have not announced themselves.
    pub missing: unsafe extern "C" fn(end: u64, request: u64, ranks: *mut i32, capacity: usize) -> usize,
    /// Gives a request up, and with it the end, on all ranks. Ends the job if memory of the movement is still in use.
    pub abandon: unsafe extern "C" fn(end: u64, request: u64, reason: *const u8, length: usize),
    /// Sends a packet, made of two parts, to another rank: [`outcome::COMPLETE`], or [`outcome::PENDING`] if there is no room
    /// for it now, unless it is urgent.
    pub post: unsafe extern "C" fn(end: u64, to: i32, parts: *const Part, urgent: i32) -> i32,
    /// Receives the next packet if there is one ([`outcome::COMPLETE`]); its bytes stay until the next call for this end.
    pub collect: unsafe extern "C" fn(end: u64, from: *mut i32, packet: *mut Part) -> i32,
    /// Writes the ranks whose farewells have come and how many there are: [`outcome::COMPLETE`].
    pub departed: unsafe extern "C" fn(end: u64, ranks: *mut i32, capacity: usize, count: *mut usize) -> i32,
    /// Writes the ranks that have left, and returns how many.
    pub fault_ranks: unsafe extern "C" fn(end: u64, ranks: *mut i32, capacity: usize) -> usize,
    /// Why the end is broken.
    pub fault_text: unsafe extern "C" fn(end: u64, text: *mut u8, capacity: usize) -> usize,
    /// To be called by a process that is about to end with this code, as far as that is known, if somebody else has initialised
    /// MPI and will finalise it: if it is that of an error, ends the job unless all ranks end so. Does nothing where dtl has
    /// initialised MPI.
    pub end_as_guest: extern "C" fn(code: i32),
    /// Ends all processes of the job with this exit code.
    pub abort: extern "C" fn(code: i32) -> !,
    /// The functions for the memory of other ranks; null where MPI moves nothing without their help.
    pub remote: Option<&'static RemoteTable>,
}

/// The functions of a plugin that reaches the memory of other ranks. It has no version of its own: [`ABI`] counts its changes, too.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub struct RemoteTable {
    /// Copies so many bytes from an address of another rank to `target`, and gives one of [`outcome`], which is never pending.
    pub read: unsafe extern "C" fn(end: u64, from: i32, address: u64, target: *mut u8, bytes: usize) -> i32,
}
