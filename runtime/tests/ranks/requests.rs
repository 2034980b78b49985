//! Operations that have been issued and are waited for later, or never.

use crate::ranks::{on_ranks, on_threads, settings};
use dtl::array::Array;
use dtl::comm::Settings;
use dtl::{Call, Context, DynRequest, Operation, ReduceOp, Result, Status, VecOutput, collectives};
use dtl::{Dtype, allreduce, barrier, messages};
use std::sync::Barrier;
use std::time::{Duration, Instant};

/// Issues the sum of `values` over all ranks.
fn issue_sum(context: &Context, values: Vec<f64>) -> DynRequest {
    let on = context.clone();
    let sum = async move {
        let shape = [values.len()];
        let data = Array::from_slice(&values, &shape)?;
        let mut call = Call::new(&on, Operation::Allreduce);
        call.op(ReduceOp::Sum).dtype(Dtype::Float64).shape(&data);
        let mut output = VecOutput::<f64>::new();
        collectives::allreduce(&call, data, ReduceOp::Sum, &mut output).await?;
        Ok(output.into_vec())
    };
    // SAFETY: the future owns all that it uses.
    unsafe { DynRequest::issue(context, Operation::Allreduce, sum) }
}

fn result(request: &DynRequest) -> Result<Vec<f64>> {
    request.wait(None)?;
    Ok(request.take().expect("a request that is over has a result"))
}

/// The sum over `ranks` ranks of arrays that all have `value` times their rank plus one in each element.
fn sum(ranks: i32, value: f64) -> f64 {
    value * f64::from(ranks * (ranks + 1) / 2)
}

const LENGTHS: [usize; 4] = [0, 3, 1000, 300_000];

#[test]
fn results_are_those_of_blocking_calls_in_whatever_order_they_are_waited_for() {
    for ranks in [1, 2, 3, 5, 8] {
        on_ranks(ranks, |context| {
            let own = f64::from(context.rank() + 1);
            let second = context.dup().unwrap();
            let mut requests = Vec::new();
            for (number, length) in LENGTHS.iter().enumerate() {
                for (place, on) in [context, &second].into_iter().enumerate() {
                    let value = (10 * number + place + 1) as f64;
                    requests.push((issue_sum(on, vec![own * value; *length]), value, *length));
                }
                let blocking = allreduce(&second, &[own], ReduceOp::Sum).unwrap();
                assert_eq!(blocking, [sum(ranks, 1.0)]);
            }
            if context.rank() % 2 == 0 {
                requests.reverse();
            }
            for (request, value, length) in requests {
                assert_eq!(result(&request).unwrap(), vec![sum(ranks, value); length]);
                assert!(request.test().unwrap() && request.take::<Vec<f64>>().is_none());
            }
        });
    }
}

#[test]
fn a_test_returns_at_once_and_says_when_it_is_over() {
    let meeting = Barrier::new(2);
    on_threads(2, settings(), |context| {
        if context.rank() == 0 {
            let request = issue_sum(context, vec![1.0; 5000]);
            for _ in 0..100 {
                assert!(!request.test().unwrap());
            }
            let timeout = Duration::from_millis(20);
            let error = request.wait(Some(timeout)).unwrap_err();
            assert_eq!(error.status(), Status::Timeout);
            assert!(error.message().starts_with("allreduce is not over after 20ms"), "{error}");
            meeting.wait();
            while !request.test().unwrap() {
                std::thread::yield_now();
            }
            assert_eq!(result(&request).unwrap(), vec![3.0; 5000]);
        } else {
            meeting.wait();
            assert_eq!(result(&issue_sum(context, vec![2.0; 5000])).unwrap(), vec![3.0; 5000]);
        }
    });
}

#[test]
fn a_request_that_nobody_holds_completes() {
    on_ranks(3, |context| {
        for length in LENGTHS {
            drop(issue_sum(context, vec![1.0; length]));
        }
        assert_eq!(allreduce(context, &[2], ReduceOp::Sum).unwrap(), [6]);
    });
}

