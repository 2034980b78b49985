//! Where ranks run, asked by one of them alone.

use crate::ranks::{on_ranks, settings};
use dtl::constants::NO_DEVICE;
use dtl::{Status, groups};

#[test]
fn any_rank_knows_where_the_others_run() {
    let world = groups::create_with(None, NO_DEVICE, settings()).unwrap();
    on_ranks(2, |_| {
        // The tests start all processes on one machine.
        for rank in 0..world.size() {
            assert_eq!(dtl::topology_is_local(rank, world.rank()), Ok(true));
            assert_eq!(dtl::topology_node_id(rank), Ok(0));
            assert_eq!(dtl::topology_gpu_id(rank), Ok(NO_DEVICE));
            assert!(dtl::topology_cpu_affinity(rank).unwrap() >= 0);
        }
        let beyond = dtl::topology_node_id(world.size()).unwrap_err();
        assert_eq!(beyond.status(), Status::InvalidRank, "{beyond}");
    });
    let allowed = std::thread::available_parallelism().unwrap().get() as i32;
    assert!(dtl::topology_num_cpus().unwrap() >= allowed, "this process may use some of them");
    assert_eq!(dtl::topology_num_gpus(), Ok(0));
}
