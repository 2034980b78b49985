//! Roles of ranks, from Rust.

use crate::ranks::{on_ranks, same_error};
use dtl::constants::{ANY_SOURCE, ANY_TAG, ROLE_MEMBER, ROLE_OTHER};
use dtl::{Context, ReduceOp, RoleManager, Status};

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
        assert_eq!((roles.context_rank("odd", 0), roles.context_rank("odd", 1)), (Ok(1), Ok(3)));
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

/// Ranks 0 and 1 are "low", odd ones "odd", and the last has no role unless it is odd.
fn low_and_odd(context: &Context) -> RoleManager {
    let roles = RoleManager::new(context).unwrap();
    roles.add_role("low", 2).unwrap();
    roles.add_role("odd", if context.rank() % 2 == 1 { ROLE_MEMBER } else { ROLE_OTHER }).unwrap();
    roles.initialize().unwrap();
    roles
}

#[test]
fn messages_find_ranks_by_their_roles() {
    on_ranks(4, |context| {
        let roles = low_and_odd(context);
        let large: Vec<i64> = (0..100_000).collect();
        match context.rank() {
            0 => {
                roles.intergroup_send("odd", 1, &large, 5).unwrap();
                roles.intergroup_send("odd", 0, &[1.5], 0).unwrap();
            }
            // It is both number 1 of "low" and number 0 of "odd".
            1 => {
                assert_eq!(roles.intergroup_recv("low", 0, 0), Ok(vec![1.5]));
                roles.intergroup_send("odd", 1, &[7], 5).unwrap();
                roles.intergroup_send("low", 1, &[8], 6).unwrap();
                assert_eq!(roles.intergroup_recv("odd", 0, 6), Ok(vec![8]));
            }
            2 => {
                for error in [
                    roles.intergroup_send("low", 0, &[1], 0),
                    roles.intergroup_recv("low", 0, 0).map(|_: Vec<i32>| ()),
                ] {
                    let error = error.unwrap_err();
                    assert_eq!(error.status(), Status::InvalidState);
                    assert!(error.message().contains("rank 2 has no role"), "{error}");
                }
            }
            _ => {
                assert_eq!(roles.intergroup_recv("odd", ANY_SOURCE, 5), Ok(vec![7]));
                assert_eq!(roles.intergroup_recv("low", ANY_SOURCE, ANY_TAG), Ok(large));
                assert_eq!(dtl::last_received(context).map(|info| (info.source, info.tag)), Ok((0, 5)));
            }
        }
    });
}

#[test]
fn messages_between_roles_need_not_block() {
    on_ranks(4, |context| {
        let roles = low_and_odd(context);
        let large: Vec<i64> = (0..100_000).collect();
        match context.rank() {
            0 => {
                let received = roles.iintergroup_recv::<u8>("odd", ANY_SOURCE, 2);
                let sent = roles.iintergroup_send("odd", 1, large, 5);
                // The requests keep what they need.
                drop(roles);
                assert_eq!(received.wait(), Ok(vec![9]));
                sent.wait().unwrap();
            }
            1 => {}
            2 => {
                let error = roles.iintergroup_send("low", 0, vec![1], 0).wait().unwrap_err();
                assert_eq!(error.status(), Status::InvalidState);
                assert!(error.message().contains("iintergroup_send: rank 2 has no role"), "{error}");
            }
            _ => {
                let received = roles.iintergroup_recv("low", 0, 5);
                roles.iintergroup_send("low", 0, vec![9_u8], 2).wait().unwrap();
                assert_eq!(received.wait(), Ok(large));
            }
        }
    });
}

#[test]
fn messages_between_roles_and_others_do_not_meet() {
    on_ranks(2, |context| {
        let roles = low_and_odd(context);
        if context.rank() == 0 {
            roles.intergroup_send("odd", 0, &[1], 3).unwrap();
            dtl::send(context, &[2], 1, 3).unwrap();
        } else {
            assert_eq!(dtl::recv(context, ANY_SOURCE, ANY_TAG), Ok(vec![2]));
            assert_eq!(dtl::iprobe(context, ANY_SOURCE, ANY_TAG), Ok(None));
            assert_eq!(roles.intergroup_recv("low", 0, 3), Ok(vec![1]));
        }
    });
}

#[test]
fn wrong_roles_and_numbers_are_refused() {
    on_ranks(1, |context| {
        let roles = RoleManager::new(context).unwrap();
        roles.add_role("one", 1).unwrap();
        roles.add_role("none", ROLE_OTHER).unwrap();
        let refused = |status, text: &str, outcome: dtl::Result<()>| {
            let error = outcome.unwrap_err();
            assert!(error.status() == status && error.message().contains(text), "{error}");
        };
        let recv = |role, rank, tag| roles.intergroup_recv(role, rank, tag).map(|_: Vec<u8>| ());
        refused(Status::InvalidState, "call initialize", roles.intergroup_send("one", 0, &[1], 0));
        roles.initialize().unwrap();
        refused(
            Status::InvalidArgument,
            "target_role is 'two', which is no role",
            roles.intergroup_send("two", 0, &[1], 0),
        );
        refused(Status::InvalidArgument, "source_role is 'two'", recv("two", 0, 0));
        for number in [-1, 1, ANY_SOURCE] {
            let text =
                format!("target_rank is {number}, but the role 'one' has 1 rank; pass a number from 0 to 0");
            refused(Status::InvalidRank, &text, roles.intergroup_send("one", number, &[1], 0));
        }
        refused(Status::InvalidRank, "or ANY_SOURCE (-2)", recv("one", 1, 0));
        refused(Status::InvalidRank, "the role 'none' has 0 ranks; name a role", recv("none", ANY_SOURCE, 0));
        refused(Status::InvalidArgument, "tag", roles.intergroup_send("one", 0, &[1], -1));
        roles.intergroup_send("one", 0, &[1_u16], 0).unwrap();
        refused(Status::InvalidArgument, "uint8 is wanted", recv("one", 0, 0));
        assert_eq!(roles.intergroup_recv("one", 0, 0), Ok(vec![1_u16]));
    });
}

#[test]
fn a_receive_from_a_role_ends_when_its_ranks_have_left() {
    on_ranks(3, |context| {
        let roles = low_and_odd(context);
        match context.rank() {
            0 => {
                let error = roles.intergroup_recv::<u8>("odd", ANY_SOURCE, 0).unwrap_err();
                assert_eq!(error.status(), Status::RankFailure);
                assert!(error.message().contains("rank 1 left the context"), "{error}");
                dtl::send(context, &[0], 2, 0).unwrap();
            }
            1 => context.close().unwrap(),
            _ => assert_eq!(dtl::recv(context, 0, 0), Ok(vec![0])),
        }
    });
}
