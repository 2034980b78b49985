! The mean of a million elements that are divided over all ranks. Element i is the square root of i, counted from 0.

program distributed_mean
  use, intrinsic :: iso_fortran_env, only: real64
  use dtl
  implicit none
  type(dtl_context) :: ctx
  type(dtl_vector) :: vec
  real(real64), pointer, contiguous :: local(:)
  real(real64) :: global_sum, global_count
  integer :: i

  call ctx%create()
  call vec%create(ctx, 1000000)
  call vec%local_view(local)
  do i = 1, size(local)
    local(i) = sqrt(real(vec%local_offset() + i - 1, real64))
  end do

  call dtl_allreduce(ctx, sum(local), global_sum)
  call dtl_allreduce(ctx, real(size(local), real64), global_count)
  if (ctx%is_root()) print '(a,1x,f0.6)', 'Global mean:', global_sum / global_count
end program distributed_mean
