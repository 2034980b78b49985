//! What the ranks of a collective must agree on, and the sentence when they do not. Every rank compares the same messages,
//! so every rank comes to the same sentence.

use super::round::{Header, Message};
use super::shape::{Compared, Shape, UNKNOWN};
use crate::comm::ranks::{groups, groups_of};
use crate::error::Error;
use crate::identity;
use dtl_types::{Dtype, Operation, ReduceOp, SpecEnum, Status};

/// A field of the header that must be equal on all ranks.
struct Field {
    name: &'static str,
    value: fn(&Header) -> u64,
    text: fn(u64) -> String,
    cure: &'static str,
}

const FIELDS: [Field; 5] = [
    Field {
        name: "dtype",
        value: |header| header.dtype.into(),
        text: name_of::<Dtype>,
        cure: "Every rank must pass the same data type.",
    },
    Field {
        name: "count",
        value: |header| header.count,
        text: |count| count.to_string(),
        cure: "Every rank must pass the same number of elements.",
    },
    Field {
        name: "op",
        value: |header| header.op.into(),
        text: name_of::<ReduceOp>,
        cure: "Every rank must pass the same operator.",
    },
    Field {
        name: "root",
        value: |header| header.root as u64,
        text: |root| (root as i32).to_string(),
        cure: "Every rank must pass the same root.",
    },
    Field {
        name: "call number",
        value: |header| header.sequence.into(),
        text: |number| number.to_string(),
        cure: "Every rank must make the same collective calls in the same order.",
    },
];

/// The subject of a call that is about a container.
const CONTAINER: Field = Field {
    name: "container",
    value: |header| header.subject,
    text: identity::in_words,
    cure: "Every rank must pass the same container: of those made together the one of the same number, counted in the order of \
           their creation; of those made locally, as arithmetic does, one of the same data type and layout.",
};

pub(super) fn name_of<E: SpecEnum>(code: u64) -> String {
    E::from_code(code as i32).map_or_else(|| "none".to_owned(), |value| value.name().to_owned())
}

/// The name of a header's operation.
fn operation(code: u64) -> String {
    name_of::<Operation>(code)
}

/// An argument for which the header has no field; it travels as 8 bytes in front of the payload.
#[derive(Debug, Clone)]
pub(super) struct Argument {
    pub(super) name: &'static str,
    pub(super) value: u64,
    pub(super) meaning: Meaning,
}

/// What the 8 bytes of an argument stand for.
#[derive(Debug, Clone)]
pub(super) enum Meaning {
    /// A value, which this function puts into words.
    Value(fn(u64) -> String),
    /// These numbers, for which there is no room and of which the 8 bytes are a digest; the function puts each into words.
    Numbers(Vec<i64>, fn(u64) -> String),
}

impl Argument {
    /// Bytes that an argument takes.
    pub(super) const SIZE: usize = 8;

    /// The value of this rank's argument number `place` in a payload.
    fn value_in(payload: &[u8], place: usize) -> u64 {
        let bytes = &payload[place * Self::SIZE..][..Self::SIZE];
        bytes.iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte))
    }
}

/// Whether all messages say the same, in the headers and in so many arguments.
pub(super) fn is_kept(messages: &[Message], arguments: usize) -> bool {
    messages.iter().all(|message| message.says_the_same(&messages[0], arguments * Argument::SIZE))
}

