// Graphs of cuDNN's operations, and the plans that run them.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "cudnn.h"

namespace primer::cuda::cudnn {

// A descriptor of the library's, destroyed with this.
class Descriptor {
 public:
  explicit Descriptor(Kind kind);

  DescriptorHandle handle() const { return handle_.get(); }
  void set(Attribute attribute, ElementType type, int64_t count, const void* elements);
  template <class T>
  void set(Attribute attribute, ElementType type, const T& element) { set(attribute, type, 1, &element); }
  void set(Attribute attribute, const Descriptor& other) { set(attribute, ElementType::descriptor, other.handle()); }
  void set(Attribute attribute, Type type) { set(attribute, ElementType::data_type, type); }
  void finalize(const char* doing);

 private:
  struct Destroy { void operator()(DescriptorHandle handle) const; };
  std::unique_ptr<void, Destroy> handle_;
};

// What plans are made for: the device of a handle, or one that is described and need not be there; such plans cannot run.
struct Target {
  Handle handle = nullptr;
  const Descriptor* device = nullptr;
};

// A device by its properties, the JSON that cuDNN writes and reads.
Descriptor described_device(const std::string& json);

// A tensor of a graph.
struct Tensor {
  const Descriptor* descriptor;
  std::vector<int64_t> dims;
};

// cuDNN has nothing that computes a graph as we need it, on this device.
struct NoEngine : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// A graph with the engine that computes it.
class Plan {
 public:
  int64_t workspace_bytes() const { return workspace_bytes_; }
  // Submits its kernels to the handle's stream: nothing else, so it can be captured. `pointers`: of the tensors in memory, by their ids.
  void run(Handle handle, const std::map<int64_t, void*>& pointers, void* workspace) const;

 private:
  friend class Graph;
  Plan(Descriptor plan, std::map<int64_t, float> constants);

  Descriptor plan_;
  std::map<int64_t, float> constants_;
  int64_t workspace_bytes_ = 0;
};

class Graph {
 public:
  // A tensor in memory. Ragged: sequence n begins `offsets[n]` elements behind the tensor's begin. Ids are below kFirstOwn.
  Tensor memory(int64_t id, Type type, std::vector<int64_t> dims, std::vector<int64_t> strides, const Tensor* offsets = nullptr);
  // One that no memory holds, row by row unless strides are given.
  Tensor virtual_tensor(Type type, std::vector<int64_t> dims, std::vector<int64_t> strides = {}, const Tensor* offsets = nullptr);
  Tensor constant(float value);

  // y = a b; m, n, k: the true numbers of rows, columns and products of each sequence, or null; y behind them is zero if asked for.
  void matmul(const Tensor& a, const Tensor& b, const Tensor& y, const Tensor* m, const Tensor* n, const Tensor* k, bool zeros_behind = false);
  void pointwise(Pointwise mode, Type type, const Tensor& x, const Tensor& b, const Tensor& y);
  void pointwise(Pointwise mode, Type type, const Tensor& x, const Tensor& y);
  // y = t ? x : b
  void select(const Tensor& x, const Tensor& b, const Tensor& t, const Tensor& y);
  // Each element's index along an axis.
  void index(const Tensor& like, int64_t axis, const Tensor& y);
  // Over the axes along which y has one element.
  void reduce(Reduction operation, const Tensor& x, const Tensor& y);
  void reshape(const Tensor& x, const Tensor& y);

  // The plan that cuDNN's heuristics put first, of engines that a CUDA graph can hold and that do not say that they differ from run to run. Throws
  // NoEngine where there is none.
  Plan plan(const Target& target);

 private:
  static constexpr int64_t kFirstOwn = 1000;

  Descriptor& add(Kind kind);
  Tensor tensor(int64_t id, Type type, std::vector<int64_t> dims, const std::vector<int64_t>& strides, bool is_virtual, bool by_value, const Tensor* offsets);
  void operation(Descriptor& operation);
  Descriptor& pointwise_operation(Pointwise mode, Type type, const Tensor& x, const Tensor& y, int64_t axis = -1);

  std::deque<Descriptor> descriptors_;
  std::vector<DescriptorHandle> operations_;
  std::map<int64_t, float> constants_;
  int64_t next_ = kFirstOwn;
};

}  // namespace primer::cuda::cudnn
