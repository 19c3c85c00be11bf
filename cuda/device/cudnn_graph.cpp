#include "cudnn_graph.h"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace primer::cuda::cudnn {
namespace {

constexpr int64_t kAlignment = 16;
constexpr size_t kMostNotes = 16;

std::vector<int64_t> row_by_row(const std::vector<int64_t>& dims) {
  std::vector<int64_t> strides(dims.size(), 1);
  for (size_t i = dims.size() - 1; i > 0; --i) strides[i - 1] = strides[i] * dims[i];
  return strides;
}

int64_t get(const Descriptor& from, Attribute attribute, ElementType type, int64_t room, void* elements, const char* doing) {
  int64_t count = 0;
  library().check(library().get_attribute(from.handle(), attribute, type, room, &count, elements), doing);
  return count;
}

template <class Note>
bool has_note(const Descriptor& engine, Attribute attribute, ElementType type, Note note) {
  std::array<Note, kMostNotes> notes;
  const int64_t count = get(engine, attribute, type, kMostNotes, notes.data(), "ask for an engine's notes");
  return std::find(notes.begin(), notes.begin() + count, note) != notes.begin() + count;
}

bool serves(const Descriptor& config) {
  Descriptor engine(Kind::engine);
  DescriptorHandle handle = engine.handle();
  get(config, Attribute::engine_config_engine, ElementType::descriptor, 1, &handle, "ask for a configuration's engine");
  return has_note(engine, Attribute::engine_behaviour_notes, ElementType::behaviour_note, BehaviourNote::native_graph) &&
         !has_note(engine, Attribute::engine_numerical_notes, ElementType::numerical_note, NumericalNote::nondeterministic);
}

// Ranked, best first; only those that can run there.
std::vector<Descriptor> configurations(const Descriptor& graph, const Target& target) {
  Descriptor heuristics(Kind::heuristics);
  heuristics.set(Attribute::heuristics_graph, graph);
  heuristics.set(Attribute::heuristics_mode, ElementType::heuristic, Heuristic::best);
  if (target.device) heuristics.set(Attribute::heuristics_device, *target.device);
  heuristics.finalize("ask its heuristics");
  int64_t count = get(heuristics, Attribute::heuristics_results, ElementType::descriptor, 0, nullptr, "count engines");
  std::vector<Descriptor> found;
  std::vector<DescriptorHandle> handles;
  for (int64_t n = 0; n < count; ++n) handles.push_back(found.emplace_back(Kind::engine_config).handle());
  if (count > 0) count = get(heuristics, Attribute::heuristics_results, ElementType::descriptor, count, handles.data(), "list engines");
  found.erase(found.begin() + count, found.end());
  return found;
}

}  // namespace

void Descriptor::Destroy::operator()(DescriptorHandle handle) const { library().destroy_descriptor(handle); }

Descriptor::Descriptor(Kind kind) {
  DescriptorHandle handle = nullptr;
  library().check(library().create_descriptor(kind, &handle), "make a descriptor");
  handle_.reset(handle);
}

void Descriptor::set(Attribute attribute, ElementType type, int64_t count, const void* elements) {
  library().check(library().set_attribute(handle(), attribute, type, count, elements), "set an attribute");
}

void Descriptor::finalize(const char* doing) { library().check(library().finalize(handle()), doing); }

Descriptor described_device(const std::string& json) {
  Descriptor device(Kind::device);
  device.set(Attribute::device_json, ElementType::character, static_cast<int64_t>(json.size()), json.data());
  device.finalize("describe a device");
  return device;
}

Plan::Plan(Descriptor plan, std::map<int64_t, float> constants) : plan_(std::move(plan)), constants_(std::move(constants)) {
  get(plan_, Attribute::plan_workspace_size, ElementType::i64, 1, &workspace_bytes_, "ask for a plan's workspace");
}

void Plan::run(Handle handle, const std::map<int64_t, void*>& pointers, void* workspace) const {
  std::vector<int64_t> ids;
  std::vector<void*> addresses;
  for (const auto& [id, pointer] : pointers) {
    ids.push_back(id);
    addresses.push_back(pointer);
  }
  for (const auto& [id, value] : constants_) {
    ids.push_back(id);
    addresses.push_back(const_cast<float*>(&value));
  }
  Descriptor pack(Kind::variant_pack);
  pack.set(Attribute::variant_pack_ids, ElementType::i64, static_cast<int64_t>(ids.size()), ids.data());
  pack.set(Attribute::variant_pack_pointers, ElementType::pointer, static_cast<int64_t>(addresses.size()), addresses.data());
  pack.set(Attribute::variant_pack_workspace, ElementType::pointer, workspace);
  pack.finalize("bind a plan's memory");
  library().check(library().execute(handle, plan_.handle(), pack.handle()), "run a plan");
}

Descriptor& Graph::add(Kind kind) { return descriptors_.emplace_back(kind); }

Tensor Graph::tensor(int64_t id, Type type, std::vector<int64_t> dims, const std::vector<int64_t>& strides, bool is_virtual, bool by_value,
                     const Tensor* offsets) {
  Descriptor& made = add(Kind::tensor);
  made.set(Attribute::tensor_id, ElementType::i64, id);
  made.set(Attribute::tensor_type, type);
  made.set(Attribute::tensor_alignment, ElementType::i64, kAlignment);
  made.set(Attribute::tensor_dimensions, ElementType::i64, static_cast<int64_t>(dims.size()), dims.data());
  made.set(Attribute::tensor_strides, ElementType::i64, static_cast<int64_t>(strides.size()), strides.data());
  made.set(Attribute::tensor_is_virtual, ElementType::boolean, is_virtual);
  made.set(Attribute::tensor_is_by_value, ElementType::boolean, by_value);
  if (offsets) made.set(Attribute::tensor_ragged_offsets, *offsets->descriptor);
  made.finalize("describe a tensor");
  return {&made, std::move(dims)};
}

