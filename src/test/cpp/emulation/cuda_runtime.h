// What the kernels and their host code use of CUDA, on the host: the same names, so that the same sources compile.
// A stream does what it has to in order, at once or as late as it may (streams.cpp); a captured graph holds the calls and makes them again.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <functional>
#include <tuple>
#include <type_traits>
#include <utility>

#include "block.h"

#define __global__
#define __device__
#define __host__
#define __constant__ static const
#define __shared__ static thread_local
#define __forceinline__ inline
#define __launch_bounds__(...)
#define __align__(n) __attribute__((aligned(n)))

using dim3 = emulation::Dim3;
struct alignas(8) float2 { float x, y; };
struct alignas(16) float4 { float x, y, z, w; };
struct alignas(16) double2 { double x, y; };
struct alignas(8) int2 { int x, y; };
struct alignas(8) uint2 { unsigned x, y; };
struct alignas(16) uint4 { unsigned x, y, z, w; };
inline float2 make_float2(float x, float y) { return {x, y}; }
inline double2 make_double2(double x, double y) { return {x, y}; }
inline float4 make_float4(float x, float y, float z, float w) { return {x, y, z, w}; }

// Threads -------------------------------------------------------------------------------------------------------------

inline void __syncthreads(int line = __builtin_LINE()) { ::emulation::block_barrier(line); }
inline void __syncwarp(unsigned mask = 0xFFFFFFFFu, int line = __builtin_LINE()) { ::emulation::warp_barrier(mask, line); }

namespace emulation {
template <class T>
T shuffle(unsigned mask, T value, uint32_t from, int line) {
  static_assert(sizeof(T) <= 8 && std::is_trivially_copyable_v<T>);
  uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof value);
  bits = exchange(mask, bits, from, line);
  std::memcpy(&value, &bits, sizeof value);
  return value;
}
}  // namespace emulation

template <class T>
T __shfl_sync(unsigned mask, T v, int from, int width = 32, int line = __builtin_LINE()) {
  const uint32_t mine = emulation::warp_lane(), group = mine / static_cast<uint32_t>(width) * static_cast<uint32_t>(width);
  return emulation::shuffle(mask, v, group + static_cast<uint32_t>(from) % static_cast<uint32_t>(width), line);
}
template <class T>
T __shfl_xor_sync(unsigned mask, T v, int distance, int = 32, int line = __builtin_LINE()) {
  return emulation::shuffle(mask, v, emulation::warp_lane() ^ static_cast<uint32_t>(distance), line);
}
template <class T>
T __shfl_down_sync(unsigned mask, T v, unsigned distance, int width = 32, int line = __builtin_LINE()) {
  const uint32_t mine = emulation::warp_lane();
  const bool inside = mine % static_cast<uint32_t>(width) + distance < static_cast<uint32_t>(width);
  return emulation::shuffle(mask, v, inside ? mine + distance : mine, line);
}
template <class T>
T __shfl_up_sync(unsigned mask, T v, unsigned distance, int width = 32, int line = __builtin_LINE()) {
  const uint32_t mine = emulation::warp_lane();
  return emulation::shuffle(mask, v, mine % static_cast<uint32_t>(width) >= distance ? mine - distance : mine, line);
}
inline unsigned __ballot_sync(unsigned mask, int vote, int line = __builtin_LINE()) { return emulation::ballot(mask, vote != 0, line); }
inline unsigned __match_any_sync(unsigned mask, int mine, int line = __builtin_LINE()) {
  return emulation::equals(mask, static_cast<uint32_t>(mine), line);
}
inline int __any_sync(unsigned mask, int vote, int line = __builtin_LINE()) { return emulation::ballot(mask, vote != 0, line) != 0; }

// Threads take turns, so that a plain addition is atomic. There is none for floats: sums must not depend on an order.
inline int atomicAdd(int* at, int v) { return std::exchange(*at, *at + v); }
inline unsigned atomicAdd(unsigned* at, unsigned v) { return std::exchange(*at, *at + v); }

// Arithmetic ----------------------------------------------------------------------------------------------------------

template <class T>
T __ldg(const T* at) { return *at; }
inline int __popc(unsigned bits) { return __builtin_popcount(bits); }
inline uint32_t __float_as_uint(float x) {
  uint32_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  return bits;
}
inline float __uint_as_float(uint32_t bits) {
  float x;
  std::memcpy(&x, &bits, sizeof x);
  return x;
}
inline float __expf(float x) { return std::exp(x); }
inline float rsqrtf(float x) { return 1.0f / std::sqrt(x); }
inline double rsqrt(double x) { return 1.0 / std::sqrt(x); }
inline uint32_t __umulhi(uint32_t a, uint32_t b) { return static_cast<uint32_t>(uint64_t{a} * b >> 32); }
using std::isfinite;
using std::isnan;

// Host ----------------------------------------------------------------------------------------------------------------

