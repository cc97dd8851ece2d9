// Products with few outputs, as linear models and last layers have them. Included once for each level.
//
// Such a product waits for memory, and a general matrix product would copy x first to have it in its own order. The
// blocks are as large as the registers of a level allow; what is added to what does not depend on them.

#define add_float_lanes KERNEL(add_float_lanes)
#define narrow_block KERNEL(narrow_block)
#define narrow_rows KERNEL(narrow_rows)
#define narrow_gradient_block KERNEL(narrow_gradient_block)
#define narrow_gradient_outputs KERNEL(narrow_gradient_outputs)

#define UNROLL _Pragma("clang loop unroll(full)")

/// The lanes in the same tree as `add_lanes`, in Float32.
INLINE float add_float_lanes(f16 v) {
  f16 other = __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15);
  v += other;
  other = __builtin_shufflevector(v, v, 4, 5, 6, 7, 4, 5, 6, 7, 4, 5, 6, 7, 4, 5, 6, 7);
  v += other;
  other = __builtin_shufflevector(v, v, 2, 3, 2, 3, 2, 3, 2, 3, 2, 3, 2, 3, 2, 3, 2, 3);
  v += other;
  return v[0] + v[1];
}

/// y[row, output] of a block: each is a sum over 16 lanes.
INLINE void narrow_block(
    size_t rows, size_t block, size_t inputs, size_t outputs, const float *x, const float *w,
    float *y) {
  f16 sums[4][4] = {0};
  size_t i = 0;
  for (; i + 16 <= inputs; i += 16) {
    UNROLL for (size_t o = 0; o < block; o++) {
      f16 weight = load(w + o * inputs + i, 16, 0);
      UNROLL for (size_t r = 0; r < rows; r++) {
        sums[r][o] += load(x + r * inputs + i, 16, 0) * weight;
      }
    }
  }
  if (i < inputs) {
    UNROLL for (size_t o = 0; o < block; o++) {
      f16 weight = load(w + o * inputs + i, inputs - i, 0);
      UNROLL for (size_t r = 0; r < rows; r++) {
        sums[r][o] += load(x + r * inputs + i, inputs - i, 0) * weight;
      }
    }
  }
  UNROLL for (size_t r = 0; r < rows; r++) {
    UNROLL for (size_t o = 0; o < block; o++) y[r * outputs + o] = add_float_lanes(sums[r][o]);
  }
}

INLINE void narrow_rows(
    size_t rows, size_t inputs, size_t outputs, const float *x, const float *w, float *y) {
  size_t o = 0;
  for (; NARROW_BLOCK >= 4 && o + 4 <= outputs; o += 4) {
    narrow_block(rows, 4, inputs, outputs, x, w + o * inputs, y + o);
  }
  for (; NARROW_BLOCK >= 2 && o + 2 <= outputs; o += 2) {
    narrow_block(rows, 2, inputs, outputs, x, w + o * inputs, y + o);
  }
  for (; o < outputs; o++) narrow_block(rows, 1, inputs, outputs, x, w + o * inputs, y + o);
}

static void KERNEL(narrow_product)(
    size_t rows, size_t inputs, size_t outputs, const float *x, const float *w, float *y) {
  size_t row = 0;
  for (; row + NARROW_ROWS <= rows; row += NARROW_ROWS) {
    narrow_rows(NARROW_ROWS, inputs, outputs, x + row * inputs, w, y + row * outputs);
  }
  for (; row < rows; row++) narrow_rows(1, inputs, outputs, x + row * inputs, w, y + row * outputs);
}

/// 16 columns, or fewer, of some outputs' gradients, over all rows.
INLINE void narrow_gradient_block(
    size_t block, size_t rows, size_t inputs, size_t outputs, size_t count, const float *x,
    const float *residual, float *gradient) {
  f16 sums[8] = {0};
  for (size_t row = 0; row < rows; row++) {
    f16 value = load(x + row * inputs, count, 0);
    UNROLL for (size_t o = 0; o < block; o++) sums[o] += value * residual[row * outputs + o];
  }
  UNROLL for (size_t o = 0; o < block; o++) {
    float *target = gradient + o * inputs;
    store(target, load(target, count, 0) + sums[o], count);
  }
}

INLINE void narrow_gradient_outputs(
    size_t rows, size_t inputs, size_t outputs, size_t count, const float *x,
    const float *residual, float *gradient) {
  size_t o = 0;
#define BLOCKS(size) \
  for (; o + size <= outputs; o += size) { \
    narrow_gradient_block( \
        size, rows, inputs, outputs, count, x, residual + o, gradient + o * inputs); \
  }
  if (NARROW_BLOCK >= 4) BLOCKS(8)
  if (NARROW_BLOCK >= 2) BLOCKS(4)
  BLOCKS(2)
  BLOCKS(1)
#undef BLOCKS
}

static void KERNEL(narrow_gradient)(
    size_t rows, size_t inputs, size_t outputs, const float *x, const float *residual,
    float *gradient) {
  size_t i = 0;
  for (; i + 16 <= inputs; i += 16) {
    narrow_gradient_outputs(rows, inputs, outputs, 16, x + i, residual, gradient + i);
  }
  if (i < inputs) {
    narrow_gradient_outputs(rows, inputs, outputs, inputs - i, x + i, residual, gradient + i);
  }
}
