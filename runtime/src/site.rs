//! Where a rank runs: on which machine, CPU and GPU. The ranks of a new context tell each other (`comm/mpi`), and each process keeps what
//! it has heard.

use dtl_types::constants::NO_DEVICE;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What a rank knows of the place where it runs. Ranks send it to each other as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(C)]
pub(crate) struct Site {
    /// A number that no two machines have in common.
    pub(crate) machine: [u8; 16],
    /// The rank in the job; negative if it is not known.
    pub(crate) rank: i32,
    /// The first CPU on which it may run; -1 if the system does not tell.
    pub(crate) cpu: i32,
    pub(crate) gpu: i32,
}

impl Site {
    /// That of this process.
    pub(crate) fn here(rank: Option<i32>) -> Self {
        Site {
            machine: machine(),
            rank: rank.unwrap_or(-1),
            cpu: first_cpu(&read("/proc/self/status")).unwrap_or(-1),
            gpu: NO_DEVICE,
        }
    }
}

/// The sites of the job's ranks, as far as they are known; none before the first context of several processes.
static SITES: Mutex<Vec<Option<Site>>> = Mutex::new(Vec::new());

/// Those that are known, by the rank in the job.
pub(crate) fn known() -> MutexGuard<'static, Vec<Option<Site>>> {
    SITES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Adds what the ranks of a new context have told each other, in a job of so many processes.
pub(crate) fn remember(processes: i32, sites: &[Site]) {
    let mut known = known();
    known.resize(processes.max(0) as usize, None);
    for site in sites {
        if let Some(place) = usize::try_from(site.rank).ok().and_then(|rank| known.get_mut(rank)) {
            *place = Some(*site);
        }
    }
}

/// The number that the system gave itself when it started, or one made of the machine's name.
fn machine() -> [u8; 16] {
    let boot: String =
        read("/proc/sys/kernel/random/boot_id").chars().filter(char::is_ascii_hexdigit).collect();
    let number = u128::from_str_radix(&boot, 16).unwrap_or_else(|_| {
        let name = read("/proc/sys/kernel/hostname");
        name.bytes().fold(1, |number: u128, byte| number.wrapping_mul(0x100_0000_01b3) ^ u128::from(byte))
    });
    number.to_le_bytes()
}

/// The first CPU in the list that the system keeps of a process, such as `4-7,12`.
fn first_cpu(status: &str) -> Option<i32> {
    let list = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"))?;
    list.trim().split(['-', ',']).next()?.parse().ok()
}

/// A file of the system; empty where there is none.
fn read(file: &str) -> String {
    std::fs::read_to_string(file).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_the_cpus_is_found() {
        let status = |list: &str| {
            format!("Name:\tdtl\nCpus_allowed:\tff\nCpus_allowed_list:\t{list}\nMems_allowed:\t1\n")
        };
        for (list, first) in [("0-7", 0), ("5", 5), ("12,14", 12), ("4-7,12", 4)] {
            assert_eq!(first_cpu(&status(list)), Some(first));
        }
        assert_eq!(first_cpu("Name:\tdtl\n"), None);
    }

    #[test]
    fn this_machine_has_a_number_and_a_cpu_for_this_process() {
        assert_eq!(machine(), machine());
        assert_ne!(machine(), [0; 16]);
        assert!(Site::here(None).cpu >= 0);
    }
}
