//! The operations on futures that the specification names.

use super::{DynFuture, Outcome, Source, Value};
use crate::array::Output;
use crate::error::{Error, Result};
use crate::request::{self, DynRequest};
use dtl_types::{Dtype, Operation, Status};

/// A future that somebody sets.
pub fn create() -> Result<DynFuture> {
    Ok(DynFuture::new())
}

/// The future that is over with a request.
pub fn of_request(request: &DynRequest) -> Result<DynFuture> {
    Ok(DynFuture::of_request(request.clone()))
}

/// Sets the future to a value.
pub fn set(future: &DynFuture, value: Value) -> Result<()> {
    future.set(value).map_err(|error| error.of(Operation::FutureSet))
}

/// Waits until the future is over, or for `timeout` seconds.
pub fn wait(future: &DynFuture, timeout: f64) -> Result<()> {
    future.wait(request::limit(timeout).map_err(|error| error.of(Operation::FutureWait))?)
}

/// Lets all requests go on; whether the future is over.
pub fn test(future: &DynFuture) -> Result<bool> {
    future.test()
}

/// Whether the future is over.
pub fn done(future: &DynFuture) -> bool {
    future.is_over()
}

/// The place of the first of its futures that is over, or their number.
pub fn completed_index(future: &DynFuture) -> u64 {
    future.place().unwrap_or(future.parts().len()) as u64
}

/// The future in one line.
pub fn describe(future: &DynFuture) -> String {
    let parts = future.parts().len();
    let what = match &future.inner.source {
        Source::Set(_) => "a value".to_owned(),
        Source::Request(request) => request::describe(request),
        Source::All(_) => format!("all of {parts}"),
        Source::First(..) => format!("the first of {parts}"),
    };
    match &future.inner.source {
        // Its description ends with the state of the request.
        Source::Request(_) => what,
        _ => format!("{what}, {}", if future.is_over() { "over" } else { "not over" }),
    }
}

/// Waits for the future, and puts the bytes of its value into `out`, which must be as large as they are.
pub fn get(future: &DynFuture, out: &mut dyn Output) -> Result<()> {
    future.wait(None)?;
    let index;
    let bytes: &[u8] = match future.outcome() {
        Some(Outcome::Value(value)) => value.bytes().ok_or_else(|| {
            let text = "the value of the future is no bytes, but an object of another language";
            Error::new(Status::InvalidArgument, text).of(Operation::FutureGet)
        })?,
        Some(Outcome::First(place, _)) => {
            index = (place as u64).to_ne_bytes();
            &index
        }
        Some(Outcome::OfRequest(_) | Outcome::All(_)) | None => &[],
    };
    let room = out.expected().map_or(bytes.len(), |(dtype, count)| count * dtype.size());
    if room != bytes.len() {
        let status = if room < bytes.len() { Status::BufferTooSmall } else { Status::InvalidArgument };
        let text = format!(
            "the value of the future has {} bytes, but the buffer has {room}; pass one of the same size",
            bytes.len()
        );
        return Err(Error::new(status, text).of(Operation::FutureGet));
    }
    out.provide(Dtype::Byte, &[bytes.len()])?.store(0, bytes);
    Ok(())
}

/// The future that is over when all of these are.
pub fn when_all(futures: &[Option<DynFuture>]) -> Result<DynFuture> {
    given(futures).and_then(DynFuture::all).map_err(|error| error.of(Operation::WhenAll))
}

/// The future that is over when the first of these is.
pub fn when_any(futures: &[Option<DynFuture>]) -> Result<DynFuture> {
    given(futures).and_then(DynFuture::first).map_err(|error| error.of(Operation::WhenAny))
}

fn given(futures: &[Option<DynFuture>]) -> Result<Vec<DynFuture>> {
    let place = |(place, future): (usize, &Option<DynFuture>)| {
        future.clone().ok_or_else(|| {
            let text = format!("futures[{place}] is no future; leave it out of the list");
            Error::new(Status::InvalidArgument, text)
        })
    };
    futures.iter().enumerate().map(place).collect()
}
