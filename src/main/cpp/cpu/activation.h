// Activation functions, their slopes and curvatures (first and second derivatives), by the number that
// org.primer4j.graph.ops.Activation gives them.
#pragma once

#include "cpu/functions.h"

PRIMER_KERNELS {

struct Identity {
  static float value(float x) { return x; }
  static float slope(float) { return 1.0f; }
  static float curvature(float) { return 0.0f; }
};

struct Gelu {
  static float value(float x) { return gelu_fast(x); }
  static float slope(float x) { return gelu_slope(x); }
  static float curvature(float x) { return gelu_curvature(x); }
};

// The tanh form, x/2 (1 + tanh(u)) = x sigmoid(2 u) with u = sqrt(2/pi) (x + 0.044715 x^3), without tanh's cancellation.
struct GeluTanh {
  static constexpr float kTwiceRoot = 1.59576912f, kCubic = 0.044715f;
  static float value(float x) { return x * sigmoid_fast(kTwiceRoot * (x + kCubic * x * x * x)); }
  static float slope(float far) {
    const float x = clamped(far, kGeluEnd), s = sigmoid_fast(kTwiceRoot * (x + kCubic * x * x * x));
    return s + x * s * (1.0f - s) * kTwiceRoot * (1.0f + 3.0f * kCubic * x * x);
  }
  // With v = 2 u: s (1 - s) (2 v' + x ((1 - 2 s) v'^2 + v'')).
  static float curvature(float far) {
    const float x = clamped(far, kGeluEnd), s = sigmoid_fast(kTwiceRoot * (x + kCubic * x * x * x));
    const float first = kTwiceRoot * (1.0f + 3.0f * kCubic * x * x), second = kTwiceRoot * 6.0f * kCubic * x;
    return s * (1.0f - s) * (2.0f * first + x * ((1.0f - 2.0f * s) * first * first + second));
  }
};

// Comparisons are such that NaN stays NaN. The derivative at 0 is 0, the second one is 0 everywhere.
struct Relu {
  static float value(float x) { return x < 0.0f ? 0.0f : x; }
  static float slope(float x) { return x > 0.0f ? 1.0f : 0.0f; }
  static float curvature(float) { return 0.0f; }
};

struct Silu {
  static float value(float x) { return x * sigmoid_fast(x); }
  static float slope(float x) {
    const float s = sigmoid_fast(x);
    return s + x * s * (1.0f - s);
  }
  static float curvature(float x) {
    const float s = sigmoid_fast(x);
    return s * (1.0f - s) * (2.0f + x * (1.0f - 2.0f * s));
  }
};

// Calls f with the activation of this number.
template <class F>
static inline void with_activation(int64_t number, F&& f) {
  switch (number) {
    case 1: return f(Gelu{});
    case 2: return f(GeluTanh{});
    case 3: return f(Relu{});
    case 4: return f(Silu{});
    default: return f(Identity{});
  }
}

// a = act(z).
static inline void activate(int64_t number, const float* z, float* a, int64_t n) {
  with_activation(number, [=](auto act) {
#pragma omp simd
    for (int64_t e = 0; e < n; ++e) a[e] = act.value(z[e]);
  });
}

// dz *= act'(z).
static inline void multiply_slope(int64_t number, const float* z, float* dz, int64_t n) {
  with_activation(number, [=](auto act) {
#pragma omp simd
    for (int64_t e = 0; e < n; ++e) dz[e] *= act.slope(z[e]);
  });
}

}  // namespace primer::PRIMER_ISA
