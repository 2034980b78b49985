//! A program that uses a bit of everything, in steps that do not need each other. Where a step succeeds its result is right.

use dtl::array::Array;
use dtl::{
    Call, Context, Dtype, DynRequest, HaloBoundary, Map, Operation, PartitionPolicy, ReduceOp, Result,
    Stencil, Tensor, TensorOptions, VecOutput, Vector, VectorOptions, collectives, constants, ops,
};

/// A step on one rank.
pub type Step = fn(&Context) -> Result<()>;

/// The steps, in their order.
pub const STEPS: &[(&str, Step)] = &[
    ("barrier", |context| context.barrier()),
    ("small reduction", |context| reduction(context, 3)),
    ("large reduction", |context| reduction(context, 5000)),
    ("rooted", rooted),
    ("scans", scans),
    ("parts", parts),
    ("varying", varying),
    ("groups", groups),
    ("requests", requests),
    ("messages", exchanged_messages),
    ("vector", vector),
    ("redistribution", redistribution),
    ("sorting", sorting),
    ("halo", halo),
    ("tensor", tensor),
    ("map", map),
    ("last barrier", |context| context.barrier()),
];

/// What a container of this size holds: at each index, the index.
fn counted(context: &Context, size: u64, partition: PartitionPolicy) -> Result<Vector<i64>> {
    let options = VectorOptions { partition, ..VectorOptions::default() };
    let mut vector = Vector::with_options(context, size, options)?;
    let indices = vector.global_indices()?;
    vector.local_view_mut().copy_from_slice(&indices);
    Ok(vector)
}

fn ranks(context: &Context) -> i64 {
    context.size().into()
}

fn rank(context: &Context) -> i64 {
    context.rank().into()
}

fn reduction(context: &Context, count: usize) -> Result<()> {
    let sums = dtl::allreduce(context, &vec![rank(context) + 1; count], ReduceOp::Sum)?;
    assert_eq!(sums, vec![ranks(context) * (ranks(context) + 1) / 2; count]);
    Ok(())
}

fn rooted(context: &Context) -> Result<()> {
    for count in [2, 4000] {
        let mut values = vec![rank(context); count];
        dtl::broadcast(context, &mut values, 1)?;
        assert_eq!(values, vec![1; count]);
        if let Some(all) = dtl::gather(context, &values, 0)? {
            assert_eq!(all, vec![1; 3 * count]);
        }
        let rows = context.is_root().then(|| vec![7; 3 * count]);
        assert_eq!(dtl::scatter(context, rows.as_deref(), 0)?, vec![7; count]);
    }
    Ok(())
}

fn scans(context: &Context) -> Result<()> {
    for count in [1, 3000] {
        assert_eq!(
            dtl::scan(context, &vec![2i64; count], ReduceOp::Sum)?,
            vec![2 * rank(context) + 2; count]
        );
        assert_eq!(dtl::exscan(context, &vec![2i64; count], ReduceOp::Sum)?, vec![2 * rank(context); count]);
    }
    Ok(())
}

fn parts(context: &Context) -> Result<()> {
    for count in [1, 2000] {
        let rows = vec![rank(context); 3 * count];
        let sent: Vec<i64> = (0..3).flat_map(|from| vec![from; count]).collect();
        assert_eq!(dtl::alltoall(context, &rows)?, sent);
        assert_eq!(dtl::reduce_scatter(context, &rows, ReduceOp::Sum)?, vec![3; count]);
        assert_eq!(dtl::allgather(context, &rows)?.len(), 9 * count);
    }
    Ok(())
}

fn varying(context: &Context) -> Result<()> {
    let own = vec![rank(context); 1 + 500 * context.rank() as usize];
    let wanted: Vec<i64> = (0..3).flat_map(|from| vec![from; 1 + 500 * from as usize]).collect();
    assert_eq!(dtl::allgatherv(context, &own, None, None)?, wanted);
    let counts = [1, 2, 3].map(|count| count * 100);
    let sent = vec![rank(context); 600];
    let got = dtl::alltoallv(context, &sent, Some(&counts), None, None, None)?;
    assert_eq!(got.len() as i64, 300 * (rank(context) + 1));
    Ok(())
}

fn groups(context: &Context) -> Result<()> {
    let twin = context.dup()?;
    let half = twin.split(context.rank() % 2, 0)?.expect("every rank has a colour");
    let sum = dtl::allreduce(&half, &[1i64], ReduceOp::Sum)?;
    assert_eq!(sum, [if context.rank() == 1 { 1 } else { 2 }]);
    twin.barrier()
}

