// Every kernel, compiled once for each level. The includer defines KERNEL(name), TABLE and the sizes of
// the blocks of narrow products, and sets the target.
//
// Vectors of 16 floats are two or four registers where the processor has none so wide: the lanes stay the same.

#include "vectors.h"

#include "elements.h"
#include "activations.h"
#include "losses.h"
#include "narrow.h"
#include "updates.h"

static const struct kernels TABLE = {
    .add = KERNEL(add),
    .scale = KERNEL(scale),
    .axpy = KERNEL(axpy),
    .sum = KERNEL(sum),
    .combine = KERNEL(combine),
    .greatest = KERNEL(greatest),
    .exp = KERNEL(exp),
    .total = KERNEL(total),
    .total_absolute = KERNEL(total_absolute),
    .dot = KERNEL(dot),
    .affine_u8 = KERNEL(affine_u8),
    .affine_f32 = KERNEL(affine_f32),
    .affine_rows_u8 = KERNEL(affine_rows_u8),
    .affine_rows_f32 = KERNEL(affine_rows_f32),
    .column_sums = KERNEL(column_sums),
    .narrow_product = KERNEL(narrow_product),
    .narrow_gradient = KERNEL(narrow_gradient),
    .bias_activate = KERNEL(bias_activate),
    .activate_backward = KERNEL(activate_backward),
    .softmax_cross_entropy = KERNEL(softmax_cross_entropy),
    .softmax = KERNEL(softmax),
    .loss = KERNEL(loss),
    .update = KERNEL(update),
};
