! Complex numbers and truth values, which have types of their own in Fortran, and placements.

module dtypes_tests
  use, intrinsic :: iso_c_binding, only: c_bool, c_double_complex, c_float_complex
  use, intrinsic :: iso_fortran_env, only: error_unit, real32, real64
  use omp_lib, only: omp_get_num_threads, omp_get_thread_num, omp_set_dynamic
  use dtl
  implicit none
  integer :: passed = 0, failed = 0, left = 0

contains

  include 'checks.inc'

  subroutine complex_numbers(ctx)
    type(dtl_context), intent(in) :: ctx
    type(dtl_vector) :: vec
    complex(c_float_complex), pointer, contiguous :: small(:)
    complex(c_double_complex), pointer, contiguous :: large(:)
    complex(c_double_complex), allocatable :: copies(:)
    complex(c_double_complex) :: total
    integer :: i
    call vec%create(ctx, 5, dtype=DTL_DTYPE_COMPLEX64, fill=(1.0_real32, -2.0_real32))
    call vec%local_view(small)
    call check(all(abs(small - (1.0_real32, -2.0_real32)) <= 0), 'single complex numbers')
    call vec%create(ctx, 5, dtype=DTL_DTYPE_COMPLEX128)
    call vec%local_view(large)
    call check(all(abs(large) <= 0), 'double complex numbers are zero at first')
    large = [(cmplx(i, -i, real64), i = 1, size(large))]
    allocate (copies(size(large)))
    call vec%copy_to_host(copies)
    call check(all(abs(copies - large) <= 0), 'copies of complex numbers')
    copies = (0.0_real64, 1.0_real64) * copies
    call vec%copy_from_host(copies)
    call check(all(abs(copies - large) <= 0), 'complex numbers that are replaced')
    call vec%fill((3.0_real64, 4.0_real64))
    call check(all(abs(abs(large) - 5) <= 0), 'complex numbers that are filled in')
    call dtl_allreduce(ctx, cmplx(ctx%rank() + 1, 0.5, real64), total)
    call check(abs(total - cmplx(ctx%size() * (ctx%size() + 1) / 2, 0.5 * ctx%size(), real64)) <= 0, 'their sum')
  end subroutine complex_numbers

  subroutine truth_values(ctx)
    type(dtl_context), intent(in) :: ctx
    type(dtl_vector) :: vec
    logical(c_bool), pointer, contiguous :: view(:)
    logical, allocatable :: converted(:)
    call vec%create(ctx, 6, dtype=DTL_DTYPE_BOOL, fill=.true.)
    call vec%local_view(view)
    call check(logical(all(view)), 'truth values')
    view(1) = .false.
    allocate (converted(size(view)))
    call vec%copy_to_host(converted)
    call check(.not. converted(1) .and. all(converted(2:)), 'default logicals are converted')
    converted = .not. converted
    call vec%copy_from_host(converted)
    call check(logical(view(1) .and. .not. any(view(2:))), 'and back')
  end subroutine truth_values

  subroutine placements(ctx)
    type(dtl_context), intent(in) :: ctx
    type(dtl_vector) :: vec
    integer :: ierr
    call check(dtl_placement_available(DTL_PLACEMENT_HOST), 'the host is always there')
    if (dtl_placement_available(DTL_PLACEMENT_DEVICE)) return
    call vec%create(ctx, 3, placement=DTL_PLACEMENT_UNIFIED, ierr=ierr)
    call check(ierr == DTL_ERROR_BACKEND_UNAVAILABLE, 'a device that is not there')
    call vec%create(ctx, 3, placement=DTL_PLACEMENT_DEVICE_PREFERRED)
    call check(vec%placement_policy() == DTL_PLACEMENT_HOST, 'where the elements really are')
  end subroutine placements
end module dtypes_tests

program dtypes
  use dtypes_tests
  implicit none
  integer :: ranks
  do ranks = 1, 2
    call on_ranks(ranks, complex_numbers)
    call on_ranks(ranks, truth_values)
    call on_ranks(ranks, placements)
  end do
  call finish('dtypes')
end program dtypes
