// What glibc shows only to C code that asks for GNU extensions.
#define _GNU_SOURCE
#include "CSystem.h"

#include <pthread.h>
#include <sched.h>

void glissade_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }

int glissade_processor_count(void) {
  cpu_set_t set;
  return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 0;
}

void glissade_pause(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}
