"""Roles of ranks: who has which, compared with what their definition says of each rank."""

from typing import Any, List, Tuple

import pytest
from ranks import WORLD, alone, failures_on_ranks, on_ranks

import dtl


def manager(ctx: dtl.Context, *roles: Any) -> dtl.RoleManager:
    made = dtl.RoleManager(ctx)
    for name, members in roles:
        made.add_role(name, members)
    made.initialize()
    return made


def test_roles_take_ranks_one_after_another() -> None:
    def body(ctx: dtl.Context) -> List[Tuple[bool, int, int]]:
        made = manager(ctx, ("solver", 2), ("writer", 1))
        return [(made.has_role(name), made.role_size(name), made.role_rank(name)) for name in ["solver", "writer"]]

    assert on_ranks(4, body) == [
        [(True, 2, 0), (False, 1, -1)],
        [(True, 2, 1), (False, 1, -1)],
        [(False, 2, -1), (True, 1, 0)],
        [(False, 2, -1), (False, 1, -1)],
    ]


def test_ranks_may_choose_a_role() -> None:
    def body(ctx: dtl.Context) -> Any:
        seen = []

        def is_odd(rank: int, size: int) -> bool:
            seen.append((rank, size))
            return rank % 2 == 1

        made = manager(ctx, ("all but one", 3), ("odd", is_odd), ("nobody", lambda rank, size: False))
        assert seen == [(ctx.rank, ctx.size)]
        assert made.role_size("nobody") == 0 and not made.has_role("nobody")
        return made.has_role("odd"), made.role_size("odd"), made.role_rank("odd"), made.role_rank("all but one")

    assert on_ranks(4, body) == [(False, 2, -1, 0), (True, 2, 0, 1), (False, 2, -1, 2), (True, 2, 1, -1)]


def test_a_role_has_a_context() -> None:
    def body(ctx: dtl.Context) -> Any:
        made = manager(ctx, ("a", 1), ("b", 2), ("even", lambda rank, size: rank % 2 == 0))
        group, even = made.role_context("b"), made.role_context("even")
        total = None if group is None else (group.rank, group.size, dtl.allreduce(group, ctx.rank))
        evens = None if even is None else dtl.allreduce(even, ctx.rank)
        return total, evens

    assert on_ranks(4, body) == [(None, 2), ((0, 2, 3), None), ((1, 2, 3), 2), (None, None)]


def test_a_manager_without_a_context_is_of_all_processes() -> None:
    made = dtl.RoleManager()
    made.add_role("everybody", WORLD.size)
    made.initialize()
    assert made.role_rank("everybody") == WORLD.rank


@pytest.mark.parametrize("size", [2, 4])
def test_too_many_ranks_are_an_error_everywhere(size: int) -> None:
    for error in failures_on_ranks(size, lambda ctx: manager(ctx, ("a", size), ("b", 1))):
        assert isinstance(error, dtl.InvalidArgumentError)
        assert f"the roles up to 'b' need {size + 1} ranks, but the context has {size}" in str(error)


@pytest.mark.parametrize("wrong", [("other", 1), ("b", 2), ("b", lambda rank, size: True)])
def test_other_roles_on_one_rank_are_an_error_everywhere(wrong: Any) -> None:
    def body(ctx: dtl.Context) -> None:
        manager(ctx, ("a", 1), ("b", 1) if ctx.rank < ctx.size - 1 else wrong)

    for error in failures_on_ranks(4, body):
        assert isinstance(error, dtl.ContractError)
        assert "rank 3 added other roles than rank 0" in str(error)


def test_the_context_works_after_a_disagreement() -> None:
    def body(ctx: dtl.Context) -> Any:
        made = dtl.RoleManager(ctx)
        made.add_role("a" if ctx.rank == 0 else "b", 1)
        with pytest.raises(dtl.ContractError):
            made.initialize()
        assert not made.initialized()
        return dtl.allreduce(ctx, 1)

    assert on_ranks(2, body) == [2, 2]


def test_order_of_calls() -> None:
    with alone() as ctx:
        made = dtl.RoleManager(ctx)
        made.add_role("a", 1)
        assert not made.initialized()
        for ask in [made.has_role, made.role_size, made.role_rank]:
            with pytest.raises(dtl.DTLError, match="call initialize on every rank"):
                ask("a")
        made.initialize()
        assert made.initialized()
        with pytest.raises(dtl.DTLError, match="have their ranks already"):
            made.add_role("b", 1)
        made.initialize()
        assert not made.has_role("b")
        with pytest.raises(dtl.InvalidArgumentError, match="name is 'b', which is no role.*'a'"):
            made.role_size("b")


def test_wrong_roles_are_refused() -> None:
    with alone() as ctx:
        made = dtl.RoleManager(ctx)
        made.add_role("a", 1)
        for name, number, text in [("a", 1, "added before"), ("", 1, "name is empty"), ("b", 0, "num_ranks is 0")]:
            with pytest.raises(dtl.InvalidArgumentError, match=text):
                made.add_role(name, number)
        with pytest.raises(ZeroDivisionError):
            made.add_role("c", lambda rank, size: 1 // 0 > 0)
        with pytest.raises(dtl.InvalidArgumentError):
            made.add_role("c", "two")  # type: ignore[arg-type]
