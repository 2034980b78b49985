//! One movement between ranks that are threads of this process, from the first rank's arrival to the last one's departure.
//! A rank posts where its memory is; when all have arrived each copies what it receives out of the others' memory; when
//! all have copied, each may leave and use its memory again. `threads.rs` keeps meetings under its lock and copies outside.

use super::transport::{Blocks, Start};

/// The state of one movement.
#[derive(Debug)]
pub(super) struct Meeting {
    posts: Vec<Option<Start>>,
    /// Copies of what ranks send out of memory in which they also receive.
    asides: Vec<Vec<u8>>,
    begun: Vec<bool>,
    arrived: usize,
    copying: usize,
    copied: usize,
    gone: usize,
}

// SAFETY: the addresses in the posts are used only by ranks that copy, while the memory's owners wait for them.
unsafe impl Send for Meeting {}

impl Meeting {
    pub(super) fn of(size: usize) -> Self {
        Meeting {
            posts: vec![None; size],
            asides: Vec::new(),
            begun: vec![false; size],
            arrived: 0,
            copying: 0,
            copied: 0,
            gone: 0,
        }
    }

    /// `rank` has arrived. What it sends is in `aside`, when it has put that aside.
    pub(super) fn post(&mut self, rank: usize, mut start: Start, aside: Option<Vec<u8>>) {
        if let Some(aside) = aside {
            start.send = Blocks::from(aside.as_ptr(), start.send.stride);
            self.asides.push(aside);
        }
        self.posts[rank] = Some(start);
        self.arrived += 1;
    }

    pub(super) fn all_arrived(&self) -> bool {
        self.arrived == self.posts.len()
    }

    /// The ranks that have not arrived.
    pub(super) fn missing(&self) -> Vec<i32> {
        (0..self.posts.len()).filter(|rank| self.posts[*rank].is_none()).map(|rank| rank as i32).collect()
    }

    /// What everybody posted, if all have arrived and `rank` has not copied yet: it must copy and then call `finish`.
    pub(super) fn begin(&mut self, rank: usize) -> Option<Vec<Start>> {
        if self.begun[rank] || !self.all_arrived() {
            return None;
        }
        self.begun[rank] = true;
        self.copying += 1;
        self.posts.iter().copied().collect()
    }

    pub(super) fn finish(&mut self) {
        self.copying -= 1;
        self.copied += 1;
    }

    /// Whether nobody is using another rank's memory just now.
    pub(super) fn is_quiet(&self) -> bool {
        self.copying == 0
    }

    pub(super) fn all_copied(&self) -> bool {
        self.copied == self.posts.len()
    }

    /// One rank leaves; true when it was the last.
    pub(super) fn leave(&mut self) -> bool {
        self.gone += 1;
        self.gone == self.posts.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comm::transport::Pattern;

    #[test]
    fn memory_is_in_use_from_the_last_arrival_until_all_have_copied() {
        let (pattern, blocks) = (Pattern::Allgather, Blocks::NONE);
        let start = Start { pattern, bytes: 0, send: blocks, receive: blocks };
        let mut meeting = Meeting::of(2);
        meeting.post(1, start, None);
        assert!(meeting.begin(1).is_none() && meeting.is_quiet());
        assert_eq!(meeting.missing(), [0]);
        meeting.post(0, start, None);
        assert_eq!(meeting.begin(1).map(|posts| posts.len()), Some(2));
        assert!(meeting.begin(1).is_none() && !meeting.is_quiet());
        meeting.finish();
        assert!(meeting.is_quiet() && !meeting.all_copied());
        assert!(meeting.begin(0).is_some());
        meeting.finish();
        assert!(meeting.all_copied());
        assert!(!meeting.leave() && meeting.leave());
    }
}
