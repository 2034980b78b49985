//! The plugin through which dtl uses an MPI library: the one place that names MPI. It knows bytes, ranks and communicators;
//! data types, checks and errors for users are the runtime's. It is compiled once for each binary interface of MPI
//! libraries, links none, and is opened by the runtime's loader after the library that was chosen.
//!
//! `library.rs` is MPI in this process (init, versions, texts), `exit.rs` how the process leaves it, `heartbeat.rs` how it learns
//! meanwhile that others live, `watchdog.rs` what bounds that; `communicator.rs`
//! holds communicators and `end.rs` a context's hold on one. `movement.rs` moves bytes between all ranks, in small messages
//! (`exchange.rs`, `conjunction.rs`) or in what MPI has for large blocks (`posted.rs`, `collective.rs`); `packets.rs` moves them from one
//! rank to another, `inbox.rs` receives what is not asked for, and `making.rs` makes communicators. This file is the border: the functions of the table, which turn
//! numbers and pointers into those.

mod collective;
mod communicator;
mod conjunction;
mod end;
mod exchange;
mod exit;
mod heartbeat;
mod inbox;
mod library;
mod making;
mod movement;
mod packets;
mod posted;
mod watchdog;

use communicator::Communicator;
use dtl_plugin_abi::{ABI, Movement, Part, Table};
use end::End;
use library::{Code, code_of};
use movement::Request;

static TABLE: Table = Table {
    abi: ABI,
    size: size_of::<Table>() as u32,
    library_version,
    error_text,
    state: library::state,
    initialize,
    call_before_ending: exit::call_before_ending,
    waited_in_vain: exit::waited_in_vain,
    thread_level: library::thread_level,
    world_size: library::world_size,
    open_world,
    adopt,
    rank,
    ranks,
    split,
    leave,
    free,
    start,
    test,
    announce,
    missing,
    abandon,
    post,
    collect,
    departed,
    fault_ranks,
    fault_text,
    end_as_guest: exit::end_as_guest,
    abort: exit::abort,
};

/// The table of this plugin.
#[unsafe(no_mangle)]
pub extern "C" fn dtl_mpi_plugin() -> *const Table {
    &TABLE
}

/// Writes as much of `source` as there is room for.
///
/// # Safety
/// `target` must be writable for `capacity` values.
unsafe fn write<T: Copy>(source: &[T], target: *mut T, capacity: usize) -> usize {
    let length = source.len().min(capacity);
    // SAFETY: the caller's promise, and no more than its capacity.
    unsafe { std::ptr::copy_nonoverlapping(source.as_ptr(), target, length) };
    length
}

/// The end that a number stands for.
///
/// # Safety
/// It must come from this plugin, and not have been given back.
unsafe fn end<'a>(number: u64) -> &'a End {
    // SAFETY: numbers are addresses of ends that stay until `free`.
    unsafe { &*(number as *const End) }
}

/// Puts a new end where the caller wants its number.
///
/// # Safety
/// `target` must be writable.
unsafe fn hand_out(opened: Result<End, Code>, target: *mut u64) -> Code {
    code_of(opened.map(|end| {
        let number = Box::into_raw(Box::new(end)) as u64;
        // SAFETY: the caller's promise.
        unsafe { target.write(number) };
    }))
}

unsafe extern "C" fn library_version(text: *mut u8, capacity: usize) -> usize {
    // SAFETY: the table's contract: the memory is writable for its capacity.
    unsafe { write(library::version().as_bytes(), text, capacity) }
}

unsafe extern "C" fn error_text(code: i32, text: *mut u8, capacity: usize) -> usize {
    // SAFETY: as above.
    unsafe { write(library::error_text(code).as_bytes(), text, capacity) }
}

extern "C" fn initialize(timeout_seconds: f64) -> Code {
    watchdog::set_limit(timeout_seconds);
    let start = || {
        let ours = library::initialize()?;
        exit::notice_finalizing()?;
        if ours { exit::watch() } else { Ok(()) }
    };
    code_of(if library::is_ready() { start() } else { watchdog::bounded(start) })
}

unsafe extern "C" fn open_world(target: *mut u64) -> Code {
    let _turn = library::turn();
    // SAFETY: the table's contract: the place for the number is writable.
    unsafe { hand_out(communicator::world().and_then(Communicator::for_context).map(End::open), target) }
}

unsafe extern "C" fn adopt(fortran: i32, target: *mut u64) -> Code {
    let _turn = library::turn();
    // SAFETY: as above.
    unsafe {
        hand_out(communicator::adopt(fortran).and_then(Communicator::for_context).map(End::open), target)
    }
}

