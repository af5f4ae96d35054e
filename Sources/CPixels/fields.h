// Reading a coarse plane at full size, one row at a time, so that no full-size copy of it is ever made.
#pragma once
#include <string.h>

#define CPX_INLINE static inline __attribute__((always_inline))

typedef float cpx_f4 __attribute__((vector_size(16)));

// Row y of a w×h plane enlarged `factor` (2 or 4) times: bilinear, pixel 0 stays on pixel 0, edges repeat.
// `row` holds w + 1 floats and is overwritten; `out` receives w·factor values.
CPX_INLINE void cpx_enlarged_row(const float *src, int w, int h, int factor, int y, float *row, float *out) {
    int y0 = y / factor, y1 = y0 + 1 < h ? y0 + 1 : y0;
    float fy = (float)(y - y0 * factor) / (float)factor;
    const float *a = src + (long)y0 * w, *b = src + (long)y1 * w;
    for (int x = 0; x < w; x++) row[x] = a[x] + (b[x] - a[x]) * fy;
    row[w] = row[w - 1];
    if (factor == 4) {
        const cpx_f4 quarters = {0, 0.25f, 0.5f, 0.75f};
        for (int x = 0; x < w; x++) {
            cpx_f4 v = row[x] + (row[x + 1] - row[x]) * quarters;
            memcpy(out + 4 * x, &v, sizeof v);
        }
    } else {
        for (int x = 0; x < w; x++) {
            out[2 * x] = row[x];
            out[2 * x + 1] = row[x] + 0.5f * (row[x + 1] - row[x]);
        }
    }
}
