#include "program.h"

#include <algorithm>

#include "attention_choices.h"
#include "cuda_device.h"
#include "kernel.h"
#include "operand_guard.h"

namespace primer::cuda {
namespace {

// Buckets an axis at most: the number of graphs stays small, and rows beyond the batch's are few.
constexpr int64_t kBuckets = 8;
constexpr int64_t kBucketGrain = 64;
// Graphs kept, those last used; a shared workspace that moved leaves graphs behind that nobody asks for again.
constexpr size_t kMostGraphs = 256;

Launcher launcher_of(const Instruction& i) {
  const Kernel& kernel = kernel_at(i.kernel);
  return i.dtype == DType::f32 ? kernel.f32 : kernel.f64;
}

}  // namespace

// An instruction's calls, whose errors name its op.
template <class F>
void CudaProgram::in_op(size_t at, F calls) const {
  try {
    calls();
  } catch (const std::exception& problem) {
    throw std::runtime_error(std::string(kernel_at(list_.instructions[at].kernel).name) + ": " + problem.what());
  }
}

CudaProgram::CudaProgram(CudaDevice& device, const int64_t* code, int64_t length, Precision precision)
    : device_(device), list_(read_op_list(code, length)), precision_(precision) {
  capacities_.assign(static_cast<size_t>(list_.axes), 0);
  for (const Instruction& i : list_.instructions) {
    check_instruction(i);
    for (const Operand& o : i.operands) {
      if (o.space != Space::none && o.axis >= list_.axes) throw std::runtime_error("program: an operand names an axis that is not there");
      if (o.space != Space::none && o.axis >= 0) {
        int64_t& capacity = capacities_[static_cast<size_t>(o.axis)];
        capacity = std::max(capacity, o.rows);
      }
    }
    const Kernel& kernel = kernel_at(i.kernel);
    scratch_bytes_ = std::max(scratch_bytes_, kernel.scratch.bytes(i, list_.lanes, precision_));
  }
  choose_products();
  upload_integers();
  choose_attention();
}

// Programs in float32 whose products have neither dense nor packed weights need no library.
void CudaProgram::choose_products() {
  const auto packed = [](const Operand& o) { return o.space != Space::none && o.layout != Layout::plain; };
  const auto uses = [&](const Instruction& i) {
    return (kernel_at(i.kernel).dense && i.dtype == DType::f32) || std::any_of(i.operands.begin(), i.operands.end(), packed);
  };
  if (precision_ == Precision::f32 && std::none_of(list_.instructions.begin(), list_.instructions.end(), uses)) return;
  products_ = device_.products();
  if (!products_ && precision_ == Precision::tf32) {
    throw std::runtime_error("program: our own products, which PRIMER_CUDA_PRODUCTS=own asks for, compute in fp32 and bf16 alone");
  }
}

// Another implementation's plans may take more scratch: as much as in the largest bucket.
void CudaProgram::choose_attention() {
  if (precision_ != Precision::bf16 || std::none_of(list_.instructions.begin(), list_.instructions.end(), AttentionChoices::concerns)) return;
  attention_ = device_.attention();
  if (!attention_) return;
  Key largest{};
  for (const int64_t capacity : capacities_) largest.bucket.push_back(static_cast<int32_t>(capacity));
  for (size_t at = 0; at < list_.instructions.size(); ++at) {
    in_op(at, [&] { scratch_bytes_ = std::max(scratch_bytes_, attention_->scratch_bytes(launch_of(largest, at), list_.instructions[at])); });
  }
}

// What cannot be done in a capture.
void CudaProgram::prepare(const Key& key) const {
  for (size_t at = 0; attention_ && at < list_.instructions.size(); ++at) {
    const Instruction& i = list_.instructions[at];
    if (key.stages >> i.stage & 1) in_op(at, [&] { attention_->choose(launch_of(key, at), i, scratch_bytes_); });
  }
}

CudaProgram::~CudaProgram() {
  device_.alone([this] {
    staging_.reset();
    graphs_.clear();
    integers_.reset();
  });
}

void CudaProgram::check_instruction(const Instruction& i) const {
  const Kernel& kernel = kernel_at(i.kernel);
  if (i.operands.size() != kernel.operands) {
    throw std::runtime_error(std::string("program: ") + kernel.name + " takes " + std::to_string(kernel.operands) + " operands, not " +
                             std::to_string(i.operands.size()));
  }
  if (!launcher_of(i)) throw std::runtime_error(std::string("program: ") + kernel.name + " has no CUDA kernel of that dtype");
}

void CudaProgram::upload_integers() {
  std::vector<int64_t> all;
  for (const Instruction& i : list_.instructions) {
    integers_at_.push_back(all.size());
    all.insert(all.end(), i.integers.begin(), i.integers.end());
  }
  if (all.empty()) return;
  integers_ = device_bytes(all.size() * sizeof(int64_t));
  device_.write(reinterpret_cast<int64_t>(integers_.get()), all.data(), static_cast<int64_t>(all.size() * sizeof(int64_t)));
}

// The rows of each axis, rounded up to one of a few sizes.
std::vector<int32_t> CudaProgram::bucket(const int32_t* axes) const {
  std::vector<int32_t> rows;
  for (int64_t a = 0; a < list_.axes; ++a) {
    const int64_t count = axes[a * (list_.lanes + 1) + list_.lanes], capacity = capacities_[static_cast<size_t>(a)];
    const int64_t grain = ceil_div(ceil_div(std::max<int64_t>(capacity, 1), kBuckets), kBucketGrain) * kBucketGrain;
    rows.push_back(static_cast<int32_t>(std::min(capacity, ceil_div(std::max<int64_t>(count, 1), grain) * grain)));
  }
  return rows;
}

Launch CudaProgram::launch_of(const Key& key, size_t at) const {
  return {device_.stream(), key.arena, key.scratch, list_.lanes, reinterpret_cast<const int32_t*>(key.arena + list_.axis_table), key.bucket.data(),
          static_cast<const int64_t*>(integers_.get()) + integers_at_[at], device_.processors(), precision_, products_, attention_};
}

void CudaProgram::launch(const Key& key, size_t at) const {
  const Instruction& i = list_.instructions[at];
  const Launch launch = launch_of(key, at);
  in_op(at, [&] {
    const OperandGuard guard(launch, list_, i);
    launcher_of(i)(launch, i);
  });
}

cudaGraphExec_t CudaProgram::graph(const Key& key) {
  auto found = graphs_.find(key);
  if (found == graphs_.end()) {
    const auto earlier = [](const auto& a, const auto& b) { return a.second.used < b.second.used; };
    if (graphs_.size() == kMostGraphs) graphs_.erase(std::min_element(graphs_.begin(), graphs_.end(), earlier));
    prepare(key);
    found = graphs_.emplace(key, Captured{captured(key), 0}).first;
  }
  found->second.used = ++runs_;
  return found->second.graph.get();
}

ExecutableGraph CudaProgram::captured(const Key& key) const {
  return device_.capture([&] {
    for (size_t at = 0; at < list_.instructions.size(); ++at) {
      if (key.stages >> list_.instructions[at].stage & 1) launch(key, at);
    }
  });
}

void CudaProgram::profile(const Key& key, double* seconds) {
  prepare(key);
  const Event start(cudaEventDefault), end(cudaEventDefault);
  for (size_t at = 0; at < list_.instructions.size(); ++at) {
    if (!(key.stages >> list_.instructions[at].stage & 1)) continue;
    check(cudaEventRecord(start, device_.stream()), "profile");
    launch(key, at);
    check(cudaEventRecord(end, device_.stream()), "profile");
    check(cudaEventSynchronize(end), "profile");
    float milliseconds = 0;
    check(cudaEventElapsedTime(&milliseconds, start, end), "profile");
    seconds[at] += 1e-3 * milliseconds;
  }
}

void CudaProgram::run(const Place& place, int64_t stages, double* seconds) {
  device_.alive([&] {
    const Key key{place.arena, place.scratch, stages, bucket(reinterpret_cast<const int32_t*>(place.host + list_.axis_table))};
    staging_->send(place.arena, place.host, place.host_bytes, device_.copies(), device_.stream());
    if (seconds) {
      profile(key, seconds);
    } else {
      check(cudaGraphLaunch(graph(key), device_.stream()), "run");
    }
  });
}

}  // namespace primer::cuda
