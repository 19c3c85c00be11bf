// Both implementations of attention, side by side on memory of their own.
#pragma once

#include "cudnn_attention.h"

namespace primer::cuda {

class CudaDevice;

struct AttentionTrial {
  double own_seconds, cudnn_seconds;  // the median of replayed graphs
  double difference;                  // of their results, the norm of it relative to that of ours; NaN where one of them has a NaN
};

// Factors have standard deviation 1, so that scores have too: no result of either is then further than 3 / 256 from float64's, relative to its norm
// (src/test/cpp/cudnn/check.cpp has that bound's derivation), and they are no further than twice that from each other.
constexpr double kAttentionTrialTolerance = 6.0 / 256;

// Of an instruction in the launch's bucket, filled with sequences of one length as far as it goes. Takes memory as the operands do, and gives it back;
// waits for the device. Not in a capture.
AttentionTrial try_attention(CudaDevice& device, cudnn::Handle handle, const Launch& launch, const Instruction& instruction, bool backward,
                             const CudnnAttention& cudnn);

}  // namespace primer::cuda
