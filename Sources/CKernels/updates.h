// The optimizers, each in one pass over parameters, gradient and state. Included once for each level.

#define clamp KERNEL(clamp)
#define soften KERNEL(soften)
#define apply_rule KERNEL(apply_rule)

/// x within ±bound; NaN stays NaN, so that a broken gradient is seen.
INLINE f16 clamp(f16 x, float bound) {
  x = choose(x > bound, splat(bound), x);
  return choose(x < -bound, splat(-bound), x);
}

/// sign(x) · max(0, |x| - threshold)
INLINE f16 soften(f16 x, float threshold) {
  f16 nearer = choose(x > 0.0f, x - threshold, x + threshold);
  return choose(__builtin_elementwise_abs(x) <= threshold, splat(0), nearer);
}

INLINE void apply_rule(
    int rule, const struct glissade_update *u, size_t n, const float *w, const float *g,
    const float *first, const float *second, float *new_w, float *new_first, float *new_second) {
  const float scale = u->scale, clip = u->clip, l2 = u->l2, shrink = u->shrink;
  const float threshold = u->threshold, rate = u->rate, decay1 = u->decay1, mix1 = u->mix1;
  const float decay2 = u->decay2, mix2 = u->mix2, spread = u->spread, epsilon = u->epsilon;
  EACH(i, count, n) {
    f16 old = load(w + i, count, 0);
    f16 h = clamp(load(g + i, count, 0) * scale, clip) + old * l2;
    f16 step;
    if (rule == GLISSADE_SGD) {
      step = h * rate;
    } else if (rule == GLISSADE_MOMENTUM || rule == GLISSADE_NESTEROV) {
      f16 m = load(first + i, count, 0) * decay1 + h * mix1;
      store(new_first + i, m, count);
      step = (rule == GLISSADE_NESTEROV ? h + m * decay1 : m) * rate;
    } else if (rule == GLISSADE_ADAGRAD || rule == GLISSADE_RMSPROP) {
      f16 v = load(first + i, count, 0);
      v = rule == GLISSADE_ADAGRAD ? v + h * h : v * decay2 + h * h * mix2;
      store(new_first + i, v, count);
      step = h * rate / (__builtin_elementwise_sqrt(v) + epsilon);
    } else {
      f16 m = load(first + i, count, 0) * decay1 + h * mix1;
      f16 v = load(second + i, count, 0) * decay2 + h * h * mix2;
      store(new_first + i, m, count);
      store(new_second + i, v, count);
      step = m * rate / (__builtin_elementwise_sqrt(v) * spread + epsilon);
    }
    store(new_w + i, soften(old * shrink - step, threshold), count);
  }
}

static void KERNEL(update)(
    const struct glissade_update *u, size_t n, const float *w, const float *g, const float *first,
    const float *second, float *new_w, float *new_first, float *new_second) {
#define CASE(rule) \
  case rule: apply_rule(rule, u, n, w, g, first, second, new_w, new_first, new_second); return
  switch (u->rule) {
    CASE(GLISSADE_SGD);
    CASE(GLISSADE_MOMENTUM);
    CASE(GLISSADE_NESTEROV);
    CASE(GLISSADE_ADAGRAD);
    CASE(GLISSADE_RMSPROP);
    CASE(GLISSADE_ADAM);
  }
#undef CASE
}
