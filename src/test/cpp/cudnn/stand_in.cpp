// cuDNN's graph API on the host: what it is told of a graph it computes, operation by operation, over whole tensors. It says of nothing that
// it is fast, accepts more than cuDNN does, and is stricter with memory: what lies behind a sequence's end, and behind the true rows of a product
// that is not asked to zero them, is NaN.
#include <dlfcn.h>

#include <chrono>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "device/cudnn.h"

using namespace primer::cuda::cudnn;

namespace {

// What tests set in the environment of a process: how long an execution takes besides, and whether its results are wrong.
int64_t setting(const char* name) {
  const char* text = std::getenv(name);
  return text ? std::strtoll(text, nullptr, 10) : 0;
}

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr int64_t kWorkspaceBytes = 1 << 20;

struct Object {
  Kind kind;
  bool final = false;
  std::map<Attribute, std::vector<char>> attributes;
  std::vector<std::shared_ptr<Object>> kept;  // what attributes refer to, which may be destroyed before this

  bool has(Attribute a) const { return attributes.count(a) > 0; }
  const std::vector<char>& bytes(Attribute a) const {
    const auto found = attributes.find(a);
    if (found == attributes.end()) throw std::runtime_error("attribute " + std::to_string(static_cast<int>(a)) + " is not set");
    return found->second;
  }
  template <class T>
  std::vector<T> all(Attribute a) const {
    std::vector<T> elements(bytes(a).size() / sizeof(T));
    std::memcpy(elements.data(), bytes(a).data(), bytes(a).size());
    return elements;
  }
  template <class T>
  T one(Attribute a) const {
    T element;
    std::memcpy(&element, bytes(a).data(), sizeof element);
    return element;
  }
  template <class T>
  T one(Attribute a, T otherwise) const { return has(a) ? one<T>(a) : otherwise; }
  const Object* object(Attribute a) const { return has(a) ? static_cast<const Object*>(one<DescriptorHandle>(a)) : nullptr; }
};

std::string last_problem;

size_t element_bytes(ElementType type) {
  switch (type) {
    case ElementType::boolean: case ElementType::character: return 1;
    case ElementType::handle: case ElementType::i64: case ElementType::f64: case ElementType::pointer: case ElementType::descriptor: return 8;
    default: return 4;
  }
}

float rounded(float v) {
  uint32_t bits;
  std::memcpy(&bits, &v, 4);
  if (v == v) bits += 0x7FFF + (bits >> 16 & 1);
  bits &= 0xFFFF0000u;
  std::memcpy(&v, &bits, 4);
  return v;
}

// [n, heads, rows, columns], row by row.
struct Values {
  std::vector<int64_t> dims;
  std::vector<float> numbers;

  explicit Values(std::vector<int64_t> of) : dims(std::move(of)), numbers(static_cast<size_t>(dims[0] * dims[1] * dims[2] * dims[3])) {}
  size_t place(int64_t n, int64_t h, int64_t i, int64_t j) const { return static_cast<size_t>(((n * dims[1] + h) * dims[2] + i) * dims[3] + j); }
  // Axes of one element are the same everywhere.
  float at(int64_t n, int64_t h, int64_t i, int64_t j) const {
    return numbers[place(dims[0] == 1 ? 0 : n, dims[1] == 1 ? 0 : h, dims[2] == 1 ? 0 : i, dims[3] == 1 ? 0 : j)];
  }
  template <class F>
  void fill(F f) {
    size_t e = 0;
    for (int64_t n = 0; n < dims[0]; ++n)
      for (int64_t h = 0; h < dims[1]; ++h)
        for (int64_t i = 0; i < dims[2]; ++i)
          for (int64_t j = 0; j < dims[3]; ++j) numbers[e++] = f(n, h, i, j);
  }
};

class Run {
 public:
  Run(const Object& graph, const Object& pack) : workspace_(pack.one<void*>(Attribute::variant_pack_workspace)) {
    const auto ids = pack.all<int64_t>(Attribute::variant_pack_ids);
    const auto pointers = pack.all<void*>(Attribute::variant_pack_pointers);
    for (size_t i = 0; i < ids.size(); ++i) pointers_[ids[i]] = pointers[i];
    if (!workspace_) throw std::runtime_error("no workspace is given");
    for (const DescriptorHandle operation : graph.all<DescriptorHandle>(Attribute::graph_operations)) run(*static_cast<const Object*>(operation));
  }

 private:
  static int64_t id(const Object& tensor) { return tensor.one<int64_t>(Attribute::tensor_id); }
  static std::vector<int64_t> dims(const Object& tensor) { return tensor.all<int64_t>(Attribute::tensor_dimensions); }

