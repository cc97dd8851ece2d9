// Losses with their derivatives, in one pass over the logits. Included once for each level.

#define logarithm KERNEL(logarithm)
#define logarithm_of_one_plus KERNEL(logarithm_of_one_plus)
#define greatest_of_row KERNEL(greatest_of_row)
#define exponentials_of_row KERNEL(exponentials_of_row)
#define element_loss KERNEL(element_loss)
#define sum_loss KERNEL(sum_loss)

/// log x for a finite x ≥ 1, to 2⁻⁵⁰: x = 2^k · m with m in √½..√2, log m = 2 artanh((m - 1) / (m + 1)) by its series.
///
/// The C library's logarithm would give other last bits with another version of it.
INLINE double logarithm(double x) {
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  int k = (int)(bits >> 52) - 1023;
  bits = (bits & 0x000FFFFFFFFFFFFF) | 0x3FF0000000000000;
  double m;
  memcpy(&m, &bits, sizeof m);
  if (m > 0x1.6a09e667f3bcdp0) {
    m *= 0.5;
    k += 1;
  }
  double s = (m - 1) / (m + 1);
  double square = s * s;
  double p = square * (1.0 / 21) + 1.0 / 19;
  p = p * square + 1.0 / 17;
  p = p * square + 1.0 / 15;
  p = p * square + 1.0 / 13;
  p = p * square + 1.0 / 11;
  p = p * square + 1.0 / 9;
  p = p * square + 1.0 / 7;
  p = p * square + 1.0 / 5;
  p = p * square + 1.0 / 3;
  p = p * square + 1.0;
  return k * 0x1.62e42fefa39efp-1 + 2 * s * p;
}

/// log(1 + x) for x in 0...1, to 2⁻³²: x comes from a Float32 exponential, which is no better.
INLINE d16 logarithm_of_one_plus(d16 x) {
  d16 s = x / (x + 2.0);
  d16 square = s * s;
  d16 p = square * (1.0 / 19) + 1.0 / 17;
  p = p * square + 1.0 / 15;
  p = p * square + 1.0 / 13;
  p = p * square + 1.0 / 11;
  p = p * square + 1.0 / 9;
  p = p * square + 1.0 / 7;
  p = p * square + 1.0 / 5;
  p = p * square + 1.0 / 3;
  p = p * square + 1.0;
  return s * p * 2.0;
}

INLINE float greatest_of_row(size_t columns, const float *row) {
  f16 best = splat(-INFINITY);
  EACH(i, count, columns) {
    f16 next = load(row + i, count, -INFINITY);
    best = choose(next > best, next, best);
  }
  return greatest_lane(best);
}

/// out = e^((row - greatest) · factor), and the sum of them. Without `out` the sum alone.
INLINE double exponentials_of_row(
    size_t columns, const float *row, float greatest, float factor, float *out) {
  d16 lanes = {0};
  EACH(i, count, columns) {
    f16 e = exponential((load(row + i, count, -INFINITY) - greatest) * factor);
    lanes += __builtin_convertvector(e, d16);
    if (out) store(out + i, e, count);
  }
  return add_lanes(lanes);
}

static double KERNEL(softmax_cross_entropy)(
    size_t rows, size_t columns, const float *logits, const int32_t *labels, float *residual) {
  double loss = 0, product = 1;
  for (size_t row = 0; row < rows; row++, logits += columns) {
    int known = labels[row] >= 0 && (size_t)labels[row] < columns;
    double wanted = known ? (double)logits[labels[row]] : NAN;
    float greatest;
    double sum;
    f16 few = splat(0);
    if (columns <= 16) {
      // The same arithmetic as below, without a way through memory.
      f16 only = load(logits, columns, -INFINITY);
      greatest = greatest_lane(only);
      few = exponential(only - greatest);
      sum = add_lanes(__builtin_convertvector(few, d16));
    } else {
      greatest = greatest_of_row(columns, logits);
      sum = exponentials_of_row(columns, logits, greatest, 1.0f, residual);
    }
    // One logarithm for sixteen rows: each sum is at least 1 and below 2³¹, so the product cannot overflow.
    product *= sum;
    if (row % 16 == 15 || row + 1 == rows) {
      // A NaN among the logits is one here; it must not pass through the integer tricks of the logarithm.
      loss += product >= 1 ? logarithm(product) : NAN;
      product = 1;
    }
    loss += (double)greatest - wanted;
    if (!residual) continue;
    float inverse = (float)(1 / sum);
    if (columns <= 16) {
      store(residual, few * inverse, columns);
    } else {
      EACH(i, count, columns) store(residual + i, load(residual + i, count, 0) * inverse, count);
    }
    if (known) residual[labels[row]] -= 1.0f;
    residual += columns;
  }
  return loss;
}

