! The last rank prints a line, and reads where there is nothing while the others wait for it. Fortran ends the program with 2.
program end_of_file
  use dtl
  type(dtl_context) :: ctx
  integer :: number
  call ctx%create()
  if (ctx%rank() == ctx%size() - 1) then
    print '(a)', 'said before the end'
    open (10, status='scratch')
    read (10, *) number
    print *, number
  end if
  call ctx%barrier()
end program end_of_file
