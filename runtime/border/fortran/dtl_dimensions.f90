! Numbers of which there is one for each dimension, or one for each rank, as the module `dtl` passes them to C. Fortran's first
! dimension is the last one of C.

module dtl_dimensions
  use, intrinsic :: iso_c_binding
  use dtl_c
  use dtl_border
  implicit none
  private

  public :: local_part, expect_extents, shape_of, extents_of, each_choice, each_index, expect_rank
  public :: expect_counts, expect_blocks

  !> What a view shows: where it begins, its extents, and the first index along each dimension.
  type :: local_part
    type(c_ptr) :: address = c_null_ptr
    integer(c_int64_t) :: extents(DTL_MAX_TENSOR_RANK) = 0
    integer(c_int64_t) :: first(DTL_MAX_TENSOR_RANK) = 1
  end type local_part

contains

  !> Extents are not negative, and there is room for their number in C.
  recursive subroutine expect_extents(problem, name, extents)
    type(objection), intent(inout) :: problem
    character(len=*), intent(in) :: name
    integer(c_int64_t), intent(in), optional :: extents(:)
    if (.not. present(extents)) return
    if (size(extents) > DTL_MAX_TENSOR_RANK) then
      call object_to(problem, DTL_ERROR_INVALID_ARGUMENT, name // ' has ' // &
          trim(decimal(size(extents, kind=c_int64_t))) // ' dimensions. Pass at most ' // &
          trim(decimal(int(DTL_MAX_TENSOR_RANK, c_int64_t))) // '.')
    else if (any(extents < 0)) then
      call object_to(problem, DTL_ERROR_INVALID_ARGUMENT, name // ' has the extent ' // &
          trim(decimal(minval(extents))) // '. Pass numbers that are not negative.')
    end if
  end subroutine expect_extents

  !> Extents as C has them: the last dimension first. What is absent has no dimensions.
  recursive function shape_of(extents) result(answer)
    integer(c_int64_t), intent(in), optional :: extents(:)
    type(dtl_shape) :: answer
    if (.not. present(extents)) return
    answer%ndim = size(extents, kind=c_int)
    answer%dims(:size(extents)) = extents(size(extents):1:-1)
  end function shape_of

  !> The extents of a shape of C: its last dimension is Fortran's first.
  recursive function extents_of(shape) result(answer)
    type(dtl_shape), intent(in) :: shape
    integer(c_int64_t), allocatable :: answer(:)
    answer = shape%dims(shape%ndim:1:-1)
  end function extents_of

  !> Puts one number for each dimension into `list`, the last dimension first, and its address into
  !! `address`. One number alone is for all dimensions; if none is given, the address stays null.
  recursive subroutine each_choice(problem, name, ndim, list, address, values)
    type(objection), intent(inout) :: problem
    character(len=*), intent(in) :: name
    integer(c_int), intent(in) :: ndim
    integer(c_int), target, intent(out) :: list(:)
    type(c_ptr), intent(inout) :: address
    integer(c_int), intent(in), optional :: values(:)
    list = -1
    if (.not. present(values) .or. ndim > size(list)) return
    if (size(values) == 1) then
      list = values(1)
    else if (size(values) == ndim) then
      list(:ndim) = values(ndim:1:-1)
    else
      call object_to(problem, DTL_ERROR_DIMENSION_MISMATCH, name // ' has ' // &
          trim(decimal(size(values, kind=c_int64_t))) // ' elements. Pass one, or one for each dimension.')
    end if
    address = c_loc(list)
  end subroutine each_choice

  !> Puts an index along each dimension, counted from 1, into `list` as C counts: from 0, the last
  !! dimension first.
  recursive subroutine each_index(problem, name, ndim, list, address, indices)
    type(objection), intent(inout) :: problem
    character(len=*), intent(in) :: name
    integer(c_int), intent(in) :: ndim
    integer(c_int64_t), target, intent(out) :: list(:)
    type(c_ptr), intent(inout) :: address
    integer(c_int64_t), intent(in) :: indices(:)
    list = -1
    if (size(indices) == ndim) then
      list(:ndim) = indices(ndim:1:-1) - 1
    else
      call object_to(problem, DTL_ERROR_DIMENSION_MISMATCH, name // ' has ' // &
          trim(decimal(size(indices, kind=c_int64_t))) // ' elements. Pass one for each dimension.')
    end if
    address = c_loc(list)
  end subroutine each_index

  !> A pointer has as many dimensions as the elements.
  recursive subroutine expect_rank(problem, name, rank, ndim)
    type(objection), intent(inout) :: problem
    character(len=*), intent(in) :: name
    integer(c_int), intent(in) :: rank, ndim
    ! Where the container does not exist, C says so.
    if (rank == ndim .or. ndim <= 0) return
    call object_to(problem, DTL_ERROR_DIMENSION_MISMATCH, name // ' has ' // &
        trim(decimal(int(rank, c_int64_t))) // ' dimensions and the elements have ' // &
        trim(decimal(int(ndim, c_int64_t))) // '. Pass a pointer of that rank.')
  end subroutine expect_rank

  !> There is a number for each rank, none of them negative.
  recursive subroutine expect_counts(problem, name, ranks, numbers)
    type(objection), intent(inout) :: problem
    character(len=*), intent(in) :: name
    integer(c_int), intent(in) :: ranks
    integer(c_int64_t), intent(in), optional :: numbers(:)
    integer(c_int64_t) :: many
    if (.not. present(numbers)) return
    many = size(numbers, kind=c_int64_t)
    ! Where the context does not exist, C says so.
    if (many /= ranks .and. ranks > 0) then
      call object_to(problem, DTL_ERROR_EXTENT_MISMATCH, name // ' has ' // trim(decimal(many)) // &
          ' elements and there are ' // trim(decimal(int(ranks, c_int64_t))) // &
          ' ranks. Pass an array with one number for each rank.')
    else if (any(numbers < 0)) then
      call object_to(problem, DTL_ERROR_INVALID_ARGUMENT, name // ' has the element ' // &
          trim(decimal(minval(numbers))) // '. Pass numbers that are not negative.')
    end if
  end subroutine expect_counts

  !> An array has the elements of every rank: so many from a displacement on, or one rank's after
  !! the other's.
  recursive subroutine expect_blocks(problem, name, count, counts, displs)
    type(objection), intent(inout) :: problem
    character(len=*), intent(in) :: name
    integer(c_int64_t), intent(in) :: count
    integer(c_int64_t), intent(in), optional :: counts(:), displs(:)
    integer(c_int64_t) :: first
    integer :: i
    if (problem%status /= DTL_SUCCESS .or. count == absent .or. .not. present(counts)) return
    first = 0
    do i = 1, size(counts)
      if (present(displs)) first = displs(i)
      if (counts(i) == 0) cycle
      if (first > count .or. counts(i) > count - min(first, count)) then
        call object_to(problem, DTL_ERROR_OUT_OF_BOUNDS, name // ' has ' // trim(decimal(count)) // &
            ' elements, and rank ' // trim(decimal(i - 1_c_int64_t)) // ' has ' // trim(decimal(counts(i))) // &
            ' after the first ' // trim(decimal(first)) // '. Pass a larger array, or smaller numbers.')
        return
      end if
      first = first + counts(i)
    end do
  end subroutine expect_blocks
end module dtl_dimensions
