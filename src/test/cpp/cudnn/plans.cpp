// What cuDNN plans for attention on GPUs that need not be there, a line for each shape: the bytes of each direction's workspace, or why there is none.
// For a cuDNN of NVIDIA's, which needs cuBLASLt and a libcuda.so.1 beside it; docs/cuda-cudnn.md has how.
#include <cstdio>

#include "cudnn_attention.h"

using namespace primer::cuda;

namespace {

struct Gpu {
  const char* name;
  int version, processors;
  int64_t memory, cache, shared;
};

std::string json(const Gpu& gpu) {
  const auto number = [](const char* name, int64_t value) { return ",\"" + std::string(name) + "\":" + std::to_string(value); };
  return std::string("{\"deviceName\":\"") + gpu.name + "\"" + number("deviceVer", gpu.version) + number("driverVer", 13000) + number("cudaDeviceId", 0) +
         number("pciDeviceId", 0) + ",\"maxGridSize\":[2147483647,65535,65535],\"maxBlockSize\":[1024,1024,64]" + number("regsPerBlock", 65536) +
         number("multiProcessorCount", gpu.processors) + number("smCountOrigin", 0) + number("warpSize", 32) + number("maxSharedMemoryPerBlock", 49152) +
         number("maxSharedMemoryPerBlockOptin", gpu.shared) + number("reservedSharedMemoryPerBlock", 1024) + number("maxRegistersPerSM", 65536) +
         number("maxCtasPerSM", 32) + number("maxThreadsPerBlock", 1024) + number("maxThreadsPerSM", 2048) + number("isTccDriver", 0) +
         number("supportCoopLaunch", 1) + number("totalGlobalMem", gpu.memory) + number("smClockRateKHz", 1980000) + number("memClockRateKHz", 2619000) +
         number("l2CacheSize", gpu.cache) + "}";
}

std::string finding(cudnn::Plan (*plan)(const cudnn::Target&, const CudnnAttentionShape&), const cudnn::Target& target, const CudnnAttentionShape& shape) {
  try {
    return std::to_string(plan(target, shape).workspace_bytes()) + " bytes";
  } catch (const std::exception& problem) {
    return problem.what();
  }
}

}  // namespace

int main() {
  const Gpu gpus[] = {{"NVIDIA H100 80GB HBM3", 900, 132, 85520809984, 52428800, 232448},
                      {"NVIDIA H200", 900, 132, 150754820096, 62914560, 232448},
                      {"NVIDIA A100-SXM4-80GB", 800, 108, 85031714816, 41943040, 166912}};
  // Sequences, heads, longest queries and keys, width.
  const int64_t shapes[][5] = {{8, 12, 128, 128, 64}, {32, 16, 37, 211, 64}, {4, 12, 512, 512, 64}, {16, 12, 16, 16, 32}, {3, 8, 5, 100, 80}};
  std::printf("cuDNN %s\n", cudnn::finding().c_str());
  for (const Gpu& gpu : gpus) {
    const cudnn::Descriptor device = cudnn::described_device(json(gpu));
    for (const Seen seen : {Seen::all, Seen::from_start, Seen::to_end}) {
      for (const auto& s : shapes) {
        const CudnnAttentionShape shape{s[0], s[1], s[2], s[3], s[4], seen, 0.125f};
        std::printf("%s, %s, %ld x %ld heads of %ld, %ld queries, %ld keys: ", gpu.name,
                    seen == Seen::all ? "all" : seen == Seen::from_start ? "causal" : "causal to the end", static_cast<long>(s[0]), static_cast<long>(s[1]),
                    static_cast<long>(s[4]), static_cast<long>(s[2]), static_cast<long>(s[3]));
        std::printf("forward %s, backward %s\n", finding(attention_plan, {nullptr, &device}, shape).c_str(),
                    finding(attention_backward_plan, {nullptr, &device}, shape).c_str());
      }
    }
  }
}
