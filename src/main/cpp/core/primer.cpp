#include "primer.h"

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

#include "core/bf16.h"
#include "core/gemm.h"
#include "core/kernel.h"
#include "core/program.h"

namespace {

constexpr int64_t kAlignment = 64;
// Vector loads at the end of a row may read past it, never past this.
constexpr int64_t kSlack = 64;

std::atomic<int64_t> allocated{0};

primer::Program* program_at(int64_t handle) { return reinterpret_cast<primer::Program*>(handle); }
char* bytes_at(int64_t address) { return reinterpret_cast<char*>(address); }

}  // namespace

int64_t primer_allocate(int64_t bytes) {
  const int64_t size = (bytes + kSlack + kAlignment - 1) / kAlignment * kAlignment;
  void* memory = std::aligned_alloc(kAlignment, static_cast<size_t>(size));
  if (!memory) throw std::runtime_error("allocate: no memory left for " + std::to_string(bytes) + " bytes");
  std::memset(memory, 0, static_cast<size_t>(size));
  allocated += bytes;
  return reinterpret_cast<int64_t>(memory);
}

void primer_free(int64_t address, int64_t bytes) {
  std::free(bytes_at(address));
  allocated -= bytes;
}

int64_t primer_allocated_bytes() { return allocated; }

void primer_copy(int64_t target, int64_t source, int64_t bytes) {
  std::memcpy(bytes_at(target), bytes_at(source), static_cast<size_t>(bytes));
}

void primer_zero(int64_t target, int64_t bytes) { std::memset(bytes_at(target), 0, static_cast<size_t>(bytes)); }

const char* primer_isa() { return primer::isa_name(primer::chosen_isa()); }

int32_t primer_kernel(const char* name) { return primer::find_kernel(name); }

const char* primer_bf16_obstacle() { return primer::bf16_obstacle(); }

int64_t primer_packed_bytes(int64_t out, int64_t in, int32_t transposed, int32_t layout) {
  return primer::packed_bytes({out, in, transposed != 0}, static_cast<primer::Layout>(layout));
}

void primer_pack(int64_t weight, int64_t out, int64_t in, int32_t transposed, int32_t layout, int64_t packed) {
  primer::pack({out, in, transposed != 0}, static_cast<primer::Layout>(layout), reinterpret_cast<const float*>(weight), bytes_at(packed));
}

int64_t primer_program_create(const int64_t* code, int64_t length, int32_t threads) {
  return reinterpret_cast<int64_t>(new primer::Program(code, length, threads));
}

int64_t primer_program_scratch_bytes(int64_t program) { return program_at(program)->scratch_bytes(); }

void primer_program_run(int64_t program, int64_t arena, int64_t scratch, int32_t stages) {
  program_at(program)->run(bytes_at(arena), bytes_at(scratch), stages, nullptr);
}

void primer_program_profile(int64_t program, int64_t arena, int64_t scratch, int32_t stages, double* seconds) {
  program_at(program)->run(bytes_at(arena), bytes_at(scratch), stages, seconds);
}

void primer_program_free(int64_t program) { delete program_at(program); }
