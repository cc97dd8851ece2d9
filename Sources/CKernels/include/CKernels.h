/// Arithmetic on raw buffers, for one thread: each function picks its machine code at run time.
///
/// Every result is a fixed function of the arguments and their sizes: sums go through 16 lanes, whatever the width
/// of the registers, and products are never contracted into fused multiply-adds. So all levels give the same bits;
/// the price is a few instructions in loops that wait for memory anyway.
///
/// Buffers must not overlap unless a comment says that they may be the same. Nothing here allocates or fails.
#pragma once

#include <stddef.h>
#include <stdint.h>

/// The sets of machine code, by the x86-64 level that they need. Other processors have the first alone.
enum glissade_level {
  GLISSADE_LEVEL_BASELINE = 1,
  GLISSADE_LEVEL_V3 = 3,
  GLISSADE_LEVEL_V4 = 4,
};

/// The level in use: the highest that this processor has, unless one was pinned.
int glissade_kernels_level(void);

/// The highest level that this processor has, whatever is pinned.
int glissade_kernels_highest(void);

/// Uses one level from now on, in all threads; 0 goes back to the highest. Returns -1, changing nothing, where the
/// processor has not got it.
int glissade_kernels_pin(int level);

// Elements. `y`, `x`, `a`, `b` and `out` may be the same buffer.

/// out = a + b
void glissade_add(size_t n, const float *a, const float *b, float *out);
/// out = alpha · x
void glissade_scale(size_t n, float alpha, const float *x, float *out);
/// y += alpha · x
void glissade_axpy(size_t n, float alpha, const float *x, float *y);
/// out = ((inputs[0] + inputs[1]) + inputs[2]) + …, k of them, at least one; out may be inputs[0].
void glissade_sum(size_t n, size_t k, const float *const *inputs, float *out);
/// out = (weights[0] · inputs[0] + weights[1] · inputs[1]) + …, k of them, at least one; out may be inputs[0].
void glissade_combine(size_t n, size_t k, const float *const *inputs, const float *weights, float *out);
/// out = the greatest of k inputs, element by element; NaN where the first is. out may be inputs[0].
void glissade_greatest(size_t n, size_t k, const float *const *inputs, float *out);
/// out = e^x with an error of at most 2 ulp; infinite above 88.72, gradual underflow to 0 below -87.33.
void glissade_exp(size_t n, const float *x, float *out);

// Sums over a buffer in Float64: element i goes to lane i % 16, the lanes are added in a fixed tree.

double glissade_total(size_t n, const float *x);
double glissade_total_absolute(size_t n, const float *x);
double glissade_dot(size_t n, const float *a, const float *b);

// Rows of `columns` elements, one after another.

/// out = x · factor + shift, with one factor and one shift for all.
void glissade_affine_u8(size_t n, const uint8_t *x, float factor, float shift, float *out);
void glissade_affine_f32(size_t n, const float *x, float factor, float shift, float *out);
/// out = x · factor[column] + shift[column]
void glissade_affine_rows_u8(
    size_t rows, size_t columns, const uint8_t *x, const float *factor, const float *shift, float *out);
void glissade_affine_rows_f32(
    size_t rows, size_t columns, const float *x, const float *factor, const float *shift, float *out);
/// sums[column] += Σ x[row, column], the rows added one after another first; a single column as by glissade_total.
void glissade_column_sums(size_t rows, size_t columns, const float *x, float *sums);

// Products with few outputs: each reads x once where the block of x, or the weights, stay in a cache.

/// y[row, output] = Σ x[row, i] · w[output, i], each sum over 16 lanes.
void glissade_narrow_product(
    size_t rows, size_t inputs, size_t outputs, const float *x, const float *w, float *y);
/// gradient[output, i] += Σ residual[row, output] · x[row, i], the rows added one after another first.
void glissade_narrow_gradient(
    size_t rows, size_t inputs, size_t outputs, const float *x, const float *residual, float *gradient);

enum glissade_activation {
  GLISSADE_IDENTITY = 0,
  GLISSADE_RELU = 1,
  GLISSADE_TANH = 2,
  GLISSADE_SIGMOID = 3,
  /// The tanh form: D. Hendrycks, K. Gimpel, "Gaussian error linear units", 2016.
  GLISSADE_GELU = 4,
};

