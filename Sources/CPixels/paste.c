// Writing a crop back into a picture or a video frame, only where its mask is above zero.
#include "common.h"
#include "fields.h"

// Below this weight a pixel is left bit for bit: a blend would change it by less than half a code.
static const float least = 1.0f / 512;

typedef struct {
    int at, right, down;
    float w00, w10, w01, w11;
} spot;

// Where (x, y) lies in a cw×ch image; false outside.
static inline bool locate(float x, float y, int cw, int ch, spot *s) {
    if (!(x >= 0 && y >= 0 && x <= (float)(cw - 1) && y <= (float)(ch - 1))) return false;
    int x0 = (int)x, y0 = (int)y;
    float fx = x - (float)x0, fy = y - (float)y0;
    s->at = y0 * cw + x0;
    s->right = x0 + 1 < cw ? 1 : 0;
    s->down = y0 + 1 < ch ? cw : 0;
    s->w00 = (1 - fx) * (1 - fy);
    s->w10 = fx * (1 - fy);
    s->w01 = (1 - fx) * fy;
    s->w11 = fx * fy;
    return true;
}

static inline float look(const float *p, const spot *s) {
    p += s->at;
    return p[0] * s->w00 + p[s->right] * s->w10 + p[s->down] * s->w01 + p[s->right + s->down] * s->w11;
}

