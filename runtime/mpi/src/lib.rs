//! The plugin through which dtl uses an MPI library: the one place that names MPI. It knows bytes, ranks and communicators;
//! data types, checks and errors for users are the runtime's. It is compiled once for each binary interface of MPI
//! libraries, links none, and is opened by the runtime's loader after the library that was chosen.
//!
//! `library.rs` is MPI in this process (init, versions, texts), `exit.rs` how the process leaves it, `heartbeat.rs`
//! how it learns meanwhile that others live, `watchdog.rs` what bounds that;
//! `communicator.rs` is a communicator, `end.rs` this rank's end of it, and `base.rs` has those from which contexts are made.
//! `movement.rs` moves bytes between all ranks, in small messages (`exchange.rs`, `conjunction.rs`) or in what MPI has for large blocks
//! (`posted.rs`, `collective.rs`); `packets.rs` moves them from one rank to another, `inbox.rs` receives what is not asked for, and
//! `making.rs` makes communicators. This file is the border: the functions of the table, which turn numbers and pointers into those.

mod base;
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
    call_when_freed: base::call_when_freed,
    waited_in_vain: exit::waited_in_vain,
    thread_level: library::thread_level,
    world_size: library::world_size,
    open_world,
    adopt,
    rank,
    ranks,
    split,
    leave,
    is_sound,
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
    remote: None,
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
    // SAFETY: the caller guarantees that `target` is writable for `capacity` values, of which no more are written.
    unsafe { std::ptr::copy_nonoverlapping(source.as_ptr(), target, length) };
    length
}

/// The end that a number stands for.
///
/// # Safety
/// It must come from this plugin, and not have been freed.
unsafe fn end<'a>(number: u64) -> &'a End {
    // SAFETY: numbers are addresses of ends that stay until `free`.
    unsafe { &*(number as *const End) }
}

/// Puts the number of an end where the caller wants it.
///
/// # Safety
/// `target` must be writable.
unsafe fn hand_out(number: Result<u64, Code>, target: *mut u64) -> Code {
    // SAFETY: the caller guarantees that `target` is writable.
    code_of(number.map(|number| unsafe { target.write(number) }))
}

unsafe extern "C" fn library_version(text: *mut u8, capacity: usize) -> usize {
    // SAFETY: `text` is writable for `capacity` bytes, as the table demands.
    unsafe { write(library::version().as_bytes(), text, capacity) }
}

unsafe extern "C" fn error_text(code: i32, text: *mut u8, capacity: usize) -> usize {
    // SAFETY: `text` is writable for `capacity` bytes, as the table demands.
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
    unsafe { hand_out(base::world(), target) }
}

unsafe extern "C" fn adopt(fortran: i32, target: *mut u64) -> Code {
    let _turn = library::turn();
    // SAFETY: the table's contract: the place for the number is writable.
    unsafe { hand_out(base::adopt(fortran), target) }
}

unsafe extern "C" fn rank(number: u64) -> i32 {
    // SAFETY: the table's contract: numbers are those of ends that have not been freed.
    unsafe { end(number) }.communicator().rank
}

unsafe extern "C" fn ranks(number: u64) -> i32 {
    // SAFETY: the number is that of an end that has not been given back, as the table demands.
    unsafe { end(number) }.communicator().size
}

unsafe extern "C" fn split(number: u64, members: *const i32, count: usize, new_end: *mut u64) -> u64 {
    let _turn = library::turn();
    let members = match count {
        0 => &[],
        // SAFETY: there are `count` members, as the table demands.
        _ => unsafe { std::slice::from_raw_parts(members, count) },
    };
    // SAFETY: the number is that of an end that has not been given back, as the table demands.
    Box::into_raw(Box::new(movement::split(unsafe { end(number) }, members, new_end))) as u64
}

unsafe extern "C" fn leave(number: u64) {
    let _turn = library::turn();
    // SAFETY: the table's contract: numbers are those of ends that have not been freed.
    unsafe { end(number) }.leave(&[]);
}

