//! Collectives drawn at random over data types, operators, roots and shapes, and what a sequential program computes for them.
//! The oracle works on small integers, whose results every data type holds exactly or wraps in a known way.

use crate::arrays::{Place, Values};
use dtl::types::SpecEnum;
use dtl::{Call, Context, Dtype, DynRequest, Operation, ReduceOp, collectives, ops};
use std::ops::Range;
use std::sync::Arc;

/// A generator of random numbers that gives all ranks the same ones (Marsaglia 2003, "Xorshift RNGs").
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Random(0x9E37_79B9_7F4A_7C15 ^ (seed << 8))
    }

    pub fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) as usize % bound
    }

    pub fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }
}

/// One collective as all ranks know it.
pub struct Plan {
    pub operation: Operation,
    pub op: ReduceOp,
    pub root: i32,
    /// What each rank passes.
    inputs: Vec<Values>,
    /// What each rank passes as numbers.
    pub numbers: Vec<Vec<i64>>,
}

const OPERATIONS: [Operation; 11] = [
    Operation::Barrier,
    Operation::Allreduce,
    Operation::Reduce,
    Operation::Broadcast,
    Operation::Gather,
    Operation::Scatter,
    Operation::Allgather,
    Operation::Alltoall,
    Operation::ReduceScatter,
    Operation::Scan,
    Operation::Exscan,
];

/// Those that combine elements.
const REDUCING: [Operation; 5] =
    [Operation::Allreduce, Operation::Reduce, Operation::ReduceScatter, Operation::Scan, Operation::Exscan];

/// Those of whose array each rank gets a part.
const DIVIDING: [Operation; 3] = [Operation::Scatter, Operation::Alltoall, Operation::ReduceScatter];

/// The operators with a value that changes nothing.
const NEUTRAL: [ReduceOp; 10] = [
    ReduceOp::Sum,
    ReduceOp::Prod,
    ReduceOp::Min,
    ReduceOp::Max,
    ReduceOp::Land,
    ReduceOp::Lor,
    ReduceOp::Lxor,
    ReduceOp::Band,
    ReduceOp::Bor,
    ReduceOp::Bxor,
];

impl Plan {
    pub fn new(random: &mut Random, size: i32) -> Self {
        let operation = random.of(&OPERATIONS);
        let reduces = REDUCING.contains(&operation);
        let dtype = random.of(if reduces { Dtype::REDUCIBLE } else { Dtype::STORABLE });
        let defined: Vec<ReduceOp> = ReduceOp::VALUES
            .iter()
            .copied()
            .filter(|op| !matches!(op, ReduceOp::Minloc | ReduceOp::Maxloc) && op.dtypes().contains(&dtype))
            .filter(|op| operation != Operation::Exscan || NEUTRAL.contains(op))
            .collect();
        let op = if reduces { random.of(&defined) } else { ReduceOp::Sum };
        let mut shape: Vec<usize> = (0..random.below(4)).map(|_| random.of(&[0, 1, 2, 3, 5, 11])).collect();
        if random.below(16) == 0 {
            shape = vec![1000 + random.below(9)];
        }
        if DIVIDING.contains(&operation) {
            shape.insert(0, size as usize);
        }
        let count = shape.iter().product();
        let smallest = if Dtype::SIGNED.contains(&dtype) || Dtype::FLOAT.contains(&dtype) { -2 } else { 0 };
        // No product is a negative zero, which the integers of the oracle do not have.
        let zero = if op == ReduceOp::Prod && smallest < 0 { 3 } else { 0 };
        let mut number = || match smallest + random.below(5) as i64 {
            0 => zero,
            other => other,
        };
        let mut draw = || (0..count).map(|_| number()).collect::<Vec<i64>>();
        let numbers: Vec<Vec<i64>> = (0..size).map(|_| draw()).collect();
        let inputs = numbers.iter().map(|numbers| Values::of(dtype, &shape, numbers)).collect();
        Plan { operation, op, root: random.below(size as usize) as i32, inputs, numbers }
    }

