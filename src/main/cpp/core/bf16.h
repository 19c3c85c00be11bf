// bfloat16: the upper half of a float32. Products of bf16 factors with float32 sums are twice as fast as float32 ones, and a
// weight of that type is half as large.
#pragma once

#include <cstdint>

namespace primer {

// Why this process does not compute in bf16: a clause such as "the processor has no avx512_bf16"; empty where it does.
const char* bf16_obstacle();
// Throws when there is an obstacle: oneDNN would emulate, slower than float32.
void require_bf16();

// Rounds to the nearest, ties to even. NaN stays NaN; numbers below float32's normal range become zero. Needs avx512_bf16.
void to_bf16(const float* from, uint16_t* to, int64_t count);

}  // namespace primer
