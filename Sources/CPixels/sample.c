// Sampling crops from pictures and video frames.
#include "area.h"
#include "common.h"
#include "fields.h"

// How many sub-samples a side of a crop pixel needs so that none of the covered frame pixels is skipped by much.
static int supersamples(const float *m) {
    float sx = sqrtf(m[0] * m[0] + m[3] * m[3]), sy = sqrtf(m[1] * m[1] + m[4] * m[4]);
    float s = sx > sy ? sx : sy;
    if (!(s > 1.3f)) return 1;
    return s > 24 ? 24 : (int)ceilf(s);
}

// What is not a number becomes `lo`, so that no index is ever made of it.
static inline float clampf(float v, float lo, float hi) { return v > lo ? (v < hi ? v : hi) : lo; }

CPX_CLONES void cpx_sample_rgb8(const uint8_t *src, int w, int h, int channels, const float m[6], float *dst, int dw,
                                int dh, bool black) {
    if (cpx_is_shrinking(m) && cpx_area_rgb8(src, w, h, channels, m, dst, dw, dh, black)) return;
    int n = supersamples(m);
    float inv = 1.0f / (float)(n * n);
    float *r = dst, *g = dst + dw * dh, *b = dst + 2 * dw * dh;
    long stride = (long)w * channels;
    for (int j = 0; j < dh; j++) {
        for (int i = 0; i < dw; i++) {
            float ar = 0, ag = 0, ab = 0;
            for (int t = 0; t < n * n; t++) {
                float u = (float)i + ((float)(t % n) + 0.5f) / (float)n - 0.5f;
                float v = (float)j + ((float)(t / n) + 0.5f) / (float)n - 0.5f;
                float x = m[0] * u + m[1] * v + m[2], y = m[3] * u + m[4] * v + m[5];
                if (black && (x < -0.5f || y < -0.5f || x > (float)w - 0.5f || y > (float)h - 0.5f)) continue;
                x = clampf(x, 0, (float)(w - 1));
                y = clampf(y, 0, (float)(h - 1));
                int x0 = (int)x, y0 = (int)y;
                int x1 = x0 + 1 < w ? x0 + 1 : x0, y1 = y0 + 1 < h ? y0 + 1 : y0;
                float fx = x - (float)x0, fy = y - (float)y0;
                float w00 = (1 - fx) * (1 - fy), w10 = fx * (1 - fy), w01 = (1 - fx) * fy, w11 = fx * fy;
                const uint8_t *p = src + y0 * stride + (long)x0 * channels;
                const uint8_t *q = src + y0 * stride + (long)x1 * channels;
                const uint8_t *s = src + y1 * stride + (long)x0 * channels;
                const uint8_t *z = src + y1 * stride + (long)x1 * channels;
                ar += p[0] * w00 + q[0] * w10 + s[0] * w01 + z[0] * w11;
                ag += p[1] * w00 + q[1] * w10 + s[1] * w01 + z[1] * w11;
                ab += p[2] * w00 + q[2] * w10 + s[2] * w01 + z[2] * w11;
            }
            int k = j * dw + i;
            r[k] = ar * inv;
            g[k] = ag * inv;
            b[k] = ab * inv;
        }
    }
}

// One bilinear look-up in a plane of 8- or 16-bit samples.
static inline float tap(const uint8_t *p, int stride, int w, int h, bool wide, float x, float y) {
    x = clampf(x, 0, (float)(w - 1));
    y = clampf(y, 0, (float)(h - 1));
    int x0 = (int)x, y0 = (int)y;
    int x1 = x0 + 1 < w ? x0 + 1 : x0, y1 = y0 + 1 < h ? y0 + 1 : y0;
    float fx = x - (float)x0, fy = y - (float)y0;
    const uint8_t *r0 = p + (long)y0 * stride, *r1 = p + (long)y1 * stride;
    float a, b, c, d;
    if (wide) {
        const uint16_t *s0 = (const uint16_t *)r0, *s1 = (const uint16_t *)r1;
        a = s0[x0], b = s0[x1], c = s1[x0], d = s1[x1];
    } else {
        a = r0[x0], b = r0[x1], c = r1[x0], d = r1[x1];
    }
    float top = a + (b - a) * fx, bottom = c + (d - c) * fx;
    return top + (bottom - top) * fy;
}

enum { block = 256 };

// The look-ups at (x + i·dx, y + i·dy) for i < n ≤ block, added to `out`. Where the whole piece lies inside an 8-bit
// plane, positions and blends are computed in vectors and only the bytes are fetched one by one.
CPX_INLINE void add_taps(const uint8_t *p, int stride, int w, int h, bool wide, float x, float y, float dx, float dy,
                         int n, float *out) {
    float xe = x + dx * (float)(n - 1), ye = y + dy * (float)(n - 1);
    const float rim = 0.01f; // more than rounding can move a position
    bool inside = fminf(x, xe) >= rim && fminf(y, ye) >= rim && fmaxf(x, xe) <= (float)(w - 1) - rim &&
                  fmaxf(y, ye) <= (float)(h - 1) - rim;
    if (wide || !inside) {
        for (int i = 0; i < n; i++) out[i] += tap(p, stride, w, h, wide, x + dx * (float)i, y + dy * (float)i);
        return;
    }
    int at[block];
    float fx[block], fy[block];
    uint16_t top[block], bottom[block];
    for (int i = 0; i < n; i++) {
        float px = x + dx * (float)i, py = y + dy * (float)i;
        int x0 = (int)px, y0 = (int)py;
        fx[i] = px - (float)x0;
        fy[i] = py - (float)y0;
        at[i] = y0 * stride + x0;
    }
    for (int i = 0; i < n; i++) {
        memcpy(&top[i], p + at[i], 2);
        memcpy(&bottom[i], p + at[i] + stride, 2);
    }
    for (int i = 0; i < n; i++) {
        float a = (float)(top[i] & 255), b = (float)(top[i] >> 8);
        float c = (float)(bottom[i] & 255), d = (float)(bottom[i] >> 8);
        float t = a + (b - a) * fx[i], u = c + (d - c) * fx[i];
        out[i] += t + (u - t) * fy[i];
    }
}