unsafe extern "C" fn is_sound(number: u64) -> i32 {
    // SAFETY: the table's contract: numbers are those of ends that have not been freed.
    i32::from(!unsafe { end(number) }.communicator().is_spoilt())
}

unsafe extern "C" fn free(number: u64) -> i32 {
    let _turn = library::turn();
    // SAFETY: the table's contract: the end has not been freed, and nobody uses it any more.
    unsafe { End::free(number) }
}

unsafe extern "C" fn start(number: u64, movement: *const Movement) -> u64 {
    let _turn = library::turn();
    // SAFETY: the end has not been given back, and the memory of the movement is as it describes it until the request is gone, as
    // the table demands.
    Box::into_raw(Box::new(unsafe { movement::start(end(number), &*movement) })) as u64
}

unsafe extern "C" fn test(number: u64, request: u64) -> i32 {
    let _turn = library::turn();
    let request = request as *mut Request;
    // SAFETY: the end has not been given back, and the request was started on it and is not gone, as the table demands.
    let outcome = unsafe { (*request).test(end(number)) };
    if outcome == dtl_plugin_abi::outcome::COMPLETE {
        // SAFETY: the end has not been given back, as the table demands.
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
    // SAFETY: the end has not been given back, and the request was started on it and is not gone, as the table demands.
    unsafe { (*(request as *const Request)).announce(end(number)) }
}

unsafe extern "C" fn missing(number: u64, request: u64, ranks: *mut i32, capacity: usize) -> usize {
    let _turn = library::turn();
    // SAFETY: the end has not been given back, the request was started on it and is not gone, and `ranks` is writable for
    // `capacity` numbers, as the table demands.
    unsafe { write(&(*(request as *mut Request)).missing(end(number)), ranks, capacity) }
}

unsafe extern "C" fn abandon(number: u64, request: u64, reason: *const u8, length: usize) {
    let _turn = library::turn();
    // SAFETY: the end has not been given back, the request was started on it and is gone with this call, and the reason has
    // `length` bytes, as the table demands.
    unsafe {
        let reason = std::slice::from_raw_parts(reason, length);
        Box::from_raw(request as *mut Request).abandon(end(number), &String::from_utf8_lossy(reason));
    }
}

unsafe extern "C" fn post(number: u64, to: i32, parts: *const Part, urgent: i32) -> i32 {
    let _turn = library::turn();
    // SAFETY: the end has not been given back, and there are two parts, of as many bytes as they say, as the table demands.
    unsafe { packets::post(end(number), to, std::slice::from_raw_parts(parts, 2), urgent != 0) }
}

unsafe extern "C" fn collect(number: u64, from: *mut i32, packet: *mut Part) -> i32 {
    let _turn = library::turn();
    // SAFETY: the end has not been given back, and both places are writable, as the table demands.
    unsafe { packets::collect(end(number), &mut *from, &mut *packet) }
}

unsafe extern "C" fn departed(number: u64, ranks: *mut i32, capacity: usize, count: *mut usize) -> i32 {
    let _turn = library::turn();
    // SAFETY: the end has not been given back, and `ranks` is writable for `capacity` numbers and `count` for one, as the table
    // demands.
    unsafe {
        let (outcome, left) = packets::departed(end(number));
        count.write(write(&left, ranks, capacity));
        outcome
    }
}

unsafe extern "C" fn fault_ranks(number: u64, ranks: *mut i32, capacity: usize) -> usize {
    // SAFETY: the end has not been given back, and `ranks` is writable for `capacity` numbers, as the table demands.
    unsafe { write(&end(number).fault_ranks(), ranks, capacity) }
}

unsafe extern "C" fn fault_text(number: u64, text: *mut u8, capacity: usize) -> usize {
    // SAFETY: the end has not been given back, and `text` is writable for `capacity` bytes, as the table demands.
    unsafe { write(end(number).fault_text().as_bytes(), text, capacity) }
}