  char* pointer(const Object& tensor) const { return static_cast<char*>(pointers_.at(id(tensor))); }

  // f(index in the values, address or null where the sequence has no such element)
  template <class F>
  void for_memory(const Object& tensor, const Values& v, F f) const {
    const auto strides = tensor.all<int64_t>(Attribute::tensor_strides);
    const Type type = tensor.one<Type>(Attribute::tensor_type);
    const int64_t bytes = type == Type::bf16 ? 2 : 4;
    const Object* ragged = tensor.object(Attribute::tensor_ragged_offsets);
    const int32_t* offsets = ragged ? reinterpret_cast<const int32_t*>(pointer(*ragged)) : nullptr;
    char* base = pointer(tensor);
    for (int64_t n = 0; n < v.dims[0]; ++n)
      for (int64_t h = 0; h < v.dims[1]; ++h)
        for (int64_t i = 0; i < v.dims[2]; ++i)
          for (int64_t j = 0; j < v.dims[3]; ++j) {
            int64_t at = h * strides[1] + i * strides[2] + j * strides[3];
            const bool there = !offsets || at < offsets[n + 1] - offsets[n];
            at += offsets ? offsets[n] : n * strides[0];
            f(v.place(n, h, i, j), there ? base + at * bytes : nullptr, type);
          }
  }

  const Values& read(const Object& tensor) {
    const auto found = computed_.find(id(tensor));
    if (found != computed_.end()) return found->second;
    if (tensor.one<bool>(Attribute::tensor_is_virtual)) throw std::runtime_error("a virtual tensor is read before it is computed");
    Values v(dims(tensor));
    for_memory(tensor, v, [&](size_t e, const char* address, Type type) { v.numbers[e] = address ? load(address, type) : kNan; });
    return computed_.emplace(id(tensor), std::move(v)).first->second;
  }

  static float load(const char* address, Type type) {
    if (type == Type::i32) return static_cast<float>(*reinterpret_cast<const int32_t*>(address));
    if (type == Type::f32) return *reinterpret_cast<const float*>(address);
    const uint32_t bits = static_cast<uint32_t>(*reinterpret_cast<const uint16_t*>(address)) << 16;
    float v;
    std::memcpy(&v, &bits, 4);
    return v;
  }

  void write(const Object& tensor, Values v) {
    if (tensor.one<Type>(Attribute::tensor_type) == Type::bf16) {
      for (float& number : v.numbers) number = rounded(number);
    }
    if (!tensor.one<bool>(Attribute::tensor_is_virtual)) {
      for_memory(tensor, v, [&](size_t e, char* address, Type type) {
        if (!address) return;
        uint32_t bits;
        std::memcpy(&bits, &v.numbers[e], 4);
        if (type == Type::bf16) *reinterpret_cast<uint16_t*>(address) = static_cast<uint16_t>(bits >> 16);
        else *reinterpret_cast<float*>(address) = v.numbers[e];
      });
    }
    computed_.insert_or_assign(id(tensor), std::move(v));
  }

  void run(const Object& o) {
    switch (o.kind) {
      case Kind::matmul_operation: return matmul(o);
      case Kind::pointwise_operation: return pointwise(o);
      case Kind::reduction_operation: return reduce(o);
      case Kind::reshape_operation: return reshape(o);
      default: throw std::runtime_error("an operation is not known");
    }
  }

  int64_t count(const Object& o, Attribute a, int64_t n, int64_t most) {
    const Object* counts = o.object(a);
    return counts ? static_cast<int64_t>(read(*counts).at(n, 0, 0, 0)) : most;
  }

  void matmul(const Object& o) {
    const Values a = read(*o.object(Attribute::matmul_operation_a)), b = read(*o.object(Attribute::matmul_operation_b));
    const Object& c = *o.object(Attribute::matmul_operation_c);
    const float behind = o.object(Attribute::matmul_operation_descriptor)->has(Attribute::matmul_padding) ? 0.0f : kNan;
    Values y(dims(c));
    if (a.dims[2] != y.dims[2] || b.dims[3] != y.dims[3] || a.dims[3] != b.dims[2]) throw std::runtime_error("a product's shapes do not match");
    y.fill([&](int64_t n, int64_t h, int64_t i, int64_t j) {
      if (i >= count(o, Attribute::matmul_operation_m, n, y.dims[2]) || j >= count(o, Attribute::matmul_operation_n, n, y.dims[3])) return behind;
      double sum = 0;
      for (int64_t k = 0; k < count(o, Attribute::matmul_operation_k, n, a.dims[3]); ++k) sum += double{a.at(n, h, i, k)} * b.at(n, h, k, j);
      return static_cast<float>(wrong_ ? 1.5 * sum : sum);
    });
    write(c, std::move(y));
  }

