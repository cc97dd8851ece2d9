// Bytes of elements, plane by plane, sixteen elements at a time.
//
// A riffle interleaves the first half of a block with the second, as with cards: the place of each byte, as a binary number, is
// rotated by one bit. Sixteen elements of 2ⁿ bytes have places of 4 + n bits, the 4 higher ones for the element: after 4
// riffles those are the lower ones, so that the bytes stand in planes; after n more they are back. The baseline
// instructions of every processor interleave vectors, so this needs no others.

#include "CSpill.h"

#include <string.h>

typedef uint8_t b16 __attribute__((vector_size(16)));

#define INLINE static inline __attribute__((always_inline))

INLINE void riffle(size_t vectors, b16 *block) {
  b16 result[8];
  for (size_t i = 0; i < vectors / 2; i++) {
    b16 a = block[i], b = block[i + vectors / 2];
    result[2 * i] = __builtin_shufflevector(
        a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    result[2 * i + 1] = __builtin_shufflevector(
        a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
  }
  for (size_t i = 0; i < vectors; i++) block[i] = result[i];
}

/// Sixteen elements of `width` bytes into planes that are `plane` bytes apart.
INLINE void split(size_t width, const uint8_t *in, uint8_t *out, size_t plane) {
  b16 block[8];
  for (size_t i = 0; i < width; i++) memcpy(&block[i], in + 16 * i, 16);
  for (int round = 0; round < 4; round++) riffle(width, block);
  for (size_t i = 0; i < width; i++) memcpy(out + plane * i, &block[i], 16);
}

INLINE void join(size_t width, const uint8_t *in, uint8_t *out, size_t plane) {
  b16 block[8];
  for (size_t i = 0; i < width; i++) memcpy(&block[i], in + plane * i, 16);
  for (size_t reach = 1; reach < width; reach *= 2) riffle(width, block);
  for (size_t i = 0; i < width; i++) memcpy(out + 16 * i, &block[i], 16);
}

INLINE void shuffle(size_t width, size_t elements, const uint8_t *in, uint8_t *out) {
  size_t i = 0;
  for (; i + 16 <= elements; i += 16) split(width, in + i * width, out + i, elements);
  for (; i < elements; i++)
    for (size_t byte = 0; byte < width; byte++) out[byte * elements + i] = in[i * width + byte];
}

INLINE void unshuffle(size_t width, size_t elements, const uint8_t *in, uint8_t *out) {
  size_t i = 0;
  for (; i + 16 <= elements; i += 16) join(width, in + i, out + i * width, elements);
  for (; i < elements; i++)
    for (size_t byte = 0; byte < width; byte++) out[i * width + byte] = in[byte * elements + i];
}

void glissade_spill_shuffle(size_t width, size_t elements, const uint8_t *in, uint8_t *out) {
  if (width == 4) shuffle(4, elements, in, out); else shuffle(8, elements, in, out);
}

void glissade_spill_unshuffle(size_t width, size_t elements, const uint8_t *in, uint8_t *out) {
  if (width == 4) unshuffle(4, elements, in, out); else unshuffle(8, elements, in, out);
}
