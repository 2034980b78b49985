! The dot product of two distributed vectors.

program distributed_dot_product
  use, intrinsic :: iso_fortran_env, only: int64, real64
  use dtl
  implicit none
  integer(int64), parameter :: n = 100000
  type(dtl_context) :: ctx
  type(dtl_vector) :: a, b
  real(real64), pointer, contiguous :: local_a(:), local_b(:)
  real(real64) :: global_dot
  integer :: i

  call ctx%create()
  call a%create(ctx, n)
  call b%create(ctx, n, fill=2.0_real64)
  call a%local_view(local_a)
  call b%local_view(local_b)
  local_a = [(real(a%local_offset() + i - 1, real64), i = 1, size(local_a))]

  call dtl_allreduce(ctx, dot_product(local_a, local_b), global_dot)
  if (ctx%is_root()) then
    print '(a,i0)', 'Dot product: ', nint(global_dot, int64)
    print '(a,i0)', 'Expected: ', n * (n - 1)
  end if
end program distributed_dot_product
