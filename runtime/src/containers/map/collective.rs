//! What all ranks do with a map together: delivering changes to the owners of keys, asking them, and collecting everything.
//! The state of a map is never locked while ranks wait for each other, as another thread may want it before it lets them go on.

use super::local::{missing, sorted};
use super::records::Records;
use super::routes::{Parcels, Routes, number};
use super::table::{Fixed, Table, of_values};
use super::{DynMap, keys};
use crate::array::{Array, Output};
use crate::calls::Call;
use crate::collectives;
use crate::error::{Error, Result};
use crate::scalar::Scalar;
use dtl_types::{Dtype, Status};

/// Delivers all changes that wait to the owners of their keys.
pub async fn flush(call: &Call<'_>, map: &DynMap) -> Result<()> {
    let waits = map.state().waiting.len() as u64;
    let somewhere = call.exchange(&waits.to_ne_bytes()).await?.payloads().any(|waits| number(waits) > 0);
    if !somewhere {
        map.state().written = Fixed::default();
        return Ok(());
    }
    let nothing = Records::new(map.value_dtype().size());
    let waiting = std::mem::replace(&mut map.state().waiting, nothing);
    let own_waited = std::mem::take(&mut map.state().own_wait);
    let delivered = deliver(call, map, &waiting).await;
    match delivered {
        Ok((arrived, routes)) => call.agree_to_go_on(apply(map, &arrived, &routes)).await,
        Err(error) => {
            // Nothing has changed on this rank: everything goes on waiting.
            let mut state = map.state();
            let later = std::mem::replace(&mut state.waiting, waiting);
            state.waiting.append(&later);
            state.own_wait |= own_waited;
            Err(error)
        }
    }
}

async fn deliver(call: &Call<'_>, map: &DynMap, waiting: &Records) -> Result<(Records, Routes)> {
    let words = waiting.iter().map(|(word, _)| word);
    let parcels = call.agree_to_go_on(Parcels::pack(map, words, waiting.bytes(), waiting.size())).await?;
    let routes = Routes::agree(call, parcels.counts).await?;
    let arrived = routes.forward(call, parcels.records, waiting.size()).await?;
    Ok((Records::of(arrived, map.value_dtype().size()), routes))
}

/// Carries out the changes that have arrived, as if those of rank 0 had been made first, then those of rank 1, and so on: what
/// this rank has done to a key itself replaces what lower ranks did.
fn apply(map: &DynMap, arrived: &Records, routes: &Routes) -> Result<()> {
    let rank = super::rank(map) as usize;
    let mut state = map.state();
    let written = std::mem::take(&mut state.written);
    let sources =
        routes.received.iter().enumerate().flat_map(|(source, count)| std::iter::repeat_n(source, *count));
    for (source, (word, change)) in sources.zip(arrived.iter()) {
        if source >= rank || written.get(word).is_none() {
            state.table.apply(word, change, map.value_dtype())?;
        }
    }
    Ok(())
}

/// Flushes, and tells all ranks how many keys there are now.
pub async fn sync(call: &Call<'_>, map: &DynMap) -> Result<()> {
    sizes(call, map).await.map(drop)
}

/// Flushes, and gives the number of keys on each rank.
async fn sizes(call: &Call<'_>, map: &DynMap) -> Result<Vec<usize>> {
    flush(call, map).await?;
    let here = super::local_size(map);
    let sizes: Vec<u64> = call.exchange(&here.to_ne_bytes()).await?.payloads().map(number).collect();
    map.state().global_size = sizes.iter().sum();
    Ok(sizes.into_iter().map(|size| size as usize).collect())
}

/// Takes all keys out, and forgets changes that wait.
pub async fn clear(call: &Call<'_>, map: &DynMap) -> Result<()> {
    call.exchange(&[]).await?;
    let size = map.value_dtype().size();
    let mut state = map.state();
    state.table = of_values(size);
    state.waiting = Records::new(size);
    state.own_wait = false;
    state.written = Fixed::default();
    state.global_size = 0;
    Ok(())
}

/// Returns when all ranks have called it on this map.
pub async fn barrier(call: &Call<'_>, _map: &DynMap) -> Result<()> {
    collectives::barrier(call).await
}

/// The values of keys wherever they are, in the shape of `keys`. A key that is not there has the default value; it is an error on
/// all ranks without one.
pub async fn find(
    call: &Call<'_>,
    map: &DynMap,
    keys: Array<'_>,
    default_value: Option<Scalar>,
    output: &mut dyn Output,
) -> Result<()> {
    let value_dtype = map.value_dtype();
    let prepared = keys::words(map.key_dtype(), &keys)
        .and_then(|words| Ok((words, output.provide(value_dtype, keys.shape())?)));
    let (words, mut result) = call.admit(prepared).await?;
    let answers = ask(call, map, &words, value_dtype.size()).await?;
    let mut found = Ok(());
    for (place, (word, answer)) in words.iter().zip(answers.iter()).enumerate() {
        match answer.or(default_value.as_ref().map(Scalar::bytes)) {
            Some(value) => result.store(place * value_dtype.size(), value),
            None if found.is_ok() => found = Err(missing(map, *word)),
            None => {}
        }
    }
    call.agree_to_go_on(found).await
}

