! A distributed vector, each rank's part of it, and a sum over all ranks.

program quickstart
  use, intrinsic :: iso_fortran_env, only: real64
  use dtl
  implicit none
  type(dtl_context) :: ctx
  type(dtl_vector) :: vec
  real(real64), pointer, contiguous :: local(:)
  real(real64) :: global_sum
  integer :: i

  call ctx%create()
  print '(2(a,i0))', 'Rank ', ctx%rank(), ' of ', ctx%size()

  call vec%create(ctx, 1000)
  call vec%local_view(local)
  local = [(real(vec%local_offset() + i - 1, real64), i = 1, size(local))]

  call dtl_allreduce(ctx, sum(local), global_sum)
  if (ctx%is_root()) print '(a,f0.1)', 'Global sum: ', global_sum
end program quickstart
