//! The launcher that started this process, as its environment variables tell.

use dtl_plugin_abi::Family;

/// A launcher and what it says about the job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Launcher {
    /// What users call it.
    pub(super) name: &'static str,
    /// Which of the processes this one is, from 0.
    pub(super) rank: i32,
    /// The number of processes that it started together.
    pub(super) size: i32,
    /// How many of them run on this machine, as far as it is known; otherwise all.
    pub(super) here: i32,
    /// The family of MPI libraries that it belongs to, if any.
    pub(super) family: Option<Family>,
    /// The variables from which rank and size are known.
    pub(super) variables: [&'static str; 2],
}

/// How a launcher is recognised: by its variable with the number of processes, if it also set the other one.
struct Sign {
    name: &'static str,
    size: &'static str,
    rank: &'static str,
    /// The variable with the number of processes on this machine, where there is one.
    here: Option<&'static str>,
    family: Option<Family>,
}

/// `SLURM_NTASKS` is no sign, as it is also set where `sbatch` runs a single process; nor is any `OMPI_` variable but this
/// one, as users set others for all their programs. Cray's PALS sets those of PMI.
const SIGNS: [Sign; 4] = [
    Sign {
        name: "Open MPI's mpirun",
        size: "OMPI_COMM_WORLD_SIZE",
        rank: "OMPI_COMM_WORLD_RANK",
        here: Some("OMPI_COMM_WORLD_LOCAL_SIZE"),
        family: Some(Family::OpenMpi),
    },
    Sign {
        name: "MPICH's mpiexec",
        size: "PMI_SIZE",
        rank: "PMI_RANK",
        here: Some("MPI_LOCALNRANKS"),
        family: Some(Family::Mpich),
    },
    Sign {
        name: "Slurm's srun",
        size: "SLURM_STEP_NUM_TASKS",
        rank: "PMIX_RANK",
        here: Some("SLURM_NTASKS_PER_NODE"),
        family: None,
    },
    Sign { name: "Flux", size: "FLUX_JOB_SIZE", rank: "FLUX_TASK_RANK", here: None, family: None },
];

impl Sign {
    fn launcher(&self, rank: i32, size: i32, here: i32) -> Launcher {
        Launcher { name: self.name, rank, size, here, family: self.family, variables: [self.rank, self.size] }
    }
}

/// Every launcher that is recognised, as it would be with two processes.
pub(super) fn all() -> impl Iterator<Item = Launcher> {
    SIGNS.iter().map(|sign| sign.launcher(0, 2, 2))
}

/// The launcher that set these variables.
pub(super) fn detect(variable: impl Fn(&str) -> Option<String>) -> Option<Launcher> {
    SIGNS.iter().find_map(|sign| {
        let rank = variable(sign.rank)?.parse().ok()?;
        let size = variable(sign.size)?.parse().ok()?;
        let here = sign.here.and_then(&variable).and_then(|here| here.parse().ok()).unwrap_or(size);
        Some(sign.launcher(rank, size, here))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(variables: &[(&str, &str)]) -> Option<(i32, i32, Option<Family>)> {
        let value = |name: &str| Some(variables.iter().find(|(known, _)| *known == name)?.1.to_owned());
        detect(value).map(|launcher| (launcher.rank, launcher.size, launcher.family))
    }

    #[test]
    fn launchers_are_told_by_their_variables() {
        let openmpi = [("OMPI_COMM_WORLD_SIZE", "4"), ("OMPI_COMM_WORLD_RANK", "1"), ("PMIX_RANK", "1")];
        assert_eq!(found(&openmpi), Some((1, 4, Some(Family::OpenMpi))));
        assert_eq!(found(&[("PMI_SIZE", "2"), ("PMI_RANK", "0")]), Some((0, 2, Some(Family::Mpich))));
        assert_eq!(found(&[("PMIX_RANK", "0"), ("SLURM_STEP_NUM_TASKS", "8")]), Some((0, 8, None)));
    }

    #[test]
    fn some_say_how_many_run_on_this_machine() {
        let variables = [("PMI_SIZE", "8"), ("PMI_RANK", "5"), ("MPI_LOCALNRANKS", "4")];
        let value = |name: &str| Some(variables.iter().find(|(known, _)| *known == name)?.1.to_owned());
        assert_eq!(detect(value).map(|launcher| launcher.here), Some(4));
        let silent = |name: &str| value(name).filter(|_| name != "MPI_LOCALNRANKS");
        assert_eq!(detect(silent).map(|launcher| launcher.here), Some(8));
    }

    #[test]
    fn variables_that_users_and_batch_systems_set_are_no_launcher() {
        assert_eq!(found(&[("OMPI_ALLOW_RUN_AS_ROOT", "1"), ("OMPI_MCA_btl", "self")]), None);
        assert_eq!(found(&[("SLURM_NTASKS", "8"), ("SLURM_PROCID", "0")]), None);
        assert_eq!(found(&[("PMI_SIZE", "2")]), None);
    }
}
