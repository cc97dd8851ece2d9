#pragma once

#include <stddef.h>
#include <stdint.h>

// The inner loops of spill files. Their results are bytes and sums of bytes, equal on every processor; the baseline
// instructions of x86-64 and ARM carry them at several times the speed of a disk, so there is one version of each.

/// A checksum of bytes that depends on a seed, the order and the count.
///
/// Whatever changes within one aligned word of 8 bytes changes the sum for certain, other changes do but for one in 2⁶⁴.
uint64_t glissade_spill_checksum(const void *bytes, size_t count, uint64_t seed);

/// Copies bytes and gives the checksum of what was copied, in one pass.
uint64_t glissade_spill_copy(void *to, const void *from, size_t count, uint64_t seed);

/// Puts the first bytes of all elements together, then the second ones, …: floats of one size share their last bytes.
///
/// `width` is 4 or 8; `in` and `out` do not overlap.
void glissade_spill_shuffle(size_t width, size_t elements, const uint8_t *in, uint8_t *out);

/// The inverse of `glissade_spill_shuffle`.
void glissade_spill_unshuffle(size_t width, size_t elements, const uint8_t *in, uint8_t *out);

/// How many elements are zero in every bit. `width` is 4 or 8.
size_t glissade_spill_zeros(size_t width, size_t elements, const uint8_t *in);

/// Writes one bit an element, set where the element is not zero (`elements` rounded up to 64, in bits), behind them
/// the elements that are not. Gives the bytes written; `out` has room for all elements and one more.
size_t glissade_spill_pack(size_t width, size_t elements, const uint8_t *in, uint8_t *out);

/// The inverse of `glissade_spill_pack`. Gives 0 where `count` bytes of `in` are not exactly what `elements` elements
/// were packed into, else 1. Reads nothing beyond `count`, writes nothing beyond `elements`.
int glissade_spill_unpack(
    size_t width, size_t elements, const uint8_t *in, size_t count, uint8_t *out);
