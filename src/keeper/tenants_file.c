/* SPDX-License-Identifier: MIT */
#include "keeper/tenants_file.h"

#include <stdlib.h>
#include <string.h>

#include "core/document.h"
#include "hub/tenants.h"
#include "script/tenants_reader.h"

static int on_tenant(void *self, struct tg_str id, bool is_suspended, struct tg_str name)
{
    struct tg_buf *lines = self;

    tg_buf_add_str(lines, id);
    tg_buf_add_str(lines, is_suspended ? TG_STR("\tsuspended\t") : TG_STR("\tactive\t"));
    tg_buf_add_str(lines, name);
    tg_buf_add_char(lines, '\n');
    return lines->err;
}

static int compare(const void *left, const void *right)
{
    const struct tg_str *a = left;
    const struct tg_str *b = right;
    int order = memcmp(a->at, b->at, a->length < b->length ? a->length : b->length);

    return order ? order : (a->length > b->length) - (a->length < b->length);
}

/* Appends the lines to out in their order. */
static int add_sorted(struct tg_str lines, struct tg_buf *out)
{
    struct tg_str *sorted = calloc(TG_TENANTS_MAX, sizeof(*sorted));
    size_t count = 0;

    if (!sorted) {
        return TG_ERR_NOMEM;
    }
    while (lines.length > 0 && count < TG_TENANTS_MAX) {
        sorted[count++] = tg_str_split(&lines, '\n');
    }
    qsort(sorted, count, sizeof(*sorted), compare);
    for (size_t i = 0; i < count; i++) {
        tg_buf_add_str(out, sorted[i]);
        tg_buf_add_char(out, '\n');
    }
    free(sorted);
    return out->err;
}

int tg_tenants_file_read(const char *path, struct tg_buf *out, struct tg_errmsg *msg)
{
    struct tg_buf lines;

    tg_buf_init(&lines, TG_DOCUMENT_TENANTS_MAX);
    int err = tg_tenants_reader_run(path, on_tenant, &lines, msg);
    if (err && err == lines.err) {
        (void)tg_errmsg_set(msg, err, "%s: %s", path, tg_err_text(err));
    }
    if (!err) {
        /* Lua's order differs from run to run, and what is the same must look the same. */
        err = add_sorted(tg_buf_str(&lines), out);
        err = err ? tg_errmsg_set(msg, err, "%s: %s", path, tg_err_text(err)) : TG_OK;
    }
    tg_buf_fini(&lines);
    return err;
}
