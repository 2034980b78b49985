! Messages between two ranks, against values that the test computes itself.

module messages_tests
  use, intrinsic :: iso_fortran_env, only: error_unit, int32, int64, real32, real64
  use omp_lib, only: omp_get_num_threads, omp_get_thread_num, omp_set_dynamic
  use dtl
  implicit none
  integer :: passed = 0, failed = 0, left = 0

contains

  include 'checks.inc'

  !> What rank `rank` sends.
  pure function input(rank, length) result(values)
    integer, intent(in) :: rank, length
    real(real64) :: values(length)
    integer :: i
    values = [(real(1000 * rank + modulo(i, 997), real64), i = 1, length)]
  end function input

  !> Every rank sends to the next one, in all ways.
  subroutine ring(ctx)
    type(dtl_context), intent(in) :: ctx
    integer, parameter :: lengths(*) = [0, 1, 30, 3000, 200000]
    real(real64), allocatable :: mine(:), received(:)
    integer :: i, before, after, turn
    after = modulo(ctx%rank() + 1, ctx%size())
    before = modulo(ctx%rank() - 1, ctx%size())
    do i = 1, size(lengths)
      mine = input(ctx%rank(), lengths(i))
      allocate (received(lengths(i)))
      call dtl_send(ctx, mine, after, tag=i)
      call dtl_recv(ctx, received, source=before, tag=i)
      call check(all(abs(received - input(before, lengths(i))) < 0.5), 'send and recv')
      received = -1
      call dtl_sendrecv(ctx, mine, after, received, sendtag=i)
      call check(all(abs(received - input(before, lengths(i))) < 0.5), 'sendrecv')
      received = -1
      ! Synchronous sends of all at the same time would wait for each other.
      do turn = 0, merge(1, -1, ctx%size() > 1)
        if (modulo(ctx%rank(), 2) == turn) then
          call dtl_ssend(ctx, mine, after)
        else
          call dtl_recv(ctx, received, before)
        end if
      end do
      if (ctx%size() > 1) call check(all(abs(received - input(before, lengths(i))) < 0.5), 'ssend')
      deallocate (received)
    end do
  end subroutine ring

  !> Other types, arrays of several dimensions and single values; a message may be shorter than the array.
  subroutine shapes(ctx)
    type(dtl_context), intent(in) :: ctx
    integer(int32) :: grid(2, 3), copy(2, 3), few(2)
    logical :: truth
    character(len=1) :: rank
    write (rank, '(i1)') ctx%rank()
    grid = reshape([1, 2, 3, 4, 5, 6], [2, 3]) + ctx%rank()
    copy = 0
    call dtl_send(ctx, grid, ctx%rank())
    call dtl_recv(ctx, copy)
    call check(all(copy == grid), 'an array of two dimensions on rank ' // rank)
    few = -1
    call dtl_send(ctx, [7_int32], ctx%rank())
    call dtl_recv(ctx, few)
    call check(all(few == [7, -1]), 'a message shorter than the array')
    truth = .false.
    call dtl_send(ctx, .true., ctx%rank())
    call dtl_recv(ctx, truth)
    call check(truth, 'a single value')
  end subroutine shapes

  !> All at once, waited for in the end.
  subroutine issued(ctx)
    type(dtl_context), intent(in) :: ctx
    integer, parameter :: n = 50000
    type(dtl_request) :: requests(5)
    integer(int32), asynchronous, allocatable :: mine(:), received(:, :)
    integer :: before, after, i
    before = modulo(ctx%rank() - 1, ctx%size())
    after = modulo(ctx%rank() + 1, ctx%size())
    allocate (mine(n), received(n, 3))
    mine = ctx%rank()
    received = -1
    call dtl_irecv(ctx, received(:, 1), before, 2, requests(1))
    call dtl_irecv(ctx, received(:, 2), tag=1, request=requests(2))
    call dtl_isend(ctx, mine, after, 1, requests(3))
    call dtl_issend(ctx, mine, after, 2, requests(4))
    call dtl_isendrecv(ctx, mine, after, received(:, 3), 3, before, 3, requests(5))
    do i = 1, size(requests)
      call requests(i)%wait()
    end do
    call check(all(received == before), 'isend, issend, irecv and isendrecv')
  end subroutine issued

  !> What is known of messages before they are received, and after.
  subroutine knowledge(ctx)
    type(dtl_context), intent(in) :: ctx
    type(dtl_message_info) :: info
    logical :: found
    integer(int32) :: room(3)
    integer :: before
    before = modulo(ctx%rank() - 1, ctx%size())
    call dtl_send(ctx, [1_int32, 2_int32, 3_int32], modulo(ctx%rank() + 1, ctx%size()), tag=2)
    call dtl_probe(ctx, info)
    call check(info%source == before .and. info%tag == 2 .and. info%count == 3, 'probe')
    call dtl_iprobe(ctx, found, info, tag=3)
    call check(.not. found, 'no such message')
    call dtl_iprobe(ctx, found, info, before, 2)
    call check(found .and. info%source == before .and. info%count == 3, 'iprobe')
    call dtl_recv(ctx, room, info%source, info%tag)
    call dtl_last_received(ctx, info)
    call check(info%source == before .and. info%tag == 2 .and. info%count == 3, 'last_received')
  end subroutine knowledge

  subroutine mistakes(ctx)
    type(dtl_context), intent(in) :: ctx
    integer :: ierr
    integer(int64) :: room(2)
    call dtl_send(ctx, [1_int64], ctx%size(), ierr=ierr)
    call check(ierr == DTL_ERROR_INVALID_RANK, 'no such rank')
    call dtl_send(ctx, [1_int64], 0, tag=-1, ierr=ierr)
    call check(ierr == DTL_ERROR_INVALID_ARGUMENT, 'a negative tag')
    call dtl_send(ctx, [1_int64, 2_int64, 3_int64], ctx%rank(), tag=4)
    call dtl_recv(ctx, room, ierr=ierr)
    call check(ierr == DTL_ERROR_BUFFER_TOO_SMALL, 'too small an array')
    block
      integer(int64) :: enough(3)
      call dtl_recv(ctx, enough, DTL_ANY_SOURCE, DTL_ANY_TAG)
      call check(all(enough == [1, 2, 3]), 'the message stays')
    end block
  end subroutine mistakes
end module messages_tests

program messages
  use messages_tests
  implicit none
  integer, parameter :: ranks(*) = [1, 2, 4]
  integer :: i
  do i = 1, size(ranks)
    call on_ranks(ranks(i), ring)
    call on_ranks(ranks(i), shapes)
    call on_ranks(ranks(i), issued)
    call on_ranks(ranks(i), knowledge)
    call on_ranks(ranks(i), mistakes)
  end do
  call finish('messages')
end program messages
