// Kernels of the pixel hot path: sampling, pasting, warping, blurring. Owned by the Swift module Pixels.
//
// All float images are planar and tightly packed, values 0…255. Affine maps are six floats (a, b, tx, c, d, ty):
// (x, y) → (a·x + b·y + tx, c·x + d·y + ty), pixel centres at whole numbers.
#pragma once
#include <stdint.h>
#include <stdbool.h>

// How planes of a YUV frame relate to R'G'B'. Sample codes are 8 bit, or 16 bit little endian with `depth` used bits.
typedef struct {
    uint8_t *y, *u, *v;
    int width, height;
    int y_stride, uv_stride; // bytes
    int depth;               // 8…16
    int shift_x, shift_y;    // chroma subsampling as powers of two
    bool sited_left;         // chroma columns lie on even luma columns instead of between them
    bool full_range;
    float kr, kb; // luma weights of red and blue
} cpx_yuv;

// Samples a crop of dw×dh from an interleaved 8-bit picture; averages over n×n positions where the crop is coarser.
void cpx_sample_rgb8(const uint8_t *src, int w, int h, int channels, const float map[6], float *dst, int dw, int dh,
                     bool black_outside);
// The same from the planes of a video frame, converted to R'G'B'.
void cpx_sample_yuv(const cpx_yuv *src, const float map[6], float *dst, int dw, int dh, bool black_outside);

// Blends a crop into an interleaved 8-bit picture: out = frame + mask·(crop − frame), `inverse` leads frame → crop.
void cpx_paste_rgb8(uint8_t *dst, int w, int h, int channels, const float *crop, const float *mask, int cw, int ch,
                    const float inverse[6], int x0, int y0, int x1, int y1);
// The same into the planes of a video frame; luma and chroma are each blended at their own positions.
void cpx_paste_yuv(const cpx_yuv *dst, const float *crop, const float *mask, int cw, int ch, const float inverse[6],
                   int x0, int y0, int x1, int y1);

// Fills triangles with linearly interpolated vertex attributes. `points` are x, y pairs; `attributes` holds `k`
// floats per vertex; `dst` is k planes of w×h, `cover` one plane set to 1 where a triangle lies (may be NULL).
void cpx_raster(const float *points, const int32_t *triangles, int triangle_count, const float *attributes, int k,
                float *dst, float *cover, int w, int h);

// Samples `planes` planes of a float image at the positions (mx, my) per output pixel; bicubic (Catmull-Rom) or
// bilinear; edge pixels repeat. Where `where` (may be NULL) is not above zero, dst is left as it is.
void cpx_remap(const float *src, int sw, int sh, int planes, const float *mx, const float *my, const float *where,
               float *dst, int n, bool cubic);

// Gaussian blur of one plane with the exact sampled kernel of radius ⌈3·sigma⌉, normalised; edges repeat.
// `scratch` holds w×h floats.
void cpx_blur(const float *src, float *dst, float *scratch, int w, int h, float sigma);
// Halves one plane with the binomial filter 1 4 6 4 1; the result is ⌈w/2⌉×⌈h/2⌉.
// `scratch` holds w + 4 floats.
void cpx_down2(const float *src, int w, int h, float *dst, float *scratch);
// Resizes one plane bilinearly; pixel 0 stays on pixel 0 (as cpx_down2 leaves it), others map by the ratio of sizes.
// `scratch` holds w + 1 floats.
void cpx_resize(const float *src, int w, int h, float *dst, int dw, int dh, float *scratch);
