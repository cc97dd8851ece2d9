// The public functions: each calls the table in use.

void glissade_add(size_t n, const float *a, const float *b, float *out) {
  current()->add(n, a, b, out);
}

void glissade_scale(size_t n, float alpha, const float *x, float *out) {
  current()->scale(n, alpha, x, out);
}

void glissade_axpy(size_t n, float alpha, const float *x, float *y) {
  current()->axpy(n, alpha, x, y);
}

void glissade_sum(size_t n, size_t k, const float *const *inputs, float *out) {
  current()->sum(n, k, inputs, out);
}

void glissade_combine(
    size_t n, size_t k, const float *const *inputs, const float *weights, float *out) {
  current()->combine(n, k, inputs, weights, out);
}

void glissade_greatest(size_t n, size_t k, const float *const *inputs, float *out) {
  current()->greatest(n, k, inputs, out);
}

void glissade_exp(size_t n, const float *x, float *out) {
  current()->exp(n, x, out);
}

double glissade_total(size_t n, const float *x) {
  return current()->total(n, x);
}

double glissade_total_absolute(size_t n, const float *x) {
  return current()->total_absolute(n, x);
}

double glissade_dot(size_t n, const float *a, const float *b) {
  return current()->dot(n, a, b);
}

void glissade_affine_u8(size_t n, const uint8_t *x, float factor, float shift, float *out) {
  current()->affine_u8(n, x, factor, shift, out);
}

void glissade_affine_f32(size_t n, const float *x, float factor, float shift, float *out) {
  current()->affine_f32(n, x, factor, shift, out);
}

void glissade_affine_rows_u8(
    size_t rows, size_t columns, const uint8_t *x, const float *factor, const float *shift,
    float *out) {
  current()->affine_rows_u8(rows, columns, x, factor, shift, out);
}

void glissade_affine_rows_f32(
    size_t rows, size_t columns, const float *x, const float *factor, const float *shift,
    float *out) {
  current()->affine_rows_f32(rows, columns, x, factor, shift, out);
}

void glissade_column_sums(size_t rows, size_t columns, const float *x, float *sums) {
  current()->column_sums(rows, columns, x, sums);
}

void glissade_narrow_product(
    size_t rows, size_t inputs, size_t outputs, const float *x, const float *w, float *y) {
  current()->narrow_product(rows, inputs, outputs, x, w, y);
}

void glissade_narrow_gradient(
    size_t rows, size_t inputs, size_t outputs, const float *x, const float *residual,
    float *gradient) {
  current()->narrow_gradient(rows, inputs, outputs, x, residual, gradient);
}

void glissade_bias_activate(
    int activation, size_t rows, size_t columns, float *z, const float *bias, float *y) {
  current()->bias_activate(activation, rows, columns, z, bias, y);
}

void glissade_activate_backward(
    int activation, size_t n, const float *saved, const float *dy, float *out) {
  current()->activate_backward(activation, n, saved, dy, out);
}

double glissade_softmax_cross_entropy(
    size_t rows, size_t columns, const float *logits, const int32_t *labels, float *residual) {
  return current()->softmax_cross_entropy(rows, columns, logits, labels, residual);
}

void glissade_softmax(
    size_t rows, size_t columns, const float *logits, float inverse_temperature, float *out) {
  current()->softmax(rows, columns, logits, inverse_temperature, out);
}

double glissade_loss(
    int loss, float delta, size_t n, const float *y, const float *t, float *residual) {
  return current()->loss(loss, delta, n, y, t, residual);
}

void glissade_update(
    const struct glissade_update *update, size_t n, const float *parameters,
    const float *gradient, const float *first, const float *second, float *new_parameters,
    float *new_first, float *new_second) {
  current()->update(
      update, n, parameters, gradient,
      first, second, new_parameters, new_first, new_second);
}
