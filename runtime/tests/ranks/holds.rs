//! What only all ranks together can free: each lets go when it likes, and all free it at the next agreed point, once, in one order.

use crate::ranks::{on_ranks, on_threads, same_error, settings};
use dtl::comm::Settings;
use dtl::comm::hold::{FreedTogether, Hold};
use dtl::{Call, Context, Error, Operation, Result, Status, Wait};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// The numbers of what this rank has freed, in the order in which it has.
#[derive(Debug, Clone, Default)]
struct Freed(Arc<Mutex<Vec<i32>>>);

/// This rank's part of something with a number.
struct Part {
    number: i32,
    freed: Freed,
    /// How often freeing it has to be gone on with.
    steps: u32,
}

impl FreedTogether for Part {
    fn free(&mut self) -> bool {
        self.steps -= 1;
        if self.steps == 0 {
            self.freed.0.lock().unwrap().push(self.number);
        }
        self.steps == 0
    }
}

impl Freed {
    fn numbers(&self) -> Vec<i32> {
        self.0.lock().unwrap().clone()
    }

    fn part(&self, number: i32) -> Box<dyn FreedTogether> {
        Box::new(Part { number, freed: self.clone(), steps: 1 + number as u32 % 3 })
    }

    /// Makes something with this number together with all ranks.
    fn make(&self, context: &Context, number: i32) -> Arc<Hold> {
        make(context, || Ok(self.part(number))).unwrap()
    }
}

fn make(context: &Context, part: impl FnOnce() -> Result<Box<dyn FreedTogether>>) -> Result<Arc<Hold>> {
    Call::new(context, Operation::ContextDup).hold(part).wait()
}

/// What all ranks have let go is freed here.
fn agreed_point(context: &Context) {
    context.dup().unwrap();
}

const STEPS: i32 = 6;
const MADE: i32 = 40;

/// The step in which a rank lets go of something, if ever.
fn step(rank: i32, number: i32) -> Option<i32> {
    (number % 10 != 9 || rank != 1).then_some((number * 7 + rank * (number % 4)) % STEPS)
}

#[test]
fn what_all_have_let_go_is_freed_once_and_in_the_order_of_its_making() {
    for size in [1, 2, 4] {
        on_ranks(size, |context| {
            let (rank, freed) = (context.rank(), Freed::default());
            let mut holds: Vec<_> =
                (0..MADE).map(|number| (number, Some(freed.make(context, number)))).collect();
            // Each rank lets go in an order of its own, and on any thread.
            holds.rotate_left(rank as usize * 5);
            let mut expected = Vec::new();
            for now in 0..STEPS {
                for (number, hold) in holds.iter_mut().filter(|(number, _)| step(rank, *number) == Some(now))
                {
                    let hold = hold.take();
                    match *number % 2 {
                        0 => drop(hold),
                        _ => std::thread::spawn(|| drop(hold)).join().unwrap(),
                    }
                }
                assert_eq!(freed.numbers(), expected, "nothing is freed between agreed points");
                agreed_point(context);
                // The step in which the last rank has let go.
                let last =
                    |number: &i32| (0..size).map(|rank| step(rank, *number)).collect::<Option<Vec<_>>>();
                expected.extend(
                    (0..MADE).filter(|number| last(number).is_some_and(|all| all.iter().max() == Some(&now))),
                );
                assert_eq!(freed.numbers(), expected, "rank {rank} after step {now}");
            }
            let never = if size == 1 { 0 } else { MADE / 10 };
            assert_eq!(expected.len() as i32, MADE - never);
        });
    }
}

#[test]
fn more_than_one_round_tells_of_are_freed_at_the_next_points() {
    const KEPT: i32 = 800;
    on_ranks(2, |context| {
        let freed = Freed::default();
        let mut holds: Vec<_> = (0..KEPT + 100).map(|number| freed.make(context, number)).collect();
        holds.truncate(if context.rank() == 0 { KEPT as usize } else { 0 });
        (0..2).for_each(|_| agreed_point(context));
        assert!(freed.numbers().into_iter().eq(KEPT..KEPT + 100), "{:?}", freed.numbers());
        drop(holds);
        (0..2).for_each(|_| agreed_point(context));
        let mut all = freed.numbers();
        all.sort_unstable();
        assert!(all.into_iter().eq(0..KEPT + 100));
    });
}

#[test]
fn what_one_rank_could_not_make_is_held_by_nobody() {
    on_ranks(3, |context| {
        let freed = Freed::default();
        let part = || match context.rank() {
            2 => Err(Error::new(Status::OutOfMemory, "there is no more")),
            _ => Ok(freed.part(0)),
        };
        let error = same_error(context, make(context, part));
        assert_eq!((error.status(), error.rank()), (Status::OutOfMemory, Some(2)));
        drop(freed.make(context, 1));
        agreed_point(context);
        assert_eq!(freed.numbers(), [1], "the others' parts of what could not be made stay");
    });
}

#[test]
fn a_context_is_freed_with_all_that_was_made_in_it() {
    on_ranks(4, |context| {
        let freed = Freed::default();
        let half = context.split(context.rank() % 2, 0).unwrap().unwrap();
        let copy = half.dup().unwrap();
        let (of_half, of_copy) = (freed.make(&half, 0), freed.make(&copy, 1));
        drop(half);
        agreed_point(context);
        drop(of_half);
        agreed_point(context);
        copy.close().unwrap();
        drop(copy);
        agreed_point(context);
        assert_eq!(freed.numbers(), [], "the last one is held");
        if context.rank() != 3 {
            drop(of_copy);
            agreed_point(context);
            assert_eq!(freed.numbers(), [], "rank 3 holds the last one");
            agreed_point(context);
        } else {
            agreed_point(context);
            drop(of_copy);
            agreed_point(context);
        }
        assert_eq!(freed.numbers(), [1, 0], "the copy was made first");
    });
}

#[test]
fn nothing_is_freed_where_ranks_have_left() {
    on_ranks(3, |context| {
        let (copy, freed) = (context.dup().unwrap(), Freed::default());
        let holds = [freed.make(&copy, 0), freed.make(&copy, 1)];
        let [first, second] = holds;
        drop(first);
        if context.rank() == 1 {
            copy.close().unwrap();
        } else {
            assert_eq!(copy.dup().unwrap_err().status(), Status::RankFailure);
        }
        assert_eq!(freed.numbers(), []);
        drop((copy, second));
        agreed_point(context);
        let counts = dtl::allgather(context, &[freed.numbers().len() as i32]).unwrap();
        // Where a transport has messages under way that nobody will receive, nobody may free what they are on.
        assert!(counts == [0; 3] || counts == [2; 3], "{counts:?}");
    });
}

#[test]
fn freeing_that_does_not_end_holds_nobody_up_for_ever() {
    const LIMIT: Duration = Duration::from_secs(5);
    // As threads, since processes that are not needed wait for those that are.
    on_threads(2, Settings { timeout: LIMIT, ..settings() }, |context| {
        let freed = Freed::default();
        let endless = Part { number: 0, freed: freed.clone(), steps: u32::MAX };
        let holds = [make(context, || Ok(Box::new(endless))).unwrap(), freed.make(context, 1)];
        drop(holds);
        let start = Instant::now();
        agreed_point(context);
        assert!(start.elapsed() >= LIMIT / 2);
        assert_eq!(freed.numbers(), [1]);
        agreed_point(context);
        assert_eq!(freed.numbers(), [1], "it is given up");
    });
}
