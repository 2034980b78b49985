! The smallest and largest values over all ranks and the ranks that have them, against a search through what all ranks pass.

module locations_tests
  use, intrinsic :: iso_c_binding, only: c_int, c_int32_t
  use, intrinsic :: iso_fortran_env, only: error_unit, int64
  use omp_lib, only: omp_get_num_threads, omp_get_thread_num, omp_set_dynamic
  use dtl
  implicit none
  integer :: passed = 0, failed = 0, left = 0
  integer, parameter :: rows = 30, columns = 50

contains

  include 'checks.inc'

  !> What rank `rank` passes: few different values, so that ranks tie.
  pure function input(rank) result(values)
    integer, intent(in) :: rank
    integer(int64) :: values(rows, columns)
    integer :: i
    values = reshape([(int(modulo(7 * i + 5 * rank, 6), int64) - 2, i = 1, rows * columns)], [rows, columns])
  end function input

  !> The best values of all ranks, and for each the first rank that has it.
  subroutine search(largest, ranks, best, places)
    logical, intent(in) :: largest
    integer, intent(in) :: ranks
    integer(int64), intent(out) :: best(rows, columns)
    integer, intent(out) :: places(rows, columns)
    integer(int64) :: next(rows, columns)
    logical :: wins(rows, columns)
    integer :: rank
    best = input(0)
    places = 0
    do rank = 1, ranks - 1
      next = input(rank)
      wins = merge(next > best, next < best, largest)
      where (wins) best = next
      where (wins) places = rank
    end do
  end subroutine search

  subroutine everything(ctx)
    type(dtl_context), intent(in) :: ctx
    integer(int64), asynchronous, target :: mine(rows, columns), values(rows, columns, 4)
    integer(c_int32_t), asynchronous, target, dimension(rows, columns) :: low, high, later_low, later_high
    type(dtl_request) :: requests(2)
    integer(int64) :: best(rows, columns)
    integer :: places(rows, columns), value, where_it_is
    integer(c_int) :: ierr
    mine = input(ctx%rank())
    call dtl_iallreduce_minloc(ctx, mine, values(:, :, 3), later_low, requests(1))
    call dtl_iallreduce_maxloc(ctx, mine, values(:, :, 4), later_high, requests(2))
    call dtl_allreduce_minloc(ctx, mine, values(:, :, 1), low)
    call dtl_allreduce_maxloc(ctx, mine, values(:, :, 2), high)
    call dtl_waitall(requests)
    call search(.false., ctx%size(), best, places)
    call check(all(values(:, :, 1) == best) .and. all(values(:, :, 3) == best), 'smallest values')
    call check(all(low == places) .and. all(later_low == places), 'their ranks')
    call search(.true., ctx%size(), best, places)
    call check(all(values(:, :, 2) == best) .and. all(values(:, :, 4) == best), 'largest values')
    call check(all(high == places) .and. all(later_high == places), 'their ranks')
    call dtl_allreduce_maxloc(ctx, ctx%rank(), value, where_it_is)
    call check(value == ctx%size() - 1 .and. where_it_is == value, 'a scalar')
    call dtl_allreduce_maxloc(ctx, mine, values(:, :, 1), low(:, 1), ierr)
    call check(ierr /= DTL_SUCCESS, 'too few ranks')
    call check_error('ranks', 'the error says so')
  end subroutine everything
end module locations_tests

program locations_program
  use locations_tests
  implicit none
  integer, parameter :: ranks(*) = [1, 2, 4]
  integer :: i
  do i = 1, size(ranks)
    call on_ranks(ranks(i), everything)
  end do
  call finish('locations')
end program locations_program
