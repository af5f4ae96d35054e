// The full-size passes of the mesh swap: laying the texture, its tone, its contrast. Smooth fields come at a quarter
// (maps at half) of the crop's size and are enlarged row by row.
#include "common.h"
#include "fields.h"

typedef float f16 __attribute__((vector_size(64)));

enum { piece = 64 };

// Places in a w×h image for a piece of a line, and their bicubic weights (Catmull-Rom: Keys 1981, a = -1/2).
typedef struct {
    int x[piece], y[piece];
    float wx[4][piece], wy[4][piece];
} cubic_places;

CPX_INLINE void place_cubic(cubic_places *s, const float *mx, const float *my, int n, int w, int h) {
    float right = (float)(w - 1), bottom = (float)(h - 1);
    for (int i = 0; i < n; i++) {
        // Written so that what is not a number becomes 0.
        float x = mx[i] > 0 ? mx[i] < right ? mx[i] : right : 0, y = my[i] > 0 ? my[i] < bottom ? my[i] : bottom : 0;
        s->x[i] = (int)x;
        s->y[i] = (int)y;
        float f = x - (float)s->x[i], g = y - (float)s->y[i];
        s->wx[0][i] = f * (-0.5f + f * (1 - 0.5f * f));
        s->wx[1][i] = 1 + f * f * (-2.5f + 1.5f * f);
        s->wx[2][i] = f * (0.5f + f * (2 - 1.5f * f));
        s->wx[3][i] = f * f * (-0.5f + 0.5f * f);
        s->wy[0][i] = g * (-0.5f + g * (1 - 0.5f * g));
        s->wy[1][i] = 1 + g * g * (-2.5f + 1.5f * g);
        s->wy[2][i] = g * (0.5f + g * (2 - 1.5f * g));
        s->wy[3][i] = g * g * (-0.5f + 0.5f * g);
    }
}

// Place i looked up in an image of four floats a pixel: four pixels of a row are one vector.
CPX_INLINE void look_cubic(const float *src, int w, int h, const cubic_places *s, int i, cpx_f4 *out) {
    int x0 = s->x[i], y0 = s->y[i];
    if (x0 >= 1 && y0 >= 1 && x0 + 2 < w && y0 + 2 < h) {
        const float *p = src + 4 * ((long)(y0 - 1) * w + x0 - 1);
        f16 a, b, c, d;
        memcpy(&a, p, sizeof a);
        memcpy(&b, p + 4 * (long)w, sizeof b);
        memcpy(&c, p + 8 * (long)w, sizeof c);
        memcpy(&d, p + 12 * (long)w, sizeof d);
        a = (a * s->wy[0][i] + b * s->wy[1][i]) + (c * s->wy[2][i] + d * s->wy[3][i]);
        *out = (__builtin_shufflevector(a, a, 0, 1, 2, 3) * s->wx[0][i] +
                __builtin_shufflevector(a, a, 4, 5, 6, 7) * s->wx[1][i]) +
               (__builtin_shufflevector(a, a, 8, 9, 10, 11) * s->wx[2][i] +
                __builtin_shufflevector(a, a, 12, 13, 14, 15) * s->wx[3][i]);
        return;
    }
    cpx_f4 sum = {0, 0, 0, 0};
    for (int t = 0; t < 4; t++) {
        int cy = y0 - 1 + t;
        cy = cy < 0 ? 0 : cy > h - 1 ? h - 1 : cy;
        for (int u = 0; u < 4; u++) {
            int cx = x0 - 1 + u;
            cx = cx < 0 ? 0 : cx > w - 1 ? w - 1 : cx;
            cpx_f4 v;
            memcpy(&v, src + 4 * ((long)cy * w + cx), sizeof v);
            sum += v * (s->wx[u][i] * s->wy[t][i]);
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

// A twin's share below this changes a colour by less than an eighth of a code.
static const float least_twin = 1.0f / 2048;

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
        cubic_places s;
        cpx_f4 colors[piece] = {0};
        for (int x = left; x < right; x += piece) {
            int n = right - x < piece ? right - x : piece;
            const float *shown = m + x, *twin_share = f + 4 * (long)w + x;
            place_cubic(&s, f + x, f + w + x, n, tw, th);
            for (int i = 0; i < n; i++) {
                if (shown[i] > 0) look_cubic(texture, tw, th, &s, i, &colors[i]);
            }
            bool twins = false;
            for (int i = 0; k == 5 && i < n; i++) twins |= twin_share[i] > least_twin;
            if (twins) {
                place_cubic(&s, f + 2 * (long)w + x, f + 3 * (long)w + x, n, tw, th);
                for (int i = 0; i < n; i++) {
                    if (!(shown[i] > 0 && twin_share[i] > least_twin)) continue;
                    cpx_f4 twin;
                    look_cubic(texture, tw, th, &s, i, &twin);
                    colors[i] += (twin - colors[i]) * twin_share[i];
                }
            }
            float *r = dst + (long)y * w + x, *g = r + count, *b = g + count;
            for (int i = 0; i < n; i++) {
                float share = shown[i] > 0 ? blend ? shown[i] : 1 : 0;
                r[i] += share * (colors[i][0] - r[i]);
                g[i] += share * (colors[i][1] - g[i]);
                b[i] += share * (colors[i][2] - b[i]);
            }
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
            float share = (l / floor_lit - 0.18f) * 2.5f;
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
    const float *lips = f + 5 * w, *skin = f + 6 * w;
    float g0 = gains[0] - 1, g1 = gains[1] - 1, g2 = gains[2] - 1;
    for (int y = 0; y < h; y++) {
        for (int i = 0; i < 7; i++) cpx_enlarged_row(fields + i * quarter, qw, qh, 4, y, row, f + (long)i * w);
        long at = (long)y * w;
        float *r = crop + at, *g = r + count, *b = g + count;
        const float *l = luma + at, *fi = fine + at, *mi = middle + at, *t = target + at, *tf = target_fine + at;
        for (int x = 0; x < w; x++) {
            float lent = t[x] - tf[x];
            float u = lent / most, v = 1 - u * u;
            v = v < 0 ? 0 : v;
            lent *= v * v;
            float kept = 0.1f + 0.9f * skin[x];
            float a = g0 < 0 ? g0 * kept : g0, d = g1 < 0 ? g1 * kept : g1, e = g2 < 0 ? g2 * kept : g2;
            float change = grain * lending[x] * lending[x] * lent + a * (l[x] - fi[x]) + d * (fi[x] - mi[x]) +
                           e * (mi[x] - broad[x]);
            float factor = (l[x] + change + 10) / (l[x] + 10);
            factor = factor < 0.5f ? 0.5f : factor > 2 ? 2 : factor;
            float calm = (colour - 1) * (1 - lips[x]);
            // Skin takes the change as a sum, features as a factor: a dark brow stays as warm as it was.
            float sum = skin[x] * change, part = (1 - skin[x]) * (factor - 1);
            r[x] += sum + part * (r[x] + 10) + calm * (r[x] - l[x] - low_r[x]);
            g[x] += sum + part * (g[x] + 10) + calm * (g[x] - l[x] - low_g[x]);
            b[x] += sum + part * (b[x] + 10) + calm * (b[x] - l[x] - low_b[x]);
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
