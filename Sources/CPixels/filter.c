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

CPX_CLONES void cpx_down2(const float *src, int w, int h, float *dst) {
    int dw = (w + 1) / 2, dh = (h + 1) / 2;
    static const float k[5] = {1 / 16.0f, 4 / 16.0f, 6 / 16.0f, 4 / 16.0f, 1 / 16.0f};
    for (int y = 0; y < dh; y++) {
        const float *row[5];
        for (int t = 0; t < 5; t++) row[t] = src + (long)clampi(2 * y - 2 + t, h - 1) * w;
        for (int x = 0; x < dw; x++) {
            float s = 0;
            for (int t = 0; t < 5; t++) {
                int c = clampi(2 * x - 2 + t, w - 1);
                s += k[t] * (k[0] * row[0][c] + k[1] * row[1][c] + k[2] * row[2][c] + k[3] * row[3][c] + k[4] * row[4][c]);
            }
            dst[(long)y * dw + x] = s;
        }
    }
}

CPX_CLONES void cpx_resize(const float *src, int w, int h, float *dst, int dw, int dh) {
    float sx = (float)w / (float)dw, sy = (float)h / (float)dh;
    for (int y = 0; y < dh; y++) {
        float v = fminf((float)y * sy, (float)(h - 1));
        int y0 = (int)v, y1 = y0 + 1 < h ? y0 + 1 : y0;
        float fy = v - (float)y0;
        const float *a = src + (long)y0 * w, *b = src + (long)y1 * w;
        for (int x = 0; x < dw; x++) {
            float u = fminf((float)x * sx, (float)(w - 1));
            int x0 = (int)u, x1 = x0 + 1 < w ? x0 + 1 : x0;
            float fx = u - (float)x0;
            float top = a[x0] + (a[x1] - a[x0]) * fx, bottom = b[x0] + (b[x1] - b[x0]) * fx;
            dst[(long)y * dw + x] = top + (bottom - top) * fy;
        }
    }
}
