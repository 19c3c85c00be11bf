// The flat interface of the native engine: everything that crosses the JNI boundary.
// Only numbers and pointers cross; errors are C++ exceptions, which JavaCPP turns into Java exceptions.
// Java has checked every argument before it calls (ranges, open handles, sizes). Addresses are those of the device named.
#pragma once

#include <cstdint>

#pragma GCC visibility push(default)

// Devices ------------------------------------------------------------------------------------------------------------

// The CPU's handle.
int64_t primer_cpu();
// What the device library at `path` finds on this machine: lines "name: finding". Throws when it is no such library.
const char* primer_library_report(const char* path);
// Names of libraries that it would use and the system lacks, a line each.
const char* primer_library_missing(const char* path);
// Number of its devices; throws a sentence when there can be none.
int32_t primer_library_devices(const char* path);
// Opens a device; it stays open until the process ends.
int64_t primer_open(const char* path, int32_t ordinal);
// One line for people.
const char* primer_describe(int64_t device);
// Which implementations it has chosen by measurement, a line each.
const char* primer_choices(int64_t device);
// Bytes that primer_allocate could still give.
int64_t primer_free_bytes(int64_t device);

// Memory -------------------------------------------------------------------------------------------------------------

// Zeroed memory aligned to 64 bytes, with 64 bytes of readable slack behind it. Throws when there is none.
int64_t primer_allocate(int64_t device, int64_t bytes);
void primer_free(int64_t device, int64_t address, int64_t bytes);
// Bytes now held by primer_allocate, over all devices of the process (without the slack).
int64_t primer_allocated_bytes();
void primer_copy(int64_t device, int64_t target, int64_t source, int64_t bytes);
void primer_zero(int64_t device, int64_t target, int64_t bytes);
// From and to the host's memory.
void primer_write(int64_t device, int64_t target, int64_t host_source, int64_t bytes);
void primer_read(int64_t device, int64_t host_target, int64_t source, int64_t bytes);

// Kernels ------------------------------------------------------------------------------------------------------------

// The instruction set whose CPU kernels are used: "avx512", "avx2" or "x86-64"; the best that the processor has, or what the
// environment variable PRIMER_ISA names. Throws when the processor lacks that.
const char* primer_isa();
// Number of the kernel `name`, or -1 when the device has none.
int32_t primer_kernel(int64_t device, const char* name);
// Why a device's programs cannot compute in a precision of core/device.h in this process, a clause; empty where they can.
const char* primer_obstacle(int64_t device, int32_t precision);
// Bytes of a [out, in] weight in a layout of core/instruction.h other than plain, for x W^T (transposed = 0) or dy W (transposed = 1).
int64_t primer_packed_bytes(int64_t device, int64_t out, int64_t in, int32_t transposed, int32_t layout);
// Packs a plain float32 weight; rounds to the nearest bf16, ties to even. Throws when bf16 is asked for and there is an obstacle.
void primer_pack(int64_t device, int64_t weight, int64_t out, int64_t in, int32_t transposed, int32_t layout, int64_t packed);

// Programs -----------------------------------------------------------------------------------------------------------

// Reads a planned op list (core/instruction.h has the encoding) and prepares its kernels, in a precision of core/device.h. Throws on a
// malformed list.
int64_t primer_program_create(int64_t device, const int64_t* code, int64_t length, int32_t threads, int32_t precision);
// Bytes of scratch memory that a run of the program needs.
int64_t primer_program_scratch_bytes(int64_t program);
// Bytes of the device's memory that its runs take by themselves, where the host writes `host_bytes` for each.
int64_t primer_program_run_bytes(int64_t program, int64_t host_bytes);
// Runs the instructions of every stage whose bit is set in `stages`, over the arena and scratch given. `host` holds what the
// host has written for the arena's first bytes; 0 where it writes the arena itself.
void primer_program_run(int64_t program, int64_t arena, int64_t scratch, int64_t host, int64_t host_bytes, int32_t stages);
// As run, and adds each instruction's seconds to `seconds` [instructions].
void primer_program_profile(int64_t program, int64_t arena, int64_t scratch, int64_t host, int64_t host_bytes, int32_t stages, double* seconds);
void primer_program_free(int64_t program);

#pragma GCC visibility pop
