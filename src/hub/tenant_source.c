/* SPDX-License-Identifier: MIT */
#include "hub/tenant_source.h"

#include "hub/handshake.h"
#include "hub/hub.h"
#include "hub/tenant.h"
#include "hub/tenants.h"

static enum tg_refusal read_header(const struct tg_hub *hub, const struct tg_handshake *request,
                                   struct tg_tenant_named *named)
{
    struct tg_str value = {NULL, 0};
    uint32_t count = tg_handshake_find(request, tg_str_of(hub->config->tenant_header), &value);

    if (count > 1 || (count == 1 && !tg_tenant_is_id(value))) {
        return TG_REFUSAL_BAD_TENANT;
    }
    if (count == 1) {
        named->id = value;
    }
    return TG_REFUSAL_NONE;
}

/* The Host's name without its port; an IPv6 address loses more than that, and is no domain. */
static struct tg_str host_name(const struct tg_handshake *request)
{
    struct tg_str host = {NULL, 0};

    (void)tg_handshake_find(request, TG_STR("host"), &host);
    return tg_str_split(&host, ':');
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static enum tg_refusal read_subdomain(const struct tg_hub *hub, const struct tg_handshake *request,
                                      struct tg_tenant_named *named)
{
    struct tg_str base = tg_str_of(hub->config->tenant_base_domain);
    struct tg_str host = host_name(request);

    if (base.length == 0 || host.length <= base.length) {
        return TG_REFUSAL_NONE;
    }
    size_t length = host.length - base.length - 1;
    if (host.at[length] != '.' ||
        !tg_str_is_caseless(tg_str(host.at + length + 1, base.length), base) ||
        (length > 0 && memchr(host.at, '.', length))) {
        return TG_REFUSAL_NONE;
    }
    if (length >= sizeof(named->label)) {
        return TG_REFUSAL_BAD_TENANT;
    }
    for (size_t i = 0; i < length; i++) {
        named->label[i] = lower(host.at[i]);
    }
    named->id = tg_str(named->label, length);
    return tg_tenant_is_id(named->id) ? TG_REFUSAL_NONE : TG_REFUSAL_BAD_TENANT;
}

enum tg_refusal tg_tenant_source_read(const struct tg_hub *hub, const struct tg_handshake *request,
                                      struct tg_tenant_named *named)
{
    const struct tg_config_list *sources = &hub->config->tenant_sources;

    *named = (struct tg_tenant_named){.rank = sources->count};
    for (uint32_t i = 0; i < sources->count && !named->id.at; i++) {
        struct tg_str source = tg_str_of(sources->items[i]);
        enum tg_refusal refusal = TG_REFUSAL_NONE;
        named->rank = i;
        if (tg_str_is(source, TG_STR("header"))) {
            refusal = read_header(hub, request, named);
        } else if (tg_str_is(source, TG_STR("subdomain"))) {
            refusal = read_subdomain(hub, request, named);
        }
        if (refusal != TG_REFUSAL_NONE) {
            return refusal;
        }
    }
    return TG_REFUSAL_NONE;
}

/* Where the claim stands among the sources; as many as there are when it is none. */
static uint32_t claim_rank(const struct tg_hub *hub)
{
    const struct tg_config_list *sources = &hub->config->tenant_sources;
    uint32_t rank = 0;

    while (rank < sources->count && !tg_str_is(tg_str_of(sources->items[rank]), TG_STR("claim"))) {
        rank++;
    }
    return rank;
}

/* The registry's word on the one that was named. */
static enum tg_refusal judge(const struct tg_hub *hub, struct tg_str id, enum tg_refusal unknown)
{
    switch (tg_tenants_state(hub, id)) {
    case TG_TENANT_ACTIVE:
        return TG_REFUSAL_NONE;
    case TG_TENANT_SUSPENDED:
        return TG_REFUSAL_TENANT_SUSPENDED;
    case TG_TENANT_UNKNOWN:
        break;
    }
    return unknown;
}

enum tg_refusal tg_tenant_source_decide(const struct tg_hub *hub, enum tg_presence wanted,
                                        const struct tg_tenant_named *named, struct tg_str claim,
                                        struct tg_str *tenant)
{
    struct tg_str fallback = tg_str_of(hub->config->tenant_fallback);
    uint32_t rank = claim_rank(hub);
    bool is_claim_source = rank < hub->config->tenant_sources.count;
    /* Stands for "unknown, but there is a fallback": no verdict of its own. */
    enum tg_refusal unknown = fallback.at ? TG_REFUSAL_NO_TENANT : TG_REFUSAL_UNKNOWN_TENANT;
    enum tg_refusal refusal = TG_REFUSAL_NO_TENANT;

    *tenant = named->id;
    if (claim.at && is_claim_source && (!named->id.at || rank < named->rank)) {
        *tenant = claim;
    }
    if (tenant->at) {
        refusal = judge(hub, *tenant, unknown);
    }
    if (refusal == TG_REFUSAL_NO_TENANT && fallback.at) {
        *tenant = fallback;
        refusal = judge(hub, fallback, TG_REFUSAL_UNKNOWN_TENANT);
    }
    if (refusal == TG_REFUSAL_NO_TENANT && wanted != TG_PRESENCE_REQUIRED) {
        refusal = TG_REFUSAL_NONE;
    }
    if (refusal == TG_REFUSAL_NONE && claim.at && !tg_str_is(claim, *tenant)) {
        refusal = TG_REFUSAL_WRONG_TENANT;
    }
    return refusal;
}
