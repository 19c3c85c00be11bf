#include "cuda_device.h"

#include <cstdlib>

#include "architecture.h"
#include "kernel.h"
#include "memory.h"
#include "pack.h"
#include "program.h"

namespace primer::cuda {
namespace {

// Vector loads at the end of a row may read past it, never past this.
constexpr int64_t kSlack = 64;

// Tensor cores of bf16 and TF32 came with Ampere.
constexpr int kTensorCores = 80;

// Whether products with dense weights are to be our own kernels' (PRIMER_CUDA_PRODUCTS).
bool own_products() {
  const char* chosen = std::getenv("PRIMER_CUDA_PRODUCTS");
  const std::string name = chosen ? chosen : "cublaslt";
  if (name != "own" && name != "cublaslt") throw std::runtime_error("PRIMER_CUDA_PRODUCTS is '" + name + "'; expected cublaslt or own");
  return name == "own";
}

// What decides which implementations compute, besides the GPU: results have other last bits with others.
std::string implementations() {
  const auto versioned = [](const char* library, std::string (*version)()) {
    try {
      return library + (" " + version());
    } catch (const std::exception&) {
      // Programs that need it say what to install.
      return std::string("no ") + library;
    }
  };
  const std::string products = own_products() ? "own products" : versioned("cuBLASLt", cublaslt_version);
  const AttentionBy by = attention_by();
  if (by == AttentionBy::own) return products;
  return products + ", attention by " + versioned("cuDNN", cudnn::version) + (by == AttentionBy::measured ? " where it is faster" : "");
}

std::string version(int capability) { return std::to_string(capability / 10) + "." + std::to_string(capability % 10); }

// Errors behind which CUDA answers every call of the process with the same; all others leave the device as it was.
bool is_end(cudaError_t error) {
  // cudaErrorContained and cudaErrorTensorMemoryLeak, which headers before 12.8 lack.
  constexpr int kContained = 226, kTensorMemoryLeak = 721;
  switch (static_cast<int>(error)) {
    case cudaErrorECCUncorrectable:
    case cudaErrorNvlinkUncorrectable:
    case kContained:
    case cudaErrorIllegalAddress:
    case cudaErrorLaunchTimeout:
    case cudaErrorAssert:
    case cudaErrorHardwareStackError:
    case cudaErrorIllegalInstruction:
    case cudaErrorMisalignedAddress:
    case cudaErrorInvalidAddressSpace:
    case cudaErrorInvalidPc:
    case cudaErrorLaunchFailure:
    case kTensorMemoryLeak:
    case cudaErrorMpsClientTerminated:
    case cudaErrorExternalDevice: return true;
    default: return false;
  }
}

void* at(int64_t address) { return reinterpret_cast<void*>(address); }

}  // namespace

CudaDevice::CudaDevice(int ordinal) : ordinal_(ordinal) {
  cudaDeviceProp properties;
  check(cudaGetDeviceProperties(&properties, ordinal), "ask for the device's properties");
  check(cudaSetDevice(ordinal), "choose the device");
  const std::string obstacle = architecture_obstacle();
  if (!obstacle.empty()) throw std::runtime_error("its compute capability is " + version(10 * properties.major + properties.minor) + ": " + obstacle);
  check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "make a stream");
  check(cudaStreamCreateWithFlags(&copies_, cudaStreamNonBlocking), "make a stream");
  processors_ = properties.multiProcessorCount;
  capability_ = 10 * properties.major + properties.minor;
  description_ = std::string(properties.name) + ", compute capability " + version(capability_) + ", " + std::to_string(properties.totalGlobalMem >> 20) + " MiB, " + implementations();
}

void CudaDevice::require_alive() const {
  if (!fault_.empty()) throw std::runtime_error("the device cuda:" + std::to_string(ordinal_) + " has ended by a fault (" + fault_ + "); start the process anew, or use the CPU");
  check(cudaSetDevice(ordinal_), "choose the device");
}

// What passes, as a lack of memory, is gone when it was read; what ended the device comes again.
void CudaDevice::look_for_fault() {
  cudaGetLastError();
  const cudaError_t error = cudaDeviceSynchronize();
  if (is_end(error)) fault_ = cudaGetErrorString(error);
}

int64_t CudaDevice::free_bytes() const {
  const Turn turn(mutex_);
  require_alive();
  size_t free = 0, total = 0;
  check(cudaMemGetInfo(&free, &total), "ask for free memory");
  return static_cast<int64_t>(free);
}

