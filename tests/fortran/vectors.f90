! Distributed vectors: what they have in common with other containers of one dimension, and their size, which can change.

module vectors_tests
  use, intrinsic :: iso_fortran_env, only: error_unit, int16, int32, int64, real32, real64
  use omp_lib, only: omp_get_num_threads, omp_get_thread_num, omp_set_dynamic
  use dtl, dtl_line => dtl_vector
  implicit none
  integer :: passed = 0, failed = 0, left = 0

contains

  include 'checks.inc'
  include 'lines.inc'

  !> A vector can have another size; numbers that no size is are refused on all ranks.
  subroutine resized(ctx)
    type(dtl_context), intent(in) :: ctx
    type(dtl_line) :: line
    real(real64) :: value
    integer :: status
    call line%create(ctx, 4, fill=1.0_real64)
    call line%resize(7)
    call check(line%global_size() == 7, 'it has the new size')
    call line%sum(value)
    call check(same([value], [4.0_real64]), 'what was there stays, the rest is zero')
    call line%resize(merge(-1, 7, ctx%rank() == ctx%size() - 1), ierr=status)
    call check(status /= DTL_SUCCESS, 'a negative size on one rank is an error on all')
    call check_text('size is -1')
    call line%resize(2)
    call line%sum(value)
    call check(same([value], [2.0_real64]), 'the first elements stay')
  end subroutine resized
end module vectors_tests

program vectors
  use vectors_tests
  implicit none
  integer, parameter :: ranks(3) = [1, 2, 4]
  integer :: i
  do i = 1, size(ranks)
    call on_ranks(ranks(i), elements_in_order)
    call on_ranks(ranks(i), properties)
    call on_ranks(ranks(i), copies)
    call on_ranks(ranks(i), refusals)
    call on_ranks(ranks(i), resized)
  end do
  call finish('vectors')
end program vectors
