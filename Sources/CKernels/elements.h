// Element by element, sums over a buffer, and columns. Included once for each level.

#define EACH(i, count, n) \
  for (size_t i = 0, count = (n) < 16 ? (n) : 16; i < (n); \
       i += 16, count = (n) - i < 16 ? (n) - i : 16)

static void KERNEL(add)(size_t n, const float *a, const float *b, float *out) {
  EACH(i, count, n) store(out + i, load(a + i, count, 0) + load(b + i, count, 0), count);
}

static void KERNEL(scale)(size_t n, float alpha, const float *x, float *out) {
  EACH(i, count, n) store(out + i, load(x + i, count, 0) * alpha, count);
}

static void KERNEL(axpy)(size_t n, float alpha, const float *x, float *y) {
  EACH(i, count, n) store(y + i, load(y + i, count, 0) + load(x + i, count, 0) * alpha, count);
}

static void KERNEL(sum)(size_t n, size_t k, const float *const *inputs, float *out) {
  EACH(i, count, n) {
    f16 total = load(inputs[0] + i, count, 0);
    for (size_t j = 1; j < k; j++) total += load(inputs[j] + i, count, 0);
    store(out + i, total, count);
  }
}

static void KERNEL(combine)(
    size_t n, size_t k, const float *const *inputs, const float *weights, float *out) {
  EACH(i, count, n) {
    f16 total = load(inputs[0] + i, count, 0) * weights[0];
    for (size_t j = 1; j < k; j++) total += load(inputs[j] + i, count, 0) * weights[j];
    store(out + i, total, count);
  }
}

static void KERNEL(greatest)(size_t n, size_t k, const float *const *inputs, float *out) {
  EACH(i, count, n) {
    f16 best = load(inputs[0] + i, count, 0);
    for (size_t j = 1; j < k; j++) {
      f16 next = load(inputs[j] + i, count, 0);
      best = choose(next > best, next, best);
    }
    store(out + i, best, count);
  }
}

static void KERNEL(exp)(size_t n, const float *x, float *out) {
  EACH(i, count, n) store(out + i, exponential(load(x + i, count, 0)), count);
}

static double KERNEL(total)(size_t n, const float *x) {
  d16 lanes = {0};
  EACH(i, count, n) lanes += __builtin_convertvector(load(x + i, count, 0), d16);
  return add_lanes(lanes);
}

static double KERNEL(total_absolute)(size_t n, const float *x) {
  d16 lanes = {0};
  EACH(i, count, n) {
    lanes += __builtin_convertvector(__builtin_elementwise_abs(load(x + i, count, 0)), d16);
  }
  return add_lanes(lanes);
}

static double KERNEL(dot)(size_t n, const float *a, const float *b) {
  d16 lanes = {0};
  EACH(i, count, n) {
    lanes += __builtin_convertvector(load(a + i, count, 0), d16)
        * __builtin_convertvector(load(b + i, count, 0), d16);
  }
  return add_lanes(lanes);
}

static void KERNEL(affine_u8)(size_t n, const uint8_t *x, float factor, float shift, float *out) {
  EACH(i, count, n) store(out + i, load_bytes(x + i, count) * factor + shift, count);
}

static void KERNEL(affine_f32)(size_t n, const float *x, float factor, float shift, float *out) {
  EACH(i, count, n) store(out + i, load(x + i, count, 0) * factor + shift, count);
}

static void KERNEL(affine_rows_u8)(
    size_t rows, size_t columns, const uint8_t *x, const float *factor, const float *shift,
    float *out) {
  for (size_t row = 0; row < rows; row++, x += columns, out += columns) {
    EACH(i, count, columns) {
      f16 scaled = load_bytes(x + i, count) * load(factor + i, count, 0);
      store(out + i, scaled + load(shift + i, count, 0), count);
    }
  }
}

static void KERNEL(affine_rows_f32)(
    size_t rows, size_t columns, const float *x, const float *factor, const float *shift,
    float *out) {
  for (size_t row = 0; row < rows; row++, x += columns, out += columns) {
    EACH(i, count, columns) {
      f16 scaled = load(x + i, count, 0) * load(factor + i, count, 0);
      store(out + i, scaled + load(shift + i, count, 0), count);
    }
  }
}

static void KERNEL(column_sums)(size_t rows, size_t columns, const float *x, float *sums) {
  if (columns == 1) {
    sums[0] += (float)KERNEL(total)(rows, x);
    return;
  }
  EACH(i, count, columns) {
    f16 total = splat(0);
    for (size_t row = 0; row < rows; row++) total += load(x + row * columns + i, count, 0);
    store(sums + i, load(sums + i, count, 0) + total, count);
  }
}
