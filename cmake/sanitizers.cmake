# AddressSanitizer, and UBSan's checks of arrays' bounds and of alignment, for all that the host's compiler makes: mvn verify -Psanitize, in a build folder
# of its own. A JVM is not built with them: their run-time libraries come before all others by LD_PRELOAD, from PRIMER_TEST_OUTPUT.
option(PRIMER_SANITIZE "Build with sanitizers" OFF)
if(NOT PRIMER_SANITIZE)
  return()
endif()

# Every report ends the process. A CUDA thread's own arrays and static shared memory have no red zones, but bounds.
set(PRIMER_SANITIZERS -fsanitize=address,bounds,alignment)
add_compile_options(${PRIMER_SANITIZERS} -fno-sanitize-recover=all -fno-omit-frame-pointer -g1)
add_link_options(${PRIMER_SANITIZERS})

# libstdc++ too: AddressSanitizer looks for its exceptions when the process starts.
file(MAKE_DIRECTORY ${PRIMER_TEST_OUTPUT})
foreach(name libasan.so libstdc++.so.6)
  execute_process(COMMAND ${CMAKE_CXX_COMPILER} -print-file-name=${name} OUTPUT_VARIABLE path OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(NOT IS_ABSOLUTE ${path})
    message(FATAL_ERROR "${CMAKE_CXX_COMPILER} has no ${name}; install GCC's sanitizers (Debian and Ubuntu: apt-get install libgcc-12-dev).")
  endif()
  file(REAL_PATH ${path} path)
  file(CREATE_LINK ${path} ${PRIMER_TEST_OUTPUT}/${name} SYMBOLIC)
endforeach()
