// Eight lanes of 64 bits. A step of a lane, a ← rotate(a ^ word) · odd, is a bijection of the word and of the lane, and so
// is each step that folds a lane into the sum: a change within one word cannot get lost. Without the rotation the
// highest bit of a word would stay the highest, and two of them in one lane would cancel.
//
// Plain words on purpose: baseline processors cannot multiply vectors of 64-bit numbers, and eight independent chains
// keep the one multiplier busy.

#include "CSpill.h"

#include <string.h>

static inline uint64_t rotate(uint64_t x, int bits) { return x << bits | x >> (64 - bits); }

static const uint64_t lane_factor = 0x9E3779B97F4A7C15u;
static const uint64_t fold_factor = 0xC2B2AE3D27D4EB4Fu;

struct lanes {
  uint64_t lane[8];
};

/// One block of 64 bytes, copied where there is a place for it.
static inline __attribute__((always_inline)) void
step(struct lanes *lanes, uint8_t *restrict to, const uint8_t *restrict from) {
#pragma clang loop unroll(full)
  for (int i = 0; i < 8; i++) {
    uint64_t word;
    memcpy(&word, from + 8 * i, 8);
    if (to) memcpy(to + 8 * i, &word, 8);
    lanes->lane[i] = rotate(lanes->lane[i] ^ word, 27) * lane_factor;
  }
}

static inline __attribute__((always_inline)) uint64_t
sum(uint8_t *restrict to, const uint8_t *restrict from, size_t count, uint64_t seed) {
  struct lanes lanes;
  for (int i = 0; i < 8; i++) lanes.lane[i] = seed + (uint64_t)(i + 1) * fold_factor;
  size_t done = 0;
  for (; done + 64 <= count; done += 64) step(&lanes, to ? to + done : NULL, from + done);
  if (done < count) {
    uint8_t block[64] = {0};
    memcpy(block, from + done, count - done);
    step(&lanes, NULL, block);
    if (to) memcpy(to + done, block, count - done);
  }
  uint64_t result = (seed ^ count) * fold_factor;
  for (int i = 0; i < 8; i++) result = rotate(result ^ lanes.lane[i], 31) * lane_factor;
  result = (result ^ result >> 29) * fold_factor;
  return result ^ result >> 32;
}

uint64_t glissade_spill_checksum(const void *bytes, size_t count, uint64_t seed) {
  return sum(NULL, bytes, count, seed);
}

uint64_t glissade_spill_copy(void *to, const void *from, size_t count, uint64_t seed) {
  return sum(to, from, count, seed);
}