// Luma of one crop pixel whose surroundings may lie outside the frame, black there; `part` is the share inside.
static float rimmed_luma(const cpx_yuv *f, const float m[6], int n, int i, int j, float *part) {
    float sum = 0;
    int seen = 0;
    for (int t = 0; t < n * n; t++) {
        float u = (float)i + ((float)(t % n) + 0.5f) / (float)n - 0.5f;
        float v = (float)j + ((float)(t / n) + 0.5f) / (float)n - 0.5f;
        float x = m[0] * u + m[1] * v + m[2], y = m[3] * u + m[4] * v + m[5];
        if (x < -0.5f || y < -0.5f || x > (float)f->width - 0.5f || y > (float)f->height - 0.5f) continue;
        seen++;
        sum += tap(f->y, f->y_stride, f->width, f->height, f->depth > 8, x, y);
    }
    *part = (float)seen / (float)(n * n);
    return seen ? sum / (float)seen : 0;
}

CPX_CLONES void cpx_sample_yuv(const cpx_yuv *f, const float m[6], float *dst, int dw, int dh, bool black) {
    if (cpx_is_shrinking(m) && cpx_area_yuv(f, m, dst, dw, dh, black)) return;
    int n = supersamples(m);
    float inv = 1.0f / (float)(n * n);
    cpx_codes k = cpx_codes_of(f);
    bool wide = f->depth > 8;
    int cw = cpx_chroma_size(f->width, f->shift_x), ch = cpx_chroma_size(f->height, f->shift_y);
    float qx = 1.0f / (float)(1 << f->shift_x), qy = 1.0f / (float)(1 << f->shift_y);
    float ox = cpx_chroma_offset(f->shift_x, f->sited_left), oy = cpx_chroma_offset(f->shift_y, false);
    for (int j = 0; j < dh; j++) {
        // Where black may come in, pieces are short, so that few pixels go the slow way.
        int longest = black ? block / 8 : block;
        for (int i0 = 0; i0 < dw; i0 += longest) {
            int count = dw - i0 < longest ? dw - i0 : longest;
            float luma[block] = {0}, cb[block] = {0}, cr[block] = {0}, part[block];
            float x = m[0] * (float)i0 + m[1] * (float)j + m[2], y = m[3] * (float)i0 + m[4] * (float)j + m[5];
            float xe = x + m[0] * (float)count, ye = y + m[3] * (float)count, far = (float)n + 1;
            bool rim = black && (fminf(x, xe) < far || fminf(y, ye) < far || fmaxf(x, xe) > (float)f->width - far ||
                                 fmaxf(y, ye) > (float)f->height - far);
            if (rim) {
                for (int i = 0; i < count; i++) luma[i] = rimmed_luma(f, m, n, i0 + i, j, &part[i]);
            } else {
                for (int t = 0; t < n * n; t++) {
                    float u = ((float)(t % n) + 0.5f) / (float)n - 0.5f, v = ((float)(t / n) + 0.5f) / (float)n - 0.5f;
                    add_taps(f->y, f->y_stride, f->width, f->height, wide, x + m[0] * u + m[1] * v,
                             y + m[3] * u + m[4] * v, m[0], m[3], count, luma);
                }
                for (int i = 0; i < count; i++) luma[i] *= inv;
            }
            // Chroma is coarser: one look-up at the crop pixel's centre is enough.
            add_taps(f->u, f->uv_stride, cw, ch, wide, (x - ox) * qx, (y - oy) * qy, m[0] * qx, m[3] * qy, count, cb);
            add_taps(f->v, f->uv_stride, cw, ch, wide, (x - ox) * qx, (y - oy) * qy, m[0] * qx, m[3] * qy, count, cr);
            float *r = dst + (long)j * dw + i0, *g = r + (long)dw * dh, *b = g + (long)dw * dh;
            for (int i = 0; i < count; i++) {
                float l = (luma[i] - k.y_zero) * k.y_scale;
                float u = (cb[i] - k.c_zero) * k.c_scale, v = (cr[i] - k.c_zero) * k.c_scale;
                r[i] = clampf(l + k.r_cr * v, 0, 255);
                g[i] = clampf(l - k.g_cb * u - k.g_cr * v, 0, 255);
                b[i] = clampf(l + k.b_cb * u, 0, 255);
            }
            if (!rim) continue;
            for (int i = 0; i < count; i++) {
                r[i] *= part[i];
                g[i] *= part[i];
                b[i] *= part[i];
            }
        }
    }
}
