//! Distributed maps, compared with a `std` map to which one program makes the changes of all ranks, one rank after the other.

use crate::arrays::{Place, Values};
use crate::ranks::{alone, on_ranks, same_error};
use dtl::array::Array;
use dtl::{Context, Dtype, DynMap, Error, Map, ReduceOp, Result, Scalar, Status, allreduce, ops};
use std::collections::{BTreeMap, HashMap};

/// Numbers drawn alike on all ranks.
struct Draw(u64);

impl Draw {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

/// What one rank does between two flushes.
#[derive(Clone)]
enum Change {
    Insert(Vec<i64>, Vec<i64>),
    Combine(Vec<i64>, Vec<i64>, ReduceOp),
    Erase(Vec<i64>),
}

/// The smallest key that is drawn; there are 150 others.
fn first_key(dtype: Dtype) -> i64 {
    let signed = Dtype::SIGNED.contains(&dtype) || Dtype::FLOAT.contains(&dtype);
    if signed { -75 } else { 0 }
}

fn draw_keys(draw: &mut Draw, dtype: Dtype) -> Vec<i64> {
    let limit = if dtype == Dtype::Bool { 2 } else { 150 };
    (0..draw.below(30)).map(|_| first_key(dtype) + draw.below(limit) as i64).collect()
}

fn draw_change(draw: &mut Draw, key_dtype: Dtype, value_dtype: Dtype) -> Change {
    let keys = draw_keys(draw, key_dtype);
    let kind = draw.below(8);
    let values = keys.iter().map(|_| draw.below(20) as i64).collect();
    match kind {
        0 => Change::Erase(keys),
        1 | 2 => Change::Combine(keys, values, ReduceOp::Sum),
        3 if ReduceOp::Max.dtypes().contains(&value_dtype) => Change::Combine(keys, values, ReduceOp::Max),
        _ => Change::Insert(keys, values),
    }
}

fn carry_out(map: &DynMap, change: &Change) {
    match change {
        Change::Insert(keys, values) => {
            let (keys, values) = (of(map.key_dtype(), keys), of(map.value_dtype(), values));
            ops::map_insert(map, keys.input(), values.input()).unwrap();
        }
        Change::Combine(keys, values, op) => {
            let (keys, values) = (of(map.key_dtype(), keys), of(map.value_dtype(), values));
            ops::map_combine(map, keys.input(), values.input(), *op).unwrap();
        }
        Change::Erase(keys) => ops::map_erase(map, of(map.key_dtype(), keys).input()).unwrap(),
    }
}

fn carry_out_in(model: &mut BTreeMap<i64, i64>, change: &Change) {
    match change {
        Change::Insert(keys, values) => model.extend(keys.iter().copied().zip(values.iter().copied())),
        Change::Combine(keys, values, op) => {
            for (key, value) in keys.iter().zip(values) {
                let combine = |present: &mut i64| match op {
                    ReduceOp::Sum => *present += value,
                    _ => *present = (*present).max(*value),
                };
                model.entry(*key).and_modify(combine).or_insert(*value);
            }
        }
        Change::Erase(keys) => model.retain(|key, _| !keys.contains(key)),
    }
}

fn of(dtype: Dtype, numbers: &[i64]) -> Values {
    Values::of(dtype, &[numbers.len()], numbers)
}

/// What `operation` gives.
fn result(operation: impl FnOnce(&mut Place) -> Result<()>) -> Result<Values> {
    let mut place = Place::default();
    operation(&mut place)?;
    Ok(place.result.expect("a result"))
}

/// The owners of keys.
fn owners(map: &DynMap, keys: &[i64]) -> Vec<i32> {
    let owners = result(|place| ops::map_owner(map, of(map.key_dtype(), keys).input(), place)).unwrap();
    let owner = |bytes: &[u8]| i32::from_ne_bytes(bytes.try_into().unwrap());
    owners.bytes.chunks_exact(size_of::<i32>()).map(owner).collect()
}

/// Everything that can be asked is what the model says. Each rank asks for keys of its own.
fn compare(map: &DynMap, model: &BTreeMap<i64, i64>, asked: &[i64]) {
    let (key_dtype, value_dtype) = (map.key_dtype(), map.value_dtype());
    let keys = of(key_dtype, asked);
    let there: Vec<i64> = asked.iter().map(|key| model.contains_key(key).into()).collect();
    let found = result(|place| ops::map_contains(map, keys.input(), place)).unwrap();
    assert_eq!(found, of(Dtype::Bool, &there));
    let values: Vec<i64> = asked.iter().map(|key| model.get(key).copied().unwrap_or(101)).collect();
    let one = of(value_dtype, &[101]);
    // SAFETY: the array holds one element.
    let default = unsafe { Scalar::from_raw(value_dtype, one.bytes.as_ptr()) };
    let found = result(|place| ops::map_find(map, keys.input(), Some(default), place)).unwrap();
    assert_eq!(found, of(value_dtype, &values));
    let all: (Vec<i64>, Vec<i64>) = model.iter().unzip();
    let everything = result(|place| ops::map_global_keys(map, place)).unwrap();
    assert_eq!(everything, of(key_dtype, &all.0));
    assert_eq!(result(|place| ops::map_global_values(map, place)).unwrap(), of(value_dtype, &all.1));
    assert_eq!((ops::map_global_size(map), ops::map_empty(map)), (model.len() as u64, model.is_empty()));
    compare_own_part(map, model);
}

fn compare_own_part(map: &DynMap, model: &BTreeMap<i64, i64>) {
    let keys: Vec<i64> = model.keys().copied().collect();
    let mine = |(_, owner): &(i64, i32)| *owner == ops::map_rank(map);
    let keys: Vec<i64> =
        keys.iter().copied().zip(owners(map, &keys)).filter(mine).map(|(key, _)| key).collect();
    let values: Vec<i64> = keys.iter().map(|key| model[key]).collect();
    assert_eq!(ops::map_local_size(map), keys.len() as u64);
    let (keys, values) = (of(map.key_dtype(), &keys), of(map.value_dtype(), &values));
    assert_eq!(result(|place| ops::map_local_keys(map, place)).unwrap(), keys);
    assert_eq!(result(|place| ops::map_local_values(map, place)).unwrap(), values);
    assert_eq!(result(|place| ops::map_get_local(map, keys.input(), None, place)).unwrap(), values);
}

/// Changes drawn at random, flushed now and then.
fn follow_a_model(context: &Context, key_dtype: Dtype, value_dtype: Dtype, seed: u64) {
    let map = ops::map_create(context, key_dtype, value_dtype).unwrap();
    let (mut draw, mut model) = (Draw(seed), BTreeMap::new());
    let (rank, ranks) = (context.rank(), context.size());
    for _ in 0..4 {
        for other in 0..ranks {
            for _ in 0..draw.below(4) {
                let change = draw_change(&mut draw, key_dtype, value_dtype);
                if rank == other {
                    carry_out(&map, &change);
                }
                carry_out_in(&mut model, &change);
            }
        }
        if draw.below(8) == 0 {
            ops::map_clear(&map).unwrap();
            model.clear();
        }
        ops::map_flush(&map).unwrap();
        assert!(!ops::map_is_dirty(&map));
        let asked: Vec<Vec<i64>> = (0..ranks).map(|_| draw_keys(&mut draw, key_dtype)).collect();
        compare(&map, &model, &asked[rank as usize]);
    }
}

#[test]
fn maps_follow_a_map_of_one_program() {
    let values = [Dtype::Int32, Dtype::Float64, Dtype::Complex128, Dtype::Uint8, Dtype::Float16];
    for ranks in [1, 2, 3, 5, 8] {
        on_ranks(ranks, |context| {
            for (place, key_dtype) in Dtype::KEYS.iter().enumerate() {
                for seed in 0..2 {
                    follow_a_model(context, *key_dtype, values[(place + seed) % values.len()], seed as u64);
                }
            }
        });
    }
}

#[test]
fn many_keys_of_the_typed_map() {
    const COUNT: i64 = 20_000;
    on_ranks(3, |context| {
        let mut map = Map::<i64, f64>::new(context).unwrap();
        let mine: Vec<i64> = (0..COUNT).filter(|key| key % 3 == i64::from(context.rank())).collect();
        let halves: Vec<f64> = mine.iter().map(|key| *key as f64 / 2.0).collect();
        map.insert(&mine, &halves).unwrap();
        map.sync().unwrap();
        assert_eq!(map.global_size(), COUNT as u64);
        // No rank has much more than its share.
        assert!((6000..7400).contains(&map.local_size()), "{}", map.local_size());
        let asked: Vec<i64> = (0..COUNT).rev().collect();
        let found = map.find(&asked, None).unwrap();
        assert!(asked.iter().zip(&found).all(|(key, value)| *value == *key as f64 / 2.0));
        assert_eq!(map.find(&[], None).unwrap(), []);
        let pairs: HashMap<i64, f64> =
            map.local_keys().unwrap().into_iter().zip(map.local_values().unwrap()).collect();
        let sum = allreduce(context, &[pairs.values().sum::<f64>()], ReduceOp::Sum).unwrap();
        assert_eq!(sum, [(COUNT * (COUNT - 1) / 4) as f64]);
    });
}

#[test]
fn of_several_values_the_highest_rank_s_last_stays() {
    on_ranks(4, |context| {
        let mut map = Map::<u16, i32>::new(context).unwrap();
        let keys: Vec<u16> = (0..100).collect();
        for round in 0..2 {
            let value = 10 * context.rank() + round;
            map.insert(&keys, &[value; 100]).unwrap();
        }
        assert_eq!(map.is_dirty(), map.num_ranks() > 1);
        map.flush().unwrap();
        assert_eq!(map.find(&keys, None).unwrap(), [31; 100]);
        // What the highest rank has erased, lower ranks cannot insert.
        if context.rank() == 3 {
            map.erase(&keys).unwrap();
        } else {
            map.insert(&keys, &[1; 100]).unwrap();
        }
        map.sync().unwrap();
        assert!(map.empty());
    });
}

#[test]
fn counts_of_all_ranks_add_up() {
    on_ranks(4, |context| {
        let mut map = Map::<u8, u64>::new(context).unwrap();
        let seen: Vec<u8> = (0..=255).flat_map(|key| vec![key; key as usize]).collect();
        map.combine(&seen, &vec![1; seen.len()], ReduceOp::Sum).unwrap();
        assert!(map.is_dirty());
        map.sync().unwrap();
        assert_eq!(map.global_size(), 255);
        let keys: Vec<u8> = (1..=255).collect();
        let counts = map.find(&keys, None).unwrap();
        assert!(keys.iter().zip(counts).all(|(key, count)| count == 4 * u64::from(*key)));
        // What comes after a combination is not overtaken by it.
        map.combine(&[1], &[10], ReduceOp::Max).unwrap();
        map.insert(&[1], &[context.rank() as u64]).unwrap();
        map.flush().unwrap();
        assert_eq!(map.find(&[1], None).unwrap(), [3]);
        let flags = Map::<u8, bool>::new(context).unwrap();
        let erased = ops::map_combine(
            flags.erased(),
            of(Dtype::Uint8, &[1]).input(),
            of(Dtype::Bool, &[1]).input(),
            ReduceOp::Minloc,
        );
        assert_eq!(erased.unwrap_err().status(), Status::NotSupported);
    });
}

#[test]
fn zeros_are_one_key_and_nan_is_none() {
    on_ranks(2, |context| {
        let mut map = Map::<f64, i8>::new(context).unwrap();
        map.insert(&[-0.0, f64::INFINITY], &[1, 2]).unwrap();
        map.sync().unwrap();
        assert_eq!(map.find(&[0.0, -0.0, f64::INFINITY], None).unwrap(), [1, 1, 2]);
        assert!(map.global_keys().unwrap()[0].is_sign_positive());
        let nan = [1.0, f64::NAN];
        assert_eq!(map.insert(&nan, &[1, 2]).unwrap_err().status(), Status::InvalidArgument);
        let mine: &[f64] = if context.is_root() { &[1.0] } else { &nan };
        let error = same_error(context, map.find(mine, Some(0)));
        assert_eq!((error.status(), error.rank()), (Status::InvalidArgument, Some(1)));
    });
}

#[test]
fn a_missing_key_is_an_error_on_all_ranks() {
    on_ranks(2, |context| {
        let mut map = Map::<i32, f32>::new(context).unwrap();
        map.insert(&[5], &[0.5]).unwrap();
        map.flush().unwrap();
        let asked = if context.is_root() { [5, 5] } else { [5, -6] };
        let error = same_error(context, map.find(&asked, None));
        assert_eq!(error.status(), Status::KeyNotFound);
        assert!(error.message().contains("key -6 is not in the map"), "{error}");
        assert_eq!(map.contains(&asked).unwrap(), [true, context.is_root()]);
    });
}

#[test]
fn keys_of_other_ranks_are_not_read_locally() {
    on_ranks(3, |context| {
        let map = Map::<i64, i64>::new(context).unwrap();
        let keys: Vec<i64> = (0..30).collect();
        for (key, owner) in keys.iter().zip(map.owner(&keys).unwrap()) {
            let read = map.contains_local(&[*key]);
            if owner == context.rank() {
                assert_eq!(read.unwrap(), [false]);
                assert_eq!(map.get_local(&[*key], None).unwrap_err().status(), Status::KeyNotFound);
                assert_eq!(map.get_local(&[*key], Some(7)).unwrap(), [7]);
            } else {
                let error = read.unwrap_err();
                assert_eq!(error.status(), Status::InvalidIndex);
                assert!(error.message().contains(&format!("key {key} belongs to rank {owner}")), "{error}");
                assert_eq!(map.get_local(&[*key], Some(7)).unwrap_err().status(), Status::InvalidIndex);
            }
        }
    });
}

#[test]
fn wrong_types_and_shapes_are_refused() {
    on_ranks(2, |context| {
        let refused = |error: Error, status, text: &str| {
            assert_eq!(error.status(), status);
            assert!(error.message().contains(text), "{error}");
        };
        let error = same_error(context, ops::map_create(context, Dtype::Complex64, Dtype::Int8));
        refused(error, Status::NotSupported, "key_dtype is complex64, which it cannot be. Pass one of: int8");
        let map = ops::map_create(context, Dtype::Int64, Dtype::Float64).unwrap();
        let (keys, wrong) = (of(Dtype::Int64, &[1, 2]), of(Dtype::Int32, &[1, 2]));
        let error = ops::map_insert(&map, wrong.input(), of(Dtype::Float64, &[1, 2]).input()).unwrap_err();
        refused(error, Status::InvalidArgument, "keys has the data type int32, but the map's keys are int64");
        let error = ops::map_insert(&map, keys.input(), wrong.input()).unwrap_err();
        refused(
            error,
            Status::InvalidArgument,
            "values has the data type int32, but the map's values are float64",
        );
        let error = ops::map_insert(&map, keys.input(), of(Dtype::Float64, &[1]).input()).unwrap_err();
        refused(error, Status::ExtentMismatch, "keys has the shape [2] and values [1]");
        let mine = if context.is_root() { keys.input() } else { wrong.input() };
        let error = same_error(context, result(|place| ops::map_contains(&map, mine, place)));
        refused(error, Status::InvalidArgument, "keys has the data type int32");
        let error = Map::<i64, f32>::from_erased(map).unwrap_err();
        refused(
            error,
            Status::InvalidArgument,
            "the map has int64 keys and float64 values, not int64 and float32",
        );
    });
}

#[test]
fn ranks_that_call_differently_are_told() {
    on_ranks(2, |context| {
        let maps = [0, 1].map(|_| Map::<i8, i8>::new(context).unwrap());
        let error = same_error(context, maps[context.rank() as usize].contains(&[1]));
        assert_eq!(error.status(), Status::CollectiveParticipation);
        let [mut map, _] = maps;
        map.insert(&[1], &[context.rank() as i8]).unwrap();
        let waits = map.is_dirty();
        let error = same_error(context, if context.is_root() { map.flush() } else { map.clear() });
        assert_eq!(error.status(), Status::CollectiveParticipation);
        // Nothing has been lost.
        assert_eq!(map.is_dirty(), waits);
        map.sync().unwrap();
        assert_eq!(map.find(&[1], None).unwrap(), [1]);
    });
}

#[test]
fn booleans_in_maps_are_zero_or_one() {
    let map = ops::map_create(&alone(), Dtype::Bool, Dtype::Bool).unwrap();
    let shape = [3];
    // SAFETY: three bytes that live as long as the program.
    let any = unsafe { Array::from_raw([0u8, 2, 255].as_ptr(), Dtype::Bool, &shape) };
    ops::map_insert(&map, any, any).unwrap();
    let map = Map::<bool, bool>::from_erased(map).unwrap();
    assert_eq!(
        (map.local_keys().unwrap(), map.local_values().unwrap()),
        (vec![false, true], vec![false, true])
    );
}

#[test]
fn a_map_outlives_its_context() {
    let map = {
        let context = alone();
        let mut map = Map::<i64, i64>::new(&context).unwrap();
        map.insert(&[1, 2], &[3, 4]).unwrap();
        context.close().unwrap();
        map
    };
    assert_eq!(map.get_local(&[2], None).unwrap(), [4]);
    assert_eq!(map.find(&[2], None).unwrap_err().status(), Status::InvalidState);
    assert!(map.describe().contains("keys=int64, values=int64"));
}
