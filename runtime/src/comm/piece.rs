//! A piece of a movement that is on its way: it arrives, or fails, or is waited for beyond the deadline. A rank that waits long
//! says on stderr for whom, well before it gives up.

use super::endpoint::{Endpoint, failure};
use super::progress::Deadline;
use super::ranks::Ranks;
use super::settings::Settings;
use super::transport::{Fault, Progress, Request};
use crate::error::{Error, Result};
use dtl_types::{SpecEnum, variables};
use std::future::poll_fn;
use std::task::Poll;

/// A piece that is on its way. Where it is dropped before it has arrived, nobody can wait for it any more, so the
/// communicator is given up.
pub(super) struct Piece<'a> {
    endpoint: &'a Endpoint,
    request: Option<Request>,
}

impl<'a> Piece<'a> {
    pub(super) fn new(endpoint: &'a Endpoint, request: Request) -> Self {
        Piece { endpoint, request: Some(request) }
    }

    /// Waits until the piece has arrived, on behalf of the operation `caller`.
    pub(super) async fn arrival(mut self, caller: &str) -> Result<()> {
        let Endpoint { transport, comm, settings, .. } = self.endpoint;
        let mut deadline = Deadline::new(settings.timeout);
        let mut is_reported = false;
        poll_fn(|_| {
            let Some(request) = self.request else { return Poll::Ready(Ok(())) };
            let end = match transport.test(*comm, request) {
                Ok(Progress::Complete) => Ok(()),
                Err(fault) => Err(failure(caller, fault)),
                Ok(Progress::Moving) => {
                    deadline.put_off();
                    return Poll::Pending;
                }
                Ok(Progress::Waiting) if deadline.has_passed() => {
                    return Poll::Ready(Err(self.give_up(caller)));
                }
                Ok(Progress::Waiting) => {
                    if !is_reported && deadline.waited() >= settings.report_after {
                        is_reported = true;
                        self.report(caller);
                    }
                    return Poll::Pending;
                }
            };
            self.request = None;
            Poll::Ready(end)
        })
        .await
    }

    fn give_up(&mut self, caller: &str) -> Error {
        let (whom, progress) = (self.whom(), self.progress());
        let (rank, timeout) = (self.endpoint.rank(), self.endpoint.settings.timeout);
        let reason = format!("rank {rank} waited {timeout:?} for {whom} and gave up; {progress}");
        self.abandon(&reason);
        failure(caller, Fault::Broken(reason))
    }

    #[cold]
    fn report(&self, caller: &str) {
        let Settings { timeout, report_after, .. } = self.endpoint.settings;
        let (rank, whom, progress, variable) =
            (self.endpoint.rank(), self.whom(), self.progress(), variables::TIMEOUT.name);
        eprintln!(
            "dtl: {caller}: rank {rank} has been waiting {report_after:?} for {whom}; {progress}. After {timeout:?} \
             ({variable}) it will be an error."
        );
    }

    /// The ranks that are waited for.
    fn whom(&self) -> String {
        let Endpoint { transport, comm, .. } = self.endpoint;
        let missing = self.request.map_or_else(Vec::new, |request| transport.missing(*comm, request));
        if missing.is_empty() { "the other ranks".to_owned() } else { Ranks(&missing).to_string() }
    }

    /// How far all ranks are known to have come.
    fn progress(&self) -> String {
        match self.endpoint.last_call() {
            Some((number, operation)) => {
                format!(
                    "the last call on this context that all ranks came to was number {number}, {}",
                    operation.name()
                )
            }
            None => "it is the first call on this context".to_owned(),
        }
    }

    fn abandon(&mut self, reason: &str) {
        if let Some(request) = self.request.take() {
            self.endpoint.transport.abandon(self.endpoint.comm, request, reason);
        }
    }
}

impl Drop for Piece<'_> {
    fn drop(&mut self) {
        if self.request.is_some() {
            let reason = format!("rank {} gave up an operation that was not over", self.endpoint.rank());
            self.abandon(&reason);
        }
    }
}
