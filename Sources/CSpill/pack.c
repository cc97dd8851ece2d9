// Elements without their zeros: a bit for each, then those that are not zero. Words of 64 bits describe 64 elements.
//
// Whether an element is zero is a coin that no processor can guess, so where many are not, none is branched on: each is
// stored, and the place moves on or does not. Where few are, only those are visited.

#include "CSpill.h"

#include <string.h>

#define INLINE static inline __attribute__((always_inline))

/// Fewer elements than this among 64 are visited one by one.
#define FEW 12

INLINE uint64_t element(size_t width, const uint8_t *from, size_t index) {
  if (width == 4) {
    uint32_t value;
    memcpy(&value, from + 4 * index, 4);
    return value;
  }
  uint64_t value;
  memcpy(&value, from + 8 * index, 8);
  return value;
}

INLINE size_t bitmap_bytes(size_t elements) { return (elements + 63) / 64 * 8; }

INLINE uint64_t bits(size_t width, const uint8_t *in, size_t count) {
  uint64_t word = 0;
  for (size_t i = 0; i < count; i++) word |= (uint64_t)(element(width, in, i) != 0) << i;
  return word;
}

INLINE size_t pack(size_t width, size_t elements, const uint8_t *in, uint8_t *out) {
  uint8_t *bitmap = out;
  uint8_t *next = out + bitmap_bytes(elements);
  for (size_t first = 0; first < elements; first += 64, in += 64 * width, bitmap += 8) {
    size_t count = elements - first < 64 ? elements - first : 64;
    uint64_t word = count == 64 ? bits(width, in, 64) : bits(width, in, count);
    memcpy(bitmap, &word, 8);
    if (__builtin_popcountll(word) < FEW) {
      for (; word; word &= word - 1, next += width)
        memcpy(next, in + (size_t)__builtin_ctzll(word) * width, width);
    } else {
      for (size_t i = 0; i < count; i++) {
        memcpy(next, in + i * width, width);
        next += (word >> i & 1) * width;
      }
    }
  }
  return (size_t)(next - out);
}

INLINE int unpack(size_t width, size_t elements, const uint8_t *in, size_t count, uint8_t *out) {
  size_t head = bitmap_bytes(elements);
  if (count < head) return 0;
  const uint8_t *next = in + head, *end = in + count;
  for (size_t first = 0; first < elements; first += 64, in += 8, out += 64 * width) {
    size_t part = elements - first < 64 ? elements - first : 64;
    uint64_t word;
    memcpy(&word, in, 8);
    if (part < 64 && word >> part) return 0;
    size_t used = (size_t)__builtin_popcountll(word) * width;
    if ((size_t)(end - next) < used) return 0;
    // Without branches an element may be read that is not there: only where there are 64 more to come.
    if (used < FEW * width || (size_t)(end - next) < 65 * width) {
      memset(out, 0, part * width);
      for (; word; word &= word - 1, next += width)
        memcpy(out + (size_t)__builtin_ctzll(word) * width, next, width);
    } else {
      for (size_t i = 0; i < part; i++) {
        uint64_t kept = 0 - (word >> i & 1);
        uint64_t value = element(width, next, 0) & kept;
        memcpy(out + i * width, &value, width);
        next += width & kept;
      }
    }
  }
  return next == end;
}

INLINE size_t zeros(size_t width, size_t elements, const uint8_t *in) {
  size_t count = 0;
  for (size_t i = 0; i < elements; i++) count += element(width, in, i) == 0;
  return count;
}

size_t glissade_spill_pack(size_t width, size_t elements, const uint8_t *in, uint8_t *out) {
  return width == 4 ? pack(4, elements, in, out) : pack(8, elements, in, out);
}

int glissade_spill_unpack(
    size_t width, size_t elements, const uint8_t *in, size_t count, uint8_t *out) {
  return width == 4 ? unpack(4, elements, in, count, out) : unpack(8, elements, in, count, out);
}

size_t glissade_spill_zeros(size_t width, size_t elements, const uint8_t *in) {
  return width == 4 ? zeros(4, elements, in) : zeros(8, elements, in);
}
