// Writing a crop back into a picture or a video frame, only where its mask is above zero.
#include "common.h"

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

static inline void put(uint8_t *row, int x, bool wide, float value, float m, float most) {
    if (wide) {
        uint16_t *p = (uint16_t *)row + x;
        float v = (float)*p + m * (value - (float)*p) + 0.5f;
        *p = (uint16_t)(v < 0 ? 0 : v > most ? most : v);
    } else {
        float v = (float)row[x] + m * (value - (float)row[x]) + 0.5f;
        row[x] = (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
    }
}

CPX_CLONES void cpx_paste_yuv(const cpx_yuv *f, const float *crop, const float *mask, int cw, int ch, const float k[6],
                              int x0, int y0, int x1, int y1) {
    const float *r = crop, *g = crop + cw * ch, *b = crop + 2 * cw * ch;
    cpx_codes c = cpx_codes_of(f);
    bool wide = f->depth > 8;
    float kr = f->kr, kb = f->kb, kg = 1 - kr - kb;
    for (int y = y0; y < y1; y++) {
        uint8_t *row = f->y + (long)y * f->y_stride;
        for (int x = x0; x < x1; x++) {
            spot s;
            if (!locate(k[0] * (float)x + k[1] * (float)y + k[2], k[3] * (float)x + k[4] * (float)y + k[5], cw, ch, &s))
                continue;
            float m = look(mask, &s);
            if (m < least) continue;
            float l = kr * look(r, &s) + kg * look(g, &s) + kb * look(b, &s);
            put(row, x, wide, l / c.y_scale + c.y_zero, m, c.max_code);
        }
    }
    float ox = cpx_chroma_offset(f->shift_x, f->sited_left), oy = cpx_chroma_offset(f->shift_y, false);
    int wc = cpx_chroma_size(f->width, f->shift_x), hc = cpx_chroma_size(f->height, f->shift_y);
    int u0 = x0 >> f->shift_x, v0 = y0 >> f->shift_y;
    int u1 = cpx_chroma_size(x1, f->shift_x), v1 = cpx_chroma_size(y1, f->shift_y);
    for (int j = v0; j < v1 && j < hc; j++) {
        uint8_t *ru = f->u + (long)j * f->uv_stride, *rv = f->v + (long)j * f->uv_stride;
        float y = (float)(j << f->shift_y) + oy;
        for (int i = u0; i < u1 && i < wc; i++) {
            float x = (float)(i << f->shift_x) + ox;
            spot s;
            if (!locate(k[0] * x + k[1] * y + k[2], k[3] * x + k[4] * y + k[5], cw, ch, &s)) continue;
            float m = look(mask, &s);
            if (m < least) continue;
            float R = look(r, &s), B = look(b, &s), l = kr * R + kg * look(g, &s) + kb * B;
            put(ru, i, wide, (B - l) / (c.b_cb * c.c_scale) + c.c_zero, m, c.max_code);
            put(rv, i, wide, (R - l) / (c.r_cr * c.c_scale) + c.c_zero, m, c.max_code);
        }
    }
}
