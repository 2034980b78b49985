! Futures on 1, 2 and 4 ranks: values that are set, requests, and all or the first of several.

module futures_tests
  use, intrinsic :: iso_c_binding, only: c_double, c_int
  use, intrinsic :: iso_fortran_env, only: error_unit, int32, int64, real64
  use omp_lib, only: omp_get_num_threads, omp_get_thread_num, omp_set_dynamic
  use dtl
  implicit none
  integer :: passed = 0, failed = 0, left = 0

contains

  include 'checks.inc'

  !> A value has the type and size that it was set with.
  subroutine values(ctx)
    type(dtl_context), intent(in) :: ctx
    type(dtl_future) :: future, same, flags
    integer(int64) :: found(3), few(2), many(6)
    logical :: completed, truth(2), is_described
    integer(c_int) :: ierr
    call future%create()
    call future%test(completed)
    call check(.not. completed .and. .not. future%done(), 'it is not over')
    call future%wait(0.01_c_double, ierr)
    call check(ierr == DTL_ERROR_TIMEOUT, 'a wait that is too long')
    call future%set([15_int64, -2_int64, int(ctx%rank(), int64)])
    call future%set([0_int64], ierr)
    call check(ierr == DTL_ERROR_INVALID_STATE, 'it is set once')
    call future%wait()
    call future%test(completed)
    call check(completed .and. future%done(), 'it is over')
    found = 0
    call future%get(found)
    call check(all(found == [15_int64, -2_int64, int(ctx%rank(), int64)]), 'the value')
    few = 7
    call future%get(few, ierr)
    call check(ierr == DTL_ERROR_BUFFER_TOO_SMALL .and. all(few == 7), 'a small array')
    call future%get(many, ierr)
    call check(ierr == DTL_ERROR_INVALID_ARGUMENT, 'a large array')
    !$omp critical (texts)
    is_described = future%describe() == 'a value, over'
    !$omp end critical (texts)
    call check(is_described, 'its description')
    same = future
    call future%create()
    found = 0
    call same%get(found)
    call check(found(1) == 15, 'another variable keeps it')
    call flags%create()
    call flags%set([.true., .false.])
    truth = .false.
    call flags%get(truth)
    call check(truth(1) .and. .not. truth(2), 'truth values')
  end subroutine values

  subroutine several(ctx)
    type(dtl_context), intent(in) :: ctx
    type(dtl_future) :: futures(3), everything, first
    integer(int64) :: index(1)
    integer(c_int) :: ierr
    integer :: i
    do i = 1, 3
      call futures(i)%create()
    end do
    call dtl_when_all(futures, everything)
    call dtl_when_any(futures, first)
    call check(first%completed_index() == 4, 'none is over')
    call futures(2)%set([ctx%rank()])
    call first%wait()
    call check(first%completed_index() == 2, 'the second is the first')
    call first%get(index)
    call check(index(1) == 1, 'its position counted from 0 is the value')
    call check(.not. everything%done(), 'not all are over')
    call futures(1)%set([1.0_real64])
    call futures(3)%set([1_int64, 2_int64])
    call everything%wait(60.0_c_double)
    call check(first%completed_index() == 2, 'the first stays the first')
    call dtl_when_any(futures(1:0), first, ierr)
    call check(ierr == DTL_ERROR_INVALID_ARGUMENT, 'the first of none')
    call dtl_when_all(futures(1:0), everything)
    call check(everything%done(), 'all of none')
  end subroutine several

  subroutine of_requests(ctx)
    type(dtl_context), intent(in) :: ctx
    type(dtl_request) :: request
    type(dtl_future) :: futures(2), everything
    integer(int32), asynchronous, target :: mine(2), total(2)
    integer(c_int) :: ierr
    mine = ctx%rank() + 1
    call dtl_iallreduce(ctx, mine, total, DTL_OP_SUM, request)
    call dtl_future_of_request(request, futures(1))
    call dtl_ibarrier(ctx, request)
    call dtl_future_of_request(request, futures(2))
    call dtl_when_all(futures, everything)
    call everything%wait(60.0_c_double)
    call check(all(total == ctx%size() * (ctx%size() + 1) / 2), 'the requests are over')
    call dtl_ireduce(ctx, mine, total, DTL_OP_SUM, 77, request)
    call dtl_future_of_request(request, futures(2))
    call dtl_when_all(futures, everything)
    call everything%wait(ierr=ierr)
    call check(ierr == DTL_ERROR_INVALID_ARGUMENT, 'the error of a request')
  end subroutine of_requests
end module futures_tests

program futures_program
  use futures_tests
  implicit none
  integer, parameter :: ranks(*) = [1, 2, 4]
  integer :: i
  do i = 1, size(ranks)
    call on_ranks(ranks(i), values)
    call on_ranks(ranks(i), several)
    call on_ranks(ranks(i), of_requests)
  end do
  call finish('futures')
end program futures_program
