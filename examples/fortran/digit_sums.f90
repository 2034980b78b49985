! How often each digit sum occurs among a million numbers. Each rank counts in its own part; the counts add up in a map.

program digit_sums
  use, intrinsic :: iso_fortran_env, only: int64
  use dtl
  implicit none
  integer, parameter :: largest = 54
  type(dtl_context) :: ctx
  type(dtl_map) :: counts
  integer(int64) :: keys(0:largest), times(0:largest), asked(3), found(3)
  integer :: number, rest, digit_sum, i

  call ctx%create()
  keys = [(i, i = 0, largest)]
  times = 0
  do number = ctx%rank(), 999999, ctx%size()
    digit_sum = 0
    rest = number
    do while (rest > 0)
      digit_sum = digit_sum + mod(rest, 10)
      rest = rest / 10
    end do
    times(digit_sum) = times(digit_sum) + 1
  end do

  call counts%create(ctx, DTL_DTYPE_INT64, DTL_DTYPE_INT64)
  call counts%combine(keys, times, DTL_OP_SUM)
  call counts%sync()

  asked = [0_int64, 1_int64, 27_int64]
  call counts%find(asked, found)
  if (ctx%is_root()) then
    print '(i0,a)', counts%global_size(), ' different digit sums'
    print '(a,i0,a,i0,a)', ('Digit sum ', asked(i), ': ', found(i), ' times', i = 1, 3)
  end if
end program digit_sums
