// PNG to 8-bit RGB or RGBA through libpng.
#include <stdlib.h>

#include "common.h"
#include <png.h>

// Ancillary chunks (profiles) may not grow beyond this when they are unpacked.
enum { MAX_CHUNK = 16 << 20, MAX_CACHED_CHUNKS = 64 };

typedef struct {
    png_structp png;
    png_infop info;
    mq_error *error;
    const uint8_t *data;
    size_t count;
    size_t position;
    int at_end;
    png_bytepp rows;
} Reader;

static void on_error(png_structp png, png_const_charp text) {
    Reader *r = png_get_error_ptr(png);
    int32_t status = r->at_end ? MQ_TRUNCATED : MQ_DAMAGED;
    if (text && strstr(text, "emory")) status = MQ_NO_MEMORY;
    mq_note(r->error, status, text);
    png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp text) { (void)png, (void)text; }

static void on_read(png_structp png, png_bytep to, size_t count) {
    Reader *r = png_get_io_ptr(png);
    if (count > r->count - r->position) {
        r->at_end = 1;
        png_error(png, "the file ends early");
    }
    memcpy(to, r->data + r->position, count);
    r->position += count;
}

static int open_reader(Reader *r, const uint8_t *data, size_t count, mq_error *error) {
    memset(r, 0, sizeof *r);
    mq_note(error, MQ_OK, "");
    r->error = error;
    r->data = data;
    r->count = count;
    r->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, r, on_error, on_warning);
    r->info = r->png ? png_create_info_struct(r->png) : NULL;
    if (r->info) return 1;
    mq_note(error, MQ_NO_MEMORY, "");
    return 0;
}

static void close_reader(Reader *r) {
    if (r->png) png_destroy_read_struct(&r->png, &r->info, NULL);
    free(r->rows);
}

// Reads up to the picture data and asks for 8-bit RGB or RGBA.
static void read_info(Reader *r, uint32_t max_side) {
    static const png_byte ignored[] = "tEXt\0zTXt\0iTXt\0sPLT\0hIST\0pCAL\0sCAL\0tIME\0bKGD\0eXIf";
    png_set_read_fn(r->png, r, on_read);
    png_set_user_limits(r->png, max_side, max_side);
    png_set_chunk_malloc_max(r->png, MAX_CHUNK);
    png_set_chunk_cache_max(r->png, MAX_CACHED_CHUNKS);
    png_set_keep_unknown_chunks(r->png, PNG_HANDLE_CHUNK_NEVER, NULL, 0);
    png_set_keep_unknown_chunks(r->png, PNG_HANDLE_CHUNK_NEVER, ignored, 10);
    png_read_info(r->png, r->info);
    png_set_expand(r->png);
    png_set_scale_16(r->png);
    png_set_gray_to_rgb(r->png);
}

static mq_bytes copy_of(const uint8_t *data, size_t count) {
    mq_bytes copy = {count ? malloc(count) : NULL, 0};
    if (!copy.data) return copy;
    memcpy(copy.data, data, count);
    copy.count = count;
    return copy;
}

static void read_header(Reader *r, uint32_t max_side, mq_png_header *header) {
    read_info(r, max_side);
    header->width = png_get_image_width(r->png, r->info);
    header->height = png_get_image_height(r->png, r->info);
    header->bit_depth = png_get_bit_depth(r->png, r->info);
    header->interlaced = png_get_interlace_type(r->png, r->info) != PNG_INTERLACE_NONE;
    header->dpi = (uint32_t)((double)png_get_pixels_per_meter(r->png, r->info) * 0.0254 + 0.5);
    png_charp name = NULL;
    png_bytep profile = NULL;
    png_uint_32 profile_count = 0;
    int method = 0;
    if (png_get_iCCP(r->png, r->info, &name, &method, &profile, &profile_count) == PNG_INFO_iCCP)
        header->icc = copy_of(profile, profile_count);
    png_read_update_info(r->png, r->info);
    header->channels = png_get_channels(r->png, r->info);
}

// The state outlives the function that a jump comes back to, so a jump cannot spoil it.
static void guard_header(Reader *r, uint32_t max_side, mq_png_header *header) {
    if (!setjmp(png_jmpbuf(r->png))) read_header(r, max_side, header);
}

int32_t mq_png_read_header(
    const uint8_t *data, size_t count, uint32_t max_side, mq_png_header *header, mq_error *error) {
    memset(header, 0, sizeof *header);
    Reader r;
    if (open_reader(&r, data, count, error)) guard_header(&r, max_side, header);
    close_reader(&r);
    return error->status;
}

static void decode(Reader *r, uint32_t max_side, size_t out_count, uint8_t *out) {
    read_info(r, max_side);
    png_set_interlace_handling(r->png);
    png_read_update_info(r->png, r->info);
    const size_t height = png_get_image_height(r->png, r->info), stride = png_get_rowbytes(r->png, r->info);
    if (stride * height != out_count) png_error(r->png, "its header changed its mind on the size");
    r->rows = malloc(height * sizeof *r->rows);
    if (!r->rows) png_error(r->png, "Out of memory");
    for (size_t y = 0; y < height; y++) r->rows[y] = out + y * stride;
    png_read_image(r->png, r->rows);
    png_read_end(r->png, NULL);
}

static void guard_decode(Reader *r, uint32_t max_side, size_t out_count, uint8_t *out) {
    if (!setjmp(png_jmpbuf(r->png))) decode(r, max_side, out_count, out);
}

int32_t mq_png_decode(
    const uint8_t *data, size_t count, uint32_t max_side, size_t out_count, uint8_t *out, mq_error *error) {
    Reader r;
    if (open_reader(&r, data, count, error)) guard_decode(&r, max_side, out_count, out);
    close_reader(&r);
    return error->status;
}
