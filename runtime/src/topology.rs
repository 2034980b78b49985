//! Where the ranks of the job run: on which machine, CPU and GPU. Contexts of the job's processes bring the sites of their ranks with
//! them when they are made (`comm/mpi` calls `remember`); whoever asks later is answered from this process's memory, and waits
//! for nobody.

use crate::comm::mpi;
use crate::error::{Error, Result};
use dtl_types::Status;
use dtl_types::constants::NO_DEVICE;
use std::sync::{Mutex, PoisonError};

/// What a rank knows of the place where it runs. Ranks send it to each other as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(C)]
pub(crate) struct Site {
    /// A number that no two machines have in common.
    machine: [u8; 16],
    /// The rank in the job; negative if it is not known.
    rank: i32,
    /// The first CPU on which it may run; -1 if the system does not tell.
    cpu: i32,
    gpu: i32,
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

/// Adds what the ranks of a new context have told each other, in a job of so many processes.
pub(crate) fn remember(processes: i32, sites: &[Site]) {
    let mut known = SITES.lock().unwrap_or_else(PoisonError::into_inner);
    known.resize(processes.max(0) as usize, None);
    for site in sites {
        if let Some(place) = usize::try_from(site.rank).ok().and_then(|rank| known.get_mut(rank)) {
            *place = Some(*site);
        }
    }
}

/// The number of CPUs of this machine.
pub fn num_cpus() -> Result<i32> {
    // SAFETY: it only reads a number.
    let number = unsafe { libc::sysconf(libc::_SC_NPROCESSORS_ONLN) };
    Ok(i32::try_from(number).unwrap_or(1).max(1))
}

/// The number of GPUs of this machine that dtl can use: this build has none.
pub fn num_gpus() -> Result<i32> {
    Ok(0)
}

/// The first CPU on which a rank may run.
pub fn cpu_affinity(rank: i32) -> Result<i32> {
    Ok(site("rank", rank)?.cpu)
}

/// The GPU of a rank.
pub fn gpu_id(rank: i32) -> Result<i32> {
    Ok(site("rank", rank)?.gpu)
}

/// Whether two ranks run on one machine.
pub fn is_local(rank_a: i32, rank_b: i32) -> Result<bool> {
    Ok(site("rank_a", rank_a)?.machine == site("rank_b", rank_b)?.machine)
}

/// The number of a rank's machine.
pub fn node_id(rank: i32) -> Result<i32> {
    site("rank", rank)?;
    let up_to_it: Vec<Site> = (0..=rank).map(|rank| site("rank", rank)).collect::<Result<_>>()?;
    Ok(node(&up_to_it))
}

/// The number of the last one's machine, where machines are counted by the first rank on each.
fn node(sites: &[Site]) -> i32 {
    let mut machines: Vec<[u8; 16]> = Vec::new();
    for site in sites {
        if !machines.contains(&site.machine) {
            machines.push(site.machine);
        }
    }
    let last = sites.last().map(|site| site.machine);
    machines.iter().position(|machine| Some(*machine) == last).unwrap_or_default() as i32
}

/// The site of the rank that was passed as the argument `name`.
fn site(name: &str, rank: i32) -> Result<Site> {
    let known = SITES.lock().unwrap_or_else(PoisonError::into_inner);
    if known.is_empty() && !mpi::world_has_others() {
        return look_up(&[Some(Site::here(Some(0)))], name, rank);
    }
    look_up(&known, name, rank)
}

fn look_up(known: &[Option<Site>], name: &str, rank: i32) -> Result<Site> {
    let place = usize::try_from(rank).ok().and_then(|rank| known.get(rank));
    match place {
        Some(Some(site)) => Ok(*site),
        None if !known.is_empty() => Err(Error::new(
            Status::InvalidRank,
            format!(
                "{name} is {rank}, but the job has {} processes; pass a rank from 0 on and below that",
                known.len()
            ),
        )),
        _ => Err(Error::new(
            Status::InvalidState,
            format!(
                "{name} is {rank}, and where that runs is not known yet; make a context of all processes of the job first, as \
                 the ranks tell each other then"
            ),
        )),
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

    fn on_machines(machines: &[u8]) -> Vec<Site> {
        let site =
            |(rank, machine): (i32, &u8)| Site { machine: [*machine; 16], rank, cpu: 0, gpu: NO_DEVICE };
        (0..).zip(machines).map(site).collect()
    }

    #[test]
    fn machines_are_counted_by_the_first_rank_on_each() {
        let sites = on_machines(&[7, 3, 7, 9, 3]);
        let nodes: Vec<i32> = (1..=sites.len()).map(|count| node(&sites[..count])).collect();
        assert_eq!(nodes, [0, 1, 0, 2, 1]);
    }

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
    fn ranks_that_do_not_exist_and_ranks_that_are_not_known_are_told_apart() {
        let mut known: Vec<Option<Site>> = on_machines(&[1, 1, 2]).into_iter().map(Some).collect();
        known[1] = None;
        assert_eq!(look_up(&known, "rank", 2).map(|site| site.rank), Ok(2));
        for (known, rank, status) in [
            (known.as_slice(), 1, Status::InvalidState),
            (known.as_slice(), 3, Status::InvalidRank),
            (known.as_slice(), -1, Status::InvalidRank),
            (&[], 0, Status::InvalidState),
        ] {
            let error = look_up(known, "rank", rank).unwrap_err();
            assert_eq!(error.status(), status, "{rank}: {error}");
            assert!(error.message().starts_with(&format!("rank is {rank}")), "{error}");
        }
    }

    #[test]
    fn this_machine_has_a_number_and_cpus() {
        assert_eq!(machine(), machine());
        assert_ne!(machine(), [0; 16]);
        assert!(num_cpus().unwrap() >= 1);
        assert!(Site::here(None).cpu < num_cpus().unwrap().max(1024));
    }
}
