// One table of kernels a level, and the choice between them.
//
// `target_clones` would do the same by itself, but a program with it crashes at start under ThreadSanitizer, and it
// cannot be pinned for tests.

#include "CKernels.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

// Each product is rounded on its own, so that all levels give the same bits.
#pragma clang fp contract(off)
// Wide vectors pass only between functions that are inlined: no call has an ABI that a level could change.
#pragma clang diagnostic ignored "-Wpsabi"

typedef float f16 __attribute__((vector_size(64)));
typedef float f16_unaligned __attribute__((vector_size(64), aligned(4), may_alias));
typedef int32_t i16 __attribute__((vector_size(64)));
typedef uint8_t b16 __attribute__((vector_size(16)));
typedef double d16 __attribute__((vector_size(128)));
typedef double d8 __attribute__((vector_size(64)));
typedef double d4 __attribute__((vector_size(32)));
typedef double d2 __attribute__((vector_size(16)));

struct kernels {
  void (*add)(size_t, const float *, const float *, float *);
  void (*scale)(size_t, float, const float *, float *);
  void (*axpy)(size_t, float, const float *, float *);
  void (*sum)(size_t, size_t, const float *const *, float *);
  void (*combine)(size_t, size_t, const float *const *, const float *, float *);
  void (*greatest)(size_t, size_t, const float *const *, float *);
  void (*exp)(size_t, const float *, float *);
  double (*total)(size_t, const float *);
  double (*total_absolute)(size_t, const float *);
  double (*dot)(size_t, const float *, const float *);
  void (*affine_u8)(size_t, const uint8_t *, float, float, float *);
  void (*affine_f32)(size_t, const float *, float, float, float *);
  void (*affine_rows_u8)(
      size_t, size_t, const uint8_t *, const float *, const float *, float *);
  void (*affine_rows_f32)(size_t, size_t, const float *, const float *, const float *, float *);
  void (*column_sums)(size_t, size_t, const float *, float *);
  void (*narrow_product)(size_t, size_t, size_t, const float *, const float *, float *);
  void (*narrow_gradient)(size_t, size_t, size_t, const float *, const float *, float *);
  void (*bias_activate)(int, size_t, size_t, float *, const float *, float *);
  void (*activate_backward)(int, size_t, const float *, const float *, float *);
  double (*softmax_cross_entropy)(size_t, size_t, const float *, const int32_t *, float *);
  void (*softmax)(size_t, size_t, const float *, float, float *);
  double (*loss)(int, float, size_t, const float *, const float *, float *);
  void (*update)(
      const struct glissade_update *, size_t, const float *, const float *, const float *,
      const float *, float *, float *, float *);
};

#define KERNEL(name) name##_baseline
#define TABLE table_baseline
#define NARROW_ROWS 2
#define NARROW_BLOCK 1
#include "level.h"
#include "forget.h"

#if defined(__x86_64__)

#pragma clang attribute push(__attribute__((target("arch=x86-64-v3"))), apply_to = function)
#define KERNEL(name) name##_v3
#define TABLE table_v3
#define NARROW_ROWS 2
#define NARROW_BLOCK 2
#include "level.h"
#include "forget.h"
#pragma clang attribute pop

// Without min_vector_width the compiler halves the 512-bit vectors of this level.
#pragma clang attribute push( \
    __attribute__((target("arch=x86-64-v4"), min_vector_width(512))), apply_to = function)
#define KERNEL(name) name##_v4
#define TABLE table_v4
#define NARROW_ROWS 4
#define NARROW_BLOCK 4
#include "level.h"
#include "forget.h"
#pragma clang attribute pop

#endif

static const struct kernels *table_of_level(int level) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (level == GLISSADE_LEVEL_V4 && __builtin_cpu_supports("x86-64-v4")) return &table_v4;
  if (level == GLISSADE_LEVEL_V3 && __builtin_cpu_supports("x86-64-v3")) return &table_v3;
#endif
  return level == GLISSADE_LEVEL_BASELINE ? &table_baseline : NULL;
}

// The choice: made at the first call, again by whoever pins. All threads make the same one.
static _Atomic(const struct kernels *) chosen = NULL;

int glissade_kernels_highest(void) {
  if (table_of_level(GLISSADE_LEVEL_V4)) return GLISSADE_LEVEL_V4;
  return table_of_level(GLISSADE_LEVEL_V3) ? GLISSADE_LEVEL_V3 : GLISSADE_LEVEL_BASELINE;
}

static const struct kernels *choose_highest(void) {
  const struct kernels *table = table_of_level(glissade_kernels_highest());
  atomic_store_explicit(&chosen, table, memory_order_relaxed);
  return table;
}

static inline const struct kernels *current(void) {
  const struct kernels *table = atomic_load_explicit(&chosen, memory_order_relaxed);
  return table ? table : choose_highest();
}

int glissade_kernels_level(void) {
  const struct kernels *table = current();
  if (table == table_of_level(GLISSADE_LEVEL_V4)) return GLISSADE_LEVEL_V4;
  if (table == table_of_level(GLISSADE_LEVEL_V3)) return GLISSADE_LEVEL_V3;
  return GLISSADE_LEVEL_BASELINE;
}

int glissade_kernels_pin(int level) {
  if (level == 0) return choose_highest(), 0;
  const struct kernels *table = table_of_level(level);
  if (!table) return -1;
  atomic_store_explicit(&chosen, table, memory_order_relaxed);
  return 0;
}

#include "dispatch.h"