static inline uint8_t blend8(uint8_t old, float value, float m) {
    float v = (float)old + m * (value - (float)old) + 0.5f;
    return (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
}

CPX_CLONES void cpx_paste_rgb8(uint8_t *dst, int w, int h, int channels, const float *crop, const float *mask, int cw,
                               int ch, const float k[6], int x0, int y0, int x1, int y1) {
    (void)h;
    const float *r = crop, *g = crop + cw * ch, *b = crop + 2 * cw * ch;
    for (int y = y0; y < y1; y++) {
        uint8_t *row = dst + ((long)y * w + x0) * channels;
        for (int x = x0; x < x1; x++, row += channels) {
            spot s;
            if (!locate(k[0] * (float)x + k[1] * (float)y + k[2], k[3] * (float)x + k[4] * (float)y + k[5], cw, ch, &s))
                continue;
            float m = look(mask, &s);
            if (m < least) continue;
            row[0] = blend8(row[0], look(r, &s), m);
            row[1] = blend8(row[1], look(g, &s), m);
            row[2] = blend8(row[2], look(b, &s), m);
        }
    }
}

enum { block = 128 };

// The columns x0…x1 of a line of pixels whose position start + slope·x lies between lo and hi, a little generously.
static inline void narrow(float start, float slope, float lo, float hi, int *x0, int *x1) {
    if (fabsf(slope) < 1e-6f) {
        if (start < lo - 1 || start > hi + 1) *x1 = *x0;
        return;
    }
    float a = (lo - start) / slope, b = (hi - start) / slope;
    float first = floorf(fminf(a, b)) - 1, last = ceilf(fmaxf(a, b)) + 2;
    if (first > (float)*x0) *x0 = first < (float)*x1 ? (int)first : *x1;
    if (last < (float)*x1) *x1 = last > (float)*x0 ? (int)last : *x0;
}

// Bilinear places in the crop for a piece of a line; `valid` is 0 for those outside.
typedef struct {
    int at[block];
    float fx[block], fy[block], valid[block];
} places;

CPX_INLINE void locate_all(places *s, float u, float v, float du, float dv, int n, int cw, int ch) {
    float right = (float)(cw - 1), bottom = (float)(ch - 1);
    int last_x = cw > 1 ? cw - 2 : 0, last_y = ch > 1 ? ch - 2 : 0;
    for (int i = 0; i < n; i++) {
        float x = u + du * (float)i, y = v + dv * (float)i;
        s->valid[i] = (float)((x >= 0) & (y >= 0) & (x <= right) & (y <= bottom));
        // Written so that what is not a number becomes 0.
        x = x > 0 ? x < right ? x : right : 0;
        y = y > 0 ? y < bottom ? y : bottom : 0;
        int x0 = (int)x, y0 = (int)y;
        x0 = x0 > last_x ? last_x : x0;
        y0 = y0 > last_y ? last_y : y0;
        s->fx[i] = x - (float)x0;
        s->fy[i] = y - (float)y0;
        s->at[i] = y0 * cw + x0;
    }
}

CPX_INLINE void look_all(const float *p, const places *s, int n, int right, int down, float *out) {
    for (int i = 0; i < n; i++) {
        const float *q = p + s->at[i];
        float top = q[0] + (q[right] - q[0]) * s->fx[i];
        float bottom = q[down] + (q[down + right] - q[down]) * s->fx[i];
        out[i] = top + (bottom - top) * s->fy[i];
    }
}

// Blends a piece of a line of codes; those of less than the least weight stay bit for bit.
CPX_INLINE void put_all(uint8_t *row, int x, bool wide, const float *value, const float *m, int n, float most) {
    if (wide) {
        uint16_t *p = (uint16_t *)row + x;
        for (int i = 0; i < n; i++) {
            float old = (float)p[i], v = old + m[i] * (value[i] - old) + 0.5f;
            v = v < 0 ? 0 : v > most ? most : v;
            p[i] = m[i] < least ? p[i] : (uint16_t)(int)v;
        }
    } else {
        uint8_t *p = row + x;
        for (int i = 0; i < n; i++) {
            float old = (float)p[i], v = old + m[i] * (value[i] - old) + 0.5f;
            v = v < 0 ? 0 : v > 255 ? 255 : v;
            p[i] = m[i] < least ? p[i] : (uint8_t)(int)v;
        }
    }
}

// The rectangle of a mask's values that count, x0 and y0 included, x1 and y1 not; empty when none does.
CPX_INLINE void find_shown(const float *mask, int w, int h, float *columns, int *x0, int *y0, int *x1, int *y1) {
    *x0 = *x1 = *y0 = *y1 = 0;
    for (int x = 0; x < w; x++) columns[x] = 0;
    bool any = false;
    for (int y = 0; y < h; y++) {
        const float *row = mask + (long)y * w;
        float most = 0;
        for (int x = 0; x < w; x++) columns[x] = columns[x] > row[x] ? columns[x] : row[x];
        for (int x = 0; x < w; x++) most = most > row[x] ? most : row[x];
        if (most < least) continue;
        if (!any) *y0 = y;
        any = true;
        *y1 = y + 1;
    }
    if (!any) return;
    int left = 0, right = w;
    while (left < w && columns[left] < least) left++;
    while (right > left && columns[right - 1] < least) right--;
    *x0 = left;
    *x1 = right;
}

CPX_CLONES void cpx_paste_yuv(const cpx_yuv *f, const float *crop, const float *mask, int cw, int ch, const float k[6],
                              int x0, int y0, int x1, int y1, float *scratch) {
    const float *r = crop, *g = crop + cw * ch, *b = crop + 2 * cw * ch;
    cpx_codes c = cpx_codes_of(f);
    bool wide = f->depth > 8;
    float kr = f->kr, kb = f->kb, kg = 1 - kr - kb;
    int left, top, end, bottom;
    find_shown(mask, cw, ch, scratch, &left, &top, &end, &bottom);
    if (left >= end) return;
    // One luma plane, so that each frame pixel looks up two planes instead of four.
    float *luma = scratch;
    int from = top > 1 ? top - 2 : 0, to = bottom + 2 < ch ? bottom + 2 : ch;
    for (int i = from * cw; i < to * cw; i++) luma[i] = kr * r[i] + kg * g[i] + kb * b[i];
    float lo_u = (float)left - 1, hi_u = (float)end, lo_v = (float)top - 1, hi_v = (float)bottom;
    int right = cw > 1 ? 1 : 0, down = ch > 1 ? cw : 0;
    places s;
    float m[block], l[block], p[block], q[block];
    float to_luma = 1 / c.y_scale, to_cb = 1 / (c.b_cb * c.c_scale), to_cr = 1 / (c.r_cr * c.c_scale);
    for (int y = y0; y < y1; y++) {
        float u = k[1] * (float)y + k[2], v = k[4] * (float)y + k[5];
        int a = x0, z = x1;
        narrow(u, k[0], lo_u, hi_u, &a, &z);
        narrow(v, k[3], lo_v, hi_v, &a, &z);
        for (int x = a; x < z; x += block) {
            int n = z - x < block ? z - x : block;
            locate_all(&s, u + k[0] * (float)x, v + k[3] * (float)x, k[0], k[3], n, cw, ch);
            look_all(mask, &s, n, right, down, m);
            look_all(luma, &s, n, right, down, l);
            for (int i = 0; i < n; i++) {
                m[i] *= s.valid[i];
                l[i] = l[i] * to_luma + c.y_zero;
                // Rows without luma are those the mask leaves alone.
                l[i] = m[i] < least ? 0 : l[i];
            }
            put_all(f->y + (long)y * f->y_stride, x, wide, l, m, n, c.max_code);
        }
    }
    float ox = cpx_chroma_offset(f->shift_x, f->sited_left), oy = cpx_chroma_offset(f->shift_y, false);
    int wc = cpx_chroma_size(f->width, f->shift_x), hc = cpx_chroma_size(f->height, f->shift_y);
    int u0 = x0 >> f->shift_x, v0 = y0 >> f->shift_y;
    int u1 = cpx_chroma_size(x1, f->shift_x), v1 = cpx_chroma_size(y1, f->shift_y);
    if (u1 > wc) u1 = wc;
    float step = (float)(1 << f->shift_x), du = k[0] * step, dv = k[3] * step;
    for (int j = v0; j < v1 && j < hc; j++) {
        float y = (float)(j << f->shift_y) + oy;
        float u = k[0] * ox + k[1] * y + k[2], v = k[3] * ox + k[4] * y + k[5];
        int a = u0, z = u1;
        narrow(u, du, lo_u, hi_u, &a, &z);
        narrow(v, dv, lo_v, hi_v, &a, &z);
        for (int x = a; x < z; x += block) {
            int n = z - x < block ? z - x : block;
            locate_all(&s, u + du * (float)x, v + dv * (float)x, du, dv, n, cw, ch);
            look_all(mask, &s, n, right, down, m);
            look_all(luma, &s, n, right, down, l);
            look_all(b, &s, n, right, down, p);
            look_all(r, &s, n, right, down, q);
            for (int i = 0; i < n; i++) {
                m[i] *= s.valid[i];
                p[i] = m[i] < least ? 0 : (p[i] - l[i]) * to_cb + c.c_zero;
                q[i] = m[i] < least ? 0 : (q[i] - l[i]) * to_cr + c.c_zero;
            }
            put_all(f->u + (long)j * f->uv_stride, x, wide, p, m, n, c.max_code);
            put_all(f->v + (long)j * f->uv_stride, x, wide, q, m, n, c.max_code);
        }
    }
}
