//! What the counters say of a program whose messages are known.

use crate::ranks::on_ranks;
use dtl::{Context, Counter, barrier, observe};

const RANKS: i32 = 3;

/// Messages and bytes of the operation that is counted, sent and received. No other test sends messages with it to other ranks.
fn counted() -> [u64; 4] {
    let counters =
        [Counter::MessagesSent, Counter::BytesSent, Counter::MessagesReceived, Counter::BytesReceived];
    counters.map(|counter| observe::counter(counter, "isendrecv").unwrap())
}

fn around(context: &Context, length: usize) {
    let (next, last) = ((context.rank() + 1) % RANKS, (context.rank() + RANKS - 1) % RANKS);
    let data = vec![f64::from(context.rank()); length];
    let received = dtl::isendrecv(context, data, next, 1, last, 1).wait();
    assert_eq!(received, Ok(vec![f64::from(last); length]));
}

#[test]
fn messages_and_bytes_are_those_of_the_operation_that_sends_them() {
    on_ranks(RANKS, |context| {
        let before = counted();
        barrier(context).unwrap();
        // One that goes whole, one that the receiver fetches, and one without elements, which is none.
        [100, 100_000, 0].into_iter().for_each(|length| around(context, length));
        barrier(context).unwrap();
        let ranks_here = if context.has_mpi() { 1 } else { RANKS as u64 };
        let (messages, bytes) = (2 * ranks_here, 8 * 100_100 * ranks_here);
        let expected = [messages, bytes, messages, bytes];
        assert_eq!(counted(), std::array::from_fn(|index| before[index] + expected[index]));
    });
}