unsafe extern "C" fn rank(number: u64) -> i32 {
    // SAFETY: the table's contract: numbers are those of ends that have not been given back.
    unsafe { end(number) }.communicator().rank
}

unsafe extern "C" fn ranks(number: u64) -> i32 {
    // SAFETY: as above.
    unsafe { end(number) }.communicator().size
}

unsafe extern "C" fn split(number: u64, members: *const i32, count: usize, new_end: *mut u64) -> u64 {
    let _turn = library::turn();
    let members = match count {
        0 => &[],
        // SAFETY: the table's contract: there are `count` members.
        _ => unsafe { std::slice::from_raw_parts(members, count) },
    };
    // SAFETY: as above.
    Box::into_raw(Box::new(movement::split(unsafe { end(number) }, members, new_end))) as u64
}

unsafe extern "C" fn leave(number: u64) {
    let _turn = library::turn();
    // SAFETY: the table's contract: numbers are those of ends that have not been given back.
    unsafe { end(number) }.leave(&[]);
}

unsafe extern "C" fn free(number: u64) {
    let _turn = library::turn();
    // SAFETY: as above, and this is the last use of the number: the end was made by `hand_out`.
    drop(unsafe { Box::from_raw(number as *mut End) });
}

unsafe extern "C" fn start(number: u64, movement: *const Movement) -> u64 {
    let _turn = library::turn();
    // SAFETY: the table's contract: the end is alive, and the memory of the movement is as it describes it until the request
    // is gone.
    Box::into_raw(Box::new(unsafe { movement::start(end(number), &*movement) })) as u64
}

unsafe extern "C" fn test(number: u64, request: u64) -> i32 {
    let _turn = library::turn();
    let request = request as *mut Request;
    // SAFETY: the table's contract: the end is alive and the request was started on it and is not gone.
    let outcome = unsafe { (*request).test(end(number)) };
    if outcome == dtl_plugin_abi::outcome::COMPLETE {
        // SAFETY: as above.
        unsafe { end(number) }.go_on();
    }
    if outcome != dtl_plugin_abi::outcome::PENDING {
        // SAFETY: the request was made by `start` and is gone with this answer.
        drop(unsafe { Box::from_raw(request) });
    }
    outcome
}

unsafe extern "C" fn announce(number: u64, request: u64) {
    let _turn = library::turn();
    // SAFETY: as in `test`.
    unsafe { (*(request as *const Request)).announce(end(number)) }
}

unsafe extern "C" fn missing(number: u64, request: u64, ranks: *mut i32, capacity: usize) -> usize {
    let _turn = library::turn();
    // SAFETY: as in `test`; the memory for ranks is writable for its capacity.
    unsafe { write(&(*(request as *mut Request)).missing(end(number)), ranks, capacity) }
}

unsafe extern "C" fn abandon(number: u64, request: u64, reason: *const u8, length: usize) {
    let _turn = library::turn();
    // SAFETY: as in `test`, and the request is gone with this call; the reason has so many bytes.
    unsafe {
        let reason = std::slice::from_raw_parts(reason, length);
        Box::from_raw(request as *mut Request).abandon(end(number), &String::from_utf8_lossy(reason));
    }
}

unsafe extern "C" fn post(number: u64, to: i32, parts: *const Part, urgent: i32) -> i32 {
    let _turn = library::turn();
    // SAFETY: the table's contract: the end is alive, and there are two parts, of as many bytes as they say.
    unsafe { packets::post(end(number), to, std::slice::from_raw_parts(parts, 2), urgent != 0) }
}

unsafe extern "C" fn collect(number: u64, from: *mut i32, packet: *mut Part) -> i32 {
    let _turn = library::turn();
    // SAFETY: as above; both places are writable.
    unsafe { packets::collect(end(number), &mut *from, &mut *packet) }
}

unsafe extern "C" fn departed(number: u64, ranks: *mut i32, capacity: usize, count: *mut usize) -> i32 {
    let _turn = library::turn();
    // SAFETY: as above; the memory for ranks is writable for its capacity, and so is the place for their number.
    unsafe {
        let (outcome, left) = packets::departed(end(number));
        count.write(write(&left, ranks, capacity));
        outcome
    }
}

unsafe extern "C" fn fault_ranks(number: u64, ranks: *mut i32, capacity: usize) -> usize {
    // SAFETY: the table's contract: the end is alive; the memory for ranks is writable for its capacity.
    unsafe { write(&end(number).fault_ranks(), ranks, capacity) }
}

unsafe extern "C" fn fault_text(number: u64, text: *mut u8, capacity: usize) -> usize {
    // SAFETY: as above.
    unsafe { write(end(number).fault_text().as_bytes(), text, capacity) }
}