  static float apply(Pointwise mode, float x, float b) {
    switch (mode) {
      case Pointwise::add: return x + b;
      case Pointwise::mul: return x * b;
      case Pointwise::div: return x / b;
      case Pointwise::sub: return x - b;
      case Pointwise::exp: return std::exp(x);
      case Pointwise::log: return std::log(x);
      case Pointwise::identity: return x;
      case Pointwise::greater_or_equal: return x >= b;
      case Pointwise::less: return x < b;
      case Pointwise::logical_and: return x != 0 && b != 0;
      default: throw std::runtime_error("a pointwise function is not known");
    }
  }

  void pointwise(const Object& o) {
    const Object& how = *o.object(Attribute::pointwise_operation_descriptor);
    const Pointwise mode = how.one<Pointwise>(Attribute::pointwise_mode);
    const int64_t axis = how.one<int64_t>(Attribute::pointwise_axis, -1);
    const Object *b_tensor = o.object(Attribute::pointwise_operation_b), *t_tensor = o.object(Attribute::pointwise_operation_t);
    const Values none({1, 1, 1, 1}), x = read(*o.object(Attribute::pointwise_operation_x));
    const Values b = b_tensor ? read(*b_tensor) : none, t = t_tensor ? read(*t_tensor) : none;
    Values y(dims(*o.object(Attribute::pointwise_operation_y)));
    y.fill([&](int64_t n, int64_t h, int64_t i, int64_t j) {
      if (mode == Pointwise::index) return static_cast<float>(axis == 2 ? i : j);
      if (mode == Pointwise::select) return t.at(n, h, i, j) != 0 ? x.at(n, h, i, j) : b.at(n, h, i, j);
      return apply(mode, x.at(n, h, i, j), b.at(n, h, i, j));
    });
    write(*o.object(Attribute::pointwise_operation_y), std::move(y));
  }

  void reduce(const Object& o) {
    const Values x = read(*o.object(Attribute::reduction_operation_x));
    const bool largest = o.object(Attribute::reduction_operation_descriptor)->one<Reduction>(Attribute::reduction_operator) == Reduction::max;
    Values y(dims(*o.object(Attribute::reduction_operation_y)));
    if (y.dims[3] != 1) throw std::runtime_error("a reduction is not along rows");
    y.fill([&](int64_t n, int64_t h, int64_t i, int64_t) {
      double sum = largest ? -INFINITY : 0;
      for (int64_t j = 0; j < x.dims[3]; ++j) sum = largest ? std::max(sum, double{x.at(n, h, i, j)}) : sum + x.at(n, h, i, j);
      return static_cast<float>(sum);
    });
    write(*o.object(Attribute::reduction_operation_y), std::move(y));
  }

  // The only reshape of attention: a transpose, of numbers that already lie so.
  void reshape(const Object& o) {
    const Values x = read(*o.object(Attribute::reshape_operation_x));
    Values y(dims(*o.object(Attribute::reshape_operation_y)));
    if (x.dims[2] != y.dims[3] || x.dims[3] != y.dims[2]) throw std::runtime_error("a reshape is no transpose");
    y.fill([&](int64_t n, int64_t h, int64_t i, int64_t j) { return x.at(n, h, j, i); });
    write(*o.object(Attribute::reshape_operation_y), std::move(y));
  }

