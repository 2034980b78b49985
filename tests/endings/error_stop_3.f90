! The last rank prints a line, and stops with error code 3 while the others wait for it.
program error_stop_3
  use dtl
  type(dtl_context) :: ctx
  call ctx%create()
  if (ctx%rank() == ctx%size() - 1) then
    print '(a)', 'said before the end'
    error stop 3
  end if
  call ctx%barrier()
end program error_stop_3
