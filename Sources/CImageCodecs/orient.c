// Turns and mirrors a picture as its EXIF orientation says.
#include <string.h>

#include "CImageCodecs.h"

enum { TILE = 64 };

// Copies `out`'s pixel (x, y) from pixels[start + x * step_x + y * step_y], in tiles so that both sides stay in cache.
static inline void copy(
    const uint8_t *pixels, uint8_t *out, size_t out_width, size_t out_height, ptrdiff_t start, ptrdiff_t step_x,
    ptrdiff_t step_y, const ptrdiff_t channels) {
    for (size_t top = 0; top < out_height; top += TILE) {
        size_t bottom = top + TILE < out_height ? top + TILE : out_height;
        for (size_t left = 0; left < out_width; left += TILE) {
            size_t right = left + TILE < out_width ? left + TILE : out_width;
            for (size_t y = top; y < bottom; y++) {
                const uint8_t *from = pixels + (start + (ptrdiff_t)left * step_x + (ptrdiff_t)y * step_y) * channels;
                uint8_t *to = out + (y * out_width + left) * (size_t)channels;
                for (size_t x = left; x < right; x++) {
                    memcpy(to, from, (size_t)channels);
                    to += channels;
                    from += step_x * channels;
                }
            }
        }
    }
}

void mq_orient(
    const uint8_t *pixels, size_t width, size_t height, size_t channels, int32_t orientation, uint8_t *out) {
    const ptrdiff_t w = (ptrdiff_t)width, h = (ptrdiff_t)height;
    const int turned = orientation >= 5 && orientation <= 8;
    const size_t out_width = turned ? height : width, out_height = turned ? width : height;
    ptrdiff_t start = 0, step_x = 1, step_y = w;
    switch (orientation) {
        case 2: start = w - 1, step_x = -1, step_y = w; break;
        case 3: start = w * h - 1, step_x = -1, step_y = -w; break;
        case 4: start = w * (h - 1), step_x = 1, step_y = -w; break;
        case 5: start = 0, step_x = w, step_y = 1; break;
        case 6: start = w * (h - 1), step_x = -w, step_y = 1; break;
        case 7: start = w * h - 1, step_x = -w, step_y = -1; break;
        case 8: start = w - 1, step_x = w, step_y = -1; break;
        default: break;
    }
    if (channels == 3)
        copy(pixels, out, out_width, out_height, start, step_x, step_y, 3);
    else
        copy(pixels, out, out_width, out_height, start, step_x, step_y, 4);
}
