! Distributed maps on 1, 2 and 4 ranks: what every rank inserts, all find; types and shapes that do not fit.

module maps_tests
  use, intrinsic :: iso_c_binding, only: c_bool, c_int32_t
  use, intrinsic :: iso_fortran_env, only: error_unit, int8, int32, int64, real32, real64
  use omp_lib, only: omp_get_num_threads, omp_get_thread_num, omp_set_dynamic
  use dtl
  implicit none
  integer :: passed = 0, failed = 0, left = 0

contains

  include 'checks.inc'

  subroutine insert_and_find(ctx)
    type(dtl_context), intent(in) :: ctx
    integer, parameter :: most = 300
    type(dtl_map) :: map, same
    logical :: is_described
    integer(int64), allocatable :: keys(:), own(:)
    real(real64), allocatable :: values(:), own_values(:)
    real(real64) :: found(most), one
    integer(c_int32_t), allocatable :: owners(:)
    logical(c_bool), allocatable :: there(:)
    integer(int64) :: i, all_keys(most)
    all_keys = [(i, i = 1, most)]
    call map%create(ctx, DTL_DTYPE_INT64, DTL_DTYPE_FLOAT64)
    keys = pack(all_keys, mod(all_keys, int(ctx%size(), int64)) == ctx%rank())
    call check(map%is_valid() .and. map%rank() == ctx%rank() .and. map%num_ranks() == ctx%size(), 'its ranks')
    call check(map%key_dtype() == DTL_DTYPE_INT64 .and. map%value_dtype() == DTL_DTYPE_FLOAT64, 'its types')
    ! gfortran keeps the length of what such a function gives in one place for all threads.
    !$omp critical (texts)
    is_described = index(map%describe(), 'keys=int64, values=float64') > 0
    !$omp end critical (texts)
    call check(is_described, 'its description')
    same = map
    call map%insert(keys, sqrt(real(keys, real64)))
    call check(map%empty() .and. (map%is_dirty() .eqv. ctx%size() > 1), 'before the first sync')
    call same%sync()
    call check(map%global_size() == most .and. .not. map%is_dirty(), 'all keys are there')
    call map%find(all_keys, found)
    call check(all(abs(found - sqrt(real(all_keys, real64))) <= 0), 'every rank finds what any inserted')
    call map%owner(all_keys, owners)
    own = pack(all_keys, owners == ctx%rank())
    call check(map%local_size() == size(own), 'each rank holds what it owns')
    deallocate (keys)
    allocate (keys(size(own)), values(size(own)), own_values(size(own)))
    call map%local_keys(keys)
    call map%local_values(values)
    call map%get_local(own, own_values)
    call check(all(keys == own) .and. all(abs(values - own_values) <= 0), 'the local part is sorted')
    call map%contains_local(own, there)
    call check(logical(all(there)), 'its keys are there')
    call map%erase(all_keys(2:most:2))
    call map%flush()
    call map%contains(all_keys, there)
    call check(all(there .eqv. mod(all_keys, 2_int64) == 1), 'even keys are gone')
    call map%find(all_keys(:2), found(:2), default_value=-1.0_real64)
    call check(all(nint(found(:2)) == [1, -1]), 'a default value stands for what is missing')
    call map%find(9_int64, one)
    call check(nint(one) == 3, 'one key, one value')
    call map%sync()
    deallocate (keys, values)
    allocate (keys(map%global_size()), values(map%global_size()))
    call map%global_keys(keys)
    call map%global_values(values)
    call check(all(keys == all_keys(1:most:2)), 'all keys on every rank')
    call check(all(abs(values - sqrt(real(keys, real64))) <= 0), 'all values on every rank')
    call map%combine(keys, spread(1.0_real64, 1, size(keys)))
    call map%flush()
    call map%find(keys, values)
    call check(all(abs(values - sqrt(real(keys, real64)) - ctx%size()) <= 1e-12), 'one more from every rank')
    call map%clear()
    call check(map%empty() .and. map%local_size() == 0, 'nothing is left')
    call map%barrier()
  end subroutine insert_and_find

  subroutine other_types(ctx)
    type(dtl_context), intent(in) :: ctx
    type(dtl_map) :: map
    logical :: flags(2)
    complex(real32) :: numbers(2)
    integer(int8) :: small(3)
    call map%create(ctx, DTL_DTYPE_BOOL, DTL_DTYPE_COMPLEX64)
    call map%insert([.true., .false.], [(1.0, 2.0), (3.0, 4.0)])
    call map%sync()
    call map%global_keys(flags)
    call map%global_values(numbers)
    call check(.not. flags(1) .and. flags(2), 'default logicals as keys')
    call check(all(abs(numbers - [(3.0, 4.0), (1.0, 2.0)]) <= 0), 'complex values')
    call map%create(ctx, DTL_DTYPE_UINT8, DTL_DTYPE_BOOL)
    call map%insert([-1_int8, 1_int8, 0_int8], [.true., .false., .true.])
    call map%sync()
    call map%global_keys(small)
    call check(all(small == [0, 1, -1]), 'unsigned keys come in the order of their numbers')
  end subroutine other_types

  subroutine errors(ctx)
    type(dtl_context), intent(in) :: ctx
    type(dtl_map) :: map
    real(real64) :: found
    integer :: ierr
    call map%create(ctx, DTL_DTYPE_COMPLEX64, DTL_DTYPE_INT8, ierr=ierr)
    call check(ierr == DTL_ERROR_NOT_SUPPORTED, 'complex numbers are no keys')
    call map%create(ctx, DTL_DTYPE_INT32, DTL_DTYPE_FLOAT64)
    call map%insert(5_int64, 1.0_real64, ierr)
    call check(ierr == DTL_ERROR_INVALID_ARGUMENT, 'keys of another type')
    call map%insert(5_int32, 1.0_real32, ierr)
    call check(ierr == DTL_ERROR_INVALID_ARGUMENT, 'values of another type')
    call map%insert([5_int32, 6_int32], [1.0_real64], ierr)
    call check(ierr == DTL_ERROR_EXTENT_MISMATCH, 'fewer values than keys')
    call map%insert(5_int32, 1.0_real64)
    call map%flush()
    call map%find(merge(6_int32, 5_int32, ctx%rank() == 1), found, ierr=ierr)
    call check(ierr == DTL_ERROR_KEY_NOT_FOUND, 'what one rank misses is an error on all')
    if (ctx%rank() == 1) then
      call map%find(5_int64, found, ierr=ierr)
    else
      call map%find(5_int32, found, ierr=ierr)
    end if
    call check(ierr == DTL_ERROR_INVALID_ARGUMENT, 'keys of another type on one rank are an error on all')
    call map%find(5_int64, found, ierr=ierr)
    call check(ierr == DTL_ERROR_INVALID_ARGUMENT, 'on all ranks, too')
    call map%find(5_int32, found)
    call check(nint(found) == 1, 'the map is as it was')
  end subroutine errors
end module maps_tests

program maps
  use maps_tests
  implicit none
  call on_ranks(1, insert_and_find)
  call on_ranks(2, insert_and_find)
  call on_ranks(4, insert_and_find)
  call on_ranks(2, other_types)
  call on_ranks(2, errors)
  call finish('maps')
end program maps
