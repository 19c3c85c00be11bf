#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <stdexcept>

#include "core/bf16.h"
#include "core/gemm.h"
#include "core/kernel.h"
#include "core/program.h"

namespace primer {
namespace {

constexpr int64_t kAlignment = 64;
// Vector loads at the end of a row may read past it, never past this.
constexpr int64_t kSlack = 64;

char* bytes_at(int64_t address) { return reinterpret_cast<char*>(address); }

class CpuDevice final : public Device {
 public:
  std::string describe() const override { return isa_name(chosen_isa()); }
  int64_t free_bytes() const override { return sysconf(_SC_AVPHYS_PAGES) * sysconf(_SC_PAGESIZE); }

  int64_t allocate(int64_t bytes) override {
    const int64_t size = (bytes + kSlack + kAlignment - 1) / kAlignment * kAlignment;
    void* memory = std::aligned_alloc(kAlignment, static_cast<size_t>(size));
    if (!memory) throw std::runtime_error("allocate: no memory left for " + std::to_string(bytes) + " bytes");
    std::memset(memory, 0, static_cast<size_t>(size));
    return reinterpret_cast<int64_t>(memory);
  }
  void free(int64_t address, int64_t) override { std::free(bytes_at(address)); }
  void zero(int64_t target, int64_t bytes) override { std::memset(bytes_at(target), 0, static_cast<size_t>(bytes)); }
  void copy(int64_t target, int64_t source, int64_t bytes) override { write(target, bytes_at(source), bytes); }
  void write(int64_t target, const void* source, int64_t bytes) override { std::memcpy(bytes_at(target), source, static_cast<size_t>(bytes)); }
  void read(void* target, int64_t source, int64_t bytes) override { std::memcpy(target, bytes_at(source), static_cast<size_t>(bytes)); }

  int32_t kernel(const char* name) const override { return find_kernel(name); }
  int64_t packed_bytes(int64_t out, int64_t in, bool transposed, Layout layout) const override {
    return primer::packed_bytes({out, in, transposed}, layout);
  }
  void pack(int64_t weight, int64_t out, int64_t in, bool transposed, Layout layout, int64_t packed) override {
    primer::pack({out, in, transposed}, layout, reinterpret_cast<const float*>(weight), bytes_at(packed));
  }
  std::string obstacle(Precision precision) const override {
    switch (precision) {
      case Precision::f32: return "";
      case Precision::tf32: return "it is a type of CUDA's tensor cores";
      case Precision::bf16: return bf16_obstacle();
    }
    return "there is no such precision";
  }
  // Weights come in the layout of their precision.
  std::unique_ptr<Executable> compile(const int64_t* code, int64_t length, int threads, Precision) override {
    return std::make_unique<Program>(code, length, threads);
  }
};

}  // namespace

Device& cpu_device() {
  static CpuDevice device;
  return device;
}

}  // namespace primer
