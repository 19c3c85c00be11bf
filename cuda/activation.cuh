// Activation functions, their slopes and curvatures (first and second derivatives), by the number that
// org.primer4j.graph.ops.Activation gives them; as src/main/cpp/cpu/activation.h has them.
#pragma once

#include <cuda_runtime.h>

namespace primer::cuda {

// From here on either form of GELU is 0 or x in float32: derivatives are taken no farther out, where powers of x overflow.
constexpr float kGeluEnd = 30.0f;

// x, or the nearer of -bound and bound; NaN stays NaN.
__device__ __forceinline__ float clamped(float x, float bound) { return x > bound ? bound : (x < -bound ? -bound : x); }
__device__ __forceinline__ float sigmoid(float x) { return 1.0f / (1.0f + ::expf(-x)); }

struct Identity {
  __device__ static float value(float x) { return x; }
  __device__ static float slope(float) { return 1.0f; }
  __device__ static float curvature(float) { return 0.0f; }
};

// In its erf form (Hendrycks and Gimpel 2016): x Phi(x); slope Phi(x) + x phi(x), curvature phi(x) (2 - x^2).
struct Gelu {
  static constexpr float kDensity = 0.39894228f, kHalfRoot = 0.70710678f;
  __device__ static float value(float x) { return 0.5f * x * (1.0f + ::erff(x * kHalfRoot)); }
  __device__ static float slope(float x) {
    const float near = clamped(x, kGeluEnd);
    return 0.5f * (1.0f + ::erff(near * kHalfRoot)) + near * kDensity * ::expf(-0.5f * near * near);
  }
  __device__ static float curvature(float x) {
    const float near = clamped(x, kGeluEnd), square = near * near;
    return kDensity * ::expf(-0.5f * square) * (2.0f - square);
  }
};

// The tanh form, x/2 (1 + tanh(u)) = x sigmoid(2 u) with u = sqrt(2/pi) (x + 0.044715 x^3), without tanh's cancellation.
struct GeluTanh {
  static constexpr float kTwiceRoot = 1.59576912f, kCubic = 0.044715f;
  __device__ static float value(float x) { return x * sigmoid(kTwiceRoot * (x + kCubic * x * x * x)); }
  __device__ static float slope(float far) {
    const float x = clamped(far, kGeluEnd), s = sigmoid(kTwiceRoot * (x + kCubic * x * x * x));
    return s + x * s * (1.0f - s) * kTwiceRoot * (1.0f + 3.0f * kCubic * x * x);
  }
  // With v = 2 u: s (1 - s) (2 v' + x ((1 - 2 s) v'^2 + v'')).
  __device__ static float curvature(float far) {
    const float x = clamped(far, kGeluEnd), s = sigmoid(kTwiceRoot * (x + kCubic * x * x * x));
    const float first = kTwiceRoot * (1.0f + 3.0f * kCubic * x * x), second = kTwiceRoot * 6.0f * kCubic * x;
    return s * (1.0f - s) * (2.0f * first + x * ((1.0f - 2.0f * s) * first * first + second));
  }
};

// Comparisons are such that NaN stays NaN. The derivative at 0 is 0, the second one is 0 everywhere.
struct Relu {
  __device__ static float value(float x) { return x < 0.0f ? 0.0f : x; }
  __device__ static float slope(float x) { return x > 0.0f ? 1.0f : 0.0f; }
  __device__ static float curvature(float) { return 0.0f; }
};

struct Silu {
  __device__ static float value(float x) { return x * sigmoid(x); }
  __device__ static float slope(float x) {
    const float s = sigmoid(x);
    return s + x * s * (1.0f - s);
  }
  __device__ static float curvature(float x) {
    const float s = sigmoid(x);
    return s * (1.0f - s) * (2.0f + x * (1.0f - 2.0f * s));
  }
};

// Calls f with the activation of this number, on either side: f is what the caller's side can call.
#ifdef __CUDACC__
#pragma nv_exec_check_disable
#endif
template <class F>
__host__ __device__ auto with_activation(int64_t number, F&& f) {
  switch (number) {
    case 1: return f(Gelu{});
    case 2: return f(GeluTanh{});
    case 3: return f(Relu{});
    case 4: return f(Silu{});
    default: return f(Identity{});
  }
}

}  // namespace primer::cuda
