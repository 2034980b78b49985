//! What thousands of requests cost that cannot go on: nobody polls them. Polls are counted, as time says little on a machine that does
//! other work; alone in its process, as every wait in a process lets all its requests go on.

use dtl::array::Array;
use dtl::constants::{ANY_SOURCE, ANY_TAG};
use dtl::{Call, Context, Dtype, DynRequest, Operation, ReduceOp, VecOutput, collectives, messages};
use std::pin::pin;
use std::sync::Arc;
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

const MANY: i32 = 4000;
const LOOKS: usize = 200;
/// Far fewer than one in every look, and more than it takes to look at the deadlines of all now and then.
const MOST: usize = 20 * MANY as usize;

/// Issues an operation that gives numbers, and counts how often it is polled.
fn issue(
    context: &Context,
    operation: Operation,
    polls: &Arc<AtomicUsize>,
    run: impl AsyncFnOnce(&Context, &mut VecOutput<i32>) -> dtl::Result<()> + 'static,
) -> DynRequest {
    let (on, polls) = (context.clone(), polls.clone());
    let future = async move {
        let mut output = VecOutput::new();
        let running = async {
            let mut running = pin!(run(&on, &mut output));
            std::future::poll_fn(|task| {
                polls.fetch_add(1, Relaxed);
                running.as_mut().poll(task)
            })
            .await
        };
        running.await?;
        Ok(output.into_vec())
    };
    // SAFETY: the future owns all that it uses.
    unsafe { DynRequest::issue(context, operation, future) }
}

fn sum(context: &Context, polls: &Arc<AtomicUsize>, value: i32) -> DynRequest {
    issue(context, Operation::Iallreduce, polls, async move |context, output| {
        let values = [value];
        let data = Array::from_slice(&values, &[1])?;
        let mut call = Call::new(context, Operation::Iallreduce);
        call.op(ReduceOp::Sum).dtype(Dtype::Int32).shape(&data);
        collectives::allreduce(&call, data, ReduceOp::Sum, output).await
    })
}

fn message(context: &Context, polls: &Arc<AtomicUsize>, source: i32, tag: i32) -> DynRequest {
    issue(context, Operation::Irecv, polls, async move |context, output| {
        messages::recv(&Call::new(context, Operation::Irecv), source, tag, output).await
    })
}

fn results(requests: &[DynRequest]) -> Vec<i32> {
    let all: Vec<_> = requests.iter().cloned().map(Some).collect();
    dtl::request::waitall(&all, -1.0).unwrap();
    requests.iter().flat_map(|request| request.take::<Vec<i32>>().unwrap()).collect()
}

#[test]
fn requests_that_cannot_go_on_are_not_polled() {
    type Issue = fn(&Context, &Arc<AtomicUsize>, i32) -> DynRequest;
    let kinds: [(&str, Issue, i32); 4] = [
        ("sums", sum, 2),
        ("messages", |context, polls, tag| message(context, polls, 1, tag), 1),
        ("messages of any rank", |context, polls, tag| message(context, polls, ANY_SOURCE, tag), 1),
        ("messages with any tag", |context, polls, _| message(context, polls, 1, ANY_TAG), 1),
    ];
    for (kind, issue, times) in kinds {
        let [first, other] = Context::threads(2).unwrap().try_into().unwrap();
        // The other rank looks at nothing before this.
        let counted = Barrier::new(2);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let polls = Arc::new(AtomicUsize::new(0));
                let requests: Vec<_> = (0..MANY).map(|number| issue(&first, &polls, number)).collect();
                for _ in 0..LOOKS {
                    assert!(!requests[0].test().unwrap());
                }
                let polls = polls.load(Relaxed);
                counted.wait();
                assert!(polls < MOST, "{polls} polls of {MANY} {kind}");
                assert!(results(&requests).into_iter().eq((0..MANY).map(|number| times * number)));
            });
            scope.spawn(|| {
                counted.wait();
                let polls = Arc::new(AtomicUsize::new(0));
                let requests: Vec<_> = match times {
                    1 => {
                        let send = |number| dtl::isend(&other, vec![number], 0, number);
                        dtl::waitall((0..MANY).map(send)).unwrap();
                        Vec::new()
                    }
                    _ => (0..MANY).map(|number| sum(&other, &polls, number)).collect(),
                };
                results(&requests);
            });
        });
    }
}
