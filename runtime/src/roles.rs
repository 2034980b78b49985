//! Roles: programs of several parts (some ranks compute, others write files) name the parts, and every rank learns which of them it has.
//! All ranks add the same roles in the same order; `initialize` agrees on them and gives each its ranks. Who is where in a
//! role is then known without communication, and messages find their way by it (`messages.rs`).

use crate::array::{Array, Output};
use crate::calls::Call;
use crate::comm::mailbox::Source;
use crate::comm::ranks::Ranks;
use crate::context::Context;
use crate::digest::digest;
use crate::error::{Error, Result};
use crate::groups;
use crate::identity;
use crate::live::Live;
use crate::messages;
use dtl_types::Status;
use dtl_types::constants::{ANY_SOURCE, NO_RANK, ROLE_MEMBER, ROLE_OTHER};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Whether this rank is in each role that is chosen by a predicate is a bit of one word.
const MOST_ROLES: usize = 64;

/// The roles of the ranks of a context; a clone is the same manager, which messages on the way keep.
#[derive(Debug, Clone)]
pub struct RoleManager(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    context: Context,
    state: Mutex<State>,
    _live: Live,
}

#[derive(Debug, Default)]
struct State {
    roles: Vec<Role>,
    is_initialized: bool,
    /// The number by which all ranks know the manager, once they have agreed on its roles.
    number: Option<u64>,
}

#[derive(Debug, Clone)]
struct Role {
    name: String,
    asked: Asked,
    /// Its ranks in the context, in order, once they are agreed on.
    ranks: Vec<i32>,
}

/// Which ranks a role is to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    /// So many, after those of the roles before.
    Next(u64),
    /// Those that say so, of which this rank is one or not.
    Chosen { own: bool },
}

impl RoleManager {
    /// The context whose ranks have the roles.
    pub fn context(&self) -> &Context {
        &self.0.context
    }

    /// By what all ranks know it.
    pub(crate) fn id(&self) -> u64 {
        self.state().number.unwrap_or(identity::NOTHING_YET)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The ranks of a role, which is in this argument.
    fn ranks(&self, argument: &str, name: &str) -> Result<Vec<i32>> {
        let state = self.state();
        state.check_initialized()?;
        let found = state.roles.iter().find(|role| role.name == name);
        found.map(|role| role.ranks.clone()).ok_or_else(|| {
            let names: Vec<String> = state.roles.iter().map(|role| format!("'{}'", role.name)).collect();
            let known = if names.is_empty() { "there are none".to_owned() } else { names.join(", ") };
            Error::new(
                Status::InvalidArgument,
                format!(
                    "{argument} is '{name}', which is no role; pass the name of one that was added: {known}"
                ),
            )
        })
    }

    /// The ranks of the role with which this rank exchanges messages. It must have a role itself.
    fn partners(&self, argument: &str, name: &str) -> Result<Vec<i32>> {
        let ranks = self.ranks(argument, name)?;
        let own = self.context().rank();
        if self.state().roles.iter().any(|role| role.ranks.contains(&own)) {
            return Ok(ranks);
        }
        Err(Error::new(
            Status::InvalidState,
            format!(
                "rank {own} has no role, and messages between roles are for ranks that have one; give it a role, or use send and \
                 recv with ranks of the context"
            ),
        ))
    }
}

/// The rank of the context that has this number among the ranks of a role.
fn rank_of(ranks: &[i32], argument: &str, number: i32, role: &str, or: &str) -> Result<i32> {
    let found = usize::try_from(number).ok().and_then(|at| ranks.get(at)).copied();
    found.ok_or_else(|| {
        let cure = match ranks.len() {
            0 => "name a role that some rank has".to_owned(),
            count => format!("pass a number from 0 to {}{or}", count - 1),
        };
        let size = ranks.len();
        let size = if size == 1 { "1 rank".to_owned() } else { format!("{size} ranks") };
        Error::new(
            Status::InvalidRank,
            format!("{argument} is {number}, but the role '{role}' has {size}; {cure}"),
        )
    })
}

impl State {
    fn check_initialized(&self) -> Result<()> {
        if self.is_initialized {
            return Ok(());
        }
        Err(Error::new(
            Status::InvalidState,
            "the roles have no ranks yet; call initialize on every rank after all roles are added",
        ))
    }

    /// A number by which ranks compare their roles: names and numbers of ranks, in order.
    fn digest(&self) -> u64 {
        let words = self.roles.iter().flat_map(|role| {
            let asked = match role.asked {
                Asked::Next(count) => count as i64,
                Asked::Chosen { .. } => -1,
            };
            let name = role.name.bytes().map(i64::from);
            [asked, role.name.len() as i64].into_iter().chain(name)
        });
        digest(&words.collect::<Vec<i64>>())
    }

    /// The roles that this rank has by its own choice, a bit for each.
    fn own_choices(&self) -> u64 {
        let chosen = |role: &Role| u64::from(role.asked == Asked::Chosen { own: true });
        self.roles.iter().enumerate().fold(0, |bits, (at, role)| bits | chosen(role) << at)
    }