/// Issues the sum over all ranks of arrays of ones.
fn issued_sum(context: &Context, count: usize) -> DynRequest {
    let on = context.clone();
    let sum = async move {
        let (values, shape) = (vec![1i64; count], [count]);
        let data = Array::from_slice(&values, &shape)?;
        let mut call = Call::new(&on, Operation::Allreduce);
        call.op(ReduceOp::Sum).dtype(Dtype::Int64).shape(&data);
        let mut output = VecOutput::<i64>::new();
        collectives::allreduce(&call, data, ReduceOp::Sum, &mut output).await?;
        Ok(output.into_vec())
    };
    // SAFETY: the future owns all that it uses.
    unsafe { DynRequest::issue(context, Operation::Allreduce, sum) }
}

fn requests(context: &Context) -> Result<()> {
    let issued = [1, 3000, 2].map(|count| (issued_sum(context, count), count));
    for (request, count) in issued.into_iter().rev() {
        request.wait(None)?;
        assert_eq!(request.take::<Vec<i64>>(), Some(vec![ranks(context); count]));
    }
    Ok(())
}

fn exchanged_messages(context: &Context) -> Result<()> {
    let (next, last) = ((context.rank() + 1) % context.size(), (context.rank() + 2) % context.size());
    for count in [1, 50_000] {
        let (mine, shape) = (vec![rank(context); count], [count]);
        let data = Array::from_slice(&mine, &shape)?;
        let mut output = VecOutput::<i64>::new();
        ops::sendrecv(context, data, next, 3, last, 3, &mut output)?;
        assert_eq!(output.into_vec(), vec![i64::from(last); count]);
        let mut output = VecOutput::<i64>::new();
        if context.is_root() {
            ops::ssend(context, data, 1, 4)?;
        } else if context.rank() == 1 {
            let from = constants::ANY_SOURCE;
            ops::recv(context, from, constants::ANY_TAG, &mut output)?;
            assert_eq!(output.into_vec(), vec![0; count]);
        }
    }
    // Not all ranks have sent or received the last one, so that all have an error where one has.
    context.barrier()
}

fn vector(context: &Context) -> Result<()> {
    let mut vector = counted(context, 1000, PartitionPolicy::Block)?;
    assert_eq!((vector.sum()?, vector.max()?), (499_500, 999));
    assert_eq!(vector.get(990, 10, 1)?, (990..1000).collect::<Vec<i64>>());
    vector.set(0, 3, &[5, 5, 5], 1)?;
    if let Some(all) = vector.gather_to(2)? {
        assert_eq!(all[..4], [5, 5, 5, 3]);
    }
    vector.resize(100)?;
    assert_eq!(vector.sum()?, 4950 + 12);
    vector.from_global((context.rank() == 1).then_some(&[1; 100]), 1)?;
    assert_eq!(vector.sum()?, 100);
    Ok(())
}

fn redistribution(context: &Context) -> Result<()> {
    let mut vector = counted(context, 2000, PartitionPolicy::Block)?;
    let mut copy = counted(context, 2000, PartitionPolicy::Cyclic)?;
    copy.fill(0)?;
    vector.copy(&mut copy)?;
    vector.redistribute(PartitionPolicy::Cyclic, 1)?;
    assert_eq!(vector.local_view(), copy.local_view());
    assert_eq!(vector.local_view(), vector.global_indices()?);
    Ok(())
}

fn sorting(context: &Context) -> Result<()> {
    let mut vector = counted(context, 3000, PartitionPolicy::Cyclic)?;
    vector.local_view_mut().iter_mut().for_each(|value| *value = (*value * 7) % 3000);
    vector.sort(false, true)?;
    assert_eq!(vector.local_view(), vector.global_indices()?);
    Ok(())
}

fn halo(context: &Context) -> Result<()> {
    let vector = counted(context, 30, PartitionPolicy::Block)?;
    // SAFETY: the slice of the vector is gone.
    let erased = unsafe { vector.erased() };
    let mut halo = ops::container_halo(erased, &[2], HaloBoundary::Periodic, Stencil::Box, None)?;
    halo.exchange()?;
    halo.begin()?;
    halo.end()
}

fn tensor(context: &Context) -> Result<()> {
    let options = TensorOptions { fill: Some(1.0), ..TensorOptions::default() };
    let mut tensor = Tensor::<f64>::with_options(context, &[12, 10], options)?;
    assert_eq!(tensor.sum()?, 120.0);
    tensor.redistribute(&[PartitionPolicy::Block], Some(&[1, 3]), &[1])?;
    assert_eq!(tensor.get(&[2, 3], &[4, 5], &[2, 1])?, vec![1.0; 20]);
    Ok(())
}

fn map(context: &Context) -> Result<()> {
    let mut map = Map::<i64, i64>::new(context)?;
    let keys: Vec<i64> = (0..50).map(|key| key * 3 + rank(context)).collect();
    map.insert(&keys, &keys)?;
    map.flush()?;
    let mut all = map.global_keys()?;
    all.sort_unstable();
    assert_eq!(all, (0..150).collect::<Vec<i64>>());
    assert_eq!(map.find(&[149, 0], None)?, [149, 0]);
    Ok(())
}
