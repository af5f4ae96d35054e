// The full-size passes of the mesh swap: laying the texture, its tone, its contrast. Smooth fields come at a quarter
// (maps at half) of the crop's size and are enlarged row by row.
#include "common.h"
#include "fields.h"

typedef float f16 __attribute__((vector_size(64)));

// Catmull-Rom weights (Keys 1981, a = -1/2) for a fraction of 0…1.
CPX_INLINE void cubic(float f, float w[4]) {
    w[0] = f * (-0.5f + f * (1 - 0.5f * f));
    w[1] = 1 + f * f * (-2.5f + 1.5f * f);
    w[2] = f * (0.5f + f * (2 - 1.5f * f));
    w[3] = f * f * (-0.5f + 0.5f * f);
}

// One bicubic look-up in an image of four floats a pixel: four pixels of a row are one vector.
CPX_INLINE void look_cubic(const float *src, int w, int h, float x, float y, cpx_f4 *out) {
    x = x < 0 ? 0 : x > (float)(w - 1) ? (float)(w - 1) : x;
    y = y < 0 ? 0 : y > (float)(h - 1) ? (float)(h - 1) : y;
    int x0 = (int)x, y0 = (int)y;
    float wx[4], wy[4];
    cubic(x - (float)x0, wx);
    cubic(y - (float)y0, wy);
    cpx_f4 sum = {0, 0, 0, 0};
    if (x0 >= 1 && y0 >= 1 && x0 + 2 < w && y0 + 2 < h) {
        const float *p = src + 4 * ((long)(y0 - 1) * w + x0 - 1);
        f16 a, b, c, d;
        memcpy(&a, p, sizeof a);
        memcpy(&b, p + 4 * (long)w, sizeof b);
        memcpy(&c, p + 8 * (long)w, sizeof c);
        memcpy(&d, p + 12 * (long)w, sizeof d);
        a = (a * wy[0] + b * wy[1]) + (c * wy[2] + d * wy[3]);
        sum = __builtin_shufflevector(a, a, 0, 1, 2, 3) * wx[0] + __builtin_shufflevector(a, a, 4, 5, 6, 7) * wx[1] +
              (__builtin_shufflevector(a, a, 8, 9, 10, 11) * wx[2] +
               __builtin_shufflevector(a, a, 12, 13, 14, 15) * wx[3]);
    } else {
        for (int t = 0; t < 4; t++) {
            int cy = y0 - 1 + t;
            cy = cy < 0 ? 0 : cy > h - 1 ? h - 1 : cy;
            for (int s = 0; s < 4; s++) {
                int cx = x0 - 1 + s;
                cx = cx < 0 ? 0 : cx > w - 1 ? w - 1 : cx;
                cpx_f4 v;
                memcpy(&v, src + 4 * ((long)cy * w + cx), sizeof v);
                sum += v * (wx[s] * wy[t]);
            }
        }
    }
    *out = sum;
}

CPX_CLONES void cpx_pack(const float *crop, int n, float *dst) {
    for (int i = 0; i < n; i++) {
        dst[4 * i] = crop[i];
        dst[4 * i + 1] = crop[n + i];
        dst[4 * i + 2] = crop[2 * n + i];
        dst[4 * i + 3] = 0;
    }
}

CPX_CLONES void cpx_lay(const float *texture, int tw, int th, const float *map, int k, const float *mask, bool blend,
                        const float *background, float *dst, int w, int h, float *scratch) {
    int hw = w / 2, hh = h / 2;
    long count = (long)w * h, half = (long)hw * hh;
    float *row = scratch, *m = row + hw + 1, *f = m + w;
    for (int y = 0; y < h; y++) {
        for (int c = 0; c < 3; c++) {
            long at = c * count + (long)y * w;
            if (dst != background) memcpy(dst + at, background + at, sizeof(float) * (size_t)w);
        }
        cpx_enlarged_row(mask, hw, hh, 2, y, row, m);
        int left = 0, right = w;
        while (left < w && !(m[left] > 0)) left++;
        while (right > left && !(m[right - 1] > 0)) right--;
        if (left == right) continue;
        for (int i = 0; i < k; i++) cpx_enlarged_row(map + i * half, hw, hh, 2, y, row, f + (long)i * w);
        float *out = dst + (long)y * w;
        for (int x = left; x < right; x++) {
            if (!(m[x] > 0)) continue;
            cpx_f4 v;
            look_cubic(texture, tw, th, f[x], f[w + x], &v);
            if (k == 5 && f[4 * w + x] > 0.0005f) {
                cpx_f4 twin;
                look_cubic(texture, tw, th, f[2 * w + x], f[3 * w + x], &twin);
                v += (twin - v) * f[4 * w + x];
            }
            float share = blend ? m[x] : 1;
            out[x] += share * (v[0] - out[x]);
            out[count + x] += share * (v[1] - out[count + x]);
            out[2 * count + x] += share * (v[2] - out[2 * count + x]);
        }
    }
}

