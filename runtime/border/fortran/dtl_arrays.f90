! Arrays that programs pass to the module `dtl`: what C is told of them, copies where it could not use them as they are, and how
! many elements they must have.

module dtl_arrays
  use, intrinsic :: iso_c_binding
  use dtl_c
  use dtl_border
  use dtl_elements
  implicit none
  private

  public :: given_array, read_array, read_array_in_place, write_array, write_array_in_place, is_passed, give_back
  public :: take_number, take_numbers
  public :: expect_count, expect_shares, expect_parts, expect_extent, expect_one, expect_element, expect_alike

  !> The elements of an array as C gets them: where they begin, one after the other, how many there are,
  !! and of which dtype.
  type :: given_array
    type(c_ptr) :: address = c_null_ptr
    integer(c_int64_t) :: count = absent
    integer(c_int) :: dtype = -1
    !> They stand here where they are not one after the other in the array, or take other bytes there.
    integer(c_int8_t), allocatable :: copy(:)
  end type given_array

contains

  !> An array whose elements are read.
  recursive subroutine read_array(problem, name, array, given)
    type(objection), intent(inout) :: problem
    character(len=*), intent(in) :: name
    type(*), target, intent(in) :: array(..)
    type(given_array), target, intent(inout) :: given
    type(description) :: found
    call describe(array, size(array, kind=c_int64_t), found)
    call take(problem, name, found, given)
  end subroutine read_array

  !> An array that is read after the call has ended.
  recursive subroutine read_array_in_place(problem, name, array, given)
    type(objection), intent(inout) :: problem
    character(len=*), intent(in) :: name
    type(*), target, intent(in), asynchronous :: array(..)
    type(given_array), intent(inout) :: given
    type(description) :: found
    call describe(array, size(array, kind=c_int64_t), found)
    call take_in_place(problem, name, found, given)
  end subroutine read_array_in_place

  !> An array whose elements are written. No temporary array is, so that one without a size is of assumed size.
  recursive subroutine write_array(problem, name, array, given)
    type(objection), intent(inout) :: problem
    character(len=*), intent(in) :: name
    type(*), target, intent(inout) :: array(..)
    type(given_array), target, intent(inout) :: given
    type(description) :: found
    call describe(array, size(array, kind=c_int64_t), found)
    if (size(array, kind=c_int64_t) < 0) found%is_sized = 0
    call take(problem, name, found, given)
  end subroutine write_array

  !> One that is written after the call has ended.
  recursive subroutine write_array_in_place(problem, name, array, given)
    type(objection), intent(inout) :: problem
    character(len=*), intent(in) :: name
    type(*), target, intent(inout), asynchronous :: array(..)
    type(given_array), intent(inout) :: given
    type(description) :: found
    call describe(array, size(array, kind=c_int64_t), found)
    if (size(array, kind=c_int64_t) < 0) found%is_sized = 0
    call take_in_place(problem, name, found, given)
  end subroutine write_array_in_place

  !> Whether an array counts that must be there at the root and is forgotten on other ranks.
  recursive function is_passed(at_root, problem, name, is_there) result(answer)
    logical, intent(in) :: at_root, is_there
    type(objection), intent(inout) :: problem
    character(len=*), intent(in) :: name
    logical :: answer
    answer = at_root .and. is_there
    if (.not. at_root .or. is_there) return
    call object_to(problem, DTL_ERROR_NULL_POINTER, name // ' is absent at the root. Pass it there.')
  end function is_passed

  !> An integer of any size.
  recursive subroutine take_number(problem, name, number, taken)
    type(objection), intent(inout) :: problem
    character(len=*), intent(in) :: name
    class(*), intent(in) :: number
    integer(c_int64_t), intent(inout) :: taken
    select type (number)
    type is (integer(c_int32_t))
      taken = int(number, c_int64_t)
    type is (integer(c_int64_t))
      taken = number
    class default
      taken = 0
      call object_to(problem, DTL_ERROR_INVALID_ARGUMENT, name // ' is no integer(c_int32_t) and no ' // &
          'integer(c_int64_t). Pass one of these.')
    end select
  end subroutine take_number

  !> A list of integers of any size. C hears nothing of its shape.
  recursive subroutine take_numbers(problem, name, numbers, taken)
    type(objection), intent(inout) :: problem
    character(len=*), intent(in) :: name
    type(*), target, intent(in) :: numbers(..)
    integer(c_int64_t), allocatable, intent(out) :: taken(:)
    type(given_array) :: given
    type(description) :: found
    call describe(numbers, size(numbers, kind=c_int64_t), found)
    if (found%kind == integers .and. found%bytes >= 4 .and. found%rank == 1 .and. found%is_sized /= 0) then
      allocate (taken(found%count))
      call copy_integers(found, taken)
      return
    end if
    allocate (taken(0))
    call note(problem, name, found, given)
    if (found%rank /= 1) then
      call object_to(problem, DTL_ERROR_INVALID_ARGUMENT, name // ' has ' // &
          trim(decimal(int(found%rank, c_int64_t))) // ' dimensions. Pass a list of integers.')
    else
      call object_to(problem, DTL_ERROR_INVALID_ARGUMENT, name // ' is no list of integer(c_int32_t) or ' // &
          'integer(c_int64_t). Pass one of these.')
    end if
  end subroutine take_numbers

  !> What C is told of an array, or of a copy.
  recursive subroutine take(problem, name, found, given)
    type(objection), intent(inout) :: problem
    character(len=*), intent(in) :: name
    type(description), intent(in) :: found
    type(given_array), target, intent(inout) :: given
    call note(problem, name, found, given)
    if (given%count < 0 .or. given%dtype < 0) return
    call pack_if_needed(problem, name, found, given)
    if (given%count < 0) return
    call dtl_say_shape(given%address, found%rank, found%extents)
  end subroutine take

  !> Copies elements that are not one after the other, or that take other bytes in the array.
  recursive subroutine pack_if_needed(problem, name, found, given)
    type(objection), intent(inout) :: problem
    character(len=*), intent(in) :: name
    type(description), intent(in) :: found
    type(given_array), target, intent(inout) :: given
    integer(c_int64_t) :: bytes
    integer :: failure
    if (found%is_contiguous /= 0 .and. .not. is_converted(found)) return
    bytes = given%count * merge(1_c_int64_t, found%bytes, found%kind == logicals)
    allocate (given%copy(bytes), stat=failure)
    if (failure /= 0) then
      given%count = scattered
      call object_to(problem, DTL_ERROR_OUT_OF_MEMORY, 'there is no memory for a copy of ' // name // ', of ' // &
          trim(decimal(bytes)) // ' bytes. Pass an array that is contiguous.')
      return
    end if
    call pack_elements(found, given%copy)
    given%address = c_loc(given%copy)
  end subroutine pack_if_needed

  !> The same for elements that are used where they are, so that no copy of them will do.
  recursive subroutine take_in_place(problem, name, found, given)
    type(objection), intent(inout) :: problem
    character(len=*), intent(in) :: name
    type(description), intent(in) :: found
    type(given_array), intent(inout) :: given
    call note(problem, name, found, given)
    if (given%count < 0 .or. given%dtype < 0) return
    if (found%is_contiguous == 0) then
      given%count = scattered
      call object_to(problem, DTL_ERROR_INVALID_ARGUMENT, name // ' is a section whose elements are ' // &
          'not one after the other. Pass an array that is contiguous.')
    else if (is_converted(found)) then
      call object_to(problem, DTL_ERROR_INVALID_ARGUMENT, name // ' is logical, which would be converted ' // &
          'in a copy, and the call ends before the operation. Pass logical(c_bool).')
    else
      call dtl_say_shape(given%address, found%rank, found%extents)
    end if
  end subroutine take_in_place

  !> Notes where elements begin, how many there are, and of which dtype.
  recursive subroutine note(problem, name, found, given)
    type(objection), intent(inout) :: problem
    character(len=*), intent(in) :: name
    type(description), intent(in) :: found
    type(given_array), intent(inout) :: given
    given%address = found%address
    given%count = found%count
    given%dtype = element_dtype(found%kind, found%bytes)
    if (found%is_sized == 0) then
      given%count = unknown
      call object_to(problem, DTL_ERROR_INVALID_ARGUMENT, name // ' is an array of assumed size, ' // &
          'or one without elements that the compiler passes like it. ' // &
          'Pass a section with all bounds, such as x(1:n) or x(:, 1:n).')
    else if (found%count > 0 .and. .not. c_associated(found%address)) then
      given%count = unknown
      call object_to(problem, DTL_ERROR_NULL_POINTER, name // ' is not allocated, or a pointer that is ' // &
          'not associated. Pass an array that is there.')
    else if (given%dtype < 0) then
      call object_to(problem, DTL_ERROR_INVALID_ARGUMENT, name // &
          ' has a type that no element has. Pass numbers or logicals.')
    end if
  end subroutine note

  !> True for logicals that take other bytes than the elements.
  pure recursive function is_converted(found) result(answer)
    type(description), intent(in) :: found
    logical :: answer
    answer = found%kind == logicals .and. found%bytes /= 1
  end function is_converted

  !> Brings what was written to a copy into the array of the caller.
  recursive subroutine give_back(given, array)
    type(given_array), intent(in) :: given
    type(*), target, intent(inout), optional :: array(..)
    type(description) :: found
    if (.not. allocated(given%copy)) return
    call describe(array, size(array, kind=c_int64_t), found)
    call unpack_elements(found, given%copy)
  end subroutine give_back

  !> A number of elements is not negative; C takes it without a sign.
  recursive subroutine expect_count(problem, name, count, status, cure)
    type(objection), intent(inout) :: problem
    character(len=*), intent(in) :: name, cure
    integer(c_int64_t), intent(in) :: count
    integer(c_int), intent(in) :: status
    if (count < 0) call object_to(problem, status, name // ' is ' // trim(decimal(count)) // '. ' // cure)
  end subroutine expect_count

  !> One array has `ranks` times as many elements as the other.
  recursive subroutine expect_shares(problem, part, part_count, ranks, whole, whole_count)
    type(objection), intent(inout) :: problem
    character(len=*), intent(in) :: part, whole
    integer(c_int64_t), intent(in) :: part_count, whole_count
    integer(c_int), intent(in) :: ranks
    character(len=:), allocatable :: expected
    if (part_count == absent .or. whole_count == absent) return
    if (whole_count == part_count * ranks) return
    expected = '. Pass arrays with equally many elements.'
    if (ranks > 1) expected = '. For ' // trim(decimal(int(ranks, c_int64_t))) // ' ranks, ' // whole // &
        ' must have ' // trim(decimal(int(ranks, c_int64_t))) // ' times as many as ' // part // '.'
    call object_to(problem, DTL_ERROR_EXTENT_MISMATCH, part // ' has ' // trim(decimal(part_count)) // &
        ' elements and ' // whole // ' has ' // trim(decimal(whole_count)) // expected)
  end subroutine expect_shares

  !> An array has equally many elements for each rank.
  recursive subroutine expect_parts(problem, name, count, ranks)
    type(objection), intent(inout) :: problem
    character(len=*), intent(in) :: name
    integer(c_int64_t), intent(in) :: count
    integer(c_int), intent(in) :: ranks
    if (count == absent .or. modulo(count, int(ranks, c_int64_t)) == 0) return
    call object_to(problem, DTL_ERROR_EXTENT_MISMATCH, name // ' has ' // trim(decimal(count)) // &
        ' elements, which are not equally many for each of ' // trim(decimal(int(ranks, c_int64_t))) // &
        ' ranks. Pass an array whose last extent is the number of ranks.')
  end subroutine expect_parts

  !> An array has as many elements as an extent of the container.
  recursive subroutine expect_extent(problem, name, count, extent, expected)
    type(objection), intent(inout) :: problem
    character(len=*), intent(in) :: name, extent
    integer(c_int64_t), intent(in) :: count, expected
    ! What counts at the root alone is absent elsewhere.
    if (count == expected .or. count == absent) return
    ! Where the container does not exist, C says so.
    if (dtl_last_status() /= DTL_SUCCESS) return
    call object_to(problem, DTL_ERROR_EXTENT_MISMATCH, name // ' has ' // trim(decimal(count)) // &
        ' elements and the ' // extent // ' is ' // trim(decimal(expected)) // &
        '. Pass an array of that many.')
  end subroutine expect_extent

  !> What receives one element is a variable, or an array of one.
  recursive subroutine expect_one(problem, name, count)
    type(objection), intent(inout) :: problem
    character(len=*), intent(in) :: name
    integer(c_int64_t), intent(in) :: count
    if (count == 1) return
    call object_to(problem, DTL_ERROR_EXTENT_MISMATCH, name // ' has ' // trim(decimal(count)) // &
        ' elements and the result is one. Pass a variable that is no array.')
  end subroutine expect_one

  !> The Fortran type of an argument is that of the elements. Of numbers that are no dtype, and of
  !! containers that do not exist, C says more.
  recursive subroutine expect_element(problem, name, element, dtype)
    type(objection), intent(inout) :: problem
    character(len=*), intent(in) :: name
    integer(c_int), intent(in) :: element, dtype
    character(len=:), allocatable :: cure, names
    if (element < 0 .or. seen_as(dtype) == element .or. seen_as(dtype) < 0) return
    cure = 'Fortran has no type for them.'
    if (fortran_type(dtype) /= '') cure = 'Pass ' // trim(fortran_type(dtype)) // '.'
    call copy_text(dtl_dtype_name(dtype), names)
    call object_to(problem, DTL_ERROR_INVALID_ARGUMENT, name // ' is ' // &
        trim(fortran_type(element)) // ' and the elements are ' // names // '. ' // cure)
  end subroutine expect_element

  !> Two arrays have elements of one type.
  recursive subroutine expect_alike(problem, one, one_dtype, other, other_dtype)
    type(objection), intent(inout) :: problem
    character(len=*), intent(in) :: one, other
    integer(c_int), intent(in) :: one_dtype, other_dtype
    if (one_dtype < 0 .or. other_dtype < 0 .or. one_dtype == other_dtype) return
    call object_to(problem, DTL_ERROR_INVALID_ARGUMENT, one // ' is ' // trim(fortran_type(one_dtype)) // &
        ' and ' // other // ' is ' // trim(fortran_type(other_dtype)) // '. Pass arrays of one type.')
  end subroutine expect_alike
end module dtl_arrays
