// What we use of cuDNN's graph API, declared here because a CUDA toolkit comes without cuDNN's headers; the library itself is loaded at run
// time, if there is one. Values and signatures are those of cuDNN 9's ABI.
#pragma once

#include <cuda_runtime.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace primer::cuda::cudnn {

using Handle = struct cudnnContext*;
using DescriptorHandle = void*;

enum Status : int { kSuccess = 0 };

enum class Type : int { f32 = 0, i32 = 4, bf16 = 9, boolean = 11 };

enum class Pointwise : int {
  add = 0, mul = 1, div = 6, sub = 9, exp = 13, log = 15, identity = 21, greater_or_equal = 303, less = 304, logical_and = 400, index = 501, select = 601
};

enum class Reduction : int { add = 0, max = 3 };

enum class Heuristic : int { fallback = 2, best = 3 };

// What a descriptor describes.
enum class Kind : int {
  pointwise = 0, engine = 2, engine_config = 3, heuristics = 4, plan = 5, pointwise_operation = 13, graph = 15, variant_pack = 16, tensor = 17,
  matmul = 18, matmul_operation = 19, reduction = 21, reduction_operation = 22, reshape_operation = 31, device = 38
};

enum class Attribute : int {
  pointwise_mode = 0, pointwise_precision = 1, pointwise_axis = 9,
  heuristics_mode = 200, heuristics_graph = 201, heuristics_results = 202, heuristics_device = 204,
  engine_config_engine = 300,
  plan_handle = 400, plan_engine_config = 401, plan_workspace_size = 402, plan_device = 407,
  pointwise_operation_descriptor = 750, pointwise_operation_x = 751, pointwise_operation_b = 752, pointwise_operation_y = 753, pointwise_operation_t = 758,
  graph_handle = 800, graph_operations = 801,
  tensor_alignment = 900, tensor_type = 901, tensor_dimensions = 902, tensor_strides = 903, tensor_id = 906, tensor_is_virtual = 907,
  tensor_is_by_value = 908, tensor_ragged_offsets = 913,
  variant_pack_ids = 1000, variant_pack_pointers = 1001, variant_pack_workspace = 1003,
  engine_numerical_notes = 1303, engine_behaviour_notes = 1305,
  matmul_type = 1500, matmul_padding = 1503,
  matmul_operation_a = 1520, matmul_operation_b = 1521, matmul_operation_c = 1522, matmul_operation_descriptor = 1523,
  matmul_operation_m = 1525, matmul_operation_n = 1526, matmul_operation_k = 1527,
  reduction_operator = 1600, reduction_type = 1601, reduction_operation_x = 1610, reduction_operation_y = 1611, reduction_operation_descriptor = 1612,
  reshape_operation_x = 2200, reshape_operation_y = 2201,
  device_json = 2702
};

// The type of an attribute's elements.
enum class ElementType : int {
  handle = 0, data_type = 1, boolean = 2, i64 = 3, f64 = 5, pointer = 6, heuristic = 8, numerical_note = 11, pointwise_mode = 14, descriptor = 15,
  reduction_operator = 18, behaviour_note = 19, character = 24
};

enum class NumericalNote : int { nondeterministic = 4 };
// native_graph: it can be put into a CUDA graph.
enum class BehaviourNote : int { native_graph = 3 };

// The loaded library.
struct Library {
  size_t (*version)();
  size_t (*runtime_version)();
  const char* (*status_text)(Status);
  void (*last_error)(char*, size_t);
  Status (*create)(Handle*);
  Status (*destroy)(Handle);
  Status (*set_stream)(Handle, cudaStream_t);
  Status (*create_descriptor)(Kind, DescriptorHandle*);
  Status (*destroy_descriptor)(DescriptorHandle);
  Status (*finalize)(DescriptorHandle);
  Status (*set_attribute)(DescriptorHandle, Attribute, ElementType, int64_t, const void*);
  Status (*get_attribute)(DescriptorHandle, Attribute, ElementType, int64_t, int64_t*, void*);
  Status (*execute)(Handle, DescriptorHandle plan, DescriptorHandle variant_pack);

  // Throws what cuDNN says about a failure.
  void check(Status status, const char* doing) const;
};

// Why there is no cuDNN in this process, a clause; empty where there is one.
const std::string& obstacle();
// Throws where there is an obstacle.
const Library& library();
// "9.24.0". Throws where there is an obstacle.
std::string version();
// That it is present in which version, or why it is not.
std::string finding();

struct DestroyHandle { void operator()(Handle handle) const { library().destroy(handle); } };
using OwnedHandle = std::unique_ptr<std::remove_pointer_t<Handle>, DestroyHandle>;
// One whose plans run on a stream.
OwnedHandle handle(cudaStream_t stream);

}  // namespace primer::cuda::cudnn