#[test]
fn ranks_that_do_not_agree_learn_of_it_where_they_wait() {
    on_ranks(3, |context| {
        let length = if context.rank() == 1 { 5 } else { 4 };
        let request = issue_sum(context, vec![1.0; length]);
        let after = issue_sum(context, vec![1.0]);
        for _ in 0..2 {
            let error = request.wait(None).unwrap_err();
            assert_eq!(error.status(), Status::CollectiveParticipation);
            assert!(
                error.message().contains("count differs between ranks: ranks 0,2 pass 4, rank 1 passes 5"),
                "{error}"
            );
        }
        assert_eq!(result(&after).unwrap(), [3.0]);
    });
}

#[test]
fn a_rank_that_never_comes_is_named_at_the_deadline() {
    let everybody_failed = Barrier::new(3);
    let short = Settings { timeout: Duration::from_secs(1), ..settings() };
    on_threads(3, short, |context| {
        barrier(context).unwrap();
        let start = Instant::now();
        if context.rank() != 2 {
            let error = issue_sum(context, vec![1.0]).wait(None).unwrap_err();
            assert_eq!(error.status(), Status::Timeout);
            assert!(error.message().contains("waited 1s for rank 2 and gave up"), "{error}");
        }
        everybody_failed.wait();
        assert!(start.elapsed() < Duration::from_secs(60));
    });
}

#[test]
fn closing_a_context_ends_what_is_not_over_on_all_ranks() {
    let closed = Barrier::new(2);
    on_threads(2, settings(), |context| {
        if context.rank() == 0 {
            let (request, next) = (issue_sum(context, vec![1.0]), issue_sum(context, vec![1.0]));
            context.close().unwrap();
            for request in [request, next] {
                let error = request.wait(None).unwrap_err();
                assert_eq!(error.status(), Status::Canceled);
                assert!(error.message().contains("closed before it was over"), "{error}");
            }
            closed.wait();
        } else {
            closed.wait();
            assert!(allreduce(context, &[1.0], ReduceOp::Sum).is_err());
        }
    });
}

#[test]
fn waiting_for_all_says_which_have_failed() {
    on_ranks(1, |context| {
        let requests = || (0..3).map(|tag| dtl::irecv::<u16>(context, 0, tag));
        dtl::send(context, &[7_u16], 0, 0).unwrap();
        dtl::send(context, &[7_u8], 0, 1).unwrap();
        dtl::send(context, &[8_u16], 0, 2).unwrap();
        let error = dtl::waitall(requests()).unwrap_err();
        assert_eq!(error.status(), Status::InvalidArgument);
        assert!(
            error.message().contains("requests[1] has failed: irecv: rank 0 sent 1 element of uint8"),
            "{error}"
        );
        assert_eq!(dtl::recv(context, 0, 1), Ok(vec![7_u8]));
        (0..3_u16).for_each(|tag| dtl::send(context, &[tag], 0, i32::from(tag)).unwrap());
        assert_eq!(dtl::waitall(requests()), Ok(vec![vec![0], vec![1], vec![2]]));
    });
}

#[test]
fn what_is_received_on_the_way_is_not_the_last_message_before_it_is_waited_for() {
    on_ranks(2, |context| {
        let copy = context.dup().unwrap();
        let large = vec![3_i64; 300_000];
        if context.rank() == 0 {
            let request = dtl::irecv::<i64>(&copy, 1, 5);
            // It goes on for as long as the other rank does not receive, after what it receives has come.
            assert_eq!(dtl::sendrecv(context, &large, 1, 1, 1, 2).unwrap(), [7]);
            assert_eq!(messages::last_received(context).unwrap().tag, 2);
            assert!(messages::last_received(&copy).is_err());
            assert_eq!(request.wait().unwrap(), [8, 9]);
            let last = messages::last_received(&copy).unwrap();
            assert_eq!((last.tag, last.count), (5, 2));
        } else {
            dtl::send(context, &[7_i64], 0, 2).unwrap();
            dtl::send(&copy, &[8_i64, 9], 0, 5).unwrap();
            std::thread::sleep(Duration::from_millis(50));
            assert_eq!(dtl::recv::<i64>(context, 0, 1).unwrap(), large);
        }
    });
}