  std::map<int64_t, void*> pointers_;
  void* workspace_;
  const bool wrong_ = setting("PRIMER_STAND_IN_WRONG") != 0;
  std::map<int64_t, Values> computed_;
};

std::map<DescriptorHandle, std::shared_ptr<Object>> alive;

Object& object(DescriptorHandle handle) { return *alive.at(handle); }

// The emulation is a library that is there already, or the program's own.
auto emulation_submit() {
  void* emulation = dlopen("libprimer_cuda_emulated.so", RTLD_NOW | RTLD_NOLOAD);
  const auto submit = reinterpret_cast<cudaError_t (*)(cudaStream_t, const std::function<void()>&)>(dlsym(emulation ? emulation : RTLD_DEFAULT, "primer_emulated_submit"));
  if (!submit) throw std::runtime_error("there is no emulation to submit work to");
  return submit;
}

constexpr Status kFailed = static_cast<Status>(2000);

template <class F>
Status answer(F f) {
  try {
    f();
    return kSuccess;
  } catch (const std::exception& problem) {
    last_problem = problem.what();
    return kFailed;
  }
}

int64_t get(const Object& o, Attribute a, int64_t room, void* elements) {
  const auto give = [&](const auto& value) {
    std::memcpy(elements, &value, sizeof value);
    return int64_t{1};
  };
  switch (a) {
    case Attribute::heuristics_results:
      if (room > 0) {
        Object& config = object(*static_cast<DescriptorHandle*>(elements));
        config.attributes[a] = o.attributes.at(Attribute::heuristics_graph);
        config.kept = o.kept;
      }
      return 1;
    case Attribute::engine_config_engine: return 1;
    case Attribute::engine_behaviour_notes: return give(BehaviourNote::native_graph);
    case Attribute::engine_numerical_notes: return 0;
    case Attribute::plan_workspace_size: return give(kWorkspaceBytes);
    default: throw std::runtime_error("attribute " + std::to_string(static_cast<int>(a)) + " cannot be asked for");
  }
}

}  // namespace

#define PRIMER_EXPORT extern "C" __attribute__((visibility("default")))

PRIMER_EXPORT size_t cudnnGetVersion() { return 99900; }
PRIMER_EXPORT size_t cudnnGetCudartVersion() { return 0; }
PRIMER_EXPORT const char* cudnnGetErrorString(Status) { return "refused by the stand-in"; }
PRIMER_EXPORT void cudnnGetLastErrorString(char* text, size_t room) {
  std::strncpy(text, last_problem.c_str(), room - 1);
  text[room - 1] = 0;
}
PRIMER_EXPORT Status cudnnCreate(Handle* handle) {
  *handle = reinterpret_cast<Handle>(new cudaStream_t(nullptr));
  return kSuccess;
}
PRIMER_EXPORT Status cudnnDestroy(Handle handle) {
  delete reinterpret_cast<cudaStream_t*>(handle);
  return kSuccess;
}
PRIMER_EXPORT Status cudnnSetStream(Handle handle, cudaStream_t stream) {
  *reinterpret_cast<cudaStream_t*>(handle) = stream;
  return kSuccess;
}
PRIMER_EXPORT Status cudnnBackendCreateDescriptor(Kind kind, DescriptorHandle* handle) {
  const auto made = std::make_shared<Object>(Object{kind});
  *handle = made.get();
  alive[*handle] = made;
  return kSuccess;
}
PRIMER_EXPORT Status cudnnBackendDestroyDescriptor(DescriptorHandle handle) {
  alive.erase(handle);
  return kSuccess;
}
PRIMER_EXPORT Status cudnnBackendFinalize(DescriptorHandle handle) {
  object(handle).final = true;
  return kSuccess;
}
PRIMER_EXPORT Status cudnnBackendSetAttribute(DescriptorHandle handle, Attribute a, ElementType type, int64_t count, const void* elements) {
  return answer([&] {
    if (object(handle).final) throw std::runtime_error("a final descriptor is changed");
    for (int64_t i = 0; type == ElementType::descriptor && i < count; ++i) {
      const auto& other = alive.at(static_cast<const DescriptorHandle*>(elements)[i]);
      if (!other->final && other->kind != Kind::engine_config) throw std::runtime_error("a descriptor is used before it is final");
      object(handle).kept.push_back(other);
    }
    const char* bytes = static_cast<const char*>(elements);
    object(handle).attributes[a].assign(bytes, bytes + static_cast<size_t>(count) * element_bytes(type));
  });
}
PRIMER_EXPORT Status cudnnBackendGetAttribute(DescriptorHandle handle, Attribute a, ElementType, int64_t room, int64_t* count, void* elements) {
  return answer([&] { *count = get(object(handle), a, room, elements); });
}
PRIMER_EXPORT Status cudnnBackendExecute(Handle handle, DescriptorHandle plan, DescriptorHandle pack) {
  return answer([&] {
    const auto submitted = [plan = alive.at(plan), pack = alive.at(pack)] {
      const Object& config = *plan->object(Attribute::plan_engine_config);
      Run(*config.object(Attribute::heuristics_results), *pack);
      std::this_thread::sleep_for(std::chrono::milliseconds(setting("PRIMER_STAND_IN_MILLISECONDS")));
    };
    if (emulation_submit()(*reinterpret_cast<cudaStream_t*>(handle), submitted) != cudaSuccess) throw std::runtime_error("the stream takes no work");
  });
}
