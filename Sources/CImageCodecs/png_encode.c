// 8-bit RGB or RGBA to PNG through libpng.
#include <stdlib.h>

#include "common.h"
#include <png.h>

typedef struct {
    png_structp png;
    png_infop info;
    mq_error *error;
    mq_bytes out;
    size_t capacity;
} Writer;

void mq_bytes_free(mq_bytes *bytes) {
    free(bytes->data);
    bytes->data = NULL;
    bytes->count = 0;
}

static void on_error(png_structp png, png_const_charp text) {
    Writer *w = png_get_error_ptr(png);
    mq_note(w->error, text && strstr(text, "emory") ? MQ_NO_MEMORY : MQ_FAILED, text);
    png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp text) { (void)png, (void)text; }

static void on_write(png_structp png, png_bytep from, size_t count) {
    Writer *w = png_get_io_ptr(png);
    if (count > w->capacity - w->out.count) {
        size_t capacity = w->capacity + w->capacity / 2 + count + 65536;
        uint8_t *data = realloc(w->out.data, capacity);
        if (!data) png_error(png, "Out of memory");
        w->out.data = data;
        w->capacity = capacity;
    }
    memcpy(w->out.data + w->out.count, from, count);
    w->out.count += count;
}

static void on_flush(png_structp png) { (void)png; }

static void encode(Writer *w, const uint8_t *pixels, const mq_png_settings *s) {
    png_set_write_fn(w->png, w, on_write, on_flush);
    png_set_user_limits(w->png, 0x7fffffff, 0x7fffffff);
    png_set_benign_errors(w->png, 1);  // a profile that libpng dislikes is left out instead of ending the work
    png_set_IHDR(
        w->png, w->info, s->width, s->height, 8, s->channels == 4 ? PNG_COLOR_TYPE_RGB_ALPHA : PNG_COLOR_TYPE_RGB,
        PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_set_compression_level(w->png, s->level);
    if (s->icc_count)
        png_set_iCCP(w->png, w->info, "ICC profile", PNG_COMPRESSION_TYPE_BASE, s->icc, (png_uint_32)s->icc_count);
    if (s->dpi) {
        png_uint_32 per_meter = (png_uint_32)(s->dpi / 0.0254 + 0.5);
        png_set_pHYs(w->png, w->info, per_meter, per_meter, PNG_RESOLUTION_METER);
    }
    if (s->xmp) {
        png_text text = {0};
        text.compression = PNG_ITXT_COMPRESSION_NONE;
        text.key = "XML:com.adobe.xmp";
        text.text = (png_charp)s->xmp;
        text.lang = "";
        text.lang_key = "";
        png_set_text(w->png, w->info, &text, 1);
    }
    png_write_info(w->png, w->info);
    const size_t stride = (size_t)s->width * (size_t)s->channels;
    for (uint32_t y = 0; y < s->height; y++) png_write_row(w->png, pixels + y * stride);
    png_write_end(w->png, NULL);
}

// The state outlives the function that a jump comes back to, so a jump cannot spoil it.
static void guard_encode(Writer *w, const uint8_t *pixels, const mq_png_settings *s) {
    if (!setjmp(png_jmpbuf(w->png))) encode(w, pixels, s);
}

int32_t mq_png_encode(const uint8_t *pixels, const mq_png_settings *settings, mq_bytes *out, mq_error *error) {
    mq_note(error, MQ_OK, "");
    Writer w = {0};
    w.error = error;
    w.png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &w, on_error, on_warning);
    w.info = w.png ? png_create_info_struct(w.png) : NULL;
    if (!w.info)
        mq_note(error, MQ_NO_MEMORY, "");
    else
        guard_encode(&w, pixels, settings);
    if (w.png) png_destroy_write_struct(&w.png, &w.info);
    if (error->status != MQ_OK) mq_bytes_free(&w.out);
    *out = w.out;
    return error->status;
}
