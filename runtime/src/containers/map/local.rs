//! What a rank does with a map by itself: changing it, where what concerns other ranks' keys waits for a flush, and reading
//! its own part.

use super::records::Change;
use super::table::Table;
use super::{DynMap, keys};
use crate::array::{Array, Output};
use crate::collectives::Reduction;
use crate::error::{Error, Result};
use crate::scalar::Scalar;
use dtl_types::{Dtype, ReduceOp, Status};

/// The rank of each key, as int32, in the shape of `keys`.
pub fn owner(map: &DynMap, keys: Array<'_>, output: &mut dyn Output) -> Result<()> {
    let words = keys::words(map.key_dtype(), &keys)?;
    let mut result = output.provide(Dtype::Int32, keys.shape())?;
    for (place, word) in words.into_iter().enumerate() {
        result.store(place * size_of::<i32>(), &(map.owner_of(word) as i32).to_ne_bytes());
    }
    Ok(())
}

/// Gives each key a value.
pub fn insert(map: &DynMap, keys: Array<'_>, values: Array<'_>) -> Result<()> {
    check_values(map, &keys, &values)?;
    let words = keys::words(map.key_dtype(), &keys)?;
    let (bytes, size) = (values.bytes(), map.value_dtype().size());
    change(map, words, |place| Change::Insert(&bytes[place * size..][..size]))
}

/// Combines a value with that of each key; the key gets it if it has none. This waits for the next flush in any case.
pub fn combine(map: &DynMap, keys: Array<'_>, values: Array<'_>, op: ReduceOp) -> Result<()> {
    Reduction::new(op, map.value_dtype())?;
    check_values(map, &keys, &values)?;
    let words = keys::words(map.key_dtype(), &keys)?;
    let (bytes, size) = (values.bytes(), map.value_dtype().size());
    change(map, words, |place| Change::Combine(op, &bytes[place * size..][..size]))
}

/// There must be a value of the map's type for each key.
fn check_values(map: &DynMap, keys: &Array<'_>, values: &Array<'_>) -> Result<()> {
    values.check_dtype("values", map.value_dtype(), "the map's values are")?;
    if values.shape() != keys.shape() {
        return Err(Error::new(
            Status::ExtentMismatch,
            format!(
                "keys has the shape {:?} and values {:?}; pass a value for each key",
                keys.shape(),
                values.shape()
            ),
        ));
    }
    Ok(())
}

/// Takes keys out; those that are not there are left alone.
pub fn erase(map: &DynMap, keys: Array<'_>) -> Result<()> {
    change(map, keys::words(map.key_dtype(), &keys)?, |_| Change::Erase)
}

/// Makes a change for each key: at once if this rank owns it and nothing speaks against that.
fn change<'v>(map: &DynMap, words: Vec<u64>, change_at: impl Fn(usize) -> Change<'v>) -> Result<()> {
    let (rank, ranks) = (super::rank(map) as usize, map.ranks());
    let mut state = map.state();
    for (place, word) in words.into_iter().enumerate() {
        let change = truthful(map.value_dtype(), change_at(place));
        state.own_wait |= matches!(change, Change::Combine(..));
        if state.own_wait || map.owner_of(word) != rank {
            state.waiting.push(word, change)?;
            continue;
        }
        if ranks > 1 {
            state.written.insert(word, &[])?;
        }
        state.table.apply(word, change, map.value_dtype())?;
    }
    Ok(())
}

/// The same change, its value 0 or 1 where values are bool: other languages store any non-zero byte for true.
fn truthful(dtype: Dtype, change: Change<'_>) -> Change<'_> {
    let truth = |value: &[u8]| -> &'static [u8] { if value[0] == 0 { &[0] } else { &[1] } };
    match change {
        Change::Insert(value) if dtype == Dtype::Bool => Change::Insert(truth(value)),
        Change::Combine(op, value) if dtype == Dtype::Bool => Change::Combine(op, truth(value)),
        change => change,
    }
}

/// The value of each key, which must be this rank's, in the shape of `keys`. A key that is not there has the default value; it
/// is an error without one.
pub fn get_local(
    map: &DynMap,
    keys: Array<'_>,
    default_value: Option<Scalar>,
    output: &mut dyn Output,
) -> Result<()> {
    let words = own_words(map, &keys)?;
    let mut result = output.provide(map.value_dtype(), keys.shape())?;
    let size = map.value_dtype().size();
    let state = map.state();
    for (place, word) in words.into_iter().enumerate() {
        match state.table.get(word).or(default_value.as_ref().map(Scalar::bytes)) {
            Some(value) => result.store(place * size, value),
            None => return Err(missing(map, word)),
        }
    }
    Ok(())
}

/// Whether each key, which must be this rank's, is there: bool, in the shape of `keys`.
pub fn contains_local(map: &DynMap, keys: Array<'_>, output: &mut dyn Output) -> Result<()> {
    let words = own_words(map, &keys)?;
    let mut result = output.provide(Dtype::Bool, keys.shape())?;
    let state = map.state();
    for (place, word) in words.into_iter().enumerate() {
        result.store(place, &[u8::from(state.table.get(word).is_some())]);
    }
    Ok(())
}

/// The words of keys that must be this rank's.
fn own_words(map: &DynMap, keys: &Array<'_>) -> Result<Vec<u64>> {
    let (words, rank) = (keys::words(map.key_dtype(), keys)?, super::rank(map) as usize);
    match words.iter().find(|word| map.owner_of(**word) != rank) {
        None => Ok(words),
        Some(word) => Err(Error::new(
            Status::InvalidIndex,
            format!(
                "key {} belongs to rank {}, this is rank {rank}; use find or contains, which all ranks call together",
                keys::text(map.key_dtype(), *word),
                map.owner_of(*word)
            ),
        )),
    }
}

/// The error for a key that is not in the map.
pub(super) fn missing(map: &DynMap, word: u64) -> Error {
    Error::new(
        Status::KeyNotFound,
        format!(
            "key {} is not in the map; pass a default value, or ask first whether the map contains it",
            keys::text(map.key_dtype(), word)
        ),
    )
}

/// This rank's keys, ascending.
pub fn local_keys(map: &DynMap, output: &mut dyn Output) -> Result<()> {
    let (words, _) = sorted(map, false)?;
    let shape = [words.len()];
    keys::write(&mut output.provide(map.key_dtype(), &shape)?, words);
    Ok(())
}

/// The values of this rank's keys, in the order of the keys.
pub fn local_values(map: &DynMap, output: &mut dyn Output) -> Result<()> {
    let (words, values) = sorted(map, true)?;
    let shape = [words.len()];
    output.provide(map.value_dtype(), &shape)?.store(0, &values);
    Ok(())
}

/// The words of this rank's keys in the order of the keys, and their values if those are wanted.
pub(super) fn sorted(map: &DynMap, with_values: bool) -> Result<(Vec<u64>, Vec<u8>)> {
    let state = map.state();
    let mut words = keys::reserved(state.table.len())?;
    words.extend(state.table.keys());
    words.sort_unstable_by_key(|word| keys::order(map.key_dtype(), *word));
    let mut values = Vec::new();
    if with_values {
        values = keys::reserved(words.len() * map.value_dtype().size())?;
        words.iter().for_each(|word| values.extend_from_slice(state.table.get(*word).unwrap_or_default()));
    }
    Ok((words, values))
}
