! Counters, compared with what is known of a program: with one number, an allreduce is one message of 128 bytes from each of p ranks to
! each of the p - 1 others. Ranks that are threads count together.

module observe_tests
  use, intrinsic :: iso_fortran_env, only: error_unit, int64
  use omp_lib, only: omp_get_num_threads, omp_get_thread_num, omp_set_dynamic
  use dtl
  implicit none
  integer :: passed = 0, failed = 0, left = 0

contains

  include 'checks.inc'

  subroutine numbers_of_an_allreduce(ctx)
    type(dtl_context), intent(in) :: ctx
    integer(int64) :: messages, ranks, number
    integer :: total
    logical :: is_there
    messages = ctx%size() - 1
    ranks = merge(1, ctx%size(), ctx%has_mpi())
    call ctx%barrier()
    if (ctx%has_mpi() .or. ctx%rank() == 0) call dtl_observe_reset()
    call ctx%barrier()
    call dtl_allreduce(ctx, 1, total)
    call ctx%barrier()
    call dtl_observe_counter(DTL_COUNTER_CALLS, 'allreduce', number)
    call check(number == ranks, 'calls')
    call dtl_observe_counter(DTL_COUNTER_MESSAGES_SENT, 'allreduce', number)
    call check(number == ranks * messages, 'messages')
    call dtl_observe_counter(DTL_COUNTER_BYTES_RECEIVED, 'allreduce', number)
    call check(number == ranks * messages * 128, 'bytes')
    call check(dtl_observe_gauge(DTL_GAUGE_OBJECTS) >= 1, 'a context is alive')
    ! gfortran keeps the length of what such a function gives in one place for all threads.
    !$omp critical (texts)
    is_there = index(dtl_observe_operations(), 'allreduce') > 0 .and. index(dtl_observe_table(), 'waits') > 0
    !$omp end critical (texts)
    call check(is_there, 'texts')
    call ctx%barrier()
    call dtl_observe_bucket(DTL_HISTOGRAM_MESSAGE_BYTES, 8, number)
    call check(number >= ranks * messages, 'messages of 128 bytes')
    call ctx%barrier()
  end subroutine numbers_of_an_allreduce

  subroutine what_does_not_exist()
    integer(int64) :: number
    integer :: status
    call dtl_observe_counter(DTL_COUNTER_CALLS, 'allredcue', number, status)
    call check(status == DTL_ERROR_INVALID_ARGUMENT, 'no such operation')
    call dtl_observe_bucket(DTL_HISTOGRAM_MESSAGE_BYTES, 65, number, status)
    call check(status == DTL_ERROR_OUT_OF_BOUNDS, 'no such bucket')
  end subroutine what_does_not_exist
end module observe_tests

program observe
  use observe_tests
  implicit none
  integer, parameter :: ranks(3) = [1, 2, 4]
  integer :: i
  do i = 1, size(ranks)
    call on_ranks(ranks(i), numbers_of_an_allreduce)
  end do
  call what_does_not_exist()
  call finish('observe')
end program observe
