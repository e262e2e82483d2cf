/* SPDX-License-Identifier: MIT */
#include "keeper/source.h"

#include "base/file.h"
#include "keeper/revocation_file.h"
#include "keeper/tenants_file.h"

enum { FILE_DEADLINE_MS = 10000 };

static struct tg_source of_file(enum tg_document document, const char *key, const char *path)
{
    return (struct tg_source){
        .document = document, .key = key, .path = path, .deadline_ms = FILE_DEADLINE_MS};
}

void tg_source_list(const struct tg_config *config, struct tg_source sources[TG_DOCUMENT_COUNT],
                    uint32_t *count)
{
    *count = 0;
    if (config->tenant_file) {
        sources[(*count)++] = of_file(TG_DOCUMENT_TENANTS, "tenants.file", config->tenant_file);
    }
    if (config->auth_revocations) {
        sources[(*count)++] =
            of_file(TG_DOCUMENT_REVOCATIONS, "auth.revocations", config->auth_revocations);
    }
}

static int read_revocations(const char *path, struct tg_buf *out, struct tg_errmsg *msg)
{
    struct tg_buf text;

    tg_buf_init(&text, TG_DOCUMENT_REVOCATIONS_MAX);
    int err = tg_file_read(path, &text, msg);
    err = err ? err : tg_revocation_file_parse(tg_buf_str(&text), path, out, msg);
    tg_buf_fini(&text);
    return err;
}

int tg_source_read(const struct tg_source *source, struct tg_buf *out, struct tg_errmsg *msg)
{
    switch (source->document) {
    case TG_DOCUMENT_TENANTS:
        return tg_tenants_file_read(source->path, out, msg);
    case TG_DOCUMENT_REVOCATIONS:
        return read_revocations(source->path, out, msg);
    case TG_DOCUMENT_JWKS:
    case TG_DOCUMENT_COUNT:
        break;
    }
    return tg_errmsg_set(msg, TG_ERR_INVALID, "%s", tg_err_text(TG_ERR_INVALID));
}
