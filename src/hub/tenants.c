/* SPDX-License-Identifier: MIT */
#include "hub/tenants.h"

#include "hub/hub.h"
#include "hub/json_text.h"
#include "hub/line_table.h"
#include "hub/recheck.h"
#include "hub/tenant.h"

static const char LOG_MODULE[] = "tenants";

/* The three parts of a line that was checked. */
struct parts {
    struct tg_str id;
    struct tg_str state;
    struct tg_str name;
};

/* False when there are less than three; the name may hold anything. */
static bool split(struct tg_str line, struct parts *parts)
{
    parts->id = tg_str_split(&line, '\t');
    if (!line.at) {
        return false;
    }
    parts->state = tg_str_split(&line, '\t');
    parts->name = line;
    return line.at != NULL;
}

static bool is_name(struct tg_str text)
{
    for (size_t i = 0; i < text.length; i++) {
        if ((unsigned char)text.at[i] < 0x20 || text.at[i] == 0x7f) {
            return false;
        }
    }
    return text.length <= TG_TENANT_NAME_MAX && tg_json_text_is_utf8(text);
}

static bool is_good(struct tg_str line)
{
    struct parts parts;

    return split(line, &parts) && tg_tenant_is_id(parts.id) && is_name(parts.name) &&
           (tg_str_is(parts.state, TG_STR("active")) ||
            tg_str_is(parts.state, TG_STR("suspended")));
}

int tg_hub_set_tenants(struct tg_hub *hub, struct tg_str text, struct tg_errmsg *msg)
{
    static const struct tg_line_form form = {
        .document = "tenants",
        .expected = "an id, \"active\" or \"suspended\", and a name, with tabs between",
        .lines_max = TG_TENANTS_MAX,
        .key_end = '\t',
        .is_good = is_good,
    };
    struct tg_line_table *made = NULL;
    int err = tg_line_table_create(text, &form, &made, msg);

    if (err) {
        return err;
    }
    tg_line_table_destroy(hub->tenants);
    hub->tenants = made;
    TG_LOG_INFO("tenants are in force", "count=%u", tg_line_table_count(made));
    struct tg_str fallback = tg_str_of(hub->config->tenant_fallback);
    if (fallback.at && tg_tenants_state(hub, fallback) != TG_TENANT_ACTIVE) {
        TG_LOG_WARN("tenants.fallback is no active tenant, who needs it is refused", "tenant=%s",
                    fallback.at);
    }
    tg_recheck_start(hub);
    return TG_OK;
}

enum tg_tenant_state tg_tenants_state(const struct tg_hub *hub, struct tg_str id)
{
    struct parts parts;
    struct tg_str line;

    if (!hub->tenants && !hub->config->tenant_file) {
        return tg_tenant_is_id(id) ? TG_TENANT_ACTIVE : TG_TENANT_UNKNOWN;
    }
    if (!tg_line_table_find(hub->tenants, id, &line) || !split(line, &parts)) {
        return TG_TENANT_UNKNOWN;
    }
    return tg_str_is(parts.state, TG_STR("active")) ? TG_TENANT_ACTIVE : TG_TENANT_SUSPENDED;
}

struct tg_str tg_tenants_name(const struct tg_hub *hub, struct tg_str id)
{
    struct parts parts;
    struct tg_str line;

    if (!tg_line_table_find(hub->tenants, id, &line) || !split(line, &parts)) {
        return id;
    }
    return parts.name.length > 0 ? parts.name : id;
}
