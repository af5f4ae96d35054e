// Blurs and changes of size of single planes.
#include "common.h"
#include <string.h>

enum { max_radius = 128 };

CPX_CLONES void cpx_blur(const float *src, float *dst, float *scratch, int w, int h, float sigma) {
    int radius = (int)ceilf(3 * sigma);
    if (radius < 1 || sigma <= 0) {
        if (dst != src) memcpy(dst, src, sizeof(float) * (size_t)w * (size_t)h);
        return;
    }
    if (radius > max_radius) radius = max_radius;
    float k[max_radius + 1], sum = 0;
    for (int i = 0; i <= radius; i++) {
        k[i] = expf(-0.5f * (float)(i * i) / (sigma * sigma));
        sum += i ? 2 * k[i] : k[i];
    }
    for (int i = 0; i <= radius; i++) k[i] /= sum;
    // Columns first: whole rows are added, which vectorises.
    for (int y = 0; y < h; y++) {
        float *out = scratch + (long)y * w;
        const float *mid = src + (long)y * w;
        for (int x = 0; x < w; x++) out[x] = k[0] * mid[x];
        for (int i = 1; i <= radius; i++) {
            const float *up = src + (long)(y - i < 0 ? 0 : y - i) * w;
            const float *down = src + (long)(y + i >= h ? h - 1 : y + i) * w;
            float ki = k[i];
            for (int x = 0; x < w; x++) out[x] += ki * (up[x] + down[x]);
        }
    }
    // Then rows: the inside without edges, the rims one by one.
    for (int y = 0; y < h; y++) {
        const float *in = scratch + (long)y * w;
        float *out = dst + (long)y * w;
        int left = radius < w ? radius : w, right = w - radius > left ? w - radius : left;
        for (int x = left; x < right; x++) out[x] = k[0] * in[x];
        for (int i = 1; i <= radius; i++) {
            float ki = k[i];
            for (int x = left; x < right; x++) out[x] += ki * (in[x - i] + in[x + i]);
        }
        for (int x = 0; x < w; x++) {
            if (x == left) x = right;
            if (x >= w) break;
            float s = k[0] * in[x];
            for (int i = 1; i <= radius; i++) {
                int a = x - i < 0 ? 0 : x - i, b = x + i >= w ? w - 1 : x + i;
                s += k[i] * (in[a] + in[b]);
            }
            out[x] = s;
        }
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
