// What the kernels share: function versions per processor, and the codes of a YUV frame.
#pragma once
#include "include/cpixels.h"
#include <math.h>
#include <stddef.h>

#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__)
#define CPX_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CPX_CLONES
#endif

// Factors between sample codes and R'G'B' of 0…255 (ITU-T H.273, section 8.3).
typedef struct {
    float y_zero, y_scale, c_zero, c_scale; // code → 0…255 luma, -127.5…127.5 chroma
    float r_cr, g_cb, g_cr, b_cb;           // chroma → R'G'B'
    float max_code;
} cpx_codes;

static inline cpx_codes cpx_codes_of(const cpx_yuv *f) {
    cpx_codes k;
    float one = (float)(1 << (f->depth - 8)), kg = 1 - f->kr - f->kb;
    k.max_code = (float)((1 << f->depth) - 1);
    k.y_zero = f->full_range ? 0 : 16 * one;
    k.y_scale = f->full_range ? 255 / k.max_code : 255 / (219 * one);
    k.c_zero = 128 * one;
    k.c_scale = f->full_range ? 255 / k.max_code : 255 / (224 * one);
    k.r_cr = 2 * (1 - f->kr);
    k.b_cb = 2 * (1 - f->kb);
    k.g_cb = k.b_cb * f->kb / kg;
    k.g_cr = k.r_cr * f->kr / kg;
    return k;
}

static inline int cpx_chroma_size(int size, int shift) { return (size + (1 << shift) - 1) >> shift; }
// Luma position of the first chroma sample.
static inline float cpx_chroma_offset(int shift, bool sited_left) {
    return sited_left ? 0 : ((float)(1 << shift) - 1) / 2;
}