/// Whether keys are there, wherever that is: bool, in the shape of `keys`.
pub async fn contains(call: &Call<'_>, map: &DynMap, keys: Array<'_>, output: &mut dyn Output) -> Result<()> {
    let prepared = keys::words(map.key_dtype(), &keys)
        .and_then(|words| Ok((words, output.provide(Dtype::Bool, keys.shape())?)));
    let (words, mut result) = call.admit(prepared).await?;
    let answers = ask(call, map, &words, 0).await?;
    for (place, answer) in answers.iter().enumerate() {
        result.store(place, &[u8::from(answer.is_some())]);
    }
    Ok(())
}

/// Asks the owners of keys for the first bytes of their values.
async fn ask(call: &Call<'_>, map: &DynMap, words: &[u64], value_size: usize) -> Result<Answers> {
    let size = size_of::<u64>();
    // SAFETY: the words are readable, and every byte pattern is a u8.
    let bytes = unsafe { std::slice::from_raw_parts(words.as_ptr().cast::<u8>(), size_of_val(words)) };
    let parcels = call.agree_to_go_on(Parcels::pack(map, words.iter().copied(), bytes, size)).await?;
    let routes = Routes::agree(call, parcels.counts).await?;
    let questions = routes.forward(call, parcels.records, size).await?;
    let answers = call.admit(answer(map, &questions, value_size)).await?;
    let bytes = routes.back(call, answers, 1 + value_size).await?;
    Ok(Answers { bytes, places: parcels.places, size: 1 + value_size })
}

/// The answers to questions that have arrived: for each a byte that says whether the key is there, and its value.
fn answer(map: &DynMap, questions: &[u8], value_size: usize) -> Result<Vec<u8>> {
    let mut answers = keys::reserved(questions.len() / size_of::<u64>() * (1 + value_size))?;
    let state = map.state();
    for question in questions.chunks_exact(size_of::<u64>()) {
        let value = state.table.get(number(question));
        answers.push(u8::from(value.is_some()));
        let end = answers.len() + value_size;
        answers.extend_from_slice(&value.unwrap_or_default()[..value.map_or(0, |_| value_size)]);
        answers.resize(end, 0);
    }
    Ok(answers)
}

/// What owners have answered.
struct Answers {
    bytes: Vec<u8>,
    /// Where among the bytes the answer to each question is, counted in answers.
    places: Vec<usize>,
    size: usize,
}

impl Answers {
    /// The value of each key, in the order in which the keys were asked for; nothing for a key that is not there.
    fn iter(&self) -> impl Iterator<Item = Option<&[u8]>> {
        self.places.iter().map(|place| {
            let answer = &self.bytes[place * self.size..][..self.size];
            (answer[0] != 0).then_some(&answer[1..])
        })
    }
}

/// All keys, ascending, on every rank.
pub async fn global_keys(call: &Call<'_>, map: &DynMap, output: &mut dyn Output) -> Result<()> {
    let everything = collect(call, map).await?;
    let shape = [everything.len()];
    let mut result = call.agree_to_go_on(output.provide(map.key_dtype(), &shape)).await?;
    keys::write(&mut result, everything.iter().map(|(word, _)| *word));
    Ok(())
}

/// The values of all keys, in the order of the keys, on every rank.
pub async fn global_values(call: &Call<'_>, map: &DynMap, output: &mut dyn Output) -> Result<()> {
    let everything = collect(call, map).await?;
    let (shape, size) = ([everything.len()], map.value_dtype().size());
    let mut result = call.agree_to_go_on(output.provide(map.value_dtype(), &shape)).await?;
    for (place, (_, value)) in everything.iter().enumerate() {
        result.store(place * size, &value[..size]);
    }
    Ok(())
}

/// The words of all keys in the order of the keys, and the values in the first bytes of what is beside them. Changes that wait
/// are delivered first.
async fn collect(call: &Call<'_>, map: &DynMap) -> Result<Vec<(u64, [u8; 16])>> {
    let received = sizes(call, map).await?;
    let (value_size, rank) = (map.value_dtype().size(), super::rank(map) as usize);
    let size = size_of::<u64>() + value_size;
    let records = call.admit(own_pairs(map, received[rank])).await?;
    let everything = Routes::to_all(received, rank).forward_all(call, records, size).await?;
    let prepared = keys::reserved(everything.len() / size).map(|mut pairs| {
        pairs.extend(everything.chunks_exact(size).map(|record| {
            let mut value = [0; 16];
            value[..value_size].copy_from_slice(&record[size_of::<u64>()..]);
            (number(record), value)
        }));
        pairs
    });
    let mut pairs = call.agree_to_go_on(prepared).await?;
    pairs.sort_unstable_by_key(|(word, _)| keys::order(map.key_dtype(), *word));
    Ok(pairs)
}

/// This rank's words, each followed by its value: as many as the other ranks expect.
fn own_pairs(map: &DynMap, expected: usize) -> Result<Vec<u8>> {
    let (words, values) = sorted(map, true)?;
    if words.len() != expected {
        return Err(Error::new(
            Status::InvalidState,
            "another thread has changed the map meanwhile; let one thread at a time use a map",
        ));
    }
    let mut pairs = keys::reserved(size_of_val(words.as_slice()) + values.len())?;
    for (word, value) in words.iter().zip(values.chunks_exact(map.value_dtype().size())) {
        pairs.extend_from_slice(&word.to_ne_bytes());
        pairs.extend_from_slice(value);
    }
    Ok(pairs)
}
