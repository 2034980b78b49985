//! A number that stands for a list of numbers where ranks compare lists for which a message has no room.

/// The two numbers of the hash function FNV-1a.
const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0000_0100_0000_01b3;

/// A number by which ranks compare lists of numbers.
pub(crate) fn digest(numbers: &[i64]) -> u64 {
    numbers.iter().fold(FNV_OFFSET, |digest, number| {
        let bytes = number.to_le_bytes();
        bytes.iter().fold(digest ^ 0xff, |digest, byte| (digest ^ u64::from(*byte)).wrapping_mul(FNV_PRIME))
    })
}
