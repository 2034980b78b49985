! A program of somebody who has dtl installed: the sum over a distributed vector with the values 0 to 999.

program sum_of_vector
  use, intrinsic :: iso_fortran_env, only: real64
  use dtl
  implicit none
  type(dtl_context) :: ctx
  type(dtl_vector) :: vec
  real(real64), pointer, contiguous :: local(:)
  real(real64) :: total
  integer :: i

  call ctx%create()
  call vec%create(ctx, 1000)
  call vec%local_view(local)
  local = [(real(vec%local_offset() + i - 1, real64), i = 1, size(local))]
  call dtl_allreduce(ctx, sum(local), total)
  if (ctx%is_root()) print '(i0, a, i0)', nint(total), ' on ', ctx%size()
end program sum_of_vector
