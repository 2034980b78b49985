//! A transport on which one rank's calls fail as a script says, over another transport that does what is asked of it. Tests let
//! every call of a program fail in turn with it and see what all ranks make of that; nothing else uses it.

use super::hold::FreedTogether;
use super::transport::{
    Capabilities, Comm, Fault, Membership, Movements, PacketLimits, Packets, Progress, Request, Split, Start,
    Transport,
};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What fails, in a group of ranks that are threads.
#[derive(Debug, Clone, Copy)]
pub struct Script {
    /// The rank whose call fails.
    pub rank: i32,
    /// The number of the call, from 0: every movement, packet, look into another rank's memory and division of a group is one.
    pub call: u64,
    /// How it fails.
    pub failure: Failure,
}

/// How a call of a transport fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// Before anybody else has seen anything of it.
    AtOnce,
    /// When the other ranks may be in the middle of it.
    OnTheWay,
    /// It neither fails nor ends.
    Never,
}

/// What a failure is called.
const WORDS: &str = "the script lets this call fail";
/// The request of a movement of which the transport below knows nothing.
const UNKNOWN: Request = Request(u64::MAX);

/// One rank's transport.
#[derive(Debug)]
pub(crate) struct Scripted {
    inner: Arc<dyn Transport>,
    script: Script,
    course: Mutex<Course>,
}

#[derive(Debug, Default)]
struct Course {
    calls: u64,
    /// The movement that is to fail on its way.
    doomed: Option<(Comm, Request)>,
    /// The communicator on which a movement has failed, and where all later ones do, as the ranks are no longer in step there.
    failed: Option<Comm>,
}

impl Scripted {
    /// `inner`, but for what the script lets fail.
    pub(crate) fn over(inner: Arc<dyn Transport>, script: Script) -> Arc<dyn Transport> {
        Arc::new(Scripted { inner, script, course: Mutex::default() })
    }

    fn course(&self) -> MutexGuard<'_, Course> {
        self.course.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a call that is over when it returns; whether it fails.
    fn fails_at_once(&self, comm: Comm) -> bool {
        let mut course = self.course();
        if course.is_at(self.script.call) {
            course.failed = Some(comm);
        }
        course.failed == Some(comm)
    }
}

impl Course {
    /// Counts a call; whether it is the one that fails.
    fn is_at(&mut self, call: u64) -> bool {
        self.calls += 1;
        self.calls - 1 == call
    }
}

impl Membership for Scripted {
    fn rank(&self, comm: Comm) -> i32 {
        self.inner.rank(comm)
    }

    fn size(&self, comm: Comm) -> i32 {
        self.inner.size(comm)
    }

    fn split(
        self: Arc<Self>,
        comm: Comm,
        members: &[i32],
        timeout: Duration,
    ) -> Result<Option<Split>, Fault> {
        if self.course().is_at(self.script.call) {
            return Err(Fault::Failed(WORDS.to_owned()));
        }
        let split = self.inner.clone().split(comm, members, timeout)?;
        // The transport below serves all communicators of this rank, so that their numbers differ.
        Ok(split.map(|(_, comm)| (self as Arc<dyn Transport>, comm)))
    }

    fn leave(&self, comm: Comm) {
        self.inner.leave(comm);
    }

    fn close(&self, comm: Comm) {
        self.inner.close(comm);
    }

    fn freed_together(self: Arc<Self>, comm: Comm) -> Option<Box<dyn FreedTogether>> {
        self.inner.clone().freed_together(comm)
    }

    fn abort(&self, code: i32) -> ! {
        self.inner.abort(code)
    }
}

impl Movements for Scripted {
    unsafe fn start(&self, comm: Comm, start: &Start) -> Request {
        let mut course = self.course();
        let fails = course.is_at(self.script.call);
        if fails && self.script.failure != Failure::OnTheWay {
            course.failed = Some(comm);
        }
        if course.failed == Some(comm) {
            return UNKNOWN;
        }
        // SAFETY: the caller guarantees that the memory of `start` stays until the request is gone; the inner transport has
        // the request for no longer.
        let request = unsafe { self.inner.start(comm, start) };
        if fails {
            course.doomed = Some((comm, request));
        }
        request
    }

    fn test(&self, comm: Comm, request: Request) -> Result<Progress, Fault> {
        let mut course = self.course();
        if request == UNKNOWN {
            return match self.script.failure {
                Failure::Never => Ok(Progress::Waiting),
                _ => Err(Fault::Failed(WORDS.to_owned())),
            };
        }
        if course.doomed == Some((comm, request)) {
            (course.doomed, course.failed) = (None, Some(comm));
            drop(course);
            self.inner.abandon(comm, request, WORDS);
            return Err(Fault::Failed(WORDS.to_owned()));
        }
        drop(course);
        self.inner.test(comm, request)
    }

    fn announce(&self, comm: Comm, request: Request) {
        if request != UNKNOWN {
            self.inner.announce(comm, request);
        }
    }

    fn missing(&self, comm: Comm, request: Request) -> Vec<i32> {
        if request == UNKNOWN { Vec::new() } else { self.inner.missing(comm, request) }
    }

    fn abandon(&self, comm: Comm, request: Request, reason: &str) {
        if request != UNKNOWN {
            self.inner.abandon(comm, request, reason);
        }
    }
}

impl Packets for Scripted {
    fn packet_limits(&self, comm: Comm) -> PacketLimits {
        self.inner.packet_limits(comm)
    }

    fn post(&self, comm: Comm, to: i32, parts: [&[u8]; 2], urgent: bool) -> Result<bool, Fault> {
        match self.fails_at_once(comm) {
            true if self.script.failure == Failure::Never => Ok(false),
            true => Err(Fault::Failed(WORDS.to_owned())),
            false => self.inner.post(comm, to, parts, urgent),
        }
    }

    fn collect(&self, comm: Comm, take: &mut dyn FnMut(i32, &[u8])) -> Result<(), Fault> {
        self.inner.collect(comm, take)
    }

    fn departed(&self, comm: Comm) -> Result<Vec<i32>, Fault> {
        self.inner.departed(comm)
    }
}

impl Transport for Scripted {
    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }
}
