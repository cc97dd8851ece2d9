// OpenBLAS, loaded when it is first needed.
//
// OpenBLAS chooses its kernels when it is loaded. A version that does not know a processor's model takes its oldest ones
// (0.3.21 takes those of 2004 on an Emerald Rapids and multiplies at a fifth of the speed), and two machines with the same
// instructions can get different kernels and so different bits. The choice can only be made from outside, before the
// library is loaded; so it is not linked but opened here, after the core has been chosen by the instructions that the
// processor has. Starting the process anew with another environment would do the same, but not for programs that use us
// as a library.
#define _GNU_SOURCE
#include "include/CKernels.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { row_major = 101, no_transpose = 111, transpose = 112 };

typedef void sgemm_function(int, int, int, int, int, int, float, const float *, int, const float *,
                            int, float, float *, int);
typedef void sgemv_function(int, int, int, int, float, const float *, int, const float *, int,
                            float, float *, int);

static sgemm_function *sgemm;
static sgemv_function *sgemv;
static const char *configuration = "";
static const char *core = "";
static char failure[256];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static const char *core_for_instructions(void) {
  __builtin_cpu_init();
  if (__builtin_cpu_supports("x86-64-v4")) return "SkylakeX";
  if (__builtin_cpu_supports("x86-64-v3")) return "Haswell";
  return NULL;
}

static void load(void) {
  const char *chosen = core_for_instructions();
  // What the user has set stays.
  if (chosen) setenv("OPENBLAS_CORETYPE", chosen, 0);
  // One task, one thread: no pool of OpenBLAS's own is even started.
  setenv("OPENBLAS_NUM_THREADS", "1", 1);
  void *library = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
  if (!library) library = dlopen("libopenblas.so", RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    snprintf(failure, sizeof failure, "OpenBLAS cannot be loaded: %s", dlerror());
    return;
  }
  sgemm = (sgemm_function *)dlsym(library, "cblas_sgemm");
  sgemv = (sgemv_function *)dlsym(library, "cblas_sgemv");
  char *(*get_config)(void) = (char *(*)(void))dlsym(library, "openblas_get_config");
  char *(*get_core)(void) = (char *(*)(void))dlsym(library, "openblas_get_corename");
  void (*set_threads)(int) = (void (*)(int))dlsym(library, "openblas_set_num_threads");
  if (!sgemm || !sgemv || !get_config || !get_core || !set_threads) {
    snprintf(failure, sizeof failure, "OpenBLAS lacks a function: it is too old, or another library");
    return;
  }
  set_threads(1);
  configuration = get_config();
  core = get_core();
}

const char *glissade_blas_failure(void) {
  pthread_once(&once, load);
  return failure[0] ? failure : NULL;
}

const char *glissade_blas_configuration(void) {
  pthread_once(&once, load);
  return configuration;
}

const char *glissade_blas_core(void) {
  pthread_once(&once, load);
  return core;
}

void glissade_sgemm(int transpose_a, int transpose_b, int rows, int columns, int inner, float alpha,
                    const float *a, int stride_a, const float *b, int stride_b, float beta,
                    float *c, int stride_c) {
  sgemm(row_major, transpose_a ? transpose : no_transpose, transpose_b ? transpose : no_transpose,
        rows, columns, inner, alpha, a, stride_a, b, stride_b, beta, c, stride_c);
}

void glissade_sgemv(int transpose_a, int rows, int columns, float alpha, const float *a,
                    const float *x, float beta, float *y) {
  sgemv(row_major, transpose_a ? transpose : no_transpose, rows, columns, alpha, a,
        columns > 1 ? columns : 1, x, 1, beta, y, 1);
}
