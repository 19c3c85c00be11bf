// A program of a CUDA device: a planned op list whose stages are captured as graphs, one for each bucket of rows, and replayed.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "core/device.h"
#include "launch.h"
#include "memory.h"
#include "staging.h"

namespace primer::cuda {

class AttentionChoices;
class CudaDevice;
class LibraryProducts;

class CudaProgram final : public Executable {
 public:
  CudaProgram(CudaDevice& device, const int64_t* code, int64_t length, Precision precision);
  ~CudaProgram() override;
  int64_t scratch_bytes() const override { return scratch_bytes_; }
  int64_t run_bytes(int64_t host_bytes) const override { return Staging::bytes_on_device(host_bytes) + kGraphBytes; }
  void run(const Place& place, int64_t stages, double* seconds) override;

 private:
  // Set aside for what CUDA takes by itself as graphs are made and kernels are loaded, some kilobytes each. Assumed, not measured.
  static constexpr int64_t kGraphBytes = int64_t{16} << 20;

  // What a captured graph depends on.
  struct Key {
    char *arena, *scratch;
    int64_t stages;
    std::vector<int32_t> bucket;
    auto operator<=>(const Key&) const = default;
  };

  struct Captured {
    ExecutableGraph graph;
    int64_t used;  // by which run, the last time
  };

  void choose_products();
  void choose_attention();
  void upload_integers();
  void check_instruction(const Instruction& i) const;
  std::vector<int32_t> bucket(const int32_t* axes) const;
  cudaGraphExec_t graph(const Key& key);
  ExecutableGraph captured(const Key& key) const;
  Launch launch_of(const Key& key, size_t instruction) const;
  template <class F>
  void in_op(size_t instruction, F calls) const;
  void launch(const Key& key, size_t instruction) const;
  void prepare(const Key& key) const;
  void profile(const Key& key, double* seconds);

  CudaDevice& device_;
  OpList list_;
  Precision precision_;
  LibraryProducts* products_ = nullptr;
  AttentionChoices* attention_ = nullptr;
  std::vector<int64_t> capacities_;  // most rows of each axis that an operand has room for
  std::vector<size_t> integers_at_;  // of each instruction in integers_
  DeviceBytes integers_;
  int64_t scratch_bytes_ = 0;
  std::optional<Staging> staging_{std::in_place};
  std::map<Key, Captured> graphs_;
  int64_t runs_ = 0;
};

}  // namespace primer::cuda
