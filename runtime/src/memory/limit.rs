//! How much memory of each kind containers may take in this process. Of the host's it is the machine's physical memory or the limit of the control group
//! (a batch job's, a container's), whichever is smaller. Asking for more is an error when it is asked for. Without this
//! the kernel would hand out the addresses and later kill the process that touches them.

use super::Kind;
use crate::error::{Error, Result};
use dtl_types::Status;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What is reserved of each kind of memory.
static RESERVED: [AtomicUsize; Kind::COUNT] = [const { AtomicUsize::new(0) }; Kind::COUNT];

/// A part of the allowed memory of a kind, given back on drop.
#[derive(Debug)]
pub(crate) struct Reservation {
    kind: Kind,
    pub(crate) bytes: usize,
}

impl Reservation {
    pub(crate) fn of(kind: Kind, bytes: usize) -> Result<Self> {
        let limit = limit(kind);
        let mut reserved = RESERVED[kind as usize].load(Ordering::Relaxed);
        while let Some(total) = reserved.checked_add(bytes).filter(|total| *total <= limit) {
            match RESERVED[kind as usize].compare_exchange_weak(
                reserved,
                total,
                Ordering::Relaxed,
                Ordering::Relaxed,
            ) {
                Ok(_) => return Ok(Reservation { kind, bytes }),
                Err(current) => reserved = current,
            }
        }
        Err(Error::new(
            Status::OutOfMemory,
            format!(
                "{bytes} bytes were asked for on this rank, but this process may use {limit} bytes in all and its \
                 containers hold {reserved} already; use a smaller size or more nodes"
            ),
        ))
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        RESERVED[self.kind as usize].fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// The number of bytes of this kind of memory that this process may use.
fn limit(kind: Kind) -> usize {
    match kind {
        // Guarded memory is as much as there would be of the host's.
        Kind::Host | Kind::Guarded => hosts_limit(),
    }
}

fn hosts_limit() -> usize {
    static LIMIT: OnceLock<usize> = OnceLock::new();
    *LIMIT.get_or_init(|| physical_memory().min(control_group_limit().unwrap_or(usize::MAX)))
}

fn physical_memory() -> usize {
    // SAFETY: sysconf only reads; an unknown quantity gives -1.
    let (pages, page) = unsafe { (libc::sysconf(libc::_SC_PHYS_PAGES), libc::sysconf(libc::_SC_PAGESIZE)) };
    if pages <= 0 || page <= 0 { usize::MAX } else { (pages as usize).saturating_mul(page as usize) }
}

/// The smallest limit of the control groups that this process is in.
fn control_group_limit() -> Option<usize> {
    let groups = std::fs::read_to_string("/proc/self/cgroup").ok()?;
    groups
        .lines()
        .filter_map(limit_file_folder)
        .flat_map(|(root, group, file)| limits(&root, &group, file))
        .min()
}

/// For a line of `/proc/self/cgroup`, the mount point, the group below it and the name of the file with the limit.
fn limit_file_folder(line: &str) -> Option<(PathBuf, PathBuf, &'static str)> {
    let mut fields = line.splitn(3, ':');
    let (_, controllers, group) = (fields.next()?, fields.next()?, fields.next()?);
    let group = PathBuf::from(group.trim_start_matches('/'));
    if controllers.is_empty() {
        Some(("/sys/fs/cgroup".into(), group, "memory.max"))
    } else if controllers.split(',').any(|controller| controller == "memory") {
        Some(("/sys/fs/cgroup/memory".into(), group, "memory.limit_in_bytes"))
    } else {
        None
    }
}

/// The limits of a group and all its ancestors; each of them binds.
fn limits(root: &Path, group: &Path, file: &str) -> Vec<usize> {
    group
        .ancestors()
        .filter_map(|folder| std::fs::read_to_string(root.join(folder).join(file)).ok())
        .filter_map(|text| text.trim().parse().ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_versions_of_control_groups_are_found() {
        let two = limit_file_folder("0::/job/step").unwrap();
        assert_eq!(two, ("/sys/fs/cgroup".into(), "job/step".into(), "memory.max"));
        let one = limit_file_folder("9:cpu,memory:/job").unwrap();
        assert_eq!(one, ("/sys/fs/cgroup/memory".into(), "job".into(), "memory.limit_in_bytes"));
        assert_eq!(limit_file_folder("3:cpuset:/job"), None);
    }

    #[test]
    fn every_ancestor_limits() {
        let root = std::env::temp_dir().join(format!("dtl-memory-limit-{}", std::process::id()));
        std::fs::create_dir_all(root.join("job/step")).unwrap();
        std::fs::write(root.join("job/memory.max"), "4096\n").unwrap();
        std::fs::write(root.join("job/step/memory.max"), "max\n").unwrap();
        assert_eq!(limits(&root, Path::new("job/step"), "memory.max"), [4096]);
        std::fs::remove_dir_all(root).unwrap();
    }

    #[test]
    fn the_sum_of_reservations_of_a_kind_is_limited() {
        let (half, most) = (limit(Kind::Guarded) / 2, limit(Kind::Guarded) / 4 * 3);
        let reserved = Reservation::of(Kind::Guarded, half).unwrap();
        assert!(Reservation::of(Kind::Guarded, most).is_err());
        drop(Reservation::of(Kind::Host, most).unwrap());
        drop(reserved);
    }
}
