/* SPDX-License-Identifier: MIT */
#include "keeper/source.h"

#include "base/file.h"
#include "jose/jwks.h"
#include "keeper/revocation_file.h"
#include "keeper/tenants_file.h"
#include "net/http_get.h"

enum { FILE_DEADLINE_MS = 10000, URL_DEADLINE_MS = 5000 };

static int read_url(const struct tg_config *config, struct tg_source *source, struct tg_errmsg *msg)
{
    int err = tg_http_url_parse(tg_str_of(config->auth_jwks_url), &source->url, msg);

    if (!err && !source->url.is_tls && !config->auth_jwks_allow_http &&
        !tg_http_url_is_loopback(&source->url)) {
        err = tg_errmsg_set(msg, TG_ERR_INVALID,
                            "expected https://, or auth.jwks.allow_http = true: who can change "
                            "what is fetched can sign tokens");
    }
    return err ? tg_errmsg_wrap(msg, err, "%s", source->key) : TG_OK;
}

static struct tg_source of_file(enum tg_document document, const char *key, const char *path)
{
    return (struct tg_source){
        .document = document, .key = key, .path = path, .deadline_ms = FILE_DEADLINE_MS};
}

int tg_source_list(const struct tg_config *config, struct tg_source sources[TG_DOCUMENT_COUNT],
                   uint32_t *count, struct tg_errmsg *msg)
{
    *count = 0;
    if (config->auth_jwks_file) {
        sources[(*count)++] = of_file(TG_DOCUMENT_JWKS, "auth.jwks.file", config->auth_jwks_file);
    } else if (config->auth_jwks_url) {
        struct tg_source *source = &sources[(*count)++];
        *source = (struct tg_source){.document = TG_DOCUMENT_JWKS,
                                     .key = "auth.jwks.url",
                                     .ca_file = config->auth_jwks_ca_file,
                                     .deadline_ms = URL_DEADLINE_MS};
        int err = read_url(config, source, msg);
        if (err) {
            return err;
        }
    }
    if (config->tenant_file) {
        sources[(*count)++] = of_file(TG_DOCUMENT_TENANTS, "tenants.file", config->tenant_file);
    }
    if (config->auth_revocations) {
        sources[(*count)++] =
            of_file(TG_DOCUMENT_REVOCATIONS, "auth.revocations", config->auth_revocations);
    }
    return TG_OK;
}

/* Workers would refuse a set that is no good; it must not even get to them. */
static int judge_keys(struct tg_str json, struct tg_errmsg *msg)
{
    struct tg_key_set set = {0};
    struct tg_jwks_report report = {0};
    int err = tg_jwks_read(json, &set, &report, msg);

    tg_key_set_fini(&set);
    return err;
}

static int fetch_keys(const struct tg_source *source, struct tg_buf *out, struct tg_errmsg *msg)
{
    struct tg_http_get_options options = {.ca_file = source->ca_file,
                                          .deadline_ms = source->deadline_ms};
    int err = tg_http_get(&source->url, &options, out, msg);

    return err ? err : judge_keys(tg_buf_str(out), msg);
}

static int read_keys(const char *path, struct tg_buf *out, struct tg_errmsg *msg)
{
    int err = tg_file_read(path, out, msg);

    if (err) {
        return err;
    }
    err = judge_keys(tg_buf_str(out), msg);
    return err ? tg_errmsg_wrap(msg, err, "%s", path) : TG_OK;
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
    case TG_DOCUMENT_JWKS:
        return source->path ? read_keys(source->path, out, msg) : fetch_keys(source, out, msg);
    case TG_DOCUMENT_TENANTS:
        return tg_tenants_file_read(source->path, out, msg);
    case TG_DOCUMENT_REVOCATIONS:
        return read_revocations(source->path, out, msg);
    case TG_DOCUMENT_COUNT:
        break;
    }
    return tg_errmsg_set(msg, TG_ERR_INVALID, "%s", tg_err_text(TG_ERR_INVALID));
}
