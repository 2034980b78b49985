//! Plugins: where their files are, and the table of one that is loaded. This is the border to code that was not compiled
//! with this library, so everything that is called through the table is called from here.

use super::library::Library;
use crate::comm::endpoint::wait_for;
use crate::comm::hold::FreedTogether;
use crate::comm::transport::{
    Capabilities, Comm, Fault, Membership, Movements, PacketLimits, Packets, Pattern, Progress, RemoteMemory,
    Request, Split, Start, Transport,
};
use dtl_plugin_abi::{ABI, ENTRY, Entry, Movement, Part, Table, outcome, pattern};
use dtl_types::constants::NO_RANK;
use std::ffi::{CStr, CString, OsStr, c_char, c_uint, c_void};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// The environment variable with folders in which plugins are looked for first.
pub(super) const PATH_VARIABLE: &str = dtl_types::variables::PLUGIN_PATH.name;

/// The longest packet that nobody has asked for: MPI libraries send such messages at once, whatever the receiver does.
const PACKET: usize = 4000;
/// The longest packet that the receiver has asked for: large enough for the time of a packet not to matter.
const PART: usize = 256 << 10;

/// A plugin that is loaded, and the MPI library that it uses. Neither is ever unloaded.
#[derive(Debug)]
pub(super) struct Plugin {
    table: &'static Table,
    pub(super) library: Library,
}