CPX_CLONES void cpx_luma(const float *crop, int n, float *dst) {
    for (int i = 0; i < n; i++) dst[i] = 0.299f * crop[i] + 0.587f * crop[n + i] + 0.114f * crop[2 * n + i];
}

CPX_CLONES void cpx_tone(float *crop, float *luma, int w, int h, const float *fields, float offset, float *scratch) {
    int qw = w / 4, qh = h / 4;
    long count = (long)w * h, quarter = (long)qw * qh;
    float *row = scratch, *f = scratch + qw + 1;
    const float *bright = f, *lit = f + w, *tint_r = f + 2 * w, *tint_g = f + 3 * w, *tint_b = f + 4 * w;
    for (int y = 0; y < h; y++) {
        for (int i = 0; i < 5; i++) cpx_enlarged_row(fields + i * quarter, qw, qh, 4, y, row, f + (long)i * w);
        float *r = crop + (long)y * w, *g = r + count, *b = g + count, *out = luma + (long)y * w;
        for (int x = 0; x < w; x++) {
            float l = 0.299f * r[x] + 0.587f * g[x] + 0.114f * b[x];
            float floor_lit = lit[x] < 8 ? 8 : lit[x];
            float share = (l / floor_lit - 0.25f) * 2;
            share = share < 0 ? 0 : share > 1 ? 1 : share;
            float vr = (r[x] + offset) * bright[x] * (1 + share * tint_r[x]) - offset;
            float vg = (g[x] + offset) * bright[x] * (1 + share * tint_g[x]) - offset;
            float vb = (b[x] + offset) * bright[x] * (1 + share * tint_b[x]) - offset;
            r[x] = vr = vr < 0 ? 0 : vr > 255 ? 255 : vr;
            g[x] = vg = vg < 0 ? 0 : vg > 255 ? 255 : vg;
            b[x] = vb = vb < 0 ? 0 : vb > 255 ? 255 : vb;
            out[x] = 0.299f * vr + 0.587f * vg + 0.114f * vb;
        }
    }
}

CPX_CLONES void cpx_energies(const float *luma, const float *fine, const float *middle, const float *broad, int w,
                             int h, const float *weight, float least, float sums[3], float *scratch) {
    int qw = w / 4, qh = h / 4;
    float *row = scratch, *low = scratch + qw + 1, *counted = low + w;
    double all[3] = {0, 0, 0};
    for (int y = 0; y < h; y += 2) {
        const float *cells = weight + (long)(y / 4) * qw;
        bool any = false;
        for (int x = 0; x < qw; x++) any |= cells[x] > least;
        if (!any) continue;
        cpx_enlarged_row(broad, qw, qh, 4, y, row, low);
        for (int x = 0; x < qw; x++) {
            float c = cells[x] > least ? cells[x] : 0;
            counted[4 * x] = counted[4 * x + 2] = c;
            counted[4 * x + 1] = counted[4 * x + 3] = 0;
        }
        const float *l = luma + (long)y * w, *f = fine + (long)y * w, *m = middle + (long)y * w;
        f16 a = {0}, b = {0}, c = {0};
        for (int x = 0; x + 16 <= w; x += 16) {
            f16 vl, vf, vm, vb, vw;
            memcpy(&vl, l + x, sizeof vl);
            memcpy(&vf, f + x, sizeof vf);
            memcpy(&vm, m + x, sizeof vm);
            memcpy(&vb, low + x, sizeof vb);
            memcpy(&vw, counted + x, sizeof vw);
            a += vw * __builtin_elementwise_abs(vl - vf);
            b += vw * __builtin_elementwise_abs(vf - vm);
            c += vw * __builtin_elementwise_abs(vm - vb);
        }
        float s[3] = {0, 0, 0};
        for (int i = 0; i < 16; i++) {
            s[0] += a[i];
            s[1] += b[i];
            s[2] += c[i];
        }
        for (int x = w / 16 * 16; x < w; x++) {
            s[0] += counted[x] * fabsf(l[x] - f[x]);
            s[1] += counted[x] * fabsf(f[x] - m[x]);
            s[2] += counted[x] * fabsf(m[x] - low[x]);
        }
        for (int i = 0; i < 3; i++) all[i] += (double)s[i];
    }
    for (int i = 0; i < 3; i++) sums[i] = (float)all[i];
}