/// z += bias[column]; y = f(z). y may be z, whose sum is lost then.
void glissade_bias_activate(
    int activation, size_t rows, size_t columns, float *z, const float *bias, float *y);
/// out = dy · f'(z). `saved` is y, but z for the identity and gelu. out may be dy.
void glissade_activate_backward(int activation, size_t n, const float *saved, const float *dy, float *out);

/// The sum over rows of log Σ e^logits - logits[label]; residual = softmax(logits) - onehot(label).
///
/// `residual` may be logits, or null where only the sum is asked. A label outside 0..<columns makes the sum NaN.
double glissade_softmax_cross_entropy(
    size_t rows, size_t columns, const float *logits, const int32_t *labels, float *residual);
/// out = softmax(logits · inverse_temperature) along each row; out may be logits.
void glissade_softmax(
    size_t rows, size_t columns, const float *logits, float inverse_temperature, float *out);

enum glissade_element_loss {
  /// ½ (y - t)²
  GLISSADE_SQUARED = 0,
  /// |y - t|
  GLISSADE_ABSOLUTE = 1,
  /// ½ (y - t)² within delta, delta · (|y - t| - ½ delta) beyond.
  GLISSADE_HUBER = 2,
  /// log(1 + e^y) - t · y, for t in 0...1.
  GLISSADE_LOGISTIC = 3,
  /// max(0, 1 - s · y) with s = 2 t - 1, for t of 0 or 1.
  GLISSADE_HINGE = 4,
};

/// The sum of a loss over n elements, and its derivative by y in `residual`, which may be y, or null.
double glissade_loss(int loss, float delta, size_t n, const float *y, const float *t, float *residual);

enum glissade_rule {
  GLISSADE_SGD = 0,
  GLISSADE_MOMENTUM = 1,
  GLISSADE_NESTEROV = 2,
  GLISSADE_ADAGRAD = 3,
  GLISSADE_RMSPROP = 4,
  GLISSADE_ADAM = 5,
};

/// What an update needs to know besides the buffers. With h = clamp(scale · g, ±clip) + l2 · w and u = shrink · w:
///
///     sgd       w' = u - rate · h
///     momentum  m' = decay1 · m + mix1 · h                                   w' = u - rate · m'
///     nesterov  m' = decay1 · m + mix1 · h                                   w' = u - rate · (h + decay1 · m')
///     adagrad   v' = v + h²                                                  w' = u - rate · h / (√v' + epsilon)
///     rmsprop   v' = decay2 · v + mix2 · h²                                  w' = u - rate · h / (√v' + epsilon)
///     adam      m' = decay1 · m + mix1 · h,  v' = decay2 · v + mix2 · h²     w' = u - rate · m' / (√v' · spread + epsilon)
///
/// and last w' = sign(w') · max(0, |w'| - threshold).
struct glissade_update {
  int rule;
  float scale, clip, l2, shrink, threshold;
  float rate, decay1, mix1, decay2, mix2, spread, epsilon;
};

/// One pass over n parameters. Each new buffer may be the old one of the same name; unused state may be null.
///
/// `first` is m, or v where there is no m; `second` is adam's v.
void glissade_update(
    const struct glissade_update *update, size_t n, const float *parameters, const float *gradient,
    const float *first, const float *second, float *new_parameters, float *new_first, float *new_second);

// OpenBLAS, opened when it is first needed with kernels chosen by the processor's instructions.

/// Why OpenBLAS cannot be used, or NULL. Loads it; to be called before the products.
const char *glissade_blas_failure(void);
/// How OpenBLAS was built.
const char *glissade_blas_configuration(void);
/// The name of the core whose kernels OpenBLAS runs.
const char *glissade_blas_core(void);
/// c = alpha a b + beta c, row-major, with strides in elements between rows as stored.
void glissade_sgemm(int transpose_a, int transpose_b, int rows, int columns, int inner, float alpha,
                    const float *a, int stride_a, const float *b, int stride_b, float beta,
                    float *c, int stride_c);
/// y = alpha a x + beta y for a stored contiguously as [rows, columns].
void glissade_sgemv(int transpose_a, int rows, int columns, float alpha, const float *a,
                    const float *x, float beta, float *y);