enum cudaError_t {
  cudaSuccess = 0,
  cudaErrorInvalidValue = 1,
  cudaErrorMemoryAllocation = 2,
  cudaErrorInsufficientDriver = 35,
  cudaErrorNoDevice = 100,
  cudaErrorNoKernelImageForDevice = 209,
  cudaErrorECCUncorrectable = 214,
  cudaErrorNvlinkUncorrectable = 220,
  cudaErrorIllegalState = 401,
  cudaErrorIllegalAddress = 700,
  cudaErrorLaunchTimeout = 702,
  cudaErrorAssert = 710,
  cudaErrorHardwareStackError = 714,
  cudaErrorIllegalInstruction = 715,
  cudaErrorMisalignedAddress = 716,
  cudaErrorInvalidAddressSpace = 717,
  cudaErrorInvalidPc = 718,
  cudaErrorLaunchFailure = 719,
  cudaErrorMpsClientTerminated = 810,
  cudaErrorStreamCaptureUnsupported = 900,
  cudaErrorStreamCaptureInvalidated = 901,
  cudaErrorStreamCaptureUnmatched = 903,
  cudaErrorStreamCaptureIsolation = 905,
  cudaErrorCapturedEvent = 907,
  cudaErrorStreamCaptureWrongThread = 908,
  cudaErrorExternalDevice = 911
};
enum cudaMemcpyKind { cudaMemcpyHostToDevice = 1, cudaMemcpyDeviceToHost = 2, cudaMemcpyDeviceToDevice = 3 };
enum cudaStreamCaptureMode { cudaStreamCaptureModeGlobal = 0, cudaStreamCaptureModeThreadLocal = 1 };
enum cudaFuncAttribute { cudaFuncAttributeMaxDynamicSharedMemorySize = 8 };
constexpr unsigned cudaStreamNonBlocking = 1, cudaEventDisableTiming = 2, cudaEventDefault = 0, cudaHostAllocDefault = 0;

using cudaStream_t = struct EmulatedStream*;
using cudaEvent_t = struct EmulatedEvent*;
using cudaGraph_t = struct EmulatedGraph*;
using cudaGraphExec_t = struct EmulatedGraphExec*;

struct cudaDeviceProp {
  char name[256];
  size_t totalGlobalMem, sharedMemPerBlockOptin;
  int major, minor, multiProcessorCount;
};

struct cudaFuncAttributes { int numRegs; };

struct cudaLaunchConfig_t {
  dim3 gridDim, blockDim;
  size_t dynamicSmemBytes = 0;
  cudaStream_t stream = nullptr;
  void* attrs = nullptr;
  unsigned numAttrs = 0;
};

const char* cudaGetErrorString(cudaError_t error);
cudaError_t cudaGetLastError();
cudaError_t cudaDriverGetVersion(int* version);
cudaError_t cudaRuntimeGetVersion(int* version);
cudaError_t cudaGetDeviceCount(int* count);
cudaError_t cudaSetDevice(int device);
cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device);
cudaError_t cudaDeviceSynchronize();
cudaError_t cudaMemGetInfo(size_t* free, size_t* total);
cudaError_t cudaMalloc(void** memory, size_t bytes);
cudaError_t cudaFree(void* memory);
cudaError_t cudaHostAlloc(void** memory, size_t bytes, unsigned flags);
cudaError_t cudaFreeHost(void* memory);
cudaError_t cudaMemcpyAsync(void* target, const void* source, size_t bytes, cudaMemcpyKind kind, cudaStream_t stream);
cudaError_t cudaMemsetAsync(void* target, int value, size_t bytes, cudaStream_t stream);
cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned flags);
cudaError_t cudaStreamDestroy(cudaStream_t stream);
cudaError_t cudaStreamSynchronize(cudaStream_t stream);
cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned flags = 0);
cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode mode);
cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph);
cudaError_t cudaGraphInstantiate(cudaGraphExec_t* executable, cudaGraph_t graph, unsigned long long flags);
cudaError_t cudaGraphLaunch(cudaGraphExec_t executable, cudaStream_t stream);
cudaError_t cudaGraphDestroy(cudaGraph_t graph);
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t executable);
cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned flags);
cudaError_t cudaEventDestroy(cudaEvent_t event);
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream);
cudaError_t cudaEventSynchronize(cudaEvent_t event);
cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t start, cudaEvent_t end);

cudaError_t cudaFuncGetAttributes(cudaFuncAttributes* attributes, void (*kernel)());
template <class F>
cudaError_t cudaFuncSetAttribute(F*, cudaFuncAttribute, int) { return cudaSuccess; }

namespace emulation {
// Puts the call behind what the stream has to do, or into the graph that is captured from it.
cudaError_t submit(cudaStream_t stream, std::function<void()> call);
}  // namespace emulation

template <class... Formal, class... Actual>
cudaError_t cudaLaunchKernelEx(const cudaLaunchConfig_t* config, void (*kernel)(Formal...), Actual&&... actual) {
  std::tuple<Formal...> arguments(static_cast<Formal>(std::forward<Actual>(actual))...);
  const cudaLaunchConfig_t shape = *config;
  return emulation::submit(shape.stream, [shape, kernel, arguments] {
    emulation::run_grid(shape.gridDim, shape.blockDim, shape.dynamicSmemBytes, [&] { std::apply(kernel, arguments); });
  });
}
