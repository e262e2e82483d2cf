/* SPDX-License-Identifier: MIT */
#include "hub/provenance.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"

static size_t measure(const struct tg_provenance_parts *parts)
{
    size_t size = parts->path.length + parts->query.length + parts->address.length + 3;

    for (uint32_t i = 0; i < parts->param_count; i++) {
        size += parts->params[i].name.length + parts->params[i].value.length + 2;
    }
    return size;
}

/* Copies the text to *at, terminated, and moves *at behind it. */
static const char *place(char **at, struct tg_str text)
{
    char *start = *at;

    if (text.length > 0) {
        memcpy(start, text.at, text.length);
    }
    start[text.length] = '\0';
    *at += text.length + 1;
    return start;
}

struct tg_provenance *tg_provenance_create(const struct tg_provenance_parts *parts)
{
    struct tg_provenance *provenance = malloc(sizeof(*provenance) + measure(parts));

    if (!provenance) {
        return NULL;
    }
    char *at = (char *)(provenance + 1);
    *provenance = (struct tg_provenance){
        .refs = 1,
        .param_count = parts->param_count,
        .tenant_rank = parts->tenant_rank,
        .connected_at_ms = parts->connected_at_ms,
    };
    provenance->path = place(&at, parts->path);
    provenance->query = place(&at, parts->query);
    provenance->address = place(&at, parts->address);
    for (uint32_t i = 0; i < parts->param_count; i++) {
        provenance->params[i].name = place(&at, parts->params[i].name);
        provenance->params[i].value = place(&at, parts->params[i].value);
    }
    provenance->trace = *parts->trace;
    tg_provenance_set_tenant(provenance, parts->tenant);
    if (parts->token) {
        tg_provenance_set_token(provenance, parts->token);
    }
    return provenance;
}

void tg_provenance_set_token(struct tg_provenance *provenance, struct tg_token *token)
{
    tg_token_fini(&provenance->token);
    provenance->token = *token;
    *token = (struct tg_token){0};
}

void tg_provenance_set_tenant(struct tg_provenance *provenance, struct tg_str tenant)
{
    tg_require(tenant.length <= TG_TENANT_MAX);
    provenance->tenant = tenant.at ? provenance->tenant_text : NULL;
    if (tenant.at) {
        memcpy(provenance->tenant_text, tenant.at, tenant.length);
        provenance->tenant_text[tenant.length] = '\0';
    }
}

struct tg_provenance *tg_provenance_ref(struct tg_provenance *provenance)
{
    provenance->refs++;
    return provenance;
}

void tg_provenance_unref(struct tg_provenance *provenance)
{
    if (provenance && --provenance->refs == 0) {
        tg_token_fini(&provenance->token);
        free(provenance);
    }
}
