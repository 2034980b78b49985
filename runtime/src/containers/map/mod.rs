//! The distributed map: keys with values, each key on the rank that a hash of its bits chooses. `keys.rs` makes words of keys,
//! `table.rs` is this rank's part, `records.rs` what waits to be sent, `routes.rs` carries records to the owners of keys. The
//! operations of every language are here (properties), in `local.rs` and in `collective.rs`; `typed.rs` is the map for Rust
//! programs, with its element types.

pub mod collective;
mod keys;
pub mod local;
mod records;
mod routes;
mod table;
mod typed;

pub use typed::Map;

use crate::calls::Call;
use crate::context::{self, Context};
use crate::error::Result;
use crate::live::Live;
use dtl_types::{Dtype, SpecEnum};
use records::Records;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use table::{Fixed, Table};

/// A distributed map with keys and values of any data type. Clones are the same map.
#[derive(Clone)]
pub struct DynMap {
    core: Arc<Core>,
}

struct Core {
    context: Context,
    key_dtype: Dtype,
    value_dtype: Dtype,
    /// Equal on all ranks, different for each container of a context.
    id: u64,
    state: Mutex<State>,
    _live: Live,
}

/// What changes. It is locked for moments, never while ranks wait for each other.
struct State {
    /// This rank's keys and their values.
    table: Box<dyn Table>,
    /// Which of its own keys this rank has inserted or erased since the last flush: there, what lower ranks have sent comes
    /// too late. Empty where there is one rank.
    written: Fixed<0>,
    /// Changes of other ranks' keys, and own ones that wait, in the order in which they were made.
    waiting: Records,
    /// Whether changes of own keys wait as well: those after a combination, as that must see what lower ranks have sent.
    own_wait: bool,
    /// Keys on all ranks at the last sync.
    global_size: u64,
}

impl DynMap {
    fn state(&self) -> MutexGuard<'_, State> {
        self.core.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ranks(&self) -> usize {
        num_ranks(self) as usize
    }

    fn owner_of(&self, word: u64) -> usize {
        keys::owner(word, self.ranks() as u64)
    }

    /// The context over whose ranks the keys are divided.
    pub fn context(&self) -> &Context {
        &self.core.context
    }

    /// The number that all ranks know this map by.
    pub fn id(&self) -> u64 {
        self.core.id
    }

    /// The data type of the keys.
    pub fn key_dtype(&self) -> Dtype {
        self.core.key_dtype
    }

    /// The data type of the values.
    pub fn value_dtype(&self) -> Dtype {
        self.core.value_dtype
    }
}

impl fmt::Debug for DynMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DynMap({})", describe(self))
    }
}

/// A new map without keys over the ranks of the call's context. Collective.
pub async fn create(call: &Call<'_>, key_dtype: Dtype, value_dtype: Dtype) -> Result<DynMap> {
    call.admit(Ok(())).await?;
    call.exchange(&[]).await?;
    let context = call.context().clone();
    let state = State {
        table: table::of_values(value_dtype.size()),
        written: Fixed::default(),
        waiting: Records::new(value_dtype.size()),
        own_wait: false,
        global_size: 0,
    };
    let id = context.number_container();
    let core = Core { context, key_dtype, value_dtype, id, state: Mutex::new(state), _live: Live::new() };
    Ok(DynMap { core: Arc::new(core) })
}

/// The number of keys on all ranks at the last sync.
pub fn global_size(map: &DynMap) -> u64 {
    map.state().global_size
}

/// The number of keys on this rank.
pub fn local_size(map: &DynMap) -> u64 {
    map.state().table.len() as u64
}

/// Whether there were no keys at all at the last sync.
pub fn empty(map: &DynMap) -> bool {
    global_size(map) == 0
}

/// Whether changes that this rank has made wait for a flush.
pub fn is_dirty(map: &DynMap) -> bool {
    map.state().waiting.len() > 0
}

/// The data type of the keys.
pub fn key_dtype(map: &DynMap) -> Dtype {
    map.key_dtype()
}

/// The data type of the values.
pub fn value_dtype(map: &DynMap) -> Dtype {
    map.value_dtype()
}

/// This rank's number in the map's context.
pub fn rank(map: &DynMap) -> i32 {
    context::rank(map.context())
}

/// The number of ranks that the keys are divided over.
pub fn num_ranks(map: &DynMap) -> i32 {
    context::size(map.context())
}

/// Whether the map can be used: from its creation on.
pub fn is_valid(_map: &DynMap) -> bool {
    true
}

/// The map in a line: what it holds, and this rank's part.
pub fn describe(map: &DynMap) -> String {
    let state = map.state();
    format!(
        "keys={}, values={}, {} keys at the last sync, rank {} of {}: {} keys, {} changes wait for flush",
        map.key_dtype().name(),
        map.value_dtype().name(),
        state.global_size,
        rank(map),
        num_ranks(map),
        state.table.len(),
        state.waiting.len()
    )
}