    /// What a rank should get.
    pub fn expected(&self, rank: i32) -> Option<Values> {
        let Values { dtype, shape, .. } = &self.inputs[0];
        let size = self.inputs.len();
        let root = self.root as usize;
        match self.operation {
            Operation::Reduce | Operation::Gather if rank != self.root => None,
            Operation::Allreduce | Operation::Reduce => {
                Some(Values::of(*dtype, shape, &self.reduced(*dtype, 0..size)))
            }
            Operation::Broadcast => Some(self.inputs[root].clone()),
            Operation::Gather | Operation::Allgather => {
                Some(Values::of(*dtype, &[&[size], shape.as_slice()].concat(), &self.numbers.concat()))
            }
            Operation::Scatter => {
                let part = self.numbers[root].len() / size;
                let numbers = &self.numbers[root][rank as usize * part..][..part];
                Some(Values::of(*dtype, &shape[1..], numbers))
            }
            Operation::Alltoall => {
                let part = self.numbers[0].len() / size;
                let rows = self.numbers.iter().map(|numbers| &numbers[rank as usize * part..][..part]);
                Some(Values::of(*dtype, shape, &rows.collect::<Vec<_>>().concat()))
            }
            Operation::ReduceScatter => {
                let part = self.numbers[0].len() / size;
                let numbers = &self.reduced(*dtype, 0..size)[rank as usize * part..][..part];
                Some(Values::of(*dtype, &shape[1..], numbers))
            }
            Operation::Scan => Some(Values::of(*dtype, shape, &self.reduced(*dtype, 0..rank as usize + 1))),
            Operation::Exscan if rank == 0 => Some(Values::filled(shape, &neutral(self.op, *dtype))),
            Operation::Exscan => Some(Values::of(*dtype, shape, &self.reduced(*dtype, 0..rank as usize))),
            _ => None,
        }
    }

    /// The numbers of some ranks, combined.
    fn reduced(&self, dtype: Dtype, ranks: Range<usize>) -> Vec<i64> {
        (0..self.numbers[0].len())
            .map(|index| {
                let column = self.numbers[ranks.clone()].iter().map(|numbers| numbers[index]);
                let column =
                    column.map(|number| if dtype == Dtype::Bool { i64::from(number != 0) } else { number });
                fold(self.op, column)
            })
            .collect()
    }

    pub fn run(&self, context: &Context) -> Option<Values> {
        let rank = context.rank();
        let input = self.inputs[rank as usize].input();
        let mut place = Place::default();
        let out = &mut place;
        match self.operation {
            Operation::Barrier => ops::barrier(context),
            Operation::Allreduce => ops::allreduce(context, input, self.op, out),
            Operation::Reduce => ops::reduce(context, input, self.op, self.root, out),
            Operation::Broadcast => {
                if rank != self.root && rank % 2 == 1 {
                    out.fixed = Some((input.dtype(), input.len()));
                }
                ops::broadcast(context, (rank == self.root).then_some(input), self.root, out)
            }
            Operation::Gather => ops::gather(context, input, self.root, out),
            Operation::Scatter => {
                // What other ranks pass is ignored, whatever it is.
                let placeholder = Values::of(Dtype::Float64, &[2], &[7, 7]);
                let input = if rank == self.root { input } else { placeholder.input() };
                ops::scatter(context, Some(input), self.root, out)
            }
            Operation::Allgather => ops::allgather(context, input, out),
            Operation::Alltoall => ops::alltoall(context, input, out),
            Operation::ReduceScatter => ops::reduce_scatter(context, input, self.op, out),
            Operation::Scan => ops::scan(context, input, self.op, out),
            Operation::Exscan => ops::exscan(context, input, self.op, out),
            other => unreachable!("{other:?} is not among the operations"),
        }
        .unwrap_or_else(|error| panic!("rank {rank}: {error}"));
        place.result
    }

