//! Roles of ranks, from Rust.

use crate::ranks::{on_ranks, same_error};
use dtl::constants::{ROLE_MEMBER, ROLE_OTHER};
use dtl::{ReduceOp, RoleManager, Status};

#[test]
fn ranks_have_roles_by_number_and_by_choice() {
    on_ranks(4, |context| {
        let roles = RoleManager::new(context).unwrap();
        roles.add_role("first", 2).unwrap();
        roles.add_role("odd", if context.rank() % 2 == 1 { ROLE_MEMBER } else { ROLE_OTHER }).unwrap();
        roles.initialize().unwrap();
        assert_eq!(roles.has_role("first"), Ok(context.rank() < 2));
        assert_eq!((roles.role_size("first"), roles.role_size("odd")), (Ok(2), Ok(2)));
        let position = [None, Some(0), None, Some(1)][context.rank() as usize];
        assert_eq!(roles.role_rank("odd"), Ok(position.unwrap_or(-1)));
        let group = roles.role_context("odd").unwrap();
        assert_eq!(group.as_ref().map(|group| group.rank()), position);
        if let Some(group) = group {
            assert_eq!(dtl::allreduce(&group, &[context.rank()], ReduceOp::Sum), Ok(vec![4]));
        }
    });
}

#[test]
fn ranks_that_add_different_roles_all_learn_of_it() {
    on_ranks(3, |context| {
        let roles = RoleManager::new(context).unwrap();
        roles.add_role("a", if context.rank() == 1 { 2 } else { 1 }).unwrap();
        let error = same_error(context, roles.initialize());
        assert_eq!(error.status(), Status::CollectiveParticipation);
        assert!(error.message().contains("rank 1 added other roles than rank 0"), "{error}");
    });
}
