! What the module `dtl` stands on, written by hand: arrays as a C compiler of the user describes them (`descriptor.c`), and
! errors that are found before C could be called, or after.

module dtl_border
  use, intrinsic :: iso_c_binding
  use, intrinsic :: iso_fortran_env, only: error_unit
  use dtl_c
  implicit none
  private

  public :: objection, object_to, remember, settle, recount, recount_each
  public :: description, describe, pack_elements, unpack_elements, copy_integers
  public :: copy_text, decimal, chosen_integer, chosen_flag, chosen_real, address_of, address_of_procedure

  !> The kinds of types that elements may have, as `descriptor.c` has them.
  integer(c_int), parameter, public :: integers = 1, reals = 2, complex_numbers = 3, logicals = 4

  !> Number of elements of an array that was not passed; of one whose elements are not one after the
  !! other, where they must be; and of one of assumed size.
  integer(c_int64_t), parameter, public :: absent = -1, scattered = -2, unknown = -3

  !> The most dimensions of an array.
  integer, parameter, public :: most_dimensions = 15

  !> An error that was found before C could be called: its status and what to say.
  type :: objection
    integer(c_int) :: status = DTL_SUCCESS
    character(len=:), allocatable :: text
  end type objection

  !> An array: where it begins, how many elements it has (0 if nobody knows), how many bytes one takes, of
  !! which kind they are, and its dimensions, the first one being that whose elements are adjacent.
  type, bind(C) :: description
    type(c_ptr) :: address
    integer(c_int64_t) :: count
    integer(c_int64_t) :: bytes
    integer(c_int) :: kind
    integer(c_int) :: rank
    integer(c_int) :: is_contiguous
    integer(c_int) :: is_sized
    integer(c_int64_t) :: extents(most_dimensions)
    integer(c_int64_t) :: strides(most_dimensions)
  end type description

  ! What C is passed has the attribute target, since C keeps or follows addresses.
  interface
    !> Describes an array, of which Fortran says that it has `size` elements.
    subroutine describe(array, size, found) bind(C, name='dtl_fortran_describe')
      import
      type(*), target, intent(in) :: array(..)
      integer(c_int64_t), value :: size
      type(description), intent(inout) :: found
    end subroutine describe

    !> Copies the elements of an array to `packed`, where they stand one after the other; a logical takes
    !! one byte.
    subroutine pack_elements(array, packed) bind(C, name='dtl_fortran_pack')
      import
      type(description), target, intent(in) :: array
      integer(c_int8_t), intent(inout) :: packed(*)
    end subroutine pack_elements

    !> Copies the elements at `packed` to an array.
    subroutine unpack_elements(array, packed) bind(C, name='dtl_fortran_unpack')
      import
      type(description), target, intent(in) :: array
      integer(c_int8_t), intent(in) :: packed(*)
    end subroutine unpack_elements

    !> Copies a list of integers of four or eight bytes to `numbers`.
    subroutine copy_integers(list, numbers) bind(C, name='dtl_fortran_copy_integers')
      import
      type(description), target, intent(in) :: list
      integer(c_int64_t), intent(inout) :: numbers(*)
    end subroutine copy_integers

    !> Length of a C text.
    function c_text_length(text) bind(C, name='strlen')
      import
      type(c_ptr), value :: text
      integer(c_size_t) :: c_text_length
    end function c_text_length
  end interface

