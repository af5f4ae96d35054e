// The shrinking kernels, for the sampling kernels to call.
#pragma once
#include "common.h"

// Whether a crop is upright and so much coarser than the frame that shrinking is the way to sample it.
static inline bool cpx_is_shrinking(const float m[6]) { return m[1] == 0 && m[3] == 0 && m[0] >= 2 && m[4] >= 2; }

// As cpx_sample_rgb8 and cpx_sample_yuv, each frame pixel read about once. False when memory is short.
bool cpx_area_rgb8(const uint8_t *src, int w, int h, int channels, const float m[6], float *dst, int dw, int dh,
                   bool black);
bool cpx_area_yuv(const cpx_yuv *f, const float m[6], float *dst, int dw, int dh, bool black);