Tensor Graph::memory(int64_t id, Type type, std::vector<int64_t> dims, std::vector<int64_t> strides, const Tensor* offsets) {
  return tensor(id, type, std::move(dims), strides, false, false, offsets);
}

Tensor Graph::virtual_tensor(Type type, std::vector<int64_t> dims, std::vector<int64_t> strides, const Tensor* offsets) {
  if (strides.empty()) strides = row_by_row(dims);
  return tensor(next_++, type, std::move(dims), strides, true, false, offsets);
}

Tensor Graph::constant(float value) {
  constants_[next_] = value;
  return tensor(next_++, Type::f32, {1, 1, 1, 1}, {1, 1, 1, 1}, false, true, nullptr);
}

void Graph::operation(Descriptor& operation) {
  operation.finalize("describe an operation");
  operations_.push_back(operation.handle());
}

void Graph::matmul(const Tensor& a, const Tensor& b, const Tensor& y, const Tensor* m, const Tensor* n, const Tensor* k, bool zeros_behind) {
  Descriptor& how = add(Kind::matmul);
  how.set(Attribute::matmul_type, Type::f32);
  if (zeros_behind) how.set(Attribute::matmul_padding, ElementType::f64, 0.0);
  how.finalize("describe a product");
  Descriptor& made = add(Kind::matmul_operation);
  made.set(Attribute::matmul_operation_descriptor, how);
  made.set(Attribute::matmul_operation_a, *a.descriptor);
  made.set(Attribute::matmul_operation_b, *b.descriptor);
  made.set(Attribute::matmul_operation_c, *y.descriptor);
  if (m) made.set(Attribute::matmul_operation_m, *m->descriptor);
  if (n) made.set(Attribute::matmul_operation_n, *n->descriptor);
  if (k) made.set(Attribute::matmul_operation_k, *k->descriptor);
  operation(made);
}

Descriptor& Graph::pointwise_operation(Pointwise mode, Type type, const Tensor& x, const Tensor& y, int64_t axis) {
  Descriptor& how = add(Kind::pointwise);
  how.set(Attribute::pointwise_mode, ElementType::pointwise_mode, mode);
  how.set(Attribute::pointwise_precision, type);
  if (axis >= 0) how.set(Attribute::pointwise_axis, ElementType::i64, axis);
  how.finalize("describe a pointwise function");
  Descriptor& made = add(Kind::pointwise_operation);
  made.set(Attribute::pointwise_operation_descriptor, how);
  made.set(Attribute::pointwise_operation_x, *x.descriptor);
  made.set(Attribute::pointwise_operation_y, *y.descriptor);
  return made;
}

void Graph::pointwise(Pointwise mode, Type type, const Tensor& x, const Tensor& b, const Tensor& y) {
  Descriptor& made = pointwise_operation(mode, type, x, y);
  made.set(Attribute::pointwise_operation_b, *b.descriptor);
  operation(made);
}

void Graph::pointwise(Pointwise mode, Type type, const Tensor& x, const Tensor& y) { operation(pointwise_operation(mode, type, x, y)); }

void Graph::select(const Tensor& x, const Tensor& b, const Tensor& t, const Tensor& y) {
  Descriptor& made = pointwise_operation(Pointwise::select, Type::f32, x, y);
  made.set(Attribute::pointwise_operation_b, *b.descriptor);
  made.set(Attribute::pointwise_operation_t, *t.descriptor);
  operation(made);
}

void Graph::index(const Tensor& like, int64_t axis, const Tensor& y) { operation(pointwise_operation(Pointwise::index, Type::i32, like, y, axis)); }

void Graph::reduce(Reduction how_to, const Tensor& x, const Tensor& y) {
  Descriptor& how = add(Kind::reduction);
  how.set(Attribute::reduction_operator, ElementType::reduction_operator, how_to);
  how.set(Attribute::reduction_type, Type::f32);
  how.finalize("describe a reduction");
  Descriptor& made = add(Kind::reduction_operation);
  made.set(Attribute::reduction_operation_descriptor, how);
  made.set(Attribute::reduction_operation_x, *x.descriptor);
  made.set(Attribute::reduction_operation_y, *y.descriptor);
  operation(made);
}

void Graph::reshape(const Tensor& x, const Tensor& y) {
  Descriptor& made = add(Kind::reshape_operation);
  made.set(Attribute::reshape_operation_x, *x.descriptor);
  made.set(Attribute::reshape_operation_y, *y.descriptor);
  operation(made);
}

Plan Graph::plan(const Target& target) {
  Descriptor graph(Kind::graph);
  if (target.handle) graph.set(Attribute::graph_handle, ElementType::handle, target.handle);
  graph.set(Attribute::graph_operations, ElementType::descriptor, static_cast<int64_t>(operations_.size()), operations_.data());
  graph.finalize("take a graph");
  for (const Descriptor& config : configurations(graph, target)) {
    if (!serves(config)) continue;
    Descriptor plan(Kind::plan);
    if (target.handle) plan.set(Attribute::plan_handle, ElementType::handle, target.handle);
    if (target.device) plan.set(Attribute::plan_device, *target.device);
    plan.set(Attribute::plan_engine_config, config);
    plan.finalize("make a plan");
    return Plan(std::move(plan), constants_);
  }
  throw NoEngine("cuDNN: no engine computes the graph on this device");
}

}  // namespace primer::cuda::cudnn
