//! The hash partition: elements are dealt in rounds of one for each rank, and each round starts at a rank that depends on
//! a hash of the round's number. Balanced to within one element like the cyclic partition, but without its regularity:
//! a program that works on every `ranks`-th element keeps all ranks busy.

use super::Partition;

#[derive(Debug, Clone)]
pub(super) struct Hash {
    ranks: u64,
}

impl Hash {
    pub(super) fn new(ranks: u64) -> Self {
        Hash { ranks }
    }

    /// The rank that gets the first element of a round.
    fn first(&self, round: u64) -> u64 {
        mix(round) % self.ranks
    }

    /// The place of `rank`'s element within a round.
    fn place(&self, rank: u64, round: u64) -> u64 {
        (rank + self.ranks - self.first(round)) % self.ranks
    }
}

impl Partition for Hash {
    fn owner(&self, global: u64) -> u64 {
        (global % self.ranks + self.first(global / self.ranks)) % self.ranks
    }

    fn local_index(&self, global: u64) -> u64 {
        global / self.ranks
    }

    fn global_index(&self, rank: u64, local: u64) -> u64 {
        local * self.ranks + self.place(rank, local)
    }

    fn position(&self, rank: u64, global: u64) -> u64 {
        let round = global / self.ranks;
        round + u64::from(self.place(rank, round) < global % self.ranks)
    }

    fn run_end(&self, global: u64) -> u64 {
        global + 1
    }
}

/// A fixed mixing of 64 bits: multiply and shift with the constants of SplitMix64 (Steele, Lea and Flood 2014, "Fast
/// splittable pseudorandom number generators"). Part of the meaning of a hash partition: it never changes, so that the
/// same element has the same owner on every machine and in every version.
pub(crate) fn mix(round: u64) -> u64 {
    let mut z = round.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::mix;

    #[test]
    fn the_mix_is_the_documented_one() {
        // The first outputs of SplitMix64 seeded with 0.
        assert_eq!(mix(0), 0xE220_A839_7B1D_CDAF);
        assert_eq!(mix(0x9E37_79B9_7F4A_7C15), 0x6E78_9E6A_A1B9_65F4);
    }
}
