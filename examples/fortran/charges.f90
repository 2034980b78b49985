! The energy of charges on a line, each of which repels every other one. The charges are divided over the ranks, and copies of
! their positions travel around the ring of ranks: while a rank computes with those that it has, they are on their way to the
! next one.

program energy_of_charges
  use, intrinsic :: iso_fortran_env, only: real64
  use dtl
  implicit none
  integer, parameter :: n = 1000
  type(dtl_context) :: ctx
  type(dtl_vector) :: charges
  type(dtl_request) :: sending
  type(dtl_message_info) :: info
  real(real64), pointer, contiguous :: positions(:)
  real(real64), allocatable, asynchronous, target :: visitors(:)
  real(real64), allocatable :: next(:)
  real(real64) :: energy, total, distance
  integer :: step, right, left, i, j

  call ctx%create()
  right = mod(ctx%rank() + 1, ctx%size())
  left = mod(ctx%rank() + ctx%size() - 1, ctx%size())
  call charges%create(ctx, n)
  call charges%local_view(positions)
  positions = [(sqrt(real(charges%local_offset() + i - 1, real64)), i = 1, size(positions))]

  visitors = positions
  energy = 0
  do step = 1, ctx%size()
    call dtl_isend(ctx, visitors, right, 0, sending)
    do j = 1, size(visitors)
      do i = 1, size(positions)
        distance = abs(positions(i) - visitors(j))
        if (distance > 0) energy = energy + 1 / distance
      end do
    end do
    call dtl_probe(ctx, info, left, 0)
    allocate (next(info%count))
    call dtl_recv(ctx, next, left, 0)
    call sending%wait()
    call move_alloc(next, visitors)
  end do

  ! Each pair was counted from both sides.
  call dtl_allreduce(ctx, energy, total)
  if (ctx%is_root()) print '(a,i0,a,f0.3)', 'Energy of ', n, ' charges: ', total / 2
end program energy_of_charges
