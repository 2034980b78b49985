//! The transport whose ranks are threads of one process. Data really moves between them: each rank copies what it receives
//! out of the others' memory. It serves tests and examples in every language, and programs that want ranks without MPI.
//! How one movement proceeds is in `meeting.rs`.

use super::meeting::Meeting;
use super::transport::{
    Capabilities, Comm, Fault, Membership, Movements, PacketLimits, Packets, Progress, Request, Split, Start,
    Transport, deliver,
};
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

/// The transport of one rank. Its communicators are numbered by their place in `ends`.
#[derive(Debug)]
pub(crate) struct Threads {
    ends: RwLock<Vec<Option<End>>>,
}

/// One rank's end of a group.
#[derive(Debug, Clone)]
struct End {
    group: Arc<Group>,
    rank: usize,
}

/// A group of ranks that share meetings.
#[derive(Debug)]
struct Group {
    size: usize,
    state: Mutex<State>,
    /// The packets for each rank that it has not collected, with their senders.
    packets: Vec<Mutex<VecDeque<Packet>>>,
}

type Packet = (i32, Vec<u8>);

/// The longest packet. Short, as large messages through this transport are for tests of what happens to them elsewhere too.
const PACKET: usize = 8 << 10;
/// How many packets may wait to be collected by a rank.
const MOST_PACKETS: usize = 256;

#[derive(Debug)]
struct State {
    /// The meetings that not everybody has left; the number of the first is `first`.
    meetings: VecDeque<Meeting>,
    first: u64,
    /// How many movements, and how many splits, each rank has started.
    started: Vec<u64>,
    splits: Vec<u64>,
    /// New groups that not all members have taken: by the number of the split and their first member.
    offers: HashMap<(u64, i32), Offer>,
    left: Vec<bool>,
    broken: Option<String>,
}

#[derive(Debug)]
struct Offer {
    group: Arc<Group>,
    taken: usize,
}

impl Threads {
    /// One transport and communicator for each rank of a new group.
    pub(crate) fn group(size: usize) -> Vec<(Arc<Threads>, Comm)> {
        let group = Group::new(size);
        (0..size)
            .map(|rank| {
                let end = End { group: group.clone(), rank };
                (Arc::new(Threads { ends: RwLock::new(vec![Some(end)]) }), Comm(0))
            })
            .collect()
    }

    fn end(&self, comm: Comm) -> End {
        let ends = self.ends.read().unwrap_or_else(PoisonError::into_inner);
        ends[comm.0 as usize].clone().expect("a communicator is used after it was given back")
    }

    fn add(&self, end: End) -> Comm {
        let mut ends = self.ends.write().unwrap_or_else(PoisonError::into_inner);
        let place = ends.iter().position(Option::is_none).unwrap_or(ends.len());
        if place == ends.len() {
            ends.push(None);
        }
        ends[place] = Some(end);
        Comm(place as u64)
    }
}

impl Group {
    fn new(size: usize) -> Arc<Self> {
        let state = State {
            meetings: VecDeque::new(),
            first: 0,
            started: vec![0; size],
            splits: vec![0; size],
            offers: HashMap::new(),
            left: vec![false; size],
            broken: None,
        };
        let packets = (0..size).map(|_| Mutex::new(VecDeque::new())).collect();
        Arc::new(Group { size, state: Mutex::new(state), packets })
    }

    /// The state is consistent at every step, so a thread that panicked with the lock held does no harm.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn packets(&self, rank: usize) -> MutexGuard<'_, VecDeque<Packet>> {
        self.packets[rank].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns when nobody uses the memory posted for `request`. Copying is all that it waits for, and once the group is
    /// broken no more of it begins.
    fn quiet(&self, request: Request) {
        while !self.lock().meeting(request).is_quiet() {
            std::thread::yield_now();
        }
    }
}

impl State {
    fn meeting(&mut self, request: Request) -> &mut Meeting {
        &mut self.meetings[(request.0 - self.first) as usize]
    }

    /// Why the movement cannot complete, if so.
    fn fault(&mut self, request: Request) -> Option<Fault> {
        if let Some(reason) = &self.broken {
            return Some(Fault::Broken(reason.clone()));
        }
        if self.meeting(request).all_arrived() {
            return None;
        }
        let mut missing = self.meeting(request).missing();
        missing.retain(|rank| self.left[*rank as usize]);
        (!missing.is_empty()).then_some(Fault::Left(missing))
    }
}

impl Membership for Threads {
    fn rank(&self, comm: Comm) -> i32 {
        self.end(comm).rank as i32
    }

    fn size(&self, comm: Comm) -> i32 {
        self.end(comm).group.size as i32
    }

