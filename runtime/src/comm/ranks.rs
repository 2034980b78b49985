//! Ranks in sentences: "rank 3", "ranks 0-2,5".

use std::fmt;

/// A group of ranks, ascending and not empty, that displays as short as it can.
pub(crate) struct Ranks<'a>(pub(crate) &'a [i32]);

impl Ranks<'_> {
    /// The verb that goes with so many ranks: "passes" or "pass".
    pub(crate) fn verb<'v>(&self, one: &'v str, several: &'v str) -> &'v str {
        if self.0.len() == 1 { one } else { several }
    }
}

impl fmt::Display for Ranks<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.len() == 1 { "rank " } else { "ranks " })?;
        for (position, run) in self.0.chunk_by(|a, b| a + 1 == *b).enumerate() {
            let separator = if position == 0 { "" } else { "," };
            match run {
                [only] => write!(f, "{separator}{only}")?,
                [first, .., last] => write!(f, "{separator}{first}-{last}")?,
                [] => {}
            }
        }
        Ok(())
    }
}

/// Who passes what, "ranks 0-2 pass 4, rank 3 passes 5"; `None` when all values are equal.
pub(crate) fn groups<T: PartialEq>(
    values: impl IntoIterator<Item = T>,
    text: impl Fn(T) -> String,
    words: (&str, &str),
) -> Option<String> {
    groups_of((0..).zip(values), text, words)
}

/// The same for some of the ranks.
pub(crate) fn groups_of<T: PartialEq>(
    values: impl IntoIterator<Item = (i32, T)>,
    text: impl Fn(T) -> String,
    (one, several): (&str, &str),
) -> Option<String> {
    let mut groups: Vec<(T, Vec<i32>)> = Vec::new();
    for (rank, value) in values {
        match groups.iter_mut().find(|(known, _)| *known == value) {
            Some((_, ranks)) => ranks.push(rank),
            None => groups.push((value, vec![rank])),
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
    use super::Ranks;

    #[test]
    fn runs_are_shortened() {
        assert_eq!(Ranks(&[3]).to_string(), "rank 3");
        assert_eq!(Ranks(&[0, 1, 2]).to_string(), "ranks 0-2");
        assert_eq!(Ranks(&[0, 2, 3, 7]).to_string(), "ranks 0,2-3,7");
    }
}
