"""Roles of ranks: who has which, compared with what their definition says of each rank."""

from typing import Any, List, Tuple

import numpy as np
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


def test_other_messages_go_to_ranks_of_roles_by_their_rank_in_the_context() -> None:
    def body(ctx: dtl.Context) -> Any:
        made = manager(ctx, ("reader", 1), ("odd", lambda rank, size: rank % 2 == 1))
        with pytest.raises(dtl.DTLError, match="number is 2, but the role 'odd' has 2 ranks; pass a number from 0 to 1"):
            made.context_rank("odd", 2)
        with pytest.raises(dtl.InvalidArgumentError, match="name is 'even', which is no role"):
            made.context_rank("even", 0)
        if made.has_role("reader"):
            odd = [made.context_rank("odd", number) for number in range(made.role_size("odd"))]
            dtl.waitall([dtl.isend(ctx, np.full(3, rank), dest=rank, tag=7) for rank in odd])
            return odd
        if made.has_role("odd"):
            return dtl.irecv(ctx, source=made.context_rank("reader", 0), tag=7).wait().tolist()

    assert on_ranks(4, body) == [[1, 3], [1] * 3, None, [3] * 3]


@pytest.mark.parametrize("size", [1, 2, 4])
@pytest.mark.parametrize("count", [3, 100_000])
def test_messages_between_roles_need_not_block(size: int, count: int) -> None:
    def body(ctx: dtl.Context) -> None:
        made, roles = overlapping(ctx)
        requests: List[dtl.Request] = []
        # All receives first, so that sends which blocked would wait for ever if they were not received so.
        for tag, (name, ranks) in enumerate(roles):
            if ctx.rank in ranks:
                requests += [dtl.iintergroup_recv(made, "all", source, tag=tag) for source in range(size)]
        sends = [
            dtl.iintergroup_send(made, name, number, np.full(count, 100.0 * ctx.rank + target), tag=tag)
            for tag, (name, ranks) in enumerate(roles)
            for number, target in enumerate(ranks)
        ]
        del made
        for at, received in enumerate(dtl.waitall(requests)):
            np.testing.assert_array_equal(received, np.full(count, 100.0 * (at % size) + ctx.rank))
        dtl.waitall(sends)

    on_ranks(size, body)


def test_requests_give_what_is_wrong_with_messages_between_roles() -> None:
    with alone() as ctx:
        made = dtl.RoleManager(ctx)
        made.add_role("some", 1)
        early = dtl.iintergroup_send(made, "some", 0, 1)
        with pytest.raises(dtl.DTLError, match="iintergroup_send: the roles have no ranks yet"):
            early.wait()
        made.initialize()
        for request, error, text in [
            (dtl.iintergroup_send(made, "none", 0, 1), dtl.InvalidArgumentError, "target_role is 'none', which is no role"),
            (dtl.iintergroup_recv(made, "some", 1), dtl.BoundsError, "source_rank is 1, but the role 'some' has 1 rank"),
            (dtl.iintergroup_send(made, "some", 0, 1, tag=-3), dtl.InvalidArgumentError, "tag"),
            (dtl.iintergroup_send(made, 5, 0, 1), dtl.InvalidArgumentError, "target_role"),  # type: ignore[arg-type]
        ]:
            with pytest.raises(error, match=text):
                request.wait()
        out = np.empty(3)
        request = dtl.iintergroup_recv(made, "some", dtl.ANY_SOURCE, out=out)
        dtl.iintergroup_send(made, "some", 0, [1.0, 2.0, 3.0]).wait()
        assert request.wait() is out and out.tolist() == [1, 2, 3]


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