    /// An error if the roles that take ranks one after another need more than there are.
    fn check_sizes(&self, size: i32) -> Result<()> {
        let mut needed = 0_u64;
        for role in &self.roles {
            if let Asked::Next(count) = role.asked {
                needed = needed.saturating_add(count);
                if needed > size as u64 {
                    return Err(Error::new(
                        Status::InvalidArgument,
                        format!(
                            "the roles up to '{}' need {needed} ranks, but the context has {size}; add smaller roles, or start more \
                             processes",
                            role.name
                        ),
                    ));
                }
            }
        }
        Ok(())
    }

    /// Gives every role its ranks, by what each rank has chosen.
    fn assign(&mut self, choices: &[u64]) {
        let mut next = 0;
        for (at, role) in self.roles.iter_mut().enumerate() {
            role.ranks = match role.asked {
                Asked::Next(count) => {
                    let first = next;
                    next += count as i32;
                    (first..next).collect()
                }
                Asked::Chosen { .. } => {
                    let has_it = |(_, bits): &(i32, &u64)| *bits >> at & 1 == 1;
                    (0..).zip(choices).filter(has_it).map(|(rank, _)| rank).collect()
                }
            };
        }
        self.is_initialized = true;
    }
}

/// A manager of the roles of a context's ranks.
pub fn create(context: &Context) -> Result<RoleManager> {
    let (context, state, _live) = (context.clone(), Mutex::default(), Live::new());
    Ok(RoleManager(Arc::new(Inner { context, state, _live })))
}

/// Adds a role of so many ranks, or of those that choose it. Local: the ranks compare what they have added later.
pub fn add_role(manager: &RoleManager, name: &str, num_ranks: u64) -> Result<()> {
    let asked = match num_ranks {
        ROLE_MEMBER => Asked::Chosen { own: true },
        ROLE_OTHER => Asked::Chosen { own: false },
        count => Asked::Next(count),
    };
    let mut state = manager.state();
    let fault = if state.is_initialized {
        Some((
            Status::InvalidState,
            "the roles have their ranks already; make another manager for other roles".to_owned(),
        ))
    } else if name.is_empty() {
        Some((Status::InvalidArgument, "name is empty; give the role a name".to_owned()))
    } else if state.roles.iter().any(|role| role.name == name) {
        Some((
            Status::InvalidArgument,
            format!("name is '{name}', which was added before; give each role its own name"),
        ))
    } else if state.roles.len() == MOST_ROLES {
        Some((
            Status::InvalidArgument,
            format!("there are {MOST_ROLES} roles already, which is the most; add fewer"),
        ))
    } else if asked == Asked::Next(0) {
        Some((
            Status::InvalidArgument,
            "num_ranks is 0; pass how many ranks the role has, 1 or more".to_owned(),
        ))
    } else {
        None
    };
    if let Some((status, text)) = fault {
        return Err(Error::new(status, text));
    }
    state.roles.push(Role { name: name.to_owned(), asked, ranks: Vec::new() });
    Ok(())
}

/// Agrees on the roles and gives them their ranks.
pub async fn initialize(call: &Call<'_>, manager: &RoleManager) -> Result<()> {
    let (prepared, digest, choices) = {
        let state = manager.state();
        (state.check_sizes(manager.context().size()), state.digest(), state.own_choices())
    };
    call.admit(prepared).await?;
    let mut payload = [0; 16];
    payload[..8].copy_from_slice(&digest.to_le_bytes());
    payload[8..].copy_from_slice(&choices.to_le_bytes());
    let round = call.exchange(&payload).await?;
    let word = |payload: &[u8], at: usize| {
        payload[at..at + 8].try_into().map(u64::from_le_bytes).expect("each rank sends two words")
    };
    let first = word(round.payload(0), 0);
    let others: Vec<i32> =
        (0..).zip(round.payloads()).filter(|(_, it)| word(it, 0) != first).map(|(rank, _)| rank).collect();
    if !others.is_empty() {
        return Err(call.contract_error(&format!(
            "{} added other roles than rank 0. Every rank must add the same roles in the same order, of the same number of ranks.",
            Ranks(&others)
        )));
    }
    let choices: Vec<u64> = round.payloads().map(|payload| word(payload, 8)).collect();
    let mut state = manager.state();
    state.assign(&choices);
    state.number = Some(call.context().number_container());
    Ok(())
}

/// Whether the roles have their ranks.
pub fn initialized(manager: &RoleManager) -> bool {
    manager.state().is_initialized
}

/// Whether this rank has a role; nobody has one that was not added.
pub fn has_role(manager: &RoleManager, name: &str) -> Result<bool> {
    let state = manager.state();
    state.check_initialized()?;
    let rank = manager.context().rank();
    Ok(state.roles.iter().any(|role| role.name == name && role.ranks.contains(&rank)))
}

/// How many ranks have a role.
pub fn role_size(manager: &RoleManager, name: &str) -> Result<u64> {
    Ok(manager.ranks("name", name)?.len() as u64)
}

/// This rank's number within a role; -1 if it has not got it.
pub fn role_rank(manager: &RoleManager, name: &str) -> Result<i32> {
    let (ranks, own) = (manager.ranks("name", name)?, manager.context().rank());
    Ok(ranks.iter().position(|rank| *rank == own).map_or(NO_RANK, |position| position as i32))
}

/// The rank in the context of the rank with this number in a role.
pub fn context_rank(manager: &RoleManager, name: &str, number: i32) -> Result<i32> {
    rank_of(&manager.ranks("name", name)?, "number", number, name, "")
}

/// A new context of the ranks of a role, numbered as in it; none on other ranks.
pub async fn role_context(call: &Call<'_>, manager: &RoleManager, name: &str) -> Result<Option<Context>> {
    let ranks = call.admit(manager.ranks("name", name)).await?;
    let digest = digest(&name.bytes().map(i64::from).collect::<Vec<_>>()).to_le_bytes();
    let round = call.exchange(&digest).await?;
    if round.payloads().any(|other| other != digest) {
        return Err(call.contract_error("the ranks pass different names; pass the same name on all of them"));
    }
    let is_member = ranks.contains(&manager.context().rank());
    groups::of_members(call, if is_member { &ranks } else { &[] }).await
}

/// Sends an array to a rank of a role.
pub async fn intergroup_send(
    call: &Call<'_>,
    manager: &RoleManager,
    target_role: &str,
    target_rank: i32,
    data: Array<'_>,
    tag: i32,
) -> Result<()> {
    let ranks = manager.partners("target_role", target_role)?;
    let dest = rank_of(&ranks, "target_rank", target_rank, target_role, "")?;
    messages::send_between_roles(call, data, dest, tag).await
}

/// Receives the first array with this tag that a rank of a role, or any of them, has sent so.
pub async fn intergroup_recv(
    call: &Call<'_>,
    manager: &RoleManager,
    source_role: &str,
    source_rank: i32,
    tag: i32,
    output: &mut dyn Output,
) -> Result<()> {
    let ranks = manager.partners("source_role", source_role)?;
    let source = if source_rank == ANY_SOURCE && !ranks.is_empty() {
        Source::Among(ranks.into())
    } else {
        let any = format!(", or ANY_SOURCE ({ANY_SOURCE}) for any of them");
        Source::One(rank_of(&ranks, "source_rank", source_rank, source_role, &any)?)
    };
    messages::recv_between_roles(call, source, tag, output).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(roles: &[(&str, Asked)]) -> State {
        let role = |(name, asked): &(&str, Asked)| Role {
            name: (*name).to_owned(),
            asked: *asked,
            ranks: Vec::new(),
        };
        State { roles: roles.iter().map(role).collect(), is_initialized: false, number: None }
    }

    #[test]
    fn roles_take_ranks_one_after_another_or_those_that_choose_them() {
        let chosen = Asked::Chosen { own: false };
        let mut state =
            state(&[("a", Asked::Next(2)), ("odd", chosen), ("b", Asked::Next(1)), ("none", chosen)]);
        state.assign(&[0, 0b10, 0, 0b10]);
        let ranks: Vec<&[i32]> = state.roles.iter().map(|role| role.ranks.as_slice()).collect();
        assert_eq!(ranks, [&[0, 1][..], &[1, 3], &[2], &[]]);
    }

    #[test]
    fn roles_that_differ_have_different_digests() {
        let digest = |roles: &[(&str, Asked)]| state(roles).digest();
        let roles = [("a", Asked::Next(2)), ("b", Asked::Next(1))];
        assert_eq!(digest(&roles), digest(&roles.clone()));
        assert_eq!(
            digest(&[("c", Asked::Chosen { own: true })]),
            digest(&[("c", Asked::Chosen { own: false })])
        );
        for other in [
            &[("b", Asked::Next(1)), ("a", Asked::Next(2))][..],
            &[("a", Asked::Next(2))],
            &[("a", Asked::Next(2)), ("b", Asked::Next(2))],
            &[("a", Asked::Next(2)), ("b", Asked::Chosen { own: true })],
            &[("ab", Asked::Next(2)), ("", Asked::Next(1))],
        ] {
            assert_ne!(digest(&roles), digest(other), "{other:?}");
        }
    }

    #[test]
    fn numbers_of_ranks_beyond_the_context_are_refused() {
        let roles = [("a", Asked::Next(3)), ("b", Asked::Next(u64::MAX - 2))];
        assert_eq!(state(&roles[..1]).check_sizes(3), Ok(()));
        let error = state(&roles).check_sizes(3).unwrap_err();
        assert!(error.message().contains("'b'") && error.status() == Status::InvalidArgument, "{error}");
    }
}
