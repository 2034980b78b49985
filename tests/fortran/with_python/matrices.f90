! Rank 1 of a job whose rank 0 is the Python program `matrices.py`.

program matrices
  use, intrinsic :: iso_c_binding, only: c_double, c_int
  use, intrinsic :: iso_fortran_env, only: error_unit, int64
  use dtl
  implicit none
  type(dtl_context) :: ctx
  type(dtl_request) :: request
  real(c_double) :: matrix(3, 4), sums(3, 4), turned(4, 3), nothing(0), of_both(3, 4, 2)
  real(c_double), asynchronous, target :: pair(3, 4, 2)
  integer(int64) :: total
  integer(c_int) :: status
  integer :: i, passed = 0

  call ctx%create()
  matrix = reshape([(real(i, c_double), i = 0, 11)], [3, 4])
  pair(:, :, 1) = 0
  pair(:, :, 2) = matrix
  call dtl_send(ctx, matrix, 0)
  call dtl_send(ctx, 5.0_c_double, 0)
  call dtl_send(ctx, reshape([.true., .false., .true., .true., .false., .true.], [2, 3]), 0)
  call dtl_isend(ctx, pair, 0, request=request)
  call request%wait()
  call dtl_recv(ctx, turned, 0, ierr=status)
  call check(status == DTL_ERROR_EXTENT_MISMATCH, 'a matrix from Python, into its transpose')
  call dtl_recv(ctx, sums, 0)
  call check(all(nint(sums) == nint(matrix)), 'a matrix from Python')

  call dtl_allreduce(ctx, matrix, sums)
  call check(all(nint(sums) == 2 * nint(matrix)), 'shapes that agree')
  call dtl_allreduce(ctx, matrix, sums, ierr=status)
  call check(status == DTL_ERROR_COLLECTIVE_PARTICIPATION, 'shapes that differ')
  call dtl_broadcast(ctx, matrix, root=1)
  call dtl_gather(ctx, matrix, nothing, root=0)
  of_both = pair
  call dtl_scatter(ctx, of_both, sums, root=1)
  call check(all(nint(sums) == nint(matrix)), 'a matrix of those that are scattered')
  call dtl_allreduce(ctx, 3_int64, total)
  call check(total == 5, 'single values')
  print '(a,i0,a)', 'matrices: ', passed, ' checks passed'

contains

  subroutine check(holds, what)
    logical, intent(in) :: holds
    character(len=*), intent(in) :: what
    if (holds) then
      passed = passed + 1
    else
      write (error_unit, '(2a)') 'failed: ', what
      error stop 1, quiet=.true.
    end if
  end subroutine check
end program matrices
