! The last rank fails under an error policy that ends the job, while the others wait for it.
program error_policy
  use, intrinsic :: iso_fortran_env, only: error_unit
  use, intrinsic :: iso_c_binding, only: c_int64_t
  use dtl
  type(dtl_context) :: ctx
  type(dtl_vector) :: vec
  integer(c_int64_t) :: place
  integer :: ierr
  call ctx%create()
  call vec%create(ctx, 5)
  call ctx%set_error_policy(DTL_ERROR_POLICY_TERMINATE)
  if (ctx%rank() == ctx%size() - 1) then
    write (error_unit, '(a)') 'said before the end'
    call vec%to_local(9, place, ierr)
    error stop 4
  end if
  call ctx%barrier()
end program error_policy
