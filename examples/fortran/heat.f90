! Heat spreads over a square plate whose edges are kept at zero: finite differences with halo exchange, beside the same
! computation in one piece.

program heat
  use, intrinsic :: iso_fortran_env, only: real64
  use dtl
  implicit none
  integer, parameter :: n = 32, steps = 50
  type(dtl_context) :: ctx
  type(dtl_tensor) :: plate
  type(dtl_halo) :: halo
  real(real64), pointer, contiguous :: old(:, :), new(:, :)
  real(real64) :: start(n, n), result(n, n), padded(0:n + 1, 0:n + 1)
  integer :: time

  call ctx%create()
  ! A tensor over a grid of ranks that is as square as possible.
  call plate%create(ctx, [n, n], grid=[0, 0])
  start = 0
  start(n / 4 + 1:n / 2, n / 4 + 1:n / 2) = 1
  call plate%from_global(start)

  call plate%halo([1], boundary=DTL_BOUNDARY_CONSTANT, stencil=DTL_STENCIL_STAR, halo=halo)
  ! The halo's bounds are global: its ghosts come before and after this rank's elements.
  call halo%local_view(old)
  call plate%local_view(new)
  do time = 1, steps
    call halo%exchange()
    call step(old, new)
  end do

  call plate%gather_to(result)
  if (ctx%is_root()) then
    padded = 0
    do time = 1, steps
      padded(1:n, 1:n) = start
      call step(padded, start)
    end do
    print '(a,f0.6)', 'Heat that is left: ', sum(result)
    print '(a,f3.1)', 'Largest difference from the serial solution: ', maxval(abs(result - start))
  end if

contains

  ! The next temperatures; `old` has a ghost at each end of each dimension.
  subroutine step(old, new)
    real(real64), intent(in) :: old(0:, 0:)
    real(real64), intent(out) :: new(:, :)
    integer :: i, j
    do j = 1, size(new, 2)
      do i = 1, size(new, 1)
        new(i, j) = old(i, j) + 0.125_real64 * (old(i, j - 1) + old(i, j + 1) + old(i - 1, j) + old(i + 1, j) &
            - 4 * old(i, j))
      end do
    end do
  end subroutine step

end program heat
