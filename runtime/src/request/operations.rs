//! The operations on requests that the specification names: waiting for one, for all of several and for the first of them.

use super::{DynRequest, wait_until};
use crate::error::{Error, Result};
use dtl_types::constants::NO_TIMEOUT;
use dtl_types::{SpecEnum, Status};
use std::time::Duration;

/// Waits until the operation is over, or for `timeout` seconds.
pub fn wait(request: &DynRequest, timeout: f64) -> Result<()> {
    let limit = limit(timeout).map_err(|error| error.of(request.operation()))?;
    request.wait(limit)
}

/// Lets all requests go on; whether this one is over.
pub fn test(request: &DynRequest) -> Result<bool> {
    request.test()
}

/// Whether the operation is over.
pub fn done(request: &DynRequest) -> bool {
    request.is_over()
}

/// The request in one line.
pub fn describe(request: &DynRequest) -> String {
    let state = if request.is_over() { "over" } else { "not over" };
    format!("{} on rank {}, {state}", request.operation().name(), request.context().rank())
}

/// Waits for all of the requests, or for `timeout` seconds. The error is that of the first that has failed.
pub fn waitall(requests: &[Option<DynRequest>], timeout: f64) -> Result<()> {
    all_over(requests, limit(timeout)?)
}

/// Waits for all of the requests. The error says which have failed, or are not over by then.
pub(super) fn all_over(requests: &[Option<DynRequest>], limit: Option<Duration>) -> Result<()> {
    let mut rest = requests.iter().flatten().peekable();
    let all = || {
        while rest.next_if(|request| request.is_over()).is_some() {}
        rest.peek().is_none().then_some(())
    };
    if wait_until(limit, all).is_none() {
        return Err(unfinished(requests, limit.unwrap_or_default()));
    }
    let failed: Vec<(usize, Error)> =
        given(requests).filter_map(|(place, request)| Some((place, request.wait(None).err()?))).collect();
    let Some((_, error)) = failed.first() else { return Ok(()) };
    let places: Vec<String> = failed.iter().map(|(place, _)| format!("requests[{place}]")).collect();
    let text = match failed.len() {
        1 => format!("{} has failed: {}", places[0], error.message()),
        _ => format!("{} have failed, the first with: {}", places.join(" and "), error.message()),
    };
    for (place, error) in &failed {
        report(requests, *place, error);
    }
    Err(like(error, text))
}

/// Waits until one of the requests is over, or for `timeout` seconds; the place of the first that is.
pub fn waitany(requests: &[Option<DynRequest>], timeout: f64) -> Result<i32> {
    let place = first_over(requests, limit(timeout)?)?;
    match requests[place].as_ref().map(|request| request.wait(None)) {
        Some(Err(error)) => {
            report(requests, place, &error);
            let text = format!("requests[{place}] has failed: {}", error.message());
            Err(like(&error, text))
        }
        _ => Ok(place as i32),
    }
}

/// The place of the first request that is over, as soon as there is one.
pub(super) fn first_over(requests: &[Option<DynRequest>], limit: Option<Duration>) -> Result<usize> {
    if given(requests).next().is_none() {
        let text = "there is no request among requests; pass at least one";
        return Err(Error::new(Status::InvalidArgument, text));
    }
    let first = || given(requests).find(|(_, request)| request.is_over());
    match wait_until(limit, first) {
        Some((place, _)) => Ok(place),
        None => Err(unfinished(requests, limit.unwrap_or_default())),
    }
}

/// The requests that there are, with their places.
fn given(requests: &[Option<DynRequest>]) -> impl Iterator<Item = (usize, &DynRequest)> {
    requests.iter().enumerate().filter_map(|(place, request)| Some((place, request.as_ref()?)))
}

/// Tells the handler of the context of a request; the error is returned to the caller with another text.
fn report(requests: &[Option<DynRequest>], place: usize, error: &Error) {
    if let Some(request) = &requests[place] {
        request.context().report(error.clone());
    }
}

/// An error of the same kind with another text.
pub(crate) fn like(error: &Error, text: String) -> Error {
    let made = Error::new(error.status(), text);
    match error.rank() {
        Some(rank) => made.found_on(rank),
        None => made,
    }
}

/// How long to wait; `None` for no limit.
pub(crate) fn limit(timeout: f64) -> Result<Option<Duration>> {
    if timeout == f64::from(NO_TIMEOUT) {
        return Ok(None);
    }
    if timeout.is_nan() || timeout < 0.0 {
        return Err(Error::new(
            Status::InvalidArgument,
            format!("timeout is {timeout}; pass a number of seconds that is 0 or more, or none for no limit"),
        ));
    }
    // More seconds than a duration can hold are no limit either.
    Ok(Duration::try_from_secs_f64(timeout).ok())
}

#[cold]
fn unfinished(requests: &[Option<DynRequest>], limit: Duration) -> Error {
    let waiting: Vec<String> = given(requests)
        .filter(|(_, request)| !request.is_over())
        .map(|(place, request)| format!("requests[{place}] ({})", request.operation().name()))
        .collect();
    Error::new(
        Status::Timeout,
        format!(
            "after {limit:?} {} not over: {}. The requests and their memory are as before; wait for them again.",
            if waiting.len() == 1 {
                "one request is".to_owned()
            } else {
                format!("{} requests are", waiting.len())
            },
            waiting.join(", ")
        ),
    )
}
