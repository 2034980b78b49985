! Operations that do not block on 1, 2 and 4 ranks: against values that the test computes itself, and what becomes of their requests.

module requests_tests
  use, intrinsic :: iso_c_binding, only: c_double, c_int
  use, intrinsic :: iso_fortran_env, only: error_unit, int64, real64
  use omp_lib, only: omp_get_num_threads, omp_get_thread_num, omp_set_dynamic
  use dtl
  implicit none
  integer :: passed = 0, failed = 0, left = 0
  integer, parameter :: length = 3000

contains

  include 'checks.inc'

  !> What rank `rank` contributes at each place.
  pure function input(rank, count) result(values)
    integer, intent(in) :: rank, count
    integer(int64) :: values(count)
    integer :: i
    values = [(int(modulo(31 * rank + 7 * i, 101) - 50, int64), i = 1, count)]
  end function input

  !> The sum of what the first `ranks` ranks contribute.
  pure function total(ranks, count) result(values)
    integer, intent(in) :: ranks, count
    integer(int64) :: values(count)
    integer :: rank
    values = 0
    do rank = 0, ranks - 1
      values = values + input(rank, count)
    end do
  end function total

  !> The row for rank `to` of what rank `from` contributes for all `ranks` ranks.
  pure function row(from, to, ranks) result(values)
    integer, intent(in) :: from, to, ranks
    integer(int64) :: values(length)
    integer(int64) :: all_rows(length * ranks)
    all_rows = input(from, length * ranks)
    values = all_rows(to * length + 1:(to + 1) * length)
  end function row

  subroutine everything(ctx)
    type(dtl_context), intent(in) :: ctx
    type(dtl_request) :: requests(11)
    integer(int64), allocatable, asynchronous, target :: mine(:), rows(:, :), one(:, :), many(:, :, :)
    integer(int64), allocatable :: parts(:)
    integer :: me, ranks, other, i
    integer(c_int) :: index, ierr
    logical :: completed
    me = ctx%rank()
    ranks = ctx%size()
    mine = input(me, length)
    rows = reshape(input(me, length * ranks), [length, ranks])
    allocate (one(length, 11), many(length, ranks, 11))
    one = -99
    one(:, 3) = mine
    call dtl_ibarrier(ctx, requests(1))
    call dtl_iallreduce(ctx, mine, one(:, 2), DTL_OP_SUM, requests(2))
    call dtl_ibroadcast(ctx, one(:, 3), ranks - 1, requests(3))
    call dtl_ireduce(ctx, mine, one(:, 4), root=0, request=requests(4))
    call dtl_igather(ctx, mine, many(:, :, 5), root=0, request=requests(5))
    call dtl_iscatter(ctx, rows, one(:, 6), root=0, request=requests(6))
    call dtl_iallgather(ctx, mine, many(:, :, 7), requests(7))
    call dtl_ialltoall(ctx, rows, many(:, :, 8), requests(8))
    call dtl_ireduce_scatter(ctx, rows, one(:, 9), request=requests(9))
    call dtl_iscan(ctx, mine, one(:, 10), DTL_OP_SUM, requests(10), ierr)
    call check(ierr == DTL_SUCCESS, 'iscan is issued')
    call dtl_iexscan(ctx, mine, one(:, 11), request=requests(11))
    completed = .false.
    do while (.not. completed)
      call requests(11)%test(completed)
    end do
    call check(requests(11)%done(), 'a request is done')
    call requests(11)%wait()
    call requests(11)%wait(60.0_c_double)
    call dtl_test(requests(10), completed)
    call dtl_wait(requests(10))
    call dtl_waitall(requests, 60.0_c_double)
    call dtl_waitany(requests, index)
    call check(index == 1, 'the first request is over')
    call dtl_waitall(requests, ierr=ierr)
    call check(ierr == DTL_SUCCESS, 'waiting twice')
    call check(all(one(:, 2) == total(ranks, length)), 'iallreduce')
    call check(all(one(:, 3) == input(ranks - 1, length)), 'ibroadcast')
    if (me == 0) call check(all(one(:, 4) == total(ranks, length)), 'ireduce')
    call check(all(one(:, 6) == row(0, me, ranks)), 'iscatter')
    allocate (parts(length), source=0_int64)
    do other = 0, ranks - 1
      i = other + 1
      if (me == 0) call check(all(many(:, i, 5) == input(other, length)), 'igather')
      call check(all(many(:, i, 7) == input(other, length)), 'iallgather')
      call check(all(many(:, i, 8) == row(other, me, ranks)), 'ialltoall')
      parts = parts + row(other, me, ranks)
    end do
    call check(all(one(:, 9) == parts), 'ireduce_scatter')
    call check(all(one(:, 10) == total(me + 1, length)), 'iscan')
    call check(all(one(:, 11) == total(me, length)), 'iexscan')
  end subroutine everything

  !> A section whose elements are not one after the other would be copied, and the copy would go before the operation is over.
  subroutine sections(ctx)
    type(dtl_context), intent(in) :: ctx
    type(dtl_request) :: request
    real(real64), asynchronous, target :: data(10), result(5), grid(4, 4)
    integer(c_int) :: ierr
    data = 1
    call dtl_iallreduce(ctx, data(1:9:2), result, request=request, ierr=ierr)
    call check(ierr == DTL_SUCCESS, 'a refusal is issued')
    call request%wait(ierr=ierr)
    call check(ierr == DTL_ERROR_INVALID_ARGUMENT, 'a section is refused')
    call check_error('iallreduce: data is a section', 'the message names the section')
    grid = 1
    call dtl_iallreduce(ctx, grid(2, :), data(1:4), request=request)
    call request%wait(ierr=ierr)
    call check(ierr == DTL_ERROR_INVALID_ARGUMENT, 'a row is refused')
    call dtl_iallreduce(ctx, grid(:, 2:3), data(1:8), request=request)
    call request%wait(ierr=ierr)
    call check(ierr == DTL_SUCCESS, 'columns are one after the other')
    call check(all(abs(data(1:8) - ctx%size()) <= 0), 'columns are reduced')
  end subroutine sections

  subroutine errors(ctx)
    type(dtl_context), intent(in) :: ctx
    type(dtl_request) :: requests(3), shared
    integer, asynchronous, target :: value, results(3), pair(2)
    integer(c_int) :: ierr
    logical :: completed, is_described
    value = 1
    pair = 1
    call dtl_iallreduce(ctx, value, results(1), request=requests(1))
    call dtl_ireduce(ctx, value, results(2), root=99, request=requests(2))
    ! Rank 0 passes a result of another size, which Fortran finds before C is called.
    if (ctx%rank() == 0) then
      call dtl_iallreduce(ctx, pair, results(3), request=requests(3))
    else
      call dtl_iallreduce(ctx, pair, results(2:3), request=requests(3))
    end if
    call dtl_waitall(requests, ierr=ierr)
    call check(ierr == DTL_ERROR_INVALID_ARGUMENT, 'one request has failed')
    call check_error('requests[1] and requests[2] have failed', 'it says which')
    call check(results(1) == ctx%size(), 'the others are not lost')
    call requests(3)%wait(ierr=ierr)
    call check(ierr == DTL_ERROR_EXTENT_MISMATCH, 'every rank learns what Fortran has found')
    call dtl_test(requests(2), completed, ierr)
    call check(ierr == DTL_ERROR_INVALID_ARGUMENT, 'testing gives the error')
    shared = requests(1)
    !$omp critical (texts)
    is_described = index(shared%describe(), 'iallreduce') > 0
    !$omp end critical (texts)
    call check(shared%done() .and. is_described, 'a copy is the same request')
    call requests(1)%wait(-2.0_c_double, ierr)
    call check(ierr == DTL_ERROR_INVALID_ARGUMENT, 'a time is 0 or more')
  end subroutine errors

  !> A wait that is too long leaves the request as it is. Rank 1 issues its part when rank 0 has tried.
  subroutine too_long(ctx)
    type(dtl_context), intent(in) :: ctx
    type(dtl_context) :: other
    type(dtl_request) :: requests(1)
    integer(c_int) :: ierr, index
    call ctx%dup(other)
    if (ctx%rank() == 1) then
      call other%barrier()
      call dtl_ibarrier(ctx, requests(1))
    else
      call dtl_ibarrier(ctx, requests(1))
      call requests(1)%wait(0.01_c_double, ierr)
      call check(ierr == DTL_ERROR_TIMEOUT, 'wait')
      call dtl_waitany(requests, index, 0.01_c_double, ierr)
      call check(ierr == DTL_ERROR_TIMEOUT .and. index == 0, 'waitany')
      call dtl_waitall(requests, 0.01_c_double, ierr)
      call check(ierr == DTL_ERROR_TIMEOUT, 'waitall')
      call other%barrier()
    end if
    call requests(1)%wait()
  end subroutine too_long
end module requests_tests

program requests_program
  use requests_tests
  implicit none
  integer, parameter :: ranks(*) = [1, 2, 4]
  integer :: i
  do i = 1, size(ranks)
    call on_ranks(ranks(i), everything)
    call on_ranks(ranks(i), sections)
    call on_ranks(ranks(i), errors)
  end do
  call on_ranks(2, too_long)
  call finish('requests')
end program requests_program
