//! Memory that processes of one machine have in common: a file without a name, which one of them makes and the others find
//! through the system's table of its open files. It is gone when the last of them has unmapped it.

use std::fs::{File, OpenOptions};
use std::io::{self, Error};
use std::os::fd::{AsRawFd, FromRawFd};
use std::os::unix::fs::OpenOptionsExt;
use std::ptr;

/// A mapping of shared memory into this process, zero where nothing has been written.
#[derive(Debug)]
pub(crate) struct Segment {
    start: *mut u8,
    length: usize,
}

// SAFETY: the mapping belongs to the process, and any thread may use or unmap it.
unsafe impl Send for Segment {}
// SAFETY: a shared reference gives no more than the address of the mapping; whoever reads or writes there says why that is
// sound.
unsafe impl Sync for Segment {}

impl Segment {
    /// Memory for this process alone, for which the system need not find it.
    pub(crate) fn alone(length: usize) -> io::Result<Self> {
        Self::map_descriptor(-1, length, libc::MAP_ANONYMOUS)
    }

    /// Makes shared memory; gives it and the file through which others find it, for as long as that is open.
    pub(crate) fn create(length: usize) -> io::Result<(Self, File)> {
        // As a plain system call: the C libraries that wheels are for do not have the function yet.
        // SAFETY: the name is a C string; it is for humans.
        let descriptor =
            unsafe { libc::syscall(libc::SYS_memfd_create, c"dtl".as_ptr(), libc::MFD_CLOEXEC) } as i32;
        if descriptor < 0 {
            return Err(Error::last_os_error());
        }
        // SAFETY: the descriptor is new, and nobody else's.
        let file = unsafe { File::from_raw_fd(descriptor) };
        file.set_len(length as u64)?;
        Ok((Self::map(&file, length)?, file))
    }

    /// Maps the memory that another process has made, while it keeps the file open under this number.
    pub(crate) fn open(process: u32, descriptor: i32, length: usize) -> io::Result<Self> {
        let path = format!("/proc/{process}/fd/{descriptor}");
        // Another machine's process of that number may have anything open, even what cannot be opened without harm.
        let careful = libc::O_NONBLOCK | libc::O_NOCTTY;
        let file = OpenOptions::new().read(true).write(true).custom_flags(careful).open(path)?;
        if file.metadata()?.len() != length as u64 {
            return Err(io::ErrorKind::InvalidData.into());
        }
        Self::map(&file, length)
    }

    fn map(file: &File, length: usize) -> io::Result<Self> {
        Self::map_descriptor(file.as_raw_fd(), length, 0)
    }

    fn map_descriptor(descriptor: i32, length: usize, flags: i32) -> io::Result<Self> {
        let (access, flags) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_SHARED | flags);
        // SAFETY: a new mapping, of a file as long as the mapping or of none; it overlaps nothing.
        let start = unsafe { libc::mmap(ptr::null_mut(), length, access, flags, descriptor, 0) };
        if start == libc::MAP_FAILED {
            return Err(Error::last_os_error());
        }
        Ok(Segment { start: start.cast(), length })
    }

    /// Its first byte; pages are aligned for everything.
    pub(crate) fn start(&self) -> *mut u8 {
        self.start
    }
}

impl Drop for Segment {
    fn drop(&mut self) {
        // SAFETY: the mapping was made by `map`, and whoever uses its bytes holds this value.
        unsafe { libc::munmap(self.start.cast(), self.length) };
    }
}