/// The file of a plugin, in the first folder that has it.
pub(super) fn find(name: &str) -> Option<PathBuf> {
    folders().into_iter().map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// Where plugins are looked for: where the environment says, beside the file that holds this code (the library, the Python
/// module, the program that it was linked into) and in `dtl` there, in folders called `dtl` of that file's run path, which is
/// how a program linked with the archive knows where dtl is installed, and where they are built during development.
pub(super) fn folders() -> Vec<PathBuf> {
    let asked_for = std::env::var_os(PATH_VARIABLE).unwrap_or_default();
    let mut folders: Vec<PathBuf> =
        std::env::split_paths(&asked_for).filter(|folder| folder.is_absolute()).collect();
    let Some(name) = own_name() else { return folders };
    // A program may be known by the name that it was called with; the system knows where it is.
    let file =
        Path::new(OsStr::from_bytes(name.to_bytes())).canonicalize().or_else(|_| std::env::current_exe());
    if let Some(own) = file.as_deref().ok().and_then(Path::parent) {
        folders.extend([own.to_owned(), own.join("dtl")]);
        folders.extend(searched_for(&name).into_iter().filter(|folder| folder.ends_with("dtl")));
        let built = own.ancestors().find(|folder| folder.file_name().is_some_and(|name| name == "target"));
        folders.extend(built.map(|target| target.join("plugins")));
    }
    folders
}

/// The file that holds this code, as the dynamic linker calls it.
fn own_name() -> Option<CString> {
    let here: fn() -> Option<CString> = own_name;
    // SAFETY: `dladdr` fills in what it finds out about an address, and zeroes are a valid value of that; the name that it
    // gives stays as long as this code is loaded.
    unsafe {
        let mut found: libc::Dl_info = std::mem::zeroed();
        let known = libc::dladdr(here as *const c_void, &mut found) != 0 && !found.dli_fname.is_null();
        known.then(|| CStr::from_ptr(found.dli_fname).to_owned())
    }
}

/// The folders in which the dynamic linker looks for what a loaded file asks for: those of its run path among them.
fn searched_for(name: &CStr) -> Vec<PathBuf> {
    /// `Dl_serinfo` of dlfcn.h, of which the system says how long it is.
    #[repr(C)]
    struct Search {
        size: usize,
        count: c_uint,
        paths: [SearchPath; 0],
    }
    /// `Dl_serpath` of dlfcn.h.
    #[repr(C)]
    struct SearchPath {
        name: *const c_char,
        flags: c_uint,
    }
    // SAFETY: a file that is loaded is asked for, which runs nothing; the program itself is not found by its name. The linker
    // first says how much memory it needs and how many folders there are, and then fills that memory, which is aligned as
    // pointers are and outlives the texts' copying.
    unsafe {
        let mut handle = libc::dlopen(name.as_ptr(), libc::RTLD_LAZY | libc::RTLD_NOLOAD);
        if handle.is_null() {
            handle = libc::dlopen(std::ptr::null(), libc::RTLD_LAZY);
        }
        let mut head = Search { size: 0, count: 0, paths: [] };
        if libc::dlinfo(handle, libc::RTLD_DI_SERINFOSIZE, (&raw mut head).cast()) != 0 {
            return Vec::new();
        }
        let mut memory = vec![0_usize; head.size.div_ceil(size_of::<usize>())];
        let search: *mut Search = memory.as_mut_ptr().cast();
        (*search).size = head.size;
        (*search).count = head.count;
        if libc::dlinfo(handle, libc::RTLD_DI_SERINFO, search.cast()) != 0 {
            return Vec::new();
        }
        let paths = std::slice::from_raw_parts(
            (&raw const (*search).paths).cast::<SearchPath>(),
            head.count as usize,
        );
        paths
            .iter()
            .map(|path| Path::new(OsStr::from_bytes(CStr::from_ptr(path.name).to_bytes())).to_owned())
            .collect()
    }
}

/// Opens a library for good, its symbols visible to nobody else.
fn open(file: &Path) -> Result<*mut c_void, String> {
    let name = CString::new(file.as_os_str().as_bytes()).map_err(|error| error.to_string())?;
    // SAFETY: opening runs the library's initialisers; that is what MPI libraries and plugins are for.
    let handle = unsafe { libc::dlopen(name.as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL) };
    if handle.is_null() { Err(last_error()) } else { Ok(handle) }
}

fn last_error() -> String {
    // SAFETY: the text stays until the next call of these functions on this thread.
    unsafe {
        let text = libc::dlerror();
        if text.is_null() { String::new() } else { CStr::from_ptr(text).to_string_lossy().into_owned() }
    }
}

impl Plugin {
    /// Loads an MPI library and its plugin. The library comes first: it is the one that the plugin needs, and having it in
    /// the process already keeps the dynamic linker from looking for another.
    pub(super) fn load(library: Library, file: &Path) -> Result<Self, String> {
        open(&library.path)?;
        let plugin = open(file)?;
        let entry = CString::new(ENTRY).expect("no zero in the name");
        // SAFETY: the handle is open.
        let entry = unsafe { libc::dlsym(plugin, entry.as_ptr()) };
        if entry.is_null() {
            return Err(format!("{} is not a plugin of dtl: {}", file.display(), last_error()));
        }
        // SAFETY: what has this name has this type in every version; the table begins with its version and size.
        let table: &'static Table = unsafe { &*std::mem::transmute::<*mut c_void, Entry>(entry)() };
        if (table.abi, table.size as usize) != (ABI, size_of::<Table>()) {
            return Err(format!(
                "{} belongs to another version of dtl (its interface is {}, this one's is {ABI})",
                file.display(),
                table.abi
            ));
        }
        (table.call_before_ending)(leave_all);
        (table.call_when_freed)(has_released_all, free_all);
        Ok(Plugin { table, library })
    }

    /// What the MPI library calls itself, in one line.
    pub(super) fn library_version(&self) -> String {
        let text = read(|text, capacity| {
            // SAFETY: the table is the plugin's; the memory is writable for its capacity.
            unsafe { (self.table.library_version)(text, capacity) }
        });
        text.lines().next().unwrap_or_default().trim().to_owned()
    }

    /// One of `dtl_plugin_abi::state`.
    pub(super) fn state(&self) -> i32 {
        (self.table.state)()
    }

    /// Initialises MPI unless it is.
    pub(super) fn initialize(&self, timeout_seconds: f64) -> Result<(), Failure> {
        self.check((self.table.initialize)(timeout_seconds))
    }

    /// Called when other ranks were waited for in vain.
    pub(super) fn waited_in_vain(&self, until_deadline: bool) {
        (self.table.waited_in_vain)(until_deadline.into());
    }

    /// MPI's level of thread support.
    pub(super) fn thread_level(&self) -> i32 {
        (self.table.thread_level)()
    }

    /// The number of processes that MPI has started together.
    pub(super) fn world_size(&self) -> i32 {
        (self.table.world_size)()
    }

    /// Called when this process is about to end, before somebody else finalises MPI.
    pub(super) fn end_as_guest(&self, code: i32) {
        (self.table.end_as_guest)(code);
    }

    /// The end of dtl's copy of the communicator of all processes. MPI must be ready.
    pub(super) fn open_world(&self) -> Result<Comm, Failure> {
        let mut end = 0;
        // SAFETY: the table is the plugin's; the place is writable.
        self.check(unsafe { (self.table.open_world)(&mut end) }).map(|()| Comm(end))
    }

    /// The end of dtl's copy of a communicator of the user. MPI must be ready.
    pub(super) fn adopt(&self, number: i32) -> Result<Comm, Failure> {
        let mut end = 0;
        // SAFETY: the table is the plugin's; the place is writable.
        self.check(unsafe { (self.table.adopt)(number, &mut end) }).map(|()| Comm(end))
    }

    fn check(&self, code: i32) -> Result<(), Failure> {
        if code == 0 {
            return Ok(());
        }
        // SAFETY: the table is the plugin's; the memory is writable for its capacity.
        let text = read(|text, capacity| unsafe { (self.table.error_text)(code, text, capacity) });
        Err(Failure { code, text })
    }

    /// Whether something is complete, as one of `outcome` says.
    fn is_complete(&self, end: Comm, outcome: i32) -> Result<bool, Fault> {
        match outcome {
            outcome::PENDING => Ok(false),
            outcome::COMPLETE => Ok(true),
            outcome::LEFT => Err(Fault::Left(self.fault_ranks(end))),
            outcome::BROKEN => Err(Fault::Broken(self.fault_text(end))),
            _ => Err(Fault::Failed(self.fault_text(end))),
        }
    }

    fn fault_ranks(&self, end: Comm) -> Vec<i32> {
        let mut ranks = vec![0; self.size(end) as usize];
        // SAFETY: the end is alive; the memory is writable for its capacity.
        let count = unsafe { (self.table.fault_ranks)(end.0, ranks.as_mut_ptr(), ranks.len()) };
        ranks.truncate(count);
        ranks
    }

    fn fault_text(&self, end: Comm) -> String {
        // SAFETY: the number is that of an end of the plugin, which is alive until `free`; the memory is writable for its
        // capacity.
        read(|text, capacity| unsafe { (self.table.fault_text)(end.0, text, capacity) })
    }
}

impl Membership for Plugin {
    fn rank(&self, comm: Comm) -> i32 {
        // SAFETY: communicators of this transport are ends of the plugin, alive from when they are opened until `free`.
        unsafe { (self.table.rank)(comm.0) }
    }

    fn size(&self, comm: Comm) -> i32 {
        // SAFETY: the number is that of an end of the plugin, which is alive until `free`.
        unsafe { (self.table.ranks)(comm.0) }
    }

    fn split(
        self: Arc<Self>,
        comm: Comm,
        members: &[i32],
        timeout: Duration,
    ) -> Result<Option<Split>, Fault> {
        let mut new = 0;
        // SAFETY: the number is that of an end of the plugin, which is alive until `free`; there are as many members as are
        // said, and the place stays until the request is gone, as it is when this returns.
        let request = unsafe { (self.table.split)(comm.0, members.as_ptr(), members.len(), &mut new) };
        wait_for(self.as_ref(), comm, Request(request), timeout)?;
        Ok((new != 0).then_some((self, Comm(new))))
    }

    fn leave(&self, comm: Comm) {
        // SAFETY: the number is that of an end of the plugin, which is alive until `free`.
        unsafe { (self.table.leave)(comm.0) }
    }

    fn close(&self, comm: Comm) {
        self.leave(comm);
    }

    fn freed_together(self: Arc<Self>, comm: Comm) -> Option<Box<dyn FreedTogether>> {
        Some(Box::new(End { plugin: self, comm }))
    }

    fn abort(&self, code: i32) -> ! {
        (self.table.abort)(code)
    }
}

impl Movements for Plugin {
    unsafe fn start(&self, comm: Comm, start: &Start) -> Request {
        let (pattern, root) = match start.pattern {
            Pattern::Broadcast { root } => (pattern::BROADCAST, root),
            Pattern::Gather { root } => (pattern::GATHER, root),
            Pattern::Scatter { root } => (pattern::SCATTER, root),
            Pattern::Allgather => (pattern::ALLGATHER, NO_RANK),
            Pattern::And => (pattern::AND, NO_RANK),
            Pattern::Alltoall => (pattern::ALLTOALL, NO_RANK),
            Pattern::Exchange => (pattern::EXCHANGE, NO_RANK),
        };
        let movement = Movement {
            pattern,
            root,
            bytes: start.bytes,
            send: start.send.start,
            send_stride: start.send.stride,
            receive: start.receive.start,
            receive_stride: start.receive.stride,
            send_places: start.send.places,
            receive_places: start.receive.places,
            skipped: start.send.skipped,
        };
        // SAFETY: the number is that of an end of the plugin, which is alive until `free`; the caller guarantees that the
        // memory of the movement stays until the request is gone.
        Request(unsafe { (self.table.start)(comm.0, &movement) })
    }

    fn test(&self, comm: Comm, request: Request) -> Result<Progress, Fault> {
        // SAFETY: the request was started on this communicator; unless pending it is gone, and is not asked for again.
        let outcome = unsafe { (self.table.test)(comm.0, request.0) };
        let is_complete = self.is_complete(comm, outcome)?;
        Ok(if is_complete { Progress::Complete } else { Progress::Waiting })
    }

    fn announce(&self, comm: Comm, request: Request) {
        // SAFETY: the request is pending on this end of the plugin, which is alive until `free`.
        unsafe { (self.table.announce)(comm.0, request.0) }
    }

    fn missing(&self, comm: Comm, request: Request) -> Vec<i32> {
        let mut ranks = vec![0; self.size(comm) as usize];
        // SAFETY: the request is pending on this end of the plugin, which is alive until `free`; the memory is writable for
        // its capacity.
        let count = unsafe { (self.table.missing)(comm.0, request.0, ranks.as_mut_ptr(), ranks.len()) };
        ranks.truncate(count);
        ranks
    }

    fn abandon(&self, comm: Comm, request: Request, reason: &str) {
        // SAFETY: the request is pending on this end of the plugin, which is alive until `free`, and is not used again; the
        // reason has as many bytes as are said.
        unsafe { (self.table.abandon)(comm.0, request.0, reason.as_ptr(), reason.len()) }
    }
}

impl Packets for Plugin {
    fn packet_limits(&self, _comm: Comm) -> PacketLimits {
        PacketLimits { longest: PACKET, longest_part: PART }
    }

    fn post(&self, comm: Comm, to: i32, parts: [&[u8]; 2], urgent: bool) -> Result<bool, Fault> {
        let parts = parts.map(|part| Part { start: part.as_ptr(), bytes: part.len() });
        // SAFETY: the number is that of an end of the plugin, which is alive until `free`; there are two parts, readable
        // for as many bytes as are said.
        let outcome = unsafe { (self.table.post)(comm.0, to, parts.as_ptr(), urgent.into()) };
        self.is_complete(comm, outcome)
    }

    fn collect(&self, comm: Comm, take: &mut dyn FnMut(i32, &[u8])) -> Result<(), Fault> {
        let (mut from, mut packet) = (0, Part { start: std::ptr::null(), bytes: 0 });
        // SAFETY: the number is that of an end of the plugin, which is alive until `free`, and both places are writable.
        // One mailbox collects for an end, so that nobody else does meanwhile.
        while self.is_complete(comm, unsafe { (self.table.collect)(comm.0, &mut from, &mut packet) })? {
            // SAFETY: a packet has so many bytes, which stay until the next is collected.
            take(from, unsafe { std::slice::from_raw_parts(packet.start, packet.bytes) });
        }
        Ok(())
    }

    fn departed(&self, comm: Comm) -> Result<Vec<i32>, Fault> {
        let (mut ranks, mut count) = (vec![0; self.size(comm) as usize], 0);
        // SAFETY: the number is that of an end of the plugin, which is alive until `free`; the memory is writable for its
        // capacity, and the count has a place.
        let outcome = unsafe { (self.table.departed)(comm.0, ranks.as_mut_ptr(), ranks.len(), &mut count) };
        self.is_complete(comm, outcome)?;
        ranks.truncate(count);
        Ok(ranks)
    }
}

impl RemoteMemory for Plugin {
    unsafe fn read(
        &self,
        comm: Comm,
        from: i32,
        address: u64,
        target: *mut u8,
        bytes: usize,
    ) -> Result<(), Fault> {
        let remote =
            self.table.remote.expect("`remote_memory` gives the memory where there is a table for it");
        // SAFETY: the number is that of an end of the plugin, which is alive until `free`; the caller guarantees that `target` is
        // writable for `bytes` bytes.
        let outcome = unsafe { (remote.read)(comm.0, from, address, target, bytes) };
        self.is_complete(comm, outcome).map(|_| ())
    }
}

impl Transport for Plugin {
    fn capabilities(&self) -> Capabilities {
        Capabilities { shares_address_space: false, is_of_mpi: true, tells_of_progress: false }
    }

    fn remote_memory(&self) -> Option<&dyn RemoteMemory> {
        self.table.remote.map(|_| self as &dyn RemoteMemory)
    }
}

/// An end of the plugin, with its communicator of MPI.
struct End {
    plugin: Arc<Plugin>,
    comm: Comm,
}

impl FreedTogether for End {
    fn is_sound(&self) -> bool {
        // SAFETY: the table is the plugin's; the end is alive until `free` has said that it is gone.
        unsafe { (self.plugin.table.is_sound)(self.comm.0) != 0 }
    }

    fn free(&mut self) -> bool {
        // SAFETY: the end is alive until this has said that it is gone, and is not asked for again; all ranks have left it.
        unsafe { (self.plugin.table.free)(self.comm.0) != outcome::PENDING }
    }
}

/// What the plugin calls when the process ends.
extern "C" fn leave_all() {
    super::leave_all();
}

/// What the plugin calls when a user frees a communicator, of whose copy this is the end.
extern "C" fn has_released_all(end: u64) -> i32 {
    super::base::has_released_all(Comm(end)).into()
}

/// What the plugin calls after that, where all ranks have let go of everything.
extern "C" fn free_all(end: u64) {
    super::base::free_all(Comm(end));
}

/// A code of the plugin and its explanation.
#[derive(Debug)]
pub(super) struct Failure {
    /// One of MPI's, or of `dtl_plugin_abi::refusal`.
    pub(super) code: i32,
    pub(super) text: String,
}

/// Reads a text from a function that writes it.
fn read(write: impl FnOnce(*mut u8, usize) -> usize) -> String {
    /// More than any library's longest text.
    const CAPACITY: usize = 8192;
    let mut text = vec![0; CAPACITY];
    let length = write(text.as_mut_ptr(), text.len());
    text.truncate(length);
    String::from_utf8_lossy(&text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use dtl_plugin_abi::{FLAVORS, RemoteTable};
    use std::mem::MaybeUninit;

    /// A plugin of which nothing but the memory of other ranks may be used.
    fn plugin(remote: Option<&'static RemoteTable>) -> Plugin {
        extern "C" fn absent() {
            std::process::abort();
        }
        let mut table = Box::new(MaybeUninit::<Table>::uninit());
        let words = size_of::<Table>() / size_of::<extern "C" fn()>();
        // SAFETY: the table is a number of words: two halves of one that may be anything, then addresses of functions, which
        // `absent` is whatever it is called with, and last the table for memory.
        let table = unsafe {
            let start = table.as_mut_ptr();
            (0..words).for_each(|word| start.cast::<extern "C" fn()>().add(word).write(absent));
            (&raw mut (*start).remote).write(remote);
            Box::leak(table).assume_init_ref()
        };
        Plugin { table, library: Library { path: PathBuf::new(), flavor: &FLAVORS[0] } }
    }

    /// Reads what stands for the memory of two ranks, whose addresses begin with 0.
    unsafe extern "C" fn read(_end: u64, from: i32, address: u64, target: *mut u8, bytes: usize) -> i32 {
        let memory = [[1_u8, 2, 3, 4], [5, 6, 7, 8]];
        let found = &memory[from as usize][address as usize..][..bytes];
        // SAFETY: the caller guarantees that `target` is writable for `bytes` bytes.
        unsafe { target.copy_from_nonoverlapping(found.as_ptr(), bytes) };
        outcome::COMPLETE
    }

    #[test]
    fn memory_of_other_ranks_is_reached_through_the_table_for_it() {
        let with_memory = plugin(Some(&RemoteTable { read }));
        let memory = with_memory.remote_memory().expect("the plugin has a table for it");
        let mut target = [0; 2];
        // SAFETY: the target has room for two bytes.
        unsafe { memory.read(Comm(7), 1, 1, target.as_mut_ptr(), target.len()) }.unwrap();
        assert_eq!(target, [6, 7]);
        assert!(plugin(None).remote_memory().is_none());
    }
}