CPX_CLONES void cpx_finish(float *crop, const float *luma, const float *fine, const float *middle, const float *target,
                           const float *target_fine, int w, int h, const float *fields, const float gains[3],
                           float grain, float most, float colour, float *scratch) {
    int qw = w / 4, qh = h / 4;
    long count = (long)w * h, quarter = (long)qw * qh;
    float *row = scratch, *f = scratch + qw + 1;
    const float *broad = f, *lending = f + w, *low_r = f + 2 * w, *low_g = f + 3 * w, *low_b = f + 4 * w;
    const float *lips = f + 5 * w;
    float g0 = gains[0] - 1, g1 = gains[1] - 1, g2 = gains[2] - 1;
    for (int y = 0; y < h; y++) {
        for (int i = 0; i < 6; i++) cpx_enlarged_row(fields + i * quarter, qw, qh, 4, y, row, f + (long)i * w);
        long at = (long)y * w;
        float *r = crop + at, *g = r + count, *b = g + count;
        const float *l = luma + at, *fi = fine + at, *mi = middle + at, *t = target + at, *tf = target_fine + at;
        for (int x = 0; x < w; x++) {
            float lent = t[x] - tf[x];
            lent = lent < -most ? -most : lent > most ? most : lent;
            float change = grain * lending[x] * lending[x] * lent + g0 * (l[x] - fi[x]) + g1 * (fi[x] - mi[x]) +
                           g2 * (mi[x] - broad[x]);
            float calm = (colour - 1) * (1 - lips[x]);
            r[x] += change + calm * (r[x] - l[x] - low_r[x]);
            g[x] += change + calm * (g[x] - l[x] - low_g[x]);
            b[x] += change + calm * (b[x] - l[x] - low_b[x]);
        }
    }
}

// ln by splitting off the exponent and the odd series of ln((1+s)/(1-s)); within 2e-7 of the exact value, relatively.
CPX_CLONES void cpx_log(const float *src, int n, float offset, float *dst) {
    for (int i = 0; i < n; i++) {
        float v = (src[i] < 0 ? 0 : src[i]) + offset;
        int32_t bits;
        memcpy(&bits, &v, sizeof bits);
        // The mantissa is taken between √½ and √2.
        int32_t e = (bits - 0x3f3504f3) >> 23;
        bits -= e * (1 << 23);
        float m;
        memcpy(&m, &bits, sizeof m);
        float s = (m - 1) / (m + 1), z = s * s;
        float p = 2 + z * (2 / 3.0f + z * (2 / 5.0f + z * (2 / 7.0f + z * (2 / 9.0f))));
        dst[i] = s * p + (float)e * 0.693147181f;
    }
}

// e^v by 2^(whole) · a polynomial on ±½·ln 2 (Taylor to the sixth power, error below 2e-7); v within ±80.
CPX_CLONES void cpx_exp(const float *src, int n, float *dst) {
    for (int i = 0; i < n; i++) {
        float v = src[i] < -80 ? -80 : src[i] > 80 ? 80 : src[i];
        float t = v * 1.44269504f, shifted = t + 12582912.0f; // rounds to the nearest whole number
        float whole = shifted - 12582912.0f;
        float x = (v - whole * 0.693359375f) + whole * 2.12194440e-4f;
        float p = 1 + x * (1 + x * (1 / 2.0f + x * (1 / 6.0f + x * (1 / 24.0f + x * (1 / 120.0f + x / 720.0f)))));
        int32_t bits = ((int32_t)whole + 127) * (1 << 23);
        float power;
        memcpy(&power, &bits, sizeof power);
        dst[i] = p * power;
    }
}
