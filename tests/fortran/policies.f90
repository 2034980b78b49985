! Error policies and handlers, and what contexts promise about the order of reductions.

module policies_tests
  use, intrinsic :: iso_fortran_env, only: error_unit, int64, real64
  use omp_lib, only: omp_get_num_threads, omp_get_thread_num, omp_set_dynamic
  use dtl
  implicit none
  integer :: passed = 0, failed = 0, left = 0
  !> What each thread's handler was told.
  integer :: calls = 0, last_status = 0
  logical :: names_the_argument = .false.
  !$omp threadprivate (calls, last_status, names_the_argument)

contains

  include 'checks.inc'

  subroutine handler(status, message)
    integer, intent(in) :: status
    character(len=*), intent(in) :: message
    calls = calls + 1
    last_status = status
    names_the_argument = index(message, '5') > 0
  end subroutine handler

  subroutine told_before_the_status_comes(ctx)
    type(dtl_context), intent(in) :: ctx
    type(dtl_vector) :: vec
    integer(int64) :: place
    integer :: ierr
    calls = 0
    call ctx%set_error_handler(handler)
    call check(ctx%error_policy() == DTL_ERROR_POLICY_CALLBACK, 'a handler chooses the policy')
    call vec%create(ctx, 5)
    call check(vec%error_policy() == DTL_ERROR_POLICY_CALLBACK, 'containers have the policy of their context')
    call vec%to_local(6, place, ierr)
    call check(ierr == DTL_ERROR_OUT_OF_BOUNDS .and. last_status == ierr, 'the handler gets the status, and so does ierr')
    call check(calls == 1 .and. names_the_argument, 'the handler gets the message')
    call vec%create(ctx, -1, ierr=ierr)
    call check(ierr == DTL_ERROR_INVALID_ARGUMENT .and. calls == 2, 'what Fortran refuses for all ranks is told too')
    call ctx%set_error_policy(DTL_ERROR_POLICY_RETURN_STATUS)
    call vec%to_local(6, place, ierr)
    call check(calls == 2, 'a policy that tells nobody')
    call ctx%set_error_handler()
    call vec%to_local(6, place, ierr)
    call check(calls == 2, 'without a handler nobody is told')
    call ctx%set_error_policy(DTL_ERROR_POLICY_CALLBACK, ierr)
    call check(ierr == DTL_ERROR_INVALID_STATE, 'a policy that needs a handler')
  end subroutine told_before_the_status_comes

  subroutine determinism()
    type(dtl_context) :: ctx
    call ctx%create(determinism_mode=DTL_DETERMINISM_DETERMINISTIC, &
        reduction_schedule_policy=DTL_REDUCTION_SCHEDULE_FIXED_TREE, &
        progress_ordering_policy=DTL_PROGRESS_ORDERING_RANK_ORDERED)
    call check(ctx%determinism_mode() == DTL_DETERMINISM_DETERMINISTIC, 'the mode that was asked for')
    call check(ctx%reduction_schedule_policy() == DTL_REDUCTION_SCHEDULE_FIXED_TREE, 'the schedule that was asked for')
    call check(ctx%progress_ordering_policy() == DTL_PROGRESS_ORDERING_RANK_ORDERED, 'the order that was asked for')
  end subroutine determinism

  subroutine sums_go_upwards(ctx)
    type(dtl_context), intent(in) :: ctx
    real(real64), parameter :: parts(4) = [1.0_real64, 1.0e16_real64, 1.0_real64, -1.0e16_real64]
    real(real64) :: total
    call dtl_allreduce(ctx, parts(ctx%rank() + 1), total)
    ! 1e16 + 1 is 1e16 again, so that another order of additions gives another sum.
    call check(abs(total - (((parts(1) + parts(2)) + parts(3)) + parts(4))) <= 0, 'sums go from rank 0 upwards')
  end subroutine sums_go_upwards
end module policies_tests

program policies
  use policies_tests
  implicit none
  call on_ranks(1, told_before_the_status_comes)
  call on_ranks(2, told_before_the_status_comes)
  call on_ranks(4, sums_go_upwards)
  call determinism()
  call finish('policies')
end program policies