/// The error when the headers of all ranks, or the arguments in front of the payloads, do not say the same. `shape` is that which
/// this rank passes, if the call is about one. Numbers that differ are told to all ranks with `tell`, which gives those of every
/// rank.
pub(super) async fn compare(
    messages: &[Message],
    shape: Option<&Shape<'_>>,
    arguments: &[Argument],
    tell: impl AsyncFn(&[i64]) -> Result<Vec<Vec<i64>>, Error>,
) -> Result<(), Error> {
    let values = |field: fn(&Header) -> u64| messages.iter().map(move |message| field(&message.header));
    if let Some(groups) = groups(values(|header| header.operation.into()), operation, ("calls", "call")) {
        return Err(broken(format!(
            "the ranks call different operations: {groups}. Every rank must make the same collective calls in the same order."
        )));
    }
    // Every rank has the same messages before it, and comes to the same decisions here.
    let subject = if shape.is_none() { Some(&CONTAINER) } else { None };
    let fields = FIELDS.iter().chain(subject).filter_map(|field| {
        let groups = groups(values(field.value), field.text, PASSES)?;
        Some(format!("{} differs between ranks: {groups}. {}", field.name, field.cure))
    });
    let mut sentences: Vec<String> = fields.collect();
    if let Some(shape) =
        shape.filter(|_| groups(values(|header| header.count), |_| String::new(), PASSES).is_none())
    {
        sentences.extend(compare_shapes(messages, shape, &tell).await?);
    }
    for (place, Argument { name, meaning, .. }) in arguments.iter().enumerate() {
        let values = messages.iter().map(|message| Argument::value_in(message.payload(), place));
        let groups = match meaning {
            Meaning::Value(text) => groups(values, text, PASSES),
            Meaning::Numbers(..) if groups(values, |_| String::new(), PASSES).is_none() => None,
            Meaning::Numbers(numbers, text) => {
                groups(tell(numbers).await?, |numbers| in_brackets(&numbers, *text), PASSES)
            }
        };
        sentences.extend(groups.map(|groups| {
            format!("{name} differs between ranks: {groups}. Every rank must pass the same {name}.")
        }));
    }
    if sentences.is_empty() {
        return Ok(());
    }
    Err(broken(format!("{}: {}", operation(messages[0].header.operation.into()), sentences.join(" "))))
}

/// The sentence when the shapes that are known differ.
async fn compare_shapes(
    messages: &[Message],
    shape: &Shape<'_>,
    tell: impl AsyncFn(&[i64]) -> Result<Vec<Vec<i64>>, Error>,
) -> Result<Option<String>, Error> {
    let known = |(_, message): &(i32, &Message)| message.header.subject != UNKNOWN;
    let known: Vec<(i32, u64)> =
        (0..).zip(messages).filter(known).map(|(rank, message)| (rank, message.header.subject)).collect();
    if known.iter().all(|(_, number)| *number == known[0].1) {
        return Ok(None);
    }
    let told = tell(&shape.told()).await?;
    let text = |number: u64| {
        let (rank, _) =
            known.iter().find(|(_, known)| *known == number).expect("it is one of those that are known");
        Shape::in_words(&told[*rank as usize])
    };
    let groups = groups_of(known.iter().copied(), text, PASSES).unwrap_or_default();
    let cure = match shape.compared {
        Compared::Row => "Arrays may differ in the first dimension alone.",
        Compared::Whole if known.iter().any(|(rank, _)| told[*rank as usize][0] == 0) => {
            "Every rank must pass an array of the same shape. A single value has the shape (), and is no array of one element: \
             pass single values on all ranks, or arrays on all."
        }
        Compared::Whole => "Every rank must pass an array of the same shape.",
    };
    let what = if shape.compared == Compared::Row { "shape of a row" } else { "shape" };
    Ok(Some(format!("{what} differs between ranks: {groups}. {cure}")))
}

fn in_brackets(numbers: &[i64], text: fn(u64) -> String) -> String {
    let words: Vec<String> = numbers.iter().map(|number| text(*number as u64)).collect();
    format!("[{}]", words.join(", "))
}

/// A number with a sign, in words.
pub(super) fn number(value: u64) -> String {
    (value as i64).to_string()
}

const PASSES: (&str, &str) = ("passes", "pass");

