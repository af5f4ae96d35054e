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
// `scratch` holds cw×ch floats.
void cpx_paste_yuv(const cpx_yuv *dst, const float *crop, const float *mask, int cw, int ch, const float inverse[6],
                   int x0, int y0, int x1, int y1, float *scratch);

// Fills triangles with linearly interpolated vertex attributes; those that run clockwise (y down) lie over the others. `points` are x, y pairs; `attributes` holds `k`
// floats per vertex; `dst` is k planes of w×h, `cover` one plane set to 1 where a triangle lies (may be NULL).
void cpx_raster(const float *points, const int32_t *triangles, int triangle_count, const float *attributes, int k,
                float *dst, float *cover, int w, int h);

// Samples `planes` planes of a float image at the positions (mx, my) per output pixel; bicubic (Catmull-Rom) or
// bilinear; edge pixels repeat.
void cpx_remap(const float *src, int sw, int sh, int planes, const float *mx, const float *my, float *dst, int n,
               bool cubic);

// Gaussian blur of one plane with the exact sampled kernel of radius ⌈3·sigma⌉, normalised; edges repeat.
// dst must not be src; `scratch` holds w + 256 floats.
void cpx_blur(const float *src, float *dst, float *scratch, int w, int h, float sigma);
// Halves one plane with the binomial filter 1 4 6 4 1; the result is ⌈w/2⌉×⌈h/2⌉.
// `scratch` holds w + 4 floats.
void cpx_down2(const float *src, int w, int h, float *dst, float *scratch);
// Resizes one plane bilinearly; pixel 0 stays on pixel 0 (as cpx_down2 leaves it), others map by the ratio of sizes.
// `scratch` holds w + 1 floats.
void cpx_resize(const float *src, int w, int h, float *dst, int dw, int dh, float *scratch);

// The mesh swap's full-size passes. The crop's sides w and h are multiples of four; "quarter" and "half" planes are of
// a quarter and half its sides, lie one after the other, and are enlarged bilinearly as cpx_resize does.

// Interleaves the three planes of n pixels as R, G, B, 0.
void cpx_pack(const float *crop, int n, float *dst);
// Lays a texture of tw×th interleaved pixels (cpx_pack's) over a crop, bicubically. `map` holds k half planes: x, y in
// the texture; with k = 5 also a second place x, y and its share 0…1. Where the half plane `mask` is above zero dst is
// the texture, or with `blend` background + mask·(texture − background); elsewhere it is the background (which may be
// dst itself). `scratch` holds (k + 2)·w floats.
void cpx_lay(const float *texture, int tw, int th, const float *map, int k, const float *mask, bool blend,
             const float *background, float *dst, int w, int h, float *scratch);
// BT.601 luma of three planes of n pixels.
void cpx_luma(const float *crop, int n, float *dst);
// Changes a crop's tone in place: (value + offset)·brightness·(1 + share·tint) − offset, cut to 0…255, where share
// grows from 0 to 1 as the pixel's luma grows from 0.18 to 0.58 of `lit`. `fields` are five quarter planes: brightness,
// lit, tint of R, G, B. `luma` receives the result's luma. `scratch` holds 6·w floats.
void cpx_tone(float *crop, float *luma, int w, int h, const float *fields, float offset, float *scratch);
// Weighted sums over every second row and column of |luma − fine|, |fine − middle|, |middle − broad|, each pixel
// counting by the cell of the quarter plane `weight` in which it lies, if above `least`; `broad` is a quarter plane.
// `scratch` holds 3·w floats.
void cpx_energies(const float *luma, const float *fine, const float *middle, const float *broad, int w, int h,
                  const float *weight, float least, float sums[3], float *scratch);
// Scales a crop's luma bands (luma − fine, fine − middle, middle − broad) by `gains` (a gain below 1 by a tenth only
// where there is no plain `skin`) and adds grain·lending²·x·(1 − (x/most)²)² of x = target − target_fine up to ±most;
// all three channels take the change of luma, on skin as a sum, elsewhere as a factor. Then each channel's (value − luma − low) is scaled by
// `colour`, less so on the lips. `fields` are seven quarter planes: broad, lending, low of R, G, B, lips, skin.
// `scratch` holds 8·w floats.
void cpx_finish(float *crop, const float *luma, const float *fine, const float *middle, const float *target,
                const float *target_fine, int w, int h, const float *fields, const float gains[3], float grain,
                float most, float colour, float *scratch);
// Natural logarithms of max(v, 0) + offset, which must be above zero.
void cpx_log(const float *src, int n, float offset, float *dst);
// Exponentials, of values within ±80.
void cpx_exp(const float *src, int n, float *dst);