    /// Issues it on this rank; the request gives what `run` gives.
    pub fn issue(self, context: &Context) -> (Arc<Plan>, DynRequest) {
        let (plan, on) = (Arc::new(self), context.clone());
        let issued = plan.clone();
        let future = async move {
            let Plan { operation, op, root, inputs, .. } = &*issued;
            let input = inputs[on.rank() as usize].input();
            let mut place = Place::default();
            let (mut call, out) = (Call::new(&on, *operation), &mut place);
            if !matches!(operation, Operation::Barrier | Operation::Broadcast | Operation::Scatter) {
                call.dtype(input.dtype()).shape(&input);
            }
            match operation {
                Operation::Barrier => collectives::barrier(&call).await,
                Operation::Allreduce => collectives::allreduce(call.op(*op), input, *op, out).await,
                Operation::Reduce => {
                    collectives::reduce(call.op(*op).root(*root), input, *op, *root, out).await
                }
                Operation::Broadcast => {
                    let data = (on.rank() == *root).then_some(input);
                    collectives::broadcast(call.root(*root), data, *root, out).await
                }
                Operation::Gather => collectives::gather(call.root(*root), input, *root, out).await,
                Operation::Scatter => {
                    let data = (on.rank() == *root).then_some(input);
                    collectives::scatter(call.root(*root), data, *root, out).await
                }
                Operation::Allgather => collectives::allgather(&call, input, out).await,
                Operation::Alltoall => collectives::alltoall(&call, input, out).await,
                Operation::ReduceScatter => collectives::reduce_scatter(call.op(*op), input, *op, out).await,
                Operation::Scan => collectives::scan(call.op(*op), input, *op, out).await,
                Operation::Exscan => collectives::exscan(call.op(*op), input, *op, out).await,
                other => unreachable!("{other:?} is not among the operations"),
            }?;
            Ok(place.result)
        };
        // SAFETY: the future owns all that it uses.
        let request = unsafe { DynRequest::issue(context, plan.operation, future) };
        (plan, request)
    }

    /// Compares what a rank has got.
    pub fn assert_result(&self, rank: i32, result: Option<Values>) {
        let Plan { operation, op, root, numbers, .. } = self;
        assert_eq!(
            result,
            self.expected(rank),
            "rank {rank}: {operation:?} {op:?} of {numbers:?} at root {root}"
        );
    }
}

fn fold(op: ReduceOp, numbers: impl Iterator<Item = i64>) -> i64 {
    let numbers: Vec<i64> = numbers.collect();
    let all = numbers.iter().copied();
    let truths = numbers.iter().filter(|number| **number != 0).count();
    match op {
        ReduceOp::Sum => all.sum(),
        ReduceOp::Prod => all.product(),
        ReduceOp::Min => all.min().unwrap_or_default(),
        ReduceOp::Max => all.max().unwrap_or_default(),
        ReduceOp::Land => i64::from(truths == numbers.len()),
        ReduceOp::Lor => i64::from(truths > 0),
        ReduceOp::Lxor => (truths % 2) as i64,
        ReduceOp::Band => all.fold(-1, |result, number| result & number),
        ReduceOp::Bor => all.fold(0, |result, number| result | number),
        ReduceOp::Bxor => all.fold(0, |result, number| result ^ number),
        ReduceOp::Minloc | ReduceOp::Maxloc => unreachable!("they are not element-wise"),
    }
}

/// What an exclusive scan gives rank 0: the value that changes nothing.
fn neutral(op: ReduceOp, dtype: Dtype) -> Values {
    let infinite = Dtype::FLOAT.contains(&dtype);
    let number = match op {
        ReduceOp::Prod | ReduceOp::Land => 1,
        ReduceOp::Band => -1,
        ReduceOp::Min | ReduceOp::Max if infinite => {
            return Values::infinite(dtype, op == ReduceOp::Max);
        }
        ReduceOp::Min | ReduceOp::Max => return Values::extreme(dtype, op == ReduceOp::Max),
        _ => 0,
    };
    Values::of(dtype, &[1], &[number])
}