pub(super) fn broken(message: String) -> Error {
    Error::new(Status::CollectiveParticipation, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comm::progress::Wait;

    async fn nothing_to_tell(_: &[i64]) -> Result<Vec<Vec<i64>>, Error> {
        unreachable!("there are no lists")
    }

    fn messages(change: impl Fn(usize, &mut Header)) -> Vec<Message> {
        (0..4)
            .map(|rank| {
                let mut header = Header { count: 4, ..Header::new(Operation::Allreduce) };
                change(rank, &mut header);
                Message::new(header)
            })
            .collect()
    }

    #[test]
    fn equal_headers_agree() {
        assert_eq!(compare(&messages(|_, _| {}), None, &[], nothing_to_tell).wait(), Ok(()));
    }

    #[test]
    fn each_difference_is_a_sentence() {
        let sent = messages(|rank, header| header.count += u64::from(rank == 3));
        let error = compare(&sent, None, &[], nothing_to_tell).wait().unwrap_err();
        assert_eq!(error.status(), Status::CollectiveParticipation);
        assert_eq!(
            error.message(),
            "allreduce: count differs between ranks: ranks 0-2 pass 4, rank 3 passes 5. \
             Every rank must pass the same number of elements."
        );
        let sent = messages(|rank, header| {
            header.op = (rank % 2) as u8;
            header.root = -(rank as i32 / 3);
        });
        assert_eq!(
            compare(&sent, None, &[], nothing_to_tell).wait().unwrap_err().message(),
            "allreduce: op differs between ranks: ranks 0,2 pass sum, ranks 1,3 pass prod. \
             Every rank must pass the same operator. root differs between ranks: ranks 0-2 pass 0, rank 3 passes -1. \
             Every rank must pass the same root."
        );
    }

    #[test]
    fn arguments_are_compared_like_fields() {
        let mut sent = messages(|_, _| {});
        for (rank, message) in sent.iter_mut().enumerate() {
            message.push(&7u64.to_le_bytes());
            message.push(&((rank / 2) as u64).to_le_bytes());
        }
        let number = Argument { name: "block_size", value: 7, meaning: Meaning::Value(number) };
        let policy = Argument {
            name: "partition",
            value: 0,
            meaning: Meaning::Value(name_of::<dtl_types::PartitionPolicy>),
        };
        assert_eq!(
            compare(&sent, None, &[number, policy], nothing_to_tell).wait().unwrap_err().message(),
            "allreduce: partition differs between ranks: ranks 0-1 pass block, ranks 2-3 pass cyclic. \
             Every rank must pass the same partition."
        );
    }

    #[test]
    fn lists_that_differ_are_told() {
        let mut sent = messages(|_, _| {});
        sent.iter_mut()
            .enumerate()
            .for_each(|(rank, message)| message.push(&u64::to_le_bytes(rank as u64 / 3)));
        let shape = Argument { name: "shape", value: 0, meaning: Meaning::Numbers(vec![4, 5], number) };
        let tell = async |own: &[i64]| Ok(vec![own.to_vec(), own.to_vec(), own.to_vec(), vec![4]]);
        assert_eq!(
            compare(&sent, None, &[shape], tell).wait().unwrap_err().message(),
            "allreduce: shape differs between ranks: ranks 0-2 pass [4, 5], rank 3 passes [4]. \
             Every rank must pass the same shape."
        );
    }

    #[test]
    fn a_shape_that_is_not_known_agrees_with_every_shape() {
        let shape = |extents| Shape::new(Compared::Whole, Some(extents));
        let (own, other) = (shape(&[2, 3]), shape(&[3, 2]));
        let mut sent = messages(|rank, header| header.subject = if rank == 2 { UNKNOWN } else { own.number });
        assert!(!is_kept(&sent, 0));
        assert_eq!(compare(&sent, Some(&own), &[], nothing_to_tell).wait(), Ok(()));
        sent[3].header.subject = other.number;
        let told = [own, own, Shape::new(Compared::Whole, None), other].map(|shape| shape.told().to_vec());
        let tell = async |_: &[i64]| Ok(told.to_vec());
        assert_eq!(
            compare(&sent, Some(&own), &[], tell).wait().unwrap_err().message(),
            "allreduce: shape differs between ranks: ranks 0-1 pass (2, 3), rank 3 passes (3, 2). \
             Every rank must pass an array of the same shape."
        );
    }

    #[test]
    fn different_operations_are_all_that_is_said() {
        let sent = messages(|rank, header| {
            header.count = rank as u64;
            if rank == 1 {
                header.operation = Operation::Broadcast.code() as u16;
            }
        });
        let error = compare(&sent, None, &[], nothing_to_tell).wait().unwrap_err();
        assert!(
            error.message().starts_with(
                "the ranks call different operations: ranks 0,2-3 call allreduce, rank 1 calls broadcast."
            ),
            "{error}"
        );
    }
}
