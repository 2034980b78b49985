//! Collectives of arrays that differ between ranks in their first dimension. Rows are numbered so that each says who sends it to
//! whom.

use super::Rest;
use crate::arrays::{Place, Values};
use crate::plan::Random;
use dtl::{Context, Dtype, Result, ops};

/// One of them, with counts where they may be given, and the blocks one after the other or in an order that is drawn.
pub fn blocking(context: &Context, random: &mut Random) -> Rest {
    let kind = random.of(&[gatherv as Varying, scatterv, allgatherv, alltoallv]);
    let size = context.size() as usize;
    let case = Case {
        dtype: random.of(&[Dtype::Int8, Dtype::Uint16, Dtype::Float32, Dtype::Float64, Dtype::Complex128]),
        row: random.of(&[1, 1, 3, 0]),
        counts: (0..size * size).map(|_| random.of(&[0, 1, 2, 9, 120]) as u64).collect(),
        gap: random.below(3) as u64,
        says_counts: random.below(2) == 0,
        root: random.below(size) as i32,
        size,
        rank: context.rank() as usize,
    };
    kind(context, &case).unwrap_or_else(|error| panic!("rank {}: {error}", case.rank));
    super::nothing()
}

type Varying = fn(&Context, &Case) -> Result<()>;

struct Case {
    dtype: Dtype,
    /// Elements in a row.
    row: usize,
    /// How many rows each rank sends to each.
    counts: Vec<u64>,
    /// Rows between blocks.
    gap: u64,
    says_counts: bool,
    root: i32,
    size: usize,
    rank: usize,
}

impl Case {
    fn count(&self, from: usize, to: usize) -> u64 {
        self.counts[from * self.size + to]
    }

    /// The numbers of the block that a rank sends to another.
    fn block(&self, from: usize, to: usize) -> Vec<i64> {
        let count = self.count(from, to) as usize * self.row;
        (0..count).map(|index| ((index + 5 * from + 11 * to) % 100) as i64).collect()
    }

    /// Where blocks begin that lie `gap` rows apart.
    fn displs(&self, counts: &[u64]) -> Vec<u64> {
        let mut end = 0;
        counts.iter().map(|count| (end + self.gap, end += self.gap + count).0).collect()
    }

    /// Blocks, each with its gap before it.
    fn joined(&self, blocks: impl Iterator<Item = Vec<i64>>, counts: &[u64]) -> Values {
        let gap = vec![0; self.gap as usize * self.row];
        let numbers: Vec<i64> = blocks.flat_map(|block| [gap.clone(), block].concat()).collect();
        let rows: u64 = counts.iter().map(|count| count + self.gap).sum();
        Values::of(self.dtype, &[rows as usize, self.row], &numbers)
    }

    fn own(&self) -> Values {
        let rows = self.count(self.rank, 0) as usize;
        Values::of(self.dtype, &[rows, self.row], &self.block(self.rank, 0))
    }

    /// What the ranks send to rank 0, which stands for all, and how much of it.
    fn stacked(&self) -> (Vec<u64>, Values) {
        let counts: Vec<u64> = (0..self.size).map(|from| self.count(from, 0)).collect();
        let values = self.joined((0..self.size).map(|from| self.block(from, 0)), &counts);
        (counts, values)
    }
}

fn gatherv(context: &Context, case: &Case) -> Result<()> {
    let (counts, wanted) = case.stacked();
    let mut place = Place::default();
    let displs = case.displs(&counts);
    let says = case.says_counts.then_some(counts.as_slice());
    ops::gatherv(context, case.own().input(), case.root, says, Some(&displs), &mut place)?;
    let is_root = case.rank as i32 == case.root;
    assert_eq!(place.result, is_root.then_some(wanted), "gatherv");
    Ok(())
}

fn allgatherv(context: &Context, case: &Case) -> Result<()> {
    let (counts, wanted) = case.stacked();
    let mut place = Place::default();
    let displs = case.displs(&counts);
    let says = case.says_counts.then_some(counts.as_slice());
    ops::allgatherv(context, case.own().input(), says, Some(&displs), &mut place)?;
    assert_eq!(place.result, Some(wanted), "allgatherv");
    Ok(())
}

fn scatterv(context: &Context, case: &Case) -> Result<()> {
    let root = case.root as usize;
    let counts: Vec<u64> = (0..case.size).map(|to| case.count(root, to)).collect();
    let sent = case.joined((0..case.size).map(|to| case.block(root, to)), &counts);
    let displs = case.displs(&counts);
    let mut place = Place::default();
    if case.rank == root {
        let data = Some(sent.input());
        ops::scatterv(context, data, Some(&counts), Some(&displs), case.root, &mut place)?;
    } else {
        ops::scatterv(context, None, None, None, case.root, &mut place)?;
    }
    let shape = [case.count(root, case.rank) as usize, case.row];
    assert_eq!(place.result, Some(Values::of(case.dtype, &shape, &case.block(root, case.rank))), "scatterv");
    Ok(())
}

fn alltoallv(context: &Context, case: &Case) -> Result<()> {
    let (rank, all) = (case.rank, 0..case.size);
    let sent: Vec<u64> = all.clone().map(|to| case.count(rank, to)).collect();
    let received: Vec<u64> = all.clone().map(|from| case.count(from, rank)).collect();
    let data = case.joined(all.clone().map(|to| case.block(rank, to)), &sent);
    let (sdispls, rdispls) = (case.displs(&sent), case.displs(&received));
    let says = case.says_counts.then_some(received.as_slice());
    let mut place = Place::default();
    ops::alltoallv(context, data.input(), Some(&sent), Some(&sdispls), says, Some(&rdispls), &mut place)?;
    let wanted = case.joined(all.map(|from| case.block(from, rank)), &received);
    assert_eq!(place.result, Some(wanted), "alltoallv");
    Ok(())
}
