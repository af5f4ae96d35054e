// Filling triangles with vertex attributes, and looking an image up at mapped positions.
#include "common.h"
#include <string.h>

CPX_CLONES void cpx_raster(const float *points, const int32_t *triangles, int count, const float *attributes, int k,
                           float *dst, float *cover, int w, int h) {
    // Triangles that face away come first, so that those facing the viewer lie over them.
    for (int turn = 0; turn < 2 * count; turn++) {
        int t = turn % count;
        int ia = triangles[3 * t], ib = triangles[3 * t + 1], ic = triangles[3 * t + 2];
        float ax = points[2 * ia], ay = points[2 * ia + 1], bx = points[2 * ib], by = points[2 * ib + 1];
        float cx = points[2 * ic], cy = points[2 * ic + 1];
        float area = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay);
        if (!(fabsf(area) > 1e-6f) || (area > 0) != (turn >= count)) continue;
        float lowest = fminf(ay, fminf(by, cy)), highest = fmaxf(ay, fmaxf(by, cy));
        if (!(lowest <= (float)(h - 1) && highest >= 0)) continue;
        int y0 = lowest < 0 ? 0 : (int)ceilf(lowest), y1 = highest > (float)(h - 1) ? h - 1 : (int)floorf(highest);
        float inv = 1 / area;
        // Barycentric weights change linearly along a row.
        float wbx = (cy - ay) * inv, wby = -(cx - ax) * inv, wcx = -(by - ay) * inv, wcy = (bx - ax) * inv;
        for (int y = y0; y <= y1; y++) {
            // The row's span: where it crosses the three edges.
            float left = INFINITY, right = -INFINITY;
            float ex[3][4] = {{ax, ay, bx, by}, {bx, by, cx, cy}, {cx, cy, ax, ay}};
            for (int e = 0; e < 3; e++) {
                float px = ex[e][0], py = ex[e][1], qx = ex[e][2], qy = ex[e][3], fy = (float)y;
                if ((py < fy && qy < fy) || (py > fy && qy > fy)) continue;
                if (py == qy) {
                    left = fminf(left, fminf(px, qx));
                    right = fmaxf(right, fmaxf(px, qx));
                } else {
                    float x = px + (fy - py) * (qx - px) / (qy - py);
                    left = fminf(left, x);
                    right = fmaxf(right, x);
                }
            }
            if (!(left <= right && left <= (float)w && right >= -1)) continue;
            int x0 = left < 0 ? 0 : (int)ceilf(left - 1e-4f);
            int x1 = right > (float)(w - 1) ? w - 1 : (int)floorf(right + 1e-4f);
            // Along the row each attribute changes by the same step.
            float dx = (float)x0 - ax, dy = (float)y - ay;
            float wb = dx * wbx + dy * wby, wc = dx * wcx + dy * wcy;
            for (int i = 0; i < k; i++) {
                float va = attributes[ia * k + i], db = attributes[ib * k + i] - va, dc = attributes[ic * k + i] - va;
                float start = va + wb * db + wc * dc, step = wbx * db + wcx * dc;
                float *out = dst + ((long)i * h + y) * w + x0;
                for (int x = 0; x <= x1 - x0; x++) out[x] = start + step * (float)x;
            }
            if (cover) {
                for (int x = x0; x <= x1; x++) cover[(long)y * w + x] = 1;
            }
        }
    }
}

static inline int clampi(int v, int hi) { return v < 0 ? 0 : v > hi ? hi : v; }

typedef float f4 __attribute__((vector_size(16)));

static inline f4 load4(const float *p) {
    f4 v;
    memcpy(&v, p, sizeof v);
    return v;
}

// Catmull-Rom weights (Keys 1981, a = -1/2) for a fraction of 0…1.
static inline f4 cubic_weights(float f) {
    f4 w = {f * (-0.5f + f * (1 - 0.5f * f)), 1 + f * f * (-2.5f + 1.5f * f), f * (0.5f + f * (2 - 1.5f * f)),
            f * f * (-0.5f + 0.5f * f)};
    return w;
}

CPX_CLONES void cpx_remap(const float *src, int sw, int sh, int planes, const float *mx, const float *my,
                          float *dst, int n, bool cubic) {
    long size = (long)sw * sh;
    for (int i = 0; i < n; i++) {
        float x = mx[i], y = my[i];
        // What is not a number becomes 0.
        x = x > 0 ? (x < (float)(sw - 1) ? x : (float)(sw - 1)) : 0;
        y = y > 0 ? (y < (float)(sh - 1) ? y : (float)(sh - 1)) : 0;
        int x0 = (int)x, y0 = (int)y;
        float fx = x - (float)x0, fy = y - (float)y0;
        if (!cubic) {
            int r = x0 + 1 < sw ? 1 : 0, d = y0 + 1 < sh ? sw : 0;
            const float *p = src + y0 * sw + x0;
            for (int c = 0; c < planes; c++, p += size) {
                float top = p[0] + (p[r] - p[0]) * fx, bottom = p[d] + (p[d + r] - p[d]) * fx;
                dst[(long)c * n + i] = top + (bottom - top) * fy;
            }
            continue;
        }
        f4 wx = cubic_weights(fx), wy = cubic_weights(fy);
        if (x0 >= 1 && y0 >= 1 && x0 + 2 < sw && y0 + 2 < sh) {
            const float *p = src + (long)(y0 - 1) * sw + x0 - 1;
            for (int c = 0; c < planes; c++, p += size) {
                f4 s = load4(p) * wy[0] + load4(p + sw) * wy[1] + load4(p + 2 * sw) * wy[2] + load4(p + 3 * sw) * wy[3];
                s *= wx;
                dst[(long)c * n + i] = (s[0] + s[1]) + (s[2] + s[3]);
            }
            continue;
        }
        int cx[4], cy[4];
        for (int t = 0; t < 4; t++) {
            cx[t] = clampi(x0 - 1 + t, sw - 1);
            cy[t] = clampi(y0 - 1 + t, sh - 1) * sw;
        }
        const float *p = src;
        for (int c = 0; c < planes; c++, p += size) {
            float sum = 0;
            for (int t = 0; t < 4; t++) {
                const float *q = p + cy[t];
                sum += wy[t] * (wx[0] * q[cx[0]] + wx[1] * q[cx[1]] + wx[2] * q[cx[2]] + wx[3] * q[cx[3]]);
            }
            dst[(long)c * n + i] = sum;
        }
    }
}
