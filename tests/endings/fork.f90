! The last rank forks a process, which cannot use the context, makes one of its own, and exits.
program fork_a_process
  use, intrinsic :: iso_c_binding, only: c_int, c_ptr, c_null_ptr
  use dtl
  interface
    integer(c_int) function fork() bind(c)
      import :: c_int
    end function
    integer(c_int) function waitpid(child, status, options) bind(c)
      import :: c_int
      integer(c_int), value :: child, options
      integer(c_int) :: status
    end function
  end interface
  type(dtl_context) :: ctx, own
  integer(c_int) :: child, status
  integer :: ierr
  call ctx%create()
  if (ctx%rank() == ctx%size() - 1) then
    child = fork()
    if (child == 0) then
      call ctx%barrier(ierr)
      if (ierr /= DTL_ERROR_INVALID_STATE) error stop 5
      call own%create()
      if (own%size() /= 1) error stop 6
      call own%barrier()
      stop
    end if
    status = -1
    if (waitpid(child, status, 0_c_int) /= child .or. status /= 0) error stop 7
    print '(a)', 'said before the end'
  end if
  call ctx%barrier()
end program fork_a_process