int64_t CudaDevice::allocate(int64_t bytes) {
  return alive([&] {
    DeviceBytes owned = device_bytes(static_cast<size_t>(bytes + kSlack));
    check(cudaMemsetAsync(owned.get(), 0, static_cast<size_t>(bytes), stream_), "zero");
    return reinterpret_cast<int64_t>(owned.release());
  });
}

// Memory of a device that has ended is gone with it: closing what lay there is no error.
void CudaDevice::free(int64_t address, int64_t) {
  const Turn turn(mutex_);
  if (!fault_.empty()) return;
  require_alive();
  const cudaError_t error = cudaFree(at(address));
  if (error == cudaSuccess) return;
  look_for_fault();
  if (fault_.empty()) check(error, "free");
}

void CudaDevice::zero(int64_t target, int64_t bytes) {
  alive([&] { check(cudaMemsetAsync(at(target), 0, static_cast<size_t>(bytes), stream_), "zero"); });
}

void CudaDevice::copy(int64_t target, int64_t source, int64_t bytes) {
  alive([&] { check(cudaMemcpyAsync(at(target), at(source), static_cast<size_t>(bytes), cudaMemcpyDeviceToDevice, stream_), "copy"); });
}

void CudaDevice::write(int64_t target, const void* source, int64_t bytes) {
  alive([&] {
    check(cudaMemcpyAsync(at(target), source, static_cast<size_t>(bytes), cudaMemcpyHostToDevice, stream_), "write");
    check(cudaStreamSynchronize(stream_), "write");
  });
}

void CudaDevice::read(void* target, int64_t source, int64_t bytes) {
  alive([&] {
    check(cudaMemcpyAsync(target, at(source), static_cast<size_t>(bytes), cudaMemcpyDeviceToHost, stream_), "read");
    check(cudaStreamSynchronize(stream_), "read");
  });
}

int32_t CudaDevice::kernel(const char* name) const { return find_kernel(name); }

int64_t CudaDevice::packed_bytes(int64_t out, int64_t in, bool, Layout layout) const {
  return is_bf16(layout) ? out * bf16_stride(in) * static_cast<int64_t>(sizeof(Bf16)) : out * in * static_cast<int64_t>(sizeof(float));
}

// Matrix products take weights row by row, whichever side they are on.
void CudaDevice::pack(int64_t weight, int64_t out, int64_t in, bool transposed, Layout layout, int64_t packed) {
  if (!is_bf16(layout)) return copy(packed, weight, packed_bytes(out, in, transposed, layout));
  require(Precision::bf16);
  alive([&] { round_rows(stream_, reinterpret_cast<const float*>(weight), Rows{nullptr, 1, static_cast<int32_t>(out)}, out, in, reinterpret_cast<Bf16*>(packed)); });
}

LibraryProducts* CudaDevice::products() {
  const Turn turn(mutex_);
  if (own_products()) return nullptr;
  if (!products_) products_ = std::make_unique<LibraryProducts>();
  return products_.get();
}

AttentionChoices* CudaDevice::attention() {
  const Turn turn(mutex_);
  const AttentionBy by = attention_by();
  if (by == AttentionBy::own) return nullptr;
  if (!attention_) attention_ = std::make_unique<AttentionChoices>(by, *this);
  return attention_.get();
}

std::string CudaDevice::choices() const {
  const Turn turn(mutex_);
  return attention_ ? attention_->report() : "";
}

std::string CudaDevice::obstacle(Precision precision) const {
  return precision == Precision::f32 || capability_ >= kTensorCores ? "" : "its compute capability is " + version(capability_);
}

void CudaDevice::require(Precision precision) const {
  const std::string why = obstacle(precision);
  if (!why.empty()) throw std::runtime_error("the device has no tensor cores for this precision: " + why);
}

std::unique_ptr<Executable> CudaDevice::compile(const int64_t* code, int64_t length, int, Precision precision) {
  require(precision);
  return alive([&] { return std::make_unique<CudaProgram>(*this, code, length, precision); });
}

// A capture ends with the error that it meets: until then the device can be asked for nothing.
ExecutableGraph CudaDevice::capture(const std::function<void()>& launches) {
  cudaGraph_t ended = nullptr;
  check(cudaStreamBeginCapture(stream_, cudaStreamCaptureModeThreadLocal), "capture");
  try {
    launches();
  } catch (...) {
    cudaStreamEndCapture(stream_, &ended);
    const CapturedGraph dropped(ended);
    throw;
  }
  check(cudaStreamEndCapture(stream_, &ended), "capture");
  const CapturedGraph graph(ended);
  cudaGraphExec_t executable = nullptr;
  check(cudaGraphInstantiate(&executable, graph.get(), 0), "instantiate a graph");
  return ExecutableGraph(executable);
}

}  // namespace primer::cuda
