! Distributed arrays: what they have in common with other containers of one dimension.

module arrays_tests
  use, intrinsic :: iso_fortran_env, only: error_unit, int16, int32, int64, real32, real64
  use omp_lib, only: omp_get_num_threads, omp_get_thread_num, omp_set_dynamic
  use dtl, dtl_line => dtl_array
  implicit none
  integer :: passed = 0, failed = 0, left = 0

contains

  include 'checks.inc'
  include 'lines.inc'
end module arrays_tests

program arrays
  use arrays_tests
  implicit none
  integer, parameter :: ranks(3) = [1, 2, 4]
  integer :: i
  do i = 1, size(ranks)
    call on_ranks(ranks(i), elements_in_order)
    call on_ranks(ranks(i), properties)
    call on_ranks(ranks(i), copies)
    call on_ranks(ranks(i), refusals)
  end do
  call finish('arrays')
end program arrays