static void KERNEL(softmax)(
    size_t rows, size_t columns, const float *logits, float inverse_temperature, float *out) {
  for (size_t row = 0; row < rows; row++, logits += columns, out += columns) {
    float greatest = greatest_of_row(columns, logits);
    double sum = exponentials_of_row(columns, logits, greatest, inverse_temperature, out);
    float inverse = (float)(1 / sum);
    EACH(i, count, columns) store(out + i, load(out + i, count, 0) * inverse, count);
  }
}

/// The losses of 16 elements, and their derivatives by y.
INLINE d16 element_loss(int loss, float delta, f16 y, f16 t, f16 *slope_out) {
  switch (loss) {
  case GLISSADE_LOGISTIC: {
    f16 e = exponential(-__builtin_elementwise_abs(y));
    f16 inverse = 1.0f / (1.0f + e);
    *slope_out = choose(y < 0.0f, e * inverse, inverse) - t;
    d16 wide = __builtin_convertvector(y, d16);
    d16 positive = __builtin_convertvector(choose(y < 0.0f, splat(0), y), d16);
    return positive - wide * __builtin_convertvector(t, d16)
        + logarithm_of_one_plus(__builtin_convertvector(e, d16));
  }
  case GLISSADE_HINGE: {
    f16 sign = t + t - 1.0f;
    f16 lack = 1.0f - sign * y;
    *slope_out = choose(lack <= 0.0f, splat(0), -sign);
    return __builtin_convertvector(choose(lack <= 0.0f, splat(0), lack), d16);
  }
  default: break;
  }
  f16 error = y - t;
  f16 magnitude = __builtin_elementwise_abs(error);
  f16 sign = choose(error > 0.0f, splat(1), choose(error < 0.0f, splat(-1), error));
  d16 wide = __builtin_convertvector(error, d16);
  if (loss == GLISSADE_SQUARED) {
    *slope_out = error;
    return wide * wide * 0.5;
  }
  d16 distance = __builtin_convertvector(magnitude, d16);
  if (loss == GLISSADE_ABSOLUTE) {
    *slope_out = sign;
    return distance;
  }
  *slope_out = choose(magnitude > delta, sign * delta, error);
  // min(|error|, delta) · (|error| - ½ min(|error|, delta)) is both branches of Huber's loss at once.
  d16 inside = __builtin_convertvector(choose(magnitude > delta, splat(delta), magnitude), d16);
  return inside * (distance - inside * 0.5);
}

INLINE double sum_loss(
    int loss, float delta, size_t n, const float *y, const float *t, float *residual) {
  d16 lanes = {0};
  EACH(i, count, n) {
    f16 derivative;
    d16 losses =
        element_loss(loss, delta, load(y + i, count, 0), load(t + i, count, 0), &derivative);
    // What stands behind the end is no loss.
    if (count < 16) {
      double kept[16] = {0};
      memcpy(kept, &losses, count * sizeof(double));
      memcpy(&losses, kept, sizeof kept);
    }
    lanes += losses;
    if (residual) store(residual + i, derivative, count);
  }
  return add_lanes(lanes);
}

static double KERNEL(loss)(
    int loss, float delta, size_t n, const float *y, const float *t, float *residual) {
  switch (loss) {
  case GLISSADE_SQUARED: return sum_loss(GLISSADE_SQUARED, delta, n, y, t, residual);
  case GLISSADE_ABSOLUTE: return sum_loss(GLISSADE_ABSOLUTE, delta, n, y, t, residual);
  case GLISSADE_HUBER: return sum_loss(GLISSADE_HUBER, delta, n, y, t, residual);
  case GLISSADE_LOGISTIC: return sum_loss(GLISSADE_LOGISTIC, delta, n, y, t, residual);
  case GLISSADE_HINGE: return sum_loss(GLISSADE_HINGE, delta, n, y, t, residual);
  default: return NAN;
  }
}
