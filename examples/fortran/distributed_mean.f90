! The mean of a million distributed elements.

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
    local(i) = sin(real(vec%local_offset() + i - 1, real64))
  end do

  call dtl_allreduce(ctx, sum(local), global_sum)
  call dtl_allreduce(ctx, real(size(local), real64), global_count)
  if (ctx%is_root()) print '(a,f9.6)', 'Global mean:', global_sum / global_count
end program distributed_mean
