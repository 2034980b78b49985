! Halos and what moves between ranks: every element is compared with its number in Fortran's order.

module halos_tests
  use, intrinsic :: iso_fortran_env, only: error_unit, int32, int64, real64
  use omp_lib, only: omp_get_num_threads, omp_get_thread_num, omp_set_dynamic
  use dtl
  implicit none
  integer :: passed = 0, failed = 0, left = 0
  integer, parameter :: rows = 4, columns = 7

contains

  include 'checks.inc'

  !> What the element in a row and a column is.
  elemental function number(row, column) result(answer)
    integer, intent(in) :: row, column
    real(real64) :: answer
    answer = 1000 * modulo(row - 1, rows) + modulo(column - 1, columns)
  end function number

  subroutine fill(matrix, ctx)
    type(dtl_tensor), intent(inout) :: matrix
    type(dtl_context), intent(in) :: ctx
    real(real64) :: all(rows, columns)
    integer :: i, j
    call matrix%create(ctx, [rows, columns])
    all = reshape([((number(i, j), i = 1, rows), j = 1, columns)], [rows, columns])
    call matrix%from_global(all)
  end subroutine fill

  !> An element has the same index in the halo's array as in the container.
  subroutine ghosts_have_global_bounds(ctx)
    type(dtl_context), intent(in) :: ctx
    type(dtl_tensor) :: matrix
    type(dtl_halo) :: halo
    real(real64), pointer, contiguous :: old(:, :), new(:, :)
    character(len=100) :: expected
    character(len=:), allocatable :: says
    integer :: i, j, first
    logical :: right, is_described
    call fill(matrix, ctx)
    call matrix%halo([2, 1], boundary=DTL_BOUNDARY_PERIODIC, stencil=DTL_STENCIL_BOX, halo=halo)
    call halo%local_view(old)
    call matrix%local_view(new)
    first = 1
    do i = 0, ctx%rank() - 1
      first = first + columns / ctx%size() + merge(1, 0, i < mod(columns, ctx%size()))
    end do
    call check(all(lbound(old) == [-1, first - 1]), 'lower bounds are global')
    call check(all(ubound(old) == [rows + 2, first + size(new, 2)]), 'upper bounds are global')
    call check(all(halo%lower_bounds() == lbound(old)) .and. all(halo%width() == [2, 1]), 'what the halo says')
    call check(all(halo%local_shape() == shape(old)) .and. halo%local_size() == size(old), 'its extents')
    write (expected, '(a,i0,a)') 'of shape (4, 7), float64, block over 1 x ', ctx%size(), ' rank'
    ! gfortran keeps the length of what such a function gives in one place for all threads.
    !$omp critical (texts)
    is_described = index(halo%describe(), 'width=[2, 1]') > 0 .and. index(halo%describe(), trim(expected)) > 0
    says = halo%describe()
    !$omp end critical (texts)
    call check(is_described, 'a description begins with the first dimension: ' // says)
    call check(halo%ndim() == 2 .and. halo%dtype() == DTL_DTYPE_FLOAT64 .and. halo%is_valid(), 'its type')
    call halo%begin()
    new = -1
    call halo%end()
    right = .true.
    do j = lbound(old, 2), ubound(old, 2)
      do i = lbound(old, 1), ubound(old, 1)
        right = right .and. abs(old(i, j) - number(i, j)) <= 0
      end do
    end do
    call check(right, 'ghosts are what is at the other end')
    call halo%exchange()
    call check(all(abs(old + 1) <= 0), 'an exchange takes the elements of now')
  end subroutine ghosts_have_global_bounds

  subroutine around_lines(ctx)
    type(dtl_context), intent(in) :: ctx
    type(dtl_vector) :: vec
    type(dtl_array) :: arr
    type(dtl_halo) :: halo, around, same_halo
    integer(int32), pointer, contiguous :: old(:)
    real(real64), pointer, contiguous :: reals(:)
    logical :: is_described
    integer :: i, status
    call vec%create(ctx, 9, dtype=DTL_DTYPE_INT32)
    call vec%from_global([(i, i = 1, 9)])
    call vec%halo([1], boundary=DTL_BOUNDARY_CONSTANT, value=-7, halo=halo)
    call halo%exchange()
    call halo%local_view(old)
    do i = lbound(old, 1), ubound(old, 1)
      call check(old(i) == merge(i, -7, i >= 1 .and. i <= 9), 'every element has its own index')
    end do
    call vec%resize(3, ierr=status)
    call check(status == DTL_ERROR_INVALID_STATE, 'a halo keeps the elements where they are')
    call arr%create(ctx, 9)
    call arr%from_global([(2.0_real64 * i, i = 1, 9)])
    call arr%halo([1], boundary=DTL_BOUNDARY_PERIODIC, halo=around)
    same_halo = around
    call same_halo%exchange()
    call around%local_view(reals)
    do i = lbound(reals, 1), ubound(reals, 1)
      call check(abs(reals(i) - 2 * (modulo(i - 1, 9) + 1)) <= 0, 'both ends meet')
    end do
    ! gfortran keeps the length of what such a function gives in one place for all threads.
    !$omp critical (texts)
    is_described = index(around%describe(), 'periodic') > 0
    !$omp end critical (texts)
    call check(is_described, 'a halo has a description')
    call arr%create(ctx, 9, partition=DTL_PARTITION_CYCLIC)
    call arr%halo([1], halo=halo, ierr=status)
    call check(status == merge(DTL_SUCCESS, DTL_ERROR_NOT_SUPPORTED, ctx%size() == 1), 'only blocks have halos')
  end subroutine around_lines

  subroutine arrays_of_everything(ctx)
    type(dtl_context), intent(in) :: ctx
    type(dtl_tensor) :: matrix
    type(dtl_vector) :: vec
    real(real64) :: flat(rows * columns), nothing(0)
    integer(int32) :: few(5)
    integer :: i, j, status
    call fill(matrix, ctx)
    call matrix%reshape([rows * columns], redistribute=.true.)
    if (ctx%is_root()) then
      call matrix%gather_to(flat)
      call check(all(abs(flat - [((number(i, j), i = 1, rows), j = 1, columns)]) <= 0), 'in their order')
    else
      call matrix%gather_to(nothing)
    end if
    call matrix%reshape([3, 3], ierr=status)
    call check(status == DTL_ERROR_EXTENT_MISMATCH, 'a shape of another size')
    call vec%create(ctx, 5, dtype=DTL_DTYPE_INT32, partition=DTL_PARTITION_REPLICATED)
    call vec%from_global([3, 1, 4, 1, 5])
    call check(vec%is_clean(), 'copies are equal')
    call vec%fill(2)
    call check(vec%is_dirty() .eqv. ctx%size() > 1, 'copies may differ')
    call vec%sync()
    call vec%redistribute(DTL_PARTITION_BLOCK_CYCLIC, block_size=2)
    call vec%gather_to(few)
    call check(.not. ctx%is_root() .or. all(few == 2), 'from wherever they are')
    call vec%from_global(few(1:4), ierr=status)
    call check(status == DTL_ERROR_EXTENT_MISMATCH, 'an array of another size')
  end subroutine arrays_of_everything
end module halos_tests

program halos
  use halos_tests
  implicit none
  integer, parameter :: ranks(3) = [1, 2, 4]
  integer :: i
  do i = 1, size(ranks)
    call on_ranks(ranks(i), ghosts_have_global_bounds)
    call on_ranks(ranks(i), around_lines)
    call on_ranks(ranks(i), arrays_of_everything)
  end do
  call finish('halos')
end program halos
