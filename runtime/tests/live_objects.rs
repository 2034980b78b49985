//! Contexts, containers and environments are counted, and every one goes. Alone in its process, which has one count.

use dtl::{
    Context, Dtype, Environment, ExecutionPolicy, PartitionPolicy, PlacementPolicy, live_objects, ops,
};

#[test]
fn nothing_is_left_behind() {
    environments_are_counted_once();
    let base = live_objects();
    let context = Context::new().unwrap();
    let (partition, placement) = (PartitionPolicy::Block, PlacementPolicy::Host);
    let vector =
        ops::vector_create(&context, 10, Dtype::Int8, None, partition, placement, ExecutionPolicy::Seq, 0, 1)
            .unwrap();
    assert_eq!(live_objects(), base + 2);
    let view = ops::container_local_view(&vector).unwrap();
    drop(context);
    drop(vector);
    assert_eq!(live_objects(), base + 2, "the view keeps the vector, and the vector its context");
    drop(view);
    assert_eq!(live_objects(), base);
    drop(Context::threads(8).unwrap());
    assert_eq!(live_objects(), base);
}

fn environments_are_counted_once() {
    assert!(!Environment::is_initialized());
    let first = Environment::new().unwrap();
    let second = Environment::new().unwrap();
    assert_eq!(Environment::ref_count(), 2);
    let context = first.make_world_context(-1).unwrap();
    first.close().unwrap();
    first.close().unwrap();
    assert!(first.make_cpu_context().is_err());
    drop(first);
    assert_eq!(Environment::ref_count(), 1);
    drop(second);
    assert!(!Environment::is_initialized());
    assert!(context.is_valid(), "contexts live on without an environment");
    assert_eq!(context.size(), 1);
}
