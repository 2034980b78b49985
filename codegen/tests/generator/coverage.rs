//! What each language lacks is counted, so that it cannot grow unnoticed.

use std::collections::BTreeSet;

use crate::support::repository;

/// For how many reasons languages do not offer an operation or several. Raise it only together with a reason that convinces a
/// reviewer; lower it whenever you can.
const SKIPS: usize = 20;

#[test]
fn the_number_of_skips_is_known() {
    let model = dtl_codegen::load(&repository()).expect("the specification is right");
    let reasons: BTreeSet<&(String, String)> =
        model.distinct_operations().flat_map(|operation| &operation.skips).collect();
    assert_eq!(reasons.len(), SKIPS, "what is skipped changed: {reasons:#?}");
}
