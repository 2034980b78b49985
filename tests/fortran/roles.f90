! Roles of ranks: the first rank reads, and ranks of even number have another role by choice. Messages find them by their roles.

module roles_tests
  use, intrinsic :: iso_fortran_env, only: error_unit, int64
  use omp_lib, only: omp_get_num_threads, omp_get_thread_num, omp_set_dynamic
  use dtl
  implicit none
  integer :: passed = 0, failed = 0, left = 0

contains

  include 'checks.inc'

  subroutine two_roles(ctx)
    type(dtl_context), intent(in) :: ctx
    type(dtl_role_manager) :: roles, same
    type(dtl_context) :: group
    integer(int64) :: count
    integer :: number, total, status
    logical :: has_role, is_even
    is_even = modulo(ctx%rank(), 2) == 0
    call roles%create(ctx)
    call roles%add_role('reader', 1_int64)
    call roles%add_role('even', merge(DTL_ROLE_MEMBER, DTL_ROLE_OTHER, is_even))
    call check(.not. roles%initialized(), 'no ranks yet')
    call roles%initialize()
    call check(roles%initialized(), 'ranks')
    call roles%has_role('reader', has_role)
    call check(has_role .eqv. ctx%rank() == 0, 'a role of one rank')
    call roles%role_size('even', count)
    call check(count == (ctx%size() + 1) / 2, 'the size of a role')
    call roles%role_rank('even', number)
    call check(number == merge(ctx%rank() / 2, DTL_NO_RANK, is_even), 'the number in a role')
    call roles%context_rank('even', (ctx%size() - 1) / 2, number)
    call check(number == (ctx%size() - 1) / 2 * 2, 'the rank in the context')
    call roles%context_rank('even', ctx%size(), number, status)
    call check(status == DTL_ERROR_INVALID_RANK, 'no such rank')
    call roles%role_context('even', group)
    call check(group%is_valid() .eqv. is_even, 'a context of those that have a role')
    if (is_even) then
      call dtl_allreduce(group, 1, total)
      call check(total == (ctx%size() + 1) / 2, 'it works')
    end if
    same = roles
    call same%role_size('reader', count)
    call check(count == 1, 'an assigned manager is the same one')
    call roles%role_size('writer', count, status)
    call check(status == DTL_ERROR_INVALID_ARGUMENT, 'no such role')
    call roles%add_role('writer', 1_int64, status)
    call check(status == DTL_ERROR_INVALID_STATE, 'it is too late for other roles')
  end subroutine two_roles

  !> Every rank passes a message on to the one after it, which knows it by the role of all.
  subroutine messages(ctx)
    type(dtl_context), intent(in) :: ctx
    type(dtl_role_manager) :: roles
    type(dtl_message_info) :: info
    integer :: number, status, others(3), after, before
    after = modulo(ctx%rank() + 1, ctx%size())
    before = modulo(ctx%rank() - 1, ctx%size())
    call roles%create(ctx)
    call roles%add_role('reader', 1_int64)
    call roles%add_role('all', DTL_ROLE_MEMBER)
    call dtl_intergroup_send(roles, 'all', after, 1, ierr=status)
    call check(status == DTL_ERROR_INVALID_STATE, 'no ranks yet for messages')
    call roles%initialize()
    call dtl_intergroup_send(roles, 'all', after, [ctx%rank(), 7], tag=5)
    call dtl_intergroup_send(roles, 'reader', 0, ctx%rank())
    others = -1
    call dtl_intergroup_recv(roles, 'all', before, others, tag=5)
    call check(all(others == [before, 7, -1]), 'a message within a role')
    call dtl_last_received(ctx, info)
    call check(info%source == before .and. info%tag == 5 .and. info%count == 2, 'what is known of it')
    if (ctx%rank() == 0) then
      do number = 0, ctx%size() - 1
        call dtl_intergroup_recv(roles, 'all', number, others(1), tag=DTL_ANY_TAG)
        call check(others(1) == number, 'a message from each rank')
      end do
    end if
    call dtl_intergroup_send(roles, 'writer', 0, 1, ierr=status)
    call check(status == DTL_ERROR_INVALID_ARGUMENT, 'no such role for a message')
    call dtl_intergroup_recv(roles, 'reader', 1, number, ierr=status)
    call check(status == DTL_ERROR_INVALID_RANK, 'a role with fewer ranks')
  end subroutine messages

  !> Every rank receives from the one before it and sends to the one after it, both at once.
  subroutine messages_that_do_not_block(ctx)
    type(dtl_context), intent(in) :: ctx
    type(dtl_role_manager) :: roles
    type(dtl_request) :: requests(2), refused
    integer, asynchronous, target :: sent(2), received(3)
    integer :: status, after, before
    after = modulo(ctx%rank() + 1, ctx%size())
    before = modulo(ctx%rank() - 1, ctx%size())
    call roles%create(ctx)
    call roles%add_role('all', DTL_ROLE_MEMBER)
    call roles%initialize()
    sent = [ctx%rank(), 7]
    received = -1
    call dtl_iintergroup_recv(roles, 'all', before, received, tag=5, request=requests(1))
    call dtl_iintergroup_send(roles, 'all', after, sent, tag=5, request=requests(2))
    call dtl_iintergroup_send(roles, 'writer', 0, sent, request=refused)
    call dtl_waitall(requests)
    call check(all(received == [before, 7, -1]), 'messages that do not block')
    call refused%wait(ierr=status)
    call check(status == DTL_ERROR_INVALID_ARGUMENT, 'the request says that there is no such role')
  end subroutine messages_that_do_not_block
end module roles_tests

program roles
  use roles_tests
  implicit none
  integer, parameter :: ranks(3) = [1, 2, 4]
  integer :: i
  do i = 1, size(ranks)
    call on_ranks(ranks(i), two_roles)
    call on_ranks(ranks(i), messages)
    call on_ranks(ranks(i), messages_that_do_not_block)
  end do
  call finish('roles')
end program roles
