// Loads, stores and elementary functions on vectors of 16. Included once for each level.

#define INLINE static inline __attribute__((always_inline))
#define load KERNEL(load)
#define store KERNEL(store)
#define copy_part KERNEL(copy_part)
#define load_bytes KERNEL(load_bytes)
#define splat KERNEL(splat)
#define choose KERNEL(choose)
#define add_lanes KERNEL(add_lanes)
#define greatest_lane KERNEL(greatest_lane)
#define exponential KERNEL(exponential)
#define hyperbolic_tangent KERNEL(hyperbolic_tangent)

INLINE f16 splat(float value) {
  return (f16){value, value, value, value, value, value, value, value,
               value, value, value, value, value, value, value, value};
}

/// Copies fewer than 16 floats in at most four moves: a call of memcpy would cost more than the row of ten classes.
INLINE void copy_part(void *to, const void *from, size_t count) {
  char *out = to;
  const char *in = from;
  size_t done = 0;
  if (count & 8) memcpy(out, in, 32), done = 32;
  if (count & 4) memcpy(out + done, in + done, 16), done += 16;
  if (count & 2) memcpy(out + done, in + done, 8), done += 8;
  if (count & 1) memcpy(out + done, in + done, 4);
}

/// The first `count` elements, at most 16, behind them `rest`.
INLINE f16 load(const float *from, size_t count, float rest) {
  if (count >= 16) return *(const f16_unaligned *)from;
  f16 result = splat(rest);
  copy_part(&result, from, count);
  return result;
}

INLINE void store(float *to, f16 value, size_t count) {
  if (count >= 16) {
    *(f16_unaligned *)to = value;
  } else {
    copy_part(to, &value, count);
  }
}

INLINE f16 load_bytes(const uint8_t *from, size_t count) {
  b16 bytes = {0};
  memcpy(&bytes, from, count >= 16 ? 16 : count);
  return __builtin_convertvector(bytes, f16);
}

/// `yes` in the lanes whose mask is all ones, `no` where it is zero.
INLINE f16 choose(i16 mask, f16 yes, f16 no) {
  return (f16)((mask & (i16)yes) | (~mask & (i16)no));
}

/// The lanes in a fixed tree: 0+8, 1+9, … then 0+4, … then 0+2, 1+3, then 0+1.
INLINE double add_lanes(d16 v) {
  d8 by8 = __builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7)
      + __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15);
  d4 by4 = __builtin_shufflevector(by8, by8, 0, 1, 2, 3)
      + __builtin_shufflevector(by8, by8, 4, 5, 6, 7);
  d2 by2 = __builtin_shufflevector(by4, by4, 0, 1) + __builtin_shufflevector(by4, by4, 2, 3);
  return by2[0] + by2[1];
}

/// The greatest lane. A NaN may win or not: whoever asks meets it again.
INLINE float greatest_lane(f16 v) {
  f16 other = __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7);
  v = choose(other > v, other, v);
  other = __builtin_shufflevector(v, v, 4, 5, 6, 7, 0, 1, 2, 3, 8, 9, 10, 11, 12, 13, 14, 15);
  v = choose(other > v, other, v);
  other = __builtin_shufflevector(v, v, 2, 3, 0, 1, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  v = choose(other > v, other, v);
  return v[1] > v[0] ? v[1] : v[0];
}

/// e^x: x = k · ln 2 + r with |r| ≤ ½ ln 2 (ln 2 in two parts, the first with trailing zeros, so that k times it is
/// exact), the series of e^r up to r⁷/7!, whose remainder is below 2⁻²⁷, and 2^k in two factors so that neither the
/// greatest nor the subnormal results are lost.
INLINE f16 exponential(f16 x) {
  x = choose(x > 89.0f, splat(89.0f), x);
  x = choose(x < -104.0f, splat(-104.0f), x);
  const float round = 0x1.8p23f;
  f16 shifted = x * 0x1.715476p0f + round;
  i16 k = (i16)shifted - 0x4B400000;
  f16 whole = shifted - round;
  f16 r = x - whole * 0x1.62e4p-1f;
  r = r - whole * 0x1.7f7d1cp-20f;
  f16 p = r * 0x1.a01a02p-13f + 0x1.6c16c2p-10f;
  p = p * r + 0x1.111112p-7f;
  p = p * r + 0x1.555556p-5f;
  p = p * r + 0x1.555556p-3f;
  p = p * r + 0.5f;
  p = (r * r) * p + r + 1.0f;
  i16 half = k >> 1;
  f16 first = (f16)((half + 127) << 23);
  f16 second = (f16)((k - half + 127) << 23);
  return p * first * second;
}

/// tanh x: five levels of Lambert's continued fraction within 0.625, where its error is below 2⁻²⁹; beyond it
/// 1 - 2 / (e^2|x| + 1).
INLINE f16 hyperbolic_tangent(f16 x) {
  f16 magnitude = __builtin_elementwise_abs(x);
  f16 square = x * x;
  f16 near = x * ((square + 105.0f) * square + 945.0f)
      / ((square * 15.0f + 420.0f) * square + 945.0f);
  f16 far = 1.0f - 2.0f / (exponential(magnitude + magnitude) + 1.0f);
  far = choose(x < 0.0f, -far, far);
  return choose(magnitude < 0.625f, near, far);
}