    fn split(
        self: Arc<Self>,
        comm: Comm,
        members: &[i32],
        _timeout: Duration,
    ) -> Result<Option<Split>, Fault> {
        let End { group, rank } = self.end(comm);
        let mut state = group.lock();
        let number = state.splits[rank];
        state.splits[rank] += 1;
        let Some(position) = members.iter().position(|member| *member as usize == rank) else {
            return Ok(None);
        };
        let key = (number, members[0]);
        let offer =
            state.offers.entry(key).or_insert_with(|| Offer { group: Group::new(members.len()), taken: 0 });
        offer.taken += 1;
        let end = End { group: offer.group.clone(), rank: position };
        if offer.taken == members.len() {
            state.offers.remove(&key);
        }
        let comm = self.add(end);
        Ok(Some((self, comm)))
    }

    fn leave(&self, comm: Comm) {
        let End { group, rank } = self.end(comm);
        group.lock().left[rank] = true;
    }

    fn close(&self, comm: Comm) {
        self.leave(comm);
        self.ends.write().unwrap_or_else(PoisonError::into_inner)[comm.0 as usize] = None;
    }

    fn abort(&self, code: i32) -> ! {
        std::process::exit(code)
    }
}

impl Movements for Threads {
    unsafe fn start(&self, comm: Comm, start: &Start) -> Request {
        let End { group, rank } = self.end(comm);
        // SAFETY: the caller guarantees that the memory is as `start` describes it for `group.size` ranks.
        let aside = unsafe { start.set_aside(group.size) };
        let mut state = group.lock();
        let request = Request(state.started[rank]);
        state.started[rank] += 1;
        if request.0 - state.first == state.meetings.len() as u64 {
            state.meetings.push_back(Meeting::of(group.size));
        }
        state.meeting(request).post(rank, *start, aside);
        request
    }

    fn test(&self, comm: Comm, request: Request) -> Result<Progress, Fault> {
        let End { group, rank } = self.end(comm);
        let mut state = group.lock();
        if let Some(fault) = state.fault(request) {
            drop(state);
            group.quiet(request);
            return Err(fault);
        }
        if let Some(posts) = state.meeting(request).begin(rank) {
            drop(state);
            // SAFETY: everybody's memory is as posted until all have copied, by the contract of `start`; each rank
            // writes only to its own.
            unsafe { deliver(&posts, rank) };
            state = group.lock();
            state.meeting(request).finish();
        }
        if !state.meeting(request).all_copied() {
            return Ok(Progress::Waiting);
        }
        if state.meeting(request).leave() {
            // Everybody leaves meetings in order, so the one that is now empty is the first.
            state.meetings.pop_front();
            state.first += 1;
        }
        Ok(Progress::Complete)
    }

    fn missing(&self, comm: Comm, request: Request) -> Vec<i32> {
        self.end(comm).group.lock().meeting(request).missing()
    }

    fn abandon(&self, comm: Comm, request: Request, reason: &str) {
        let End { group, .. } = self.end(comm);
        group.lock().broken.get_or_insert_with(|| reason.to_owned());
        group.quiet(request);
    }
}

impl Packets for Threads {
    fn packet_limits(&self, _comm: Comm) -> PacketLimits {
        PacketLimits { longest: PACKET, longest_part: PACKET }
    }

    fn post(&self, comm: Comm, to: i32, parts: [&[u8]; 2], urgent: bool) -> Result<bool, Fault> {
        let End { group, rank } = self.end(comm);
        let mut packets = group.packets(to as usize);
        let has_room = urgent || packets.len() < MOST_PACKETS;
        if has_room {
            packets.push_back((rank as i32, parts.concat()));
        }
        Ok(has_room)
    }

    fn collect(&self, comm: Comm, take: &mut dyn FnMut(i32, &[u8])) -> Result<(), Fault> {
        let End { group, rank } = self.end(comm);
        let packets = std::mem::take(&mut *group.packets(rank));
        packets.iter().for_each(|(from, packet)| take(*from, packet));
        Ok(())
    }

    fn departed(&self, comm: Comm) -> Result<Vec<i32>, Fault> {
        let group = self.end(comm).group;
        let state = group.lock();
        match &state.broken {
            Some(reason) => Err(Fault::Broken(reason.clone())),
            None => Ok((0..state.left.len() as i32).filter(|rank| state.left[*rank as usize]).collect()),
        }
    }
}

impl Transport for Threads {
    fn capabilities(&self) -> Capabilities {
        Capabilities { shares_address_space: true, is_of_mpi: false, tells_of_progress: true }
    }
}
