# Compiles the kernel sources once for each instruction set; the library picks one when it starts (core/kernel.cpp).
set(PRIMER_ISAS base avx2 avx512)
set(PRIMER_FLAGS_base -march=x86-64 -mtune=generic)
set(PRIMER_FLAGS_avx2 -march=x86-64-v3)
set(PRIMER_FLAGS_avx512 -march=x86-64-v4 -mprefer-vector-width=512)

# Floating point: contraction and no traps, so that loops vectorise; NaN and infinity keep their meaning.
set(PRIMER_KERNEL_FLAGS $<IF:$<BOOL:${PRIMER_SANITIZE}>,-O1,-O3> -fopenmp -ffp-contract=fast -fno-math-errno -fno-trapping-math)

function(primer_add_kernels target)
  foreach(isa IN LISTS PRIMER_ISAS)
    add_library(kernels_${isa} OBJECT ${ARGN})
    target_compile_definitions(kernels_${isa} PRIVATE PRIMER_ISA=${isa})
    target_compile_options(kernels_${isa} PRIVATE ${PRIMER_KERNEL_FLAGS} ${PRIMER_FLAGS_${isa}})
    target_link_libraries(kernels_${isa} PRIVATE primer_options)
    target_sources(${target} PRIVATE $<TARGET_OBJECTS:kernels_${isa}>)
  endforeach()
endfunction()