contains

  ! In Fortran 2018 every procedure may be called while it runs, by another thread or by a procedure
  ! of the program that it calls. gfortran needs to be told: with some options it keeps variables of
  ! other procedures from one call to the next, and refuses such calls.

  !> Notes an error, unless there is one already.
  recursive subroutine object_to(problem, status, text)
    type(objection), intent(inout) :: problem
    integer(c_int), intent(in) :: status
    character(len=*), intent(in) :: text
    if (problem%status /= DTL_SUCCESS) return
    problem%status = status
    problem%text = text
  end subroutine object_to

  !> Makes an error that concerns this rank alone the last one of this thread.
  recursive function remember(problem) result(status)
    type(objection), intent(in) :: problem
    integer(c_int) :: status
    status = dtl_report_error(problem%status, problem%text // c_null_char)
  end function remember

  !> Hands the status to the caller, or ends the program where the caller does not want it, and says
  !! in which operation.
  recursive subroutine settle(status, ierr, operation)
    integer(c_int), intent(in) :: status
    integer(c_int), intent(out), optional :: ierr
    character(len=*), intent(in), optional :: operation
    character(len=:), allocatable :: text
    if (present(ierr)) then
      ierr = status
    else if (status / 100 /= DTL_CATEGORY_SUCCESS) then
      call copy_text(dtl_last_error_message(), text)
      if (present(operation)) then
        ! Where other ranks are told of an error, it says so already.
        if (index(text, operation // ': ') /= 1) text = operation // ': ' // text
      end if
      write (error_unit, '(a)') 'dtl: ' // text
      error stop status, quiet=.true.
    end if
  end subroutine settle

  !> Says which position the caller passed, where an error is about one: C's message counts from 0.
  recursive subroutine recount(status, name, index)
    integer(c_int), intent(inout) :: status
    character(len=*), intent(in) :: name
    integer(c_int64_t), intent(in) :: index
    character(len=:), allocatable :: text
    if (.not. is_of_position(status)) return
    call copy_text(dtl_last_error_message(), text)
    status = dtl_report_error(status, name // ' is ' // trim(decimal(index)) // &
        ', counted from 1. Counted from 0: ' // text // c_null_char)
  end subroutine recount

  !> Whether an error is about a position, such as that of an element.
  pure recursive function is_of_position(status) result(answer)
    integer(c_int), intent(in) :: status
    logical :: answer
    answer = status == DTL_ERROR_OUT_OF_BOUNDS .or. status == DTL_ERROR_INVALID_INDEX
  end function is_of_position

  !> Says which position along each dimension the caller passed, where an error is about one: C's
  !! message counts from 0, the last one first.
  recursive subroutine recount_each(status, name, indices)
    integer(c_int), intent(inout) :: status
    character(len=*), intent(in) :: name
    integer(c_int64_t), intent(in) :: indices(:)
    character(len=:), allocatable :: passed, text
    integer :: i
    if (.not. is_of_position(status)) return
    passed = ''
    do i = 1, size(indices)
      passed = passed // ', ' // trim(decimal(indices(i)))
    end do
    call copy_text(dtl_last_error_message(), text)
    status = dtl_report_error(status, name // ' is (' // passed(3:) // &
        '), counted from 1. Counted from 0, the last dimension first: ' // text // c_null_char)
  end subroutine recount_each

  !> The value of an argument that may be left out, or what stands for it.
  pure recursive function chosen_integer(default, value) result(answer)
    integer(c_int), intent(in) :: default
    integer(c_int), intent(in), optional :: value
    integer(c_int) :: answer
    answer = default
    if (present(value)) answer = value
  end function chosen_integer

  !> The same for a truth value.
  pure recursive function chosen_flag(default, value) result(answer)
    logical, intent(in) :: default
    logical, intent(in), optional :: value
    logical :: answer
    answer = default
    if (present(value)) answer = value
  end function chosen_flag

  !> The same for a real number.
  pure recursive function chosen_real(default, value) result(answer)
    integer(c_int), intent(in) :: default
    real(c_double), intent(in), optional :: value
    real(c_double) :: answer
    answer = real(default, c_double)
    if (present(value)) answer = value
  end function chosen_real

  !> Where numbers stand, if there are any.
  recursive function address_of(numbers) result(answer)
    integer(c_int64_t), allocatable, target, intent(in) :: numbers(:)
    type(c_ptr) :: answer
    answer = c_null_ptr
    if (allocated(numbers)) answer = c_loc(numbers)
  end function address_of

  !> The address of a procedure, which C hands back when it calls.
  pure recursive function address_of_procedure(procedure) result(answer)
    type(c_funptr), intent(in) :: procedure
    type(c_ptr) :: answer
    answer = transfer(procedure, c_null_ptr)
  end function address_of_procedure

  !> Copies a C text. No function: gfortran keeps the length of what a function allocates in one
  !! place for all threads, so that two of them spoil each other's texts.
  recursive subroutine copy_text(address, text)
    type(c_ptr), intent(in) :: address
    character(len=:), allocatable, intent(out) :: text
    character(kind=c_char), pointer, contiguous :: letters(:)
    integer :: i
    text = ''
    if (.not. c_associated(address)) return
    call c_f_pointer(address, letters, [c_text_length(address)])
    text = repeat(' ', size(letters))
    do i = 1, size(letters)
      text(i:i) = letters(i)
    end do
  end subroutine copy_text

  !> A number in digits, with spaces behind.
  pure recursive function decimal(number) result(answer)
    integer(c_int64_t), intent(in) :: number
    character(len=20) :: answer
    write (answer, '(i0)') number
  end function decimal
end module dtl_border
