! The largest sum of neighbours among many numbers. A stretch may begin on one rank and end on another, so each rank says four
! things of its part, and a procedure puts two parts side by side: the first to the left of the second.

module parts
  use, intrinsic :: iso_c_binding, only: c_int, c_int64_t
  implicit none
  ! The sum of a part, and its best stretches: from its left end, to its right end, and anywhere.
  integer, parameter :: total = 1, from_left = 2, to_right = 3, best = 4

contains

  pure function number(place)
    integer(c_int64_t), intent(in) :: place
    integer(c_int64_t) :: number
    number = mod(mod(place * 7919, 10007_c_int64_t) * mod(place, 613_c_int64_t), 201_c_int64_t) - 100
  end function number

  subroutine join(left, right, both, ierr)
    integer(c_int64_t), intent(in) :: left(:), right(:)
    integer(c_int64_t), intent(out) :: both(:)
    integer(c_int), intent(inout) :: ierr
    if (size(both) /= best) ierr = 1
    both(total) = left(total) + right(total)
    both(from_left) = max(left(from_left), left(total) + right(from_left))
    both(to_right) = max(right(to_right), right(total) + left(to_right))
    both(best) = max(left(best), right(best), left(to_right) + right(from_left))
  end subroutine join
end module parts

program best_stretch
  use, intrinsic :: iso_fortran_env, only: int64
  use dtl
  use parts
  implicit none
  integer, parameter :: n = 100000
  type(dtl_context) :: ctx
  integer(int64) :: part(4), longer(4), whole(4), place, rank, ranks
  integer :: ierr

  call ctx%create()
  rank = ctx%rank()
  ranks = ctx%size()
  part = 0
  ierr = 0
  do place = n * rank / ranks, n * (rank + 1) / ranks - 1
    call join(part, [number(place), spread(max(number(place), 0_int64), 1, 3)], longer, ierr)
    part = longer
  end do

  call dtl_allreduce_func(ctx, part, whole, join)
  if (ctx%is_root()) print '(a,i0,a,i0)', 'Largest sum of neighbours among ', n, ' numbers: ', whole(best)
end program best_stretch
