//! Spelling: specification names are lower case with underscores; languages have their own customs.

/// `reduce_op` becomes `ReduceOp`; `MINLOC` becomes `Minloc`.
pub fn upper_camel(name: &str) -> String {
    name.split(['_', '.'])
        .flat_map(|word| {
            let mut letters = word.chars();
            letters
                .next()
                .map(|first| first.to_ascii_uppercase())
                .into_iter()
                .chain(letters.map(|c| c.to_ascii_lowercase()))
        })
        .collect()
}

/// `reduce_op` becomes `REDUCE_OP`.
pub fn screaming(name: &str) -> String {
    name.to_ascii_uppercase().replace('.', "_")
}
