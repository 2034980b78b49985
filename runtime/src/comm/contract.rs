//! What the ranks of a collective must agree on, and the sentence when they do not. Every rank compares the same messages,
//! so every rank comes to the same sentence.

use super::ranks::Ranks;
use super::round::{Header, Message};
use crate::context::container_number;
use crate::error::Error;
use dtl_types::{Dtype, Operation, ReduceOp, SpecEnum, Status};

/// A field of the header that must be equal on all ranks.
struct Field {
    name: &'static str,
    value: fn(&Header) -> u64,
    text: fn(u64) -> String,
    cure: &'static str,
}

const FIELDS: [Field; 6] = [
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
        name: "container",
        value: |header| header.container,
        text: container_number,
        cure: "Every rank must pass the same container; they are numbered in the order of their creation, also those that \
               arithmetic makes.",
    },
    Field {
        name: "call number",
        value: |header| header.sequence.into(),
        text: |number| number.to_string(),
        cure: "Every rank must make the same collective calls in the same order.",
    },
];

pub(super) fn name_of<E: SpecEnum>(code: u64) -> String {
    E::from_code(code as i32).map_or_else(|| "none".to_owned(), |value| value.name().to_owned())
}

/// The name of a header's operation.
fn operation(code: u64) -> String {
    name_of::<Operation>(code)
}

/// An argument for which the header has no field; it travels as 8 bytes in front of the payload.
#[derive(Debug, Clone, Copy)]
pub(super) struct Argument {
    pub(super) name: &'static str,
    pub(super) value: u64,
    pub(super) text: fn(u64) -> String,
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

/// The error when the headers of all ranks, or the arguments in front of the payloads, do not say the same.
pub(super) fn compare(messages: &[Message], arguments: &[Argument]) -> Result<(), Error> {
    // Nearly always everything is equal: no sentences are prepared then.
    if messages.iter().all(|message| message.says_the_same(&messages[0], arguments.len() * Argument::SIZE)) {
        return Ok(());
    }
    let values = |field: fn(&Header) -> u64| messages.iter().map(move |message| field(&message.header));
    if let Some(groups) = groups(values(|header| header.operation.into()), operation, ("calls", "call")) {
        return Err(broken(format!(
            "the ranks call different operations: {groups}. Every rank must make the same collective calls in the same order."
        )));
    }
    let fields = FIELDS.iter().filter_map(|field| {
        let groups = groups(values(field.value), field.text, ("passes", "pass"))?;
        Some(format!("{} differs between ranks: {groups}. {}", field.name, field.cure))
    });
    let arguments = arguments.iter().enumerate().filter_map(|(place, Argument { name, text, .. })| {
        let values = messages.iter().map(|message| Argument::value_in(message.payload(), place));
        let groups = groups(values, text, ("passes", "pass"))?;
        Some(format!("{name} differs between ranks: {groups}. Every rank must pass the same {name}."))
    });
    let sentences: Vec<String> = fields.chain(arguments).collect();
    if sentences.is_empty() {
        return Ok(());
    }
    Err(broken(format!("{}: {}", operation(messages[0].header.operation.into()), sentences.join(" "))))
}

pub(super) fn broken(message: String) -> Error {
    Error::new(Status::CollectiveParticipation, message)
}

/// Who passes what, "ranks 0-2 pass 4, rank 3 passes 5"; `None` when all values are equal.
fn groups<T: PartialEq + Copy>(
    values: impl Iterator<Item = T>,
    text: impl Fn(T) -> String,
    (one, several): (&str, &str),
) -> Option<String> {
    let mut groups: Vec<(T, Vec<i32>)> = Vec::new();
    for (rank, value) in values.enumerate() {
        match groups.iter_mut().find(|(known, _)| *known == value) {
            Some((_, ranks)) => ranks.push(rank as i32),
            None => groups.push((value, vec![rank as i32])),
        }
    }
    if groups.len() < 2 {
        return None;
    }
    let phrases = groups.into_iter().map(|(value, ranks)| {
        let ranks = Ranks(&ranks);
        format!("{ranks} {} {}", ranks.verb(one, several), text(value))
    });
    Some(phrases.collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(compare(&messages(|_, _| {}), &[]), Ok(()));
    }

    #[test]
    fn each_difference_is_a_sentence() {
        let sent = messages(|rank, header| header.count += u64::from(rank == 3));
        let error = compare(&sent, &[]).unwrap_err();
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
            compare(&sent, &[]).unwrap_err().message(),
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
        let number = Argument { name: "block_size", value: 7, text: |value| value.to_string() };
        let policy = Argument { name: "partition", value: 0, text: name_of::<dtl_types::PartitionPolicy> };
        assert_eq!(
            compare(&sent, &[number, policy]).unwrap_err().message(),
            "allreduce: partition differs between ranks: ranks 0-1 pass block, ranks 2-3 pass cyclic. \
             Every rank must pass the same partition."
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
        let error = compare(&sent, &[]).unwrap_err();
        assert!(
            error.message().starts_with(
                "the ranks call different operations: ranks 0,2-3 call allreduce, rank 1 calls broadcast."
            ),
            "{error}"
        );
    }
}