def overlapping(ctx: dtl.Context) -> Tuple[dtl.RoleManager, List[Tuple[str, List[int]]]]:
    """A manager whose roles share ranks, so that every rank has one, and the ranks that each role must have."""
    half = max(ctx.size // 2, 1)
    made = manager(ctx, ("first", half), ("even", lambda rank, size: rank % 2 == 0), ("all", lambda rank, size: True))
    everybody = list(range(ctx.size))
    return made, [("first", everybody[:half]), ("even", everybody[::2]), ("all", everybody)]


@pytest.mark.parametrize("size", [1, 2, 4])
def test_messages_from_everybody_to_every_role(size: int) -> None:
    def body(ctx: dtl.Context) -> None:
        made, roles = overlapping(ctx)
        # What is sent says from whom and to whom, by numbers that no role has.
        for tag, (name, ranks) in enumerate(roles):
            for number, target in enumerate(ranks):
                dtl.intergroup_send(made, name, number, np.full((2, tag + 1), 100.0 * ctx.rank + target), tag=tag)
        for tag, (_, ranks) in enumerate(roles):
            if ctx.rank in ranks:
                for source in range(size):
                    received = dtl.intergroup_recv(made, "all", source, tag=tag)
                    np.testing.assert_array_equal(received, np.full((2, tag + 1), 100.0 * source + ctx.rank))

    on_ranks(size, body)


def test_messages_from_any_rank_of_a_role() -> None:
    def body(ctx: dtl.Context) -> Any:
        made = manager(ctx, ("writer", 1), ("reader", 1), ("solver", 2), ("odd", lambda rank, size: rank % 2 == 1))
        if ctx.rank > 0:
            dtl.intergroup_send(made, "writer", 0, [ctx.rank], tag=ctx.rank)
            return None
        any_source = dtl.ANY_SOURCE
        solvers = sorted(
            int(dtl.intergroup_recv(made, "solver", any_source, tag=dtl.ANY_TAG)[0]) for _ in range(2)
        )
        return solvers, int(dtl.intergroup_recv(made, "odd", any_source, tag=dtl.ANY_TAG)[0])

    assert on_ranks(4, body)[0] == ([2, 3], 1)


def test_messages_between_roles_and_others_do_not_meet() -> None:
    def body(ctx: dtl.Context) -> Any:
        made, _ = overlapping(ctx)
        other = 1 - ctx.rank
        dtl.intergroup_send(made, "all", other, [1])
        dtl.send(ctx, [2], other)
        plain = dtl.recv(ctx)
        assert dtl.iprobe(ctx) is None
        return int(plain[0]), int(dtl.intergroup_recv(made, "all", other)[0])

    assert on_ranks(2, body) == [(2, 1)] * 2


def test_messages_between_roles_that_do_not_fit_stay() -> None:
    with alone() as ctx:
        made, _ = overlapping(ctx)
        dtl.intergroup_send(made, "all", 0, np.arange(3))
        with pytest.raises(dtl.DTLError, match="rank 0 sent 3 elements of int64"):
            dtl.intergroup_recv(made, "first", 0, out=np.empty(2, dtype=np.int64))
        out = np.empty(3, dtype=np.int64)
        assert dtl.intergroup_recv(made, "even", dtl.ANY_SOURCE, out=out) is out
        assert out.tolist() == [0, 1, 2]
        assert dtl.last_received(ctx).source == 0


def test_wrong_roles_in_messages_are_refused() -> None:
    with alone() as ctx:
        made = dtl.RoleManager(ctx)
        made.add_role("none", lambda rank, size: False)
        with pytest.raises(dtl.DTLError, match="call initialize on every rank"):
            dtl.intergroup_send(made, "none", 0, 1)
        made.initialize()
        with pytest.raises(dtl.InvalidArgumentError, match="target_role is 'some', which is no role.*'none'"):
            dtl.intergroup_send(made, "some", 0, 1)
        with pytest.raises(dtl.DTLError, match="rank 0 has no role"):
            dtl.intergroup_recv(made, "none", dtl.ANY_SOURCE)
        with pytest.raises(TypeError, match="mgr is"):
            dtl.intergroup_send(ctx, "none", 0, 1)  # type: ignore[arg-type]
        made, _ = overlapping(ctx)
        with pytest.raises(dtl.BoundsError, match="target_rank is 3, but the role 'even' has 1 rank"):
            dtl.intergroup_send(made, "even", 3, 1)
        with pytest.raises(dtl.InvalidArgumentError, match="tag"):
            dtl.intergroup_send(made, "even", 0, 1, -3)


def test_messages_between_roles_may_be_announced() -> None:
    with alone() as ctx:
        made, _ = overlapping(ctx)
        for tag in [0, 7]:
            dtl.intergroup_send(made, "all", 0, np.arange(3.0), tag)
        for count, dtype, text in [(2, "float64", "2 are expected at most"), (3, np.int64, "int64 is wanted")]:
            with pytest.raises(dtl.DTLError, match=text):
                dtl.intergroup_recv(made, "even", 0, count, dtype, 7)
        assert dtl.intergroup_recv(made, "even", 0, 3, np.float64, 7).tolist() == [0, 1, 2]
        assert dtl.intergroup_recv(made, "all", 0, 3, float).tolist() == [0, 1, 2]
