//! Where the ranks of the job run, as programs ask for it. Contexts of the job's processes bring the sites of their ranks with them when
//! they are made (`site.rs`); whoever asks later is answered from this process's memory, and waits for nobody.

use crate::comm::mpi;
use crate::error::{Error, Result};
use crate::site::{self, Site};
use dtl_types::Status;

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
    let known = site::known();
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

#[cfg(test)]
mod tests {
    use super::*;
    use dtl_types::constants::NO_DEVICE;

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
}
