// Elementary functions in a form that the compiler vectorises. Polynomials are our own Chebyshev fits;
// errors against float64 over the range: exp 1.2e-7 relative, erf 1.7e-7 relative.
#pragma once

#include "cpu/isa.h"

PRIMER_KERNELS {

// x, or the nearer of -bound and bound; NaN stays NaN.
inline float clamped(float x, float bound) { return x > bound ? bound : (x < -bound ? -bound : x); }

// e^x; 0 below -87.3, infinity above 88.37; NaN stays NaN.
inline float exp_fast(float x) {
  constexpr float kLog2E = 1.44269504f, kLn2High = 0.693359375f, kLn2Low = -2.12194440e-4f;
  const float clamped = x > 88.7f ? 88.7f : (x < -87.3f ? -87.3f : x);
  // Adding 1.5 * 2^23 rounds to the nearest integer in the low bits.
  const float shifted = clamped * kLog2E + 12582912.0f;
  const float n = shifted - 12582912.0f;
  const float r = (clamped - n * kLn2High) - n * kLn2Low;
  float p = 1.394858085e-03f;
  p = p * r + 8.375128890e-03f;
  p = p * r + 4.166621827e-02f;
  p = p * r + 1.666641548e-01f;
  p = p * r + 5.000000108e-01f;
  p = p * r + 1.000000038f;
  p = p * r + 1.0f;
  int32_t bits;
  std::memcpy(&bits, &shifted, 4);
  bits = (bits - 0x4B400000 + 127) << 23;
  float scale;
  std::memcpy(&scale, &bits, 4);
  return x < -87.3f ? 0.0f : p * scale;
}

inline float erf_fast(float x) {
  const float a = std::fabs(x), u = a * a;
  float small = 8.392696624e-05f;
  small = small * u - 8.148506071e-04f;
  small = small * u + 5.201591808e-03f;
  small = small * u - 2.685964751e-02f;
  small = small * u + 1.128370053e-01f;
  small = small * u - 3.761263411e-01f;
  small = small * u + 1.128379167f;
  const float b = a > 4.0f ? 4.0f : a;
  float log_erfc = 1.613101899e-06f;
  log_erfc = log_erfc * b - 4.557118469e-05f;
  log_erfc = log_erfc * b + 5.926017196e-04f;
  log_erfc = log_erfc * b - 4.739417687e-03f;
  log_erfc = log_erfc * b + 2.636238020e-02f;
  log_erfc = log_erfc * b - 1.099740465e-01f;
  log_erfc = log_erfc * b - 6.319416358e-01f;
  log_erfc = log_erfc * b - 1.130163978f;
  log_erfc = log_erfc * b + 3.025418157e-04f;
  const float large = std::copysign(1.0f - exp_fast(log_erfc), x);
  return a < 0.921875f ? small * x : large;
}

// 1 / (1 + e^-x).
inline float sigmoid_fast(float x) { return 1.0f / (1.0f + exp_fast(-x)); }

// GELU in its erf form (Hendrycks and Gimpel 2016): x Phi(x).
inline float gelu_fast(float x) { return 0.5f * x * (1.0f + erf_fast(x * 0.70710678f)); }

// d gelu / dx = Phi(x) + x phi(x).
inline float gelu_slope(float x) {
  const float phi = 0.39894228f * exp_fast(-0.5f * x * x);
  return 0.5f * (1.0f + erf_fast(x * 0.70710678f)) + x * phi;
}

// From here on either form of GELU is 0 or x in float32: its derivatives are taken no farther out, where powers of x overflow.
constexpr float kGeluEnd = 30.0f;

// d^2 gelu / dx^2 = phi(x) (2 - x^2).
inline float gelu_curvature(float x) {
  const float near = clamped(x, kGeluEnd), square = near * near;
  return 0.39894228f * exp_fast(-0.5f * square) * (2.0f - square);
}

}  // namespace primer::PRIMER_ISA
