// Blurs and changes of size of single planes.
#include "common.h"
#include "fields.h"

enum { max_radius = 128, lanes = 16 };

typedef float f16 __attribute__((vector_size(64)));

// out[x] = k[0]·mid[x] + Σ k[i]·(up[i][x] + down[i][x]), sixteen at a time with the sum in registers.
CPX_INLINE void weigh(const float *mid, const float *const *up, const float *const *down, const float *k, int radius,
                      float *out, int w) {
    int x = 0;
    while (x + lanes <= w || (x < w && w >= lanes)) {
        // The last, short piece overlaps the one before.
        if (x + lanes > w) x = w - lanes;
        f16 sum, a, b;
        memcpy(&sum, mid + x, sizeof sum);
        sum *= k[0];
        for (int i = 1; i <= radius; i++) {
            memcpy(&a, up[i] + x, sizeof a);
            memcpy(&b, down[i] + x, sizeof b);
            sum += k[i] * (a + b);
        }
        memcpy(out + x, &sum, sizeof sum);
        x += lanes;
    }
    for (; x < w; x++) {
        float sum = k[0] * mid[x];
        for (int i = 1; i <= radius; i++) sum += k[i] * (up[i][x] + down[i][x]);
        out[x] = sum;
    }
}

CPX_CLONES void cpx_blur(const float *src, float *dst, float *scratch, int w, int h, float sigma) {
    int radius = (int)ceilf(3 * sigma);
    if (radius < 1 || sigma <= 0) {
        memcpy(dst, src, sizeof(float) * (size_t)w * (size_t)h);
        return;
    }
    if (radius > max_radius) radius = max_radius;
    float k[max_radius + 1], sum = 0;
    for (int i = 0; i <= radius; i++) {
        k[i] = expf(-0.5f * (float)(i * i) / (sigma * sigma));
        sum += i ? 2 * k[i] : k[i];
    }
    for (int i = 0; i <= radius; i++) k[i] /= sum;
    const float *before[max_radius + 1], *after[max_radius + 1];
    float *row = scratch + radius;
    for (int y = 0; y < h; y++) {
        // Columns first, into one row with room for its edges; then along the row while it is in the cache.
        for (int i = 1; i <= radius; i++) {
            before[i] = src + (long)(y - i < 0 ? 0 : y - i) * w;
            after[i] = src + (long)(y + i >= h ? h - 1 : y + i) * w;
        }
        weigh(src + (long)y * w, before, after, k, radius, row, w);
        for (int i = 1; i <= radius; i++) {
            row[-i] = row[0];
            row[w - 1 + i] = row[w - 1];
            before[i] = row - i;
            after[i] = row + i;
        }
        weigh(row, before, after, k, radius, dst + (long)y * w, w);
    }
}

static inline int clampi(int v, int hi) { return v < 0 ? 0 : v > hi ? hi : v; }

// The vertical pass works on whole rows and vectorises; the horizontal one then reads a short, hot row.
CPX_CLONES void cpx_down2(const float *src, int w, int h, float *dst, float *scratch) {
    int dw = (w + 1) / 2, dh = (h + 1) / 2;
    const float a = 1 / 16.0f, b = 4 / 16.0f, c = 6 / 16.0f;
    for (int y = 0; y < dh; y++) {
        const float *r0 = src + (long)clampi(2 * y - 2, h - 1) * w, *r1 = src + (long)clampi(2 * y - 1, h - 1) * w;
        const float *r2 = src + (long)clampi(2 * y, h - 1) * w, *r3 = src + (long)clampi(2 * y + 1, h - 1) * w;
        const float *r4 = src + (long)clampi(2 * y + 2, h - 1) * w;
        float *t = scratch + 2;
        for (int x = 0; x < w; x++) t[x] = a * (r0[x] + r4[x]) + b * (r1[x] + r3[x]) + c * r2[x];
        t[-1] = t[-2] = t[0];
        t[w] = t[w + 1] = t[w - 1];
        float *out = dst + (long)y * dw;
        for (int x = 0; x < dw; x++) {
            const float *p = t + 2 * x;
            out[x] = a * (p[-2] + p[2]) + b * (p[-1] + p[1]) + c * p[0];
        }
    }
}

CPX_CLONES void cpx_resize(const float *src, int w, int h, float *dst, int dw, int dh, float *scratch) {
    if ((dw == 2 * w && dh == 2 * h) || (dw == 4 * w && dh == 4 * h)) {
        for (int y = 0; y < dh; y++)
            cpx_enlarged_row(src, w, h, dw / w, y, scratch, dst + (long)y * dw);
        return;
    }
    float sx = (float)w / (float)dw, sy = (float)h / (float)dh;
    for (int y = 0; y < dh; y++) {
        float v = fminf((float)y * sy, (float)(h - 1));
        int y0 = (int)v, y1 = y0 + 1 < h ? y0 + 1 : y0;
        float fy = v - (float)y0;
        const float *a = src + (long)y0 * w, *b = src + (long)y1 * w;
        for (int x = 0; x < w; x++) scratch[x] = a[x] + (b[x] - a[x]) * fy;
        scratch[w] = scratch[w - 1];
        float *out = dst + (long)y * dw;
        float most = (float)(w - 1);
        for (int x = 0; x < dw; x++) {
            float u = (float)x * sx;
            u = u < most ? u : most;
            int x0 = (int)u;
            float fx = u - (float)x0;
            out[x] = scratch[x0] + (scratch[x0 + 1] - scratch[x0]) * fx;
        }
    }
}
