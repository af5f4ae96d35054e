// Shrinking whole frames: exact averages over the covered area, for upright crops much coarser than the frame.
#include "area.h"
#include <stdlib.h>

// The frame columns or rows under one crop pixel: `count` from `first`, the outer two with their covered parts.
typedef struct {
    int first, count;
    float head, tail;   // covered part of the first and the last one
    float inverse;      // 1 / covered length
    float inside;       // how much of the crop pixel lies in the frame, 0…1
} span;

static inline span span_of(float low, float high, int size, bool black) {
    float l = low < 0 ? 0 : low, r = high > (float)size ? (float)size : high;
    span s = {0};
    s.inside = 1;
    if (!(r - l > 1e-4f)) { // outside, or not a number: the nearest edge pixel
        s.first = high >= (float)size ? size - 1 : 0;
        s.count = 1;
        s.head = s.tail = s.inverse = 1;
        if (black) s.inside = 0;
        return s;
    }
    s.first = (int)l;
    if (s.first > size - 1) s.first = size - 1;
    int last = (int)ceilf(r) - 1;
    if (last > size - 1) last = size - 1;
    if (last < s.first) last = s.first;
    s.count = last - s.first + 1;
    s.head = s.count == 1 ? r - l : (float)(s.first + 1) - l;
    s.tail = s.count == 1 ? s.head : r - (float)last;
    s.inverse = 1 / (r - l);
    if (black) s.inside = (r - l) / (high - low);
    return s;
}

// One plane or interleaved picture; `out` are the first `used` of `channels` channels.
static inline __attribute__((always_inline)) bool shrink(const uint8_t *src, long stride, int w, int h, int channels,
                                                         int used, bool wide, float a, float tx, float d, float ty,
                                                         float *const out[3], int dw, int dh, bool black) {
    float *row = malloc(sizeof(float) * (size_t)w * (size_t)channels);
    span *columns = malloc(sizeof(span) * (size_t)dw);
    if (!row || !columns) {
        free(row);
        free(columns);
        return false;
    }
    int from = w, to = 0;
    for (int i = 0; i < dw; i++) {
        span s = span_of(a * ((float)i - 0.5f) + tx + 0.5f, a * ((float)i + 0.5f) + tx + 0.5f, w, black);
        columns[i] = s;
        if (s.first < from) from = s.first;
        if (s.first + s.count > to) to = s.first + s.count;
    }
    for (int j = 0; j < dh; j++) {
        span s = span_of(d * ((float)j - 0.5f) + ty + 0.5f, d * ((float)j + 0.5f) + ty + 0.5f, h, black);
        if (s.inside == 0) {
            for (int c = 0; c < used; c++)
                for (int i = 0; i < dw; i++) out[c][j * dw + i] = 0;
            continue;
        }
        for (int k = 0; k < s.count; k++) {
            float weight = (k == 0 ? s.head : k == s.count - 1 ? s.tail : 1) * s.inverse;
            const uint8_t *line = src + (long)(s.first + k) * stride;
            int begin = from * channels, end = to * channels;
            if (wide) {
                const uint16_t *p = (const uint16_t *)line;
                if (k == 0)
                    for (int x = begin; x < end; x++) row[x] = (float)p[x] * weight;
                else
                    for (int x = begin; x < end; x++) row[x] += (float)p[x] * weight;
            } else {
                if (k == 0)
                    for (int x = begin; x < end; x++) row[x] = (float)line[x] * weight;
                else
                    for (int x = begin; x < end; x++) row[x] += (float)line[x] * weight;
            }
        }
        for (int i = 0; i < dw; i++) {
            span t = columns[i];
            const float *p = row + (long)t.first * channels;
            for (int c = 0; c < used; c++) {
                float sum = p[c] * t.head;
                for (int k = 1; k < t.count - 1; k++) sum += p[k * channels + c];
                if (t.count > 1) sum += p[(t.count - 1) * channels + c] * t.tail;
                out[c][j * dw + i] = sum * t.inverse * (used == 1 ? 1 : t.inside * s.inside);
            }
        }
    }
    free(row);
    free(columns);
    return true;
}

CPX_CLONES bool cpx_area_rgb8(const uint8_t *src, int w, int h, int channels, const float m[6], float *dst, int dw,
                              int dh, bool black) {
    float *const out[3] = {dst, dst + dw * dh, dst + 2 * dw * dh};
    long stride = (long)w * channels;
    return channels == 3 ? shrink(src, stride, w, h, 3, 3, false, m[0], m[2], m[4], m[5], out, dw, dh, black)
                         : shrink(src, stride, w, h, 4, 3, false, m[0], m[2], m[4], m[5], out, dw, dh, black);
}

static inline float bounded(float v) { return v < 0 ? 0 : v > 255 ? 255 : v; }

// The three planes of codes, one after another in `dst`.
static inline __attribute__((always_inline)) bool shrink_planes(const cpx_yuv *f, const float m[6], bool wide,
                                                                float *dst, int dw, int dh) {
    int cw = cpx_chroma_size(f->width, f->shift_x), ch = cpx_chroma_size(f->height, f->shift_y);
    float qx = 1.0f / (float)(1 << f->shift_x), qy = 1.0f / (float)(1 << f->shift_y);
    float cx = (m[2] - cpx_chroma_offset(f->shift_x, f->sited_left)) * qx;
    float cy = (m[5] - cpx_chroma_offset(f->shift_y, false)) * qy;
    float a = m[0] * qx, d = m[4] * qy;
    long ys = f->y_stride, cs = f->uv_stride;
    float *const y[3] = {dst}, *const u[3] = {dst + dw * dh}, *const v[3] = {dst + 2 * dw * dh};
    return shrink(f->y, ys, f->width, f->height, 1, 1, wide, m[0], m[2], m[4], m[5], y, dw, dh, false) &&
           shrink(f->u, cs, cw, ch, 1, 1, wide, a, cx, d, cy, u, dw, dh, false) &&
           shrink(f->v, cs, cw, ch, 1, 1, wide, a, cx, d, cy, v, dw, dh, false);
}

CPX_CLONES bool cpx_area_yuv(const cpx_yuv *f, const float m[6], float *dst, int dw, int dh, bool black) {
    cpx_codes k = cpx_codes_of(f);
    // Luma codes go to the red plane and chroma codes to the others, then all three are converted in place.
    float *r = dst, *g = dst + dw * dh, *b = dst + 2 * dw * dh;
    bool done = f->depth > 8 ? shrink_planes(f, m, true, r, dw, dh) : shrink_planes(f, m, false, r, dw, dh);
    if (!done) return false;
    for (int j = 0; j < dh; j++) {
        float top = m[4] * ((float)j - 0.5f) + m[5] + 0.5f;
        float row = black ? span_of(top, top + m[4], f->height, true).inside : 1;
        for (int i = 0; i < dw; i++) {
            float left = m[0] * ((float)i - 0.5f) + m[2] + 0.5f;
            float part = black ? row * span_of(left, left + m[0], f->width, true).inside : 1;
            int p = j * dw + i;
            float l = (r[p] - k.y_zero) * k.y_scale;
            float cb = (g[p] - k.c_zero) * k.c_scale, cr = (b[p] - k.c_zero) * k.c_scale;
            r[p] = bounded(l + k.r_cr * cr) * part;
            g[p] = bounded(l - k.g_cb * cb - k.g_cr * cr) * part;
            b[p] = bounded(l + k.b_cb * cb) * part;
        }
    }
    return true;
}
