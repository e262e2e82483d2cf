/* SPDX-License-Identifier: MIT */
#include "core/archive.h"

#include <stdbool.h>
#include <string.h>

enum {
    VERSION = 1,
    GENERATION_BYTES = sizeof(((struct tg_bundle *)0)->generation) - 1,
    NAME_MAX_BYTES = 63
};

static const char magic[] = "tidegate";

#define LOWER_AND_DIGITS "abcdefghijklmnopqrstuvwxyz0123456789"
static const char name_octets[] = LOWER_AND_DIGITS "_-";
static const char path_octets[] = LOWER_AND_DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZ_.-";
static const char hex_digits[] = "0123456789abcdef";

static bool is_made_of(struct tg_str text, const char *octets)
{
    for (size_t i = 0; i < text.length; i++) {
        if (text.at[i] == '\0' || !strchr(octets, text.at[i])) {
            return false;
        }
    }
    return text.length > 0;
}

/* Below the folder and nowhere else: no part is empty, hidden, "." or "..". */
static bool is_path(struct tg_str path)
{
    struct tg_str rest = path;

    if (path.length == 0 || path.length > TG_BUNDLE_PATH_MAX) {
        return false;
    }
    while (rest.at) {
        struct tg_str part = tg_str_split(&rest, '/');
        if (!is_made_of(part, path_octets) || part.at[0] == '.') {
            return false;
        }
    }
    return true;
}

static bool is_head(struct tg_str generation, struct tg_str name, struct tg_str origin)
{
    return generation.length == GENERATION_BYTES && is_made_of(generation, hex_digits) &&
           name.length <= NAME_MAX_BYTES && is_made_of(name, name_octets) && origin.length > 0 &&
           origin.length <= TG_ARCHIVE_ORIGIN_MAX && !memchr(origin.at, '\0', origin.length);
}

/* --- writing --- */

static void add_number(struct tg_buf *out, uint32_t number, uint32_t octets)
{
    for (uint32_t i = 0; i < octets; i++) {
        tg_buf_add_char(out, (char)(number >> 8 * i & 0xff));
    }
}

static void add_text(struct tg_buf *out, struct tg_str text)
{
    add_number(out, (uint32_t)text.length, 2);
    tg_buf_add_str(out, text);
}

static bool can_be_read_again(const struct tg_bundle *bundle)
{
    size_t total = 0;

    if (!is_head(tg_str_of(bundle->generation), tg_str_of(bundle->name),
                 tg_str_of(bundle->origin))) {
        return false;
    }
    for (uint32_t i = 0; i < bundle->count; i++) {
        const struct tg_bundle_file *file = &bundle->files[i];
        if (!is_path(tg_str_of(file->path)) || file->length > TG_BUNDLE_FILE_BYTES_MAX ||
            (i > 0 && strcmp(bundle->files[i - 1].path, file->path) >= 0)) {
            return false;
        }
        total += file->length;
    }
    return bundle->count <= TG_BUNDLE_FILES_MAX && total <= TG_BUNDLE_BYTES_MAX;
}

int tg_archive_write(const struct tg_bundle *bundle, struct tg_buf *out)
{
    tg_buf_clear(out);
    if (!can_be_read_again(bundle)) {
        return TG_ERR_INVALID;
    }
    tg_buf_add_str(out, tg_str_of(magic));
    add_number(out, VERSION, 4);
    tg_buf_add_str(out, tg_str_of(bundle->generation));
    add_text(out, tg_str_of(bundle->name));
    add_text(out, tg_str_of(bundle->origin));
    add_number(out, bundle->count, 2);
    for (uint32_t i = 0; i < bundle->count; i++) {
        const struct tg_bundle_file *file = &bundle->files[i];
        struct tg_str path = tg_str_of(file->path);
        add_number(out, (uint32_t)path.length, 2);
        add_number(out, (uint32_t)file->length, 4);
        tg_buf_add_str(out, path);
        tg_buf_add(out, file->content, file->length);
    }
    return out->err;
}

/* --- reading --- */

/* What is left of an archive. Once it was too short it gives nothing more. */
struct reader {
    struct tg_str rest;
    bool is_short;
};

static struct tg_str take(struct reader *reader, size_t length)
{
    struct tg_str taken = tg_str(reader->rest.at, length);

    if (reader->is_short || length > reader->rest.length) {
        reader->is_short = true;
        return tg_str("", 0);
    }
    reader->rest = tg_str(reader->rest.at + length, reader->rest.length - length);
    return taken;
}

static uint32_t take_number(struct reader *reader, uint32_t octets)
{
    struct tg_str taken = take(reader, octets);
    uint32_t number = 0;

    for (size_t i = 0; i < taken.length; i++) {
        number |= (uint32_t)(unsigned char)taken.at[i] << 8 * i;
    }
    return number;
}

static struct tg_str take_text(struct reader *reader)
{
    return take(reader, take_number(reader, 2));
}

static int read_head(struct reader *reader, struct tg_bundle *bundle)
{
    bool is_ours = tg_str_is(take(reader, sizeof(magic) - 1), tg_str_of(magic)) &&
                   take_number(reader, 4) == VERSION;
    struct tg_str generation = take(reader, GENERATION_BYTES);
    struct tg_str name = take_text(reader);
    struct tg_str origin = take_text(reader);

    if (!is_ours || reader->is_short || !is_head(generation, name, origin)) {
        return TG_ERR_SYNTAX;
    }
    memcpy(bundle->generation, generation.at, generation.length);
    bundle->name = tg_str_copy(name);
    bundle->origin = tg_str_copy(origin);
    return bundle->name && bundle->origin ? TG_OK : TG_ERR_NOMEM;
}

static bool is_after_the_last(const struct tg_bundle *bundle, struct tg_str path)
{
    if (bundle->count == 0) {
        return true;
    }
    struct tg_str last = tg_str_of(bundle->files[bundle->count - 1].path);
    size_t shorter = last.length < path.length ? last.length : path.length;
    int order = memcmp(last.at, path.at, shorter);
    return order < 0 || (order == 0 && last.length < path.length);
}

static int read_file(struct reader *reader, struct tg_bundle *bundle)
{
    uint32_t path_length = take_number(reader, 2);
    uint32_t length = take_number(reader, 4);
    struct tg_str path = take(reader, path_length);
    struct tg_str content = take(reader, length);

    if (reader->is_short || !is_path(path) || !is_after_the_last(bundle, path)) {
        return TG_ERR_SYNTAX;
    }
    int err = tg_bundle_add(bundle, path, content);
    return err == TG_ERR_NOMEM || err == TG_OK ? err : TG_ERR_SYNTAX;
}

int tg_archive_read(struct tg_str octets, struct tg_bundle *bundle)
{
    struct reader reader = {.rest = octets};

    *bundle = (struct tg_bundle){0};
    int err = read_head(&reader, bundle);
    uint32_t count = err ? 0 : take_number(&reader, 2);
    for (uint32_t i = 0; i < count && !err; i++) {
        err = read_file(&reader, bundle);
    }
    if (!err && (reader.is_short || reader.rest.length > 0)) {
        err = TG_ERR_SYNTAX;
    }
    if (err) {
        tg_bundle_fini(bundle);
    }
    return err;
}
