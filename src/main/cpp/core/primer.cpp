#include "primer.h"

#include <atomic>
#include <memory>

#include "core/device_library.h"
#include "core/kernel.h"

namespace {

std::atomic<int64_t> allocated{0};

primer::Device& device_at(int64_t handle) { return *reinterpret_cast<primer::Device*>(handle); }
primer::Executable& program_at(int64_t handle) { return *reinterpret_cast<primer::Executable*>(handle); }
char* bytes_at(int64_t address) { return reinterpret_cast<char*>(address); }

// Java keeps a copy of the text before the thread's next call.
const char* kept(std::string text) {
  thread_local std::string last;
  last = std::move(text);
  return last.c_str();
}

}  // namespace

int64_t primer_cpu() { return reinterpret_cast<int64_t>(&primer::cpu_device()); }
const char* primer_library_report(const char* path) { return kept(primer::load_device_library(path).report()); }
const char* primer_library_missing(const char* path) { return kept(primer::load_device_library(path).missing()); }
int32_t primer_library_devices(const char* path) { return primer::load_device_library(path).count(); }
int64_t primer_open(const char* path, int32_t ordinal) {
  return reinterpret_cast<int64_t>(primer::load_device_library(path).open(ordinal).release());
}
const char* primer_describe(int64_t device) { return kept(device_at(device).describe()); }
const char* primer_choices(int64_t device) { return kept(device_at(device).choices()); }
int64_t primer_free_bytes(int64_t device) { return device_at(device).free_bytes(); }

int64_t primer_allocate(int64_t device, int64_t bytes) {
  const int64_t address = device_at(device).allocate(bytes);
  allocated += bytes;
  return address;
}

void primer_free(int64_t device, int64_t address, int64_t bytes) {
  device_at(device).free(address, bytes);
  allocated -= bytes;
}

int64_t primer_allocated_bytes() { return allocated; }

void primer_copy(int64_t device, int64_t target, int64_t source, int64_t bytes) { device_at(device).copy(target, source, bytes); }
void primer_zero(int64_t device, int64_t target, int64_t bytes) { device_at(device).zero(target, bytes); }
void primer_write(int64_t device, int64_t target, int64_t source, int64_t bytes) { device_at(device).write(target, bytes_at(source), bytes); }
void primer_read(int64_t device, int64_t target, int64_t source, int64_t bytes) { device_at(device).read(bytes_at(target), source, bytes); }

const char* primer_isa() { return primer::isa_name(primer::chosen_isa()); }
int32_t primer_kernel(int64_t device, const char* name) { return device_at(device).kernel(name); }
const char* primer_obstacle(int64_t device, int32_t precision) { return kept(device_at(device).obstacle(static_cast<primer::Precision>(precision))); }

int64_t primer_packed_bytes(int64_t device, int64_t out, int64_t in, int32_t transposed, int32_t layout) {
  return device_at(device).packed_bytes(out, in, transposed != 0, static_cast<primer::Layout>(layout));
}

void primer_pack(int64_t device, int64_t weight, int64_t out, int64_t in, int32_t transposed, int32_t layout, int64_t packed) {
  device_at(device).pack(weight, out, in, transposed != 0, static_cast<primer::Layout>(layout), packed);
}

int64_t primer_program_create(int64_t device, const int64_t* code, int64_t length, int32_t threads, int32_t precision) {
  return reinterpret_cast<int64_t>(device_at(device).compile(code, length, threads, static_cast<primer::Precision>(precision)).release());
}

int64_t primer_program_scratch_bytes(int64_t program) { return program_at(program).scratch_bytes(); }
int64_t primer_program_run_bytes(int64_t program, int64_t host_bytes) { return program_at(program).run_bytes(host_bytes); }

void primer_program_run(int64_t program, int64_t arena, int64_t scratch, int64_t host, int64_t host_bytes, int32_t stages) {
  program_at(program).run({bytes_at(arena), bytes_at(scratch), bytes_at(host), host_bytes}, stages, nullptr);
}

void primer_program_profile(int64_t program, int64_t arena, int64_t scratch, int64_t host, int64_t host_bytes, int32_t stages, double* seconds) {
  program_at(program).run({bytes_at(arena), bytes_at(scratch), bytes_at(host), host_bytes}, stages, seconds);
}

void primer_program_free(int64_t program) { delete &program_at(program); }
