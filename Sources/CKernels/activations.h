// Activations with the bias before them, and their derivatives. Included once for each level.

#define activate KERNEL(activate)
#define slope KERNEL(slope)
#define bias_rows KERNEL(bias_rows)
#define backward KERNEL(backward)

#define GELU_ROOT 0x1.988454p-1f
#define GELU_CUBE 0.044715f

INLINE f16 activate(int activation, f16 z) {
  switch (activation) {
  // NaN stays NaN.
  case GLISSADE_RELU: return choose(z < 0.0f, splat(0), z);
  case GLISSADE_TANH: return hyperbolic_tangent(z);
  case GLISSADE_SIGMOID: return 1.0f / (1.0f + exponential(-z));
  case GLISSADE_GELU: {
    f16 inner = (z * z * z * GELU_CUBE + z) * GELU_ROOT;
    return z * 0.5f * (1.0f + hyperbolic_tangent(inner));
  }
  default: return z;
  }
}

/// The derivative at what was saved: y, but z for gelu.
INLINE f16 slope(int activation, f16 saved) {
  switch (activation) {
  case GLISSADE_RELU: return choose(saved > 0.0f, splat(1), splat(0));
  case GLISSADE_TANH: return 1.0f - saved * saved;
  case GLISSADE_SIGMOID: return saved * (1.0f - saved);
  case GLISSADE_GELU: {
    f16 square = saved * saved;
    f16 t = hyperbolic_tangent((square * saved * GELU_CUBE + saved) * GELU_ROOT);
    f16 inner = (square * (3.0f * GELU_CUBE) + 1.0f) * GELU_ROOT;
    return (1.0f + t) * 0.5f + saved * 0.5f * (1.0f - t * t) * inner;
  }
  default: return splat(1);
  }
}

INLINE void bias_rows(
    int activation, size_t rows, size_t columns, float *z, const float *bias, float *y) {
  if (columns == 1) {
    EACH(i, count, rows) {
      f16 sum = load(z + i, count, 0) + bias[0];
      store(z + i, sum, count);
      store(y + i, activate(activation, sum), count);
    }
    return;
  }
  for (size_t row = 0; row < rows; row++, z += columns, y += columns) {
    EACH(i, count, columns) {
      f16 sum = load(z + i, count, 0) + load(bias + i, count, 0);
      store(z + i, sum, count);
      store(y + i, activate(activation, sum), count);
    }
  }
}

static void KERNEL(bias_activate)(
    int activation, size_t rows, size_t columns, float *z, const float *bias, float *y) {
  switch (activation) {
  case GLISSADE_RELU: bias_rows(GLISSADE_RELU, rows, columns, z, bias, y); return;
  case GLISSADE_TANH: bias_rows(GLISSADE_TANH, rows, columns, z, bias, y); return;
  case GLISSADE_SIGMOID: bias_rows(GLISSADE_SIGMOID, rows, columns, z, bias, y); return;
  case GLISSADE_GELU: bias_rows(GLISSADE_GELU, rows, columns, z, bias, y); return;
  default: bias_rows(GLISSADE_IDENTITY, rows, columns, z, bias, y); return;
  }
}

INLINE void backward(int activation, size_t n, const float *saved, const float *dy, float *out) {
  EACH(i, count, n) {
    store(out + i, load(dy + i, count, 0) * slope(activation, load(saved + i, count, 0)), count);
  }
}

static void KERNEL(activate_backward)(
    int activation, size_t n, const float *saved, const float *dy, float *out) {
  switch (activation) {
  case GLISSADE_RELU: backward(GLISSADE_RELU, n, saved, dy, out); return;
  case GLISSADE_TANH: backward(GLISSADE_TANH, n, saved, dy, out); return;
  case GLISSADE_SIGMOID: backward(GLISSADE_SIGMOID, n, saved, dy, out); return;
  case GLISSADE_GELU: backward(GLISSADE_GELU, n, saved, dy, out); return;
  default: backward(GLISSADE_IDENTITY, n, saved, dy, out); return;
  }
}
