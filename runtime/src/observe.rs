//! What the library has done in this process: calls, messages, bytes and waits of each operation. `calls/call.rs` and `comm/` tell
//! it as they begin to move something or have waited; users read it whole or one number at a time.
//!
//! Nothing is locked, and a small collective counts in two places. Its fixed round is always one message of the same size to every
//! other rank, so that one number stands for messages and bytes in both directions.

use crate::error::{Error, Result};
use crate::live::live_objects;
use dtl_types::{Counter, Gauge, Histogram, Operation, SpecEnum, Status};
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

/// What is counted of one operation; messages and bytes without those of fixed rounds. It fills a cache line, so that threads
/// that call different operations do not slow each other down.
#[repr(align(64))]
struct Row([AtomicU64; Counter::VALUES.len()]);

/// A row for each operation, by its code, and a number for each bucket of each histogram.
static ROWS: [Row; Operation::VALUES.len() + 1] =
    [const { Row([const { AtomicU64::new(0) }; Counter::VALUES.len()]) }; Operation::VALUES.len() + 1];
static BUCKETS: [[AtomicU64; BUCKET_COUNT]; Histogram::VALUES.len()] =
    [const { [const { AtomicU64::new(0) }; BUCKET_COUNT] }; Histogram::VALUES.len()];

/// Bucket 0 is for the number 0, and each further one for the numbers with as many binary digits as its own number.
const BUCKET_COUNT: usize = 65;

/// The number of requests that are not over, which `request/unfinished.rs` keeps.
pub(crate) static REQUESTS: AtomicUsize = AtomicUsize::new(0);

/// What one rank sends to each other one in the fixed round of a call.
pub(crate) const ROUND_BYTES: u64 = 128;

fn add(operation: Operation, counter: Counter, amount: u64) {
    ROWS[operation.code() as usize].0[counter.code() as usize].fetch_add(amount, Ordering::Relaxed);
}

fn sort_in(histogram: Histogram, number: u64, times: u64) {
    BUCKETS[histogram.code() as usize][bucket_of(number)].fetch_add(times, Ordering::Relaxed);
}

fn bucket_of(number: u64) -> usize {
    (u64::BITS - number.leading_zeros()) as usize
}

/// A call begins.
#[inline]
pub(crate) fn call(operation: Operation) {
    add(operation, Counter::Calls, 1);
}

/// A fixed round with so many other ranks begins.
#[inline]
pub(crate) fn round(operation: Operation, others: usize) {
    add(operation, Counter::RoundMessages, others as u64);
}

/// This rank sends a message of so many bytes to another one.
pub(crate) fn sent(operation: Operation, bytes: usize, messages: usize) {
    add(operation, Counter::MessagesSent, messages as u64);
    add(operation, Counter::BytesSent, (bytes * messages) as u64);
    sort_in(Histogram::MessageBytes, bytes as u64, messages as u64);
}

/// This rank receives such messages from others.
pub(crate) fn received(operation: Operation, bytes: usize, messages: usize) {
    add(operation, Counter::MessagesReceived, messages as u64);
    add(operation, Counter::BytesReceived, (bytes * messages) as u64);
}

/// An operation has waited for other ranks.
#[cold]
pub(crate) fn wait(operation: Operation, waited: Duration) {
    let nanoseconds = waited.as_nanos() as u64;
    add(operation, Counter::Waits, 1);
    add(operation, Counter::WaitNanoseconds, nanoseconds);
    sort_in(Histogram::WaitNanoseconds, nanoseconds, 1);
}

fn value(row: &Row, counter: Counter) -> u64 {
    let of = |counter: Counter| row.0[counter.code() as usize].load(Ordering::Relaxed);
    let rounds = of(Counter::RoundMessages);
    of(counter)
        + match counter {
            Counter::MessagesSent | Counter::MessagesReceived => rounds,
            Counter::BytesSent | Counter::BytesReceived => rounds * ROUND_BYTES,
            _ => 0,
        }
}

/// One number of an operation, or of all if its name is empty.
pub fn counter(counter: Counter, operation: &str) -> Result<u64> {
    if operation.is_empty() {
        return Ok(ROWS.iter().map(|row| value(row, counter)).sum());
    }
    let Some(operation) = Operation::from_name(operation) else {
        return Err(Error::new(
            Status::InvalidArgument,
            format!(
                "operation is '{operation}', which is none; pass the name of one, such as 'allreduce' or 'vector.fill', or an empty \
                 text for all"
            ),
        ));
    };
    Ok(value(&ROWS[operation.code() as usize], counter))
}

/// How many of something there are now.
pub fn gauge(gauge: Gauge) -> u64 {
    match gauge {
        Gauge::Objects => live_objects(),
        Gauge::Requests => REQUESTS.load(Ordering::Acquire) as u64,
    }
}

/// How often a number was in a bucket.
pub fn bucket(histogram: Histogram, bucket: i32) -> Result<u64> {
    let Some(times) = usize::try_from(bucket).ok().and_then(|at| BUCKETS[histogram.code() as usize].get(at))
    else {
        return Err(Error::new(
            Status::OutOfBounds,
            format!("bucket is {bucket}; pass a number from 0 to {}", BUCKET_COUNT - 1),
        ));
    };
    let rounds = match histogram {
        Histogram::MessageBytes if bucket as usize == bucket_of(ROUND_BYTES) => {
            counter(Counter::RoundMessages, "")?
        }
        _ => 0,
    };
    Ok(times.load(Ordering::Relaxed) + rounds)
}

/// The operations that were called, and their names.
fn called() -> impl Iterator<Item = (&'static str, &'static Row)> {
    let all = Operation::VALUES.iter().map(|operation| (operation.name(), &ROWS[operation.code() as usize]));
    all.filter(|(_, row)| value(row, Counter::Calls) > 0)
}

/// The names of the operations that were called, one in each line.
pub fn operations() -> String {
    called().map(|(name, _)| name).collect::<Vec<_>>().join("\n")
}

/// A table of all that was counted.
pub fn table() -> String {
    let names = called().map(|(name, _)| name.len());
    let width = names.max().unwrap_or_default().max("operation".len());
    let mut text = format!("{:width$}", "operation");
    let heads = Counter::VALUES.iter().map(|counter| counter.name());
    heads.clone().for_each(|head| _ = write!(text, "  {head}"));
    for (name, row) in called() {
        _ = write!(text, "\n{name:width$}");
        for counter in Counter::VALUES {
            _ = write!(text, "  {:>1$}", value(row, *counter), counter.name().len());
        }
    }
    text
}

/// Sets counters and histograms to 0.
pub fn reset() -> Result<()> {
    let counters = ROWS.iter().flat_map(|row| &row.0);
    counters.chain(BUCKETS.iter().flatten()).for_each(|number| number.store(0, Ordering::Relaxed));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_powers_of_two() {
        for (number, bucket) in
            [(0, 0), (1, 1), (2, 2), (3, 2), (4, 3), (127, 7), (128, 8), (255, 8), (u64::MAX, 64)]
        {
            assert_eq!(bucket_of(number), bucket, "{number}");
        }
    }

    #[test]
    fn what_is_no_operation_and_no_bucket_is_refused() {
        let error = counter(Counter::Calls, "allredcue").unwrap_err();
        assert!(
            error.status() == Status::InvalidArgument && error.message().contains("'allredcue'"),
            "{error}"
        );
        for wrong in [-1, BUCKET_COUNT as i32] {
            assert_eq!(bucket(Histogram::MessageBytes, wrong).unwrap_err().status(), Status::OutOfBounds);
        }
    }
}
