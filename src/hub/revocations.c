/* SPDX-License-Identifier: MIT */
#include "hub/revocations.h"

#include "hub/hub.h"
#include "hub/line_table.h"
#include "hub/recheck.h"

static const char LOG_MODULE[] = "revocations";

enum { KIND_MAX = 7 /* "tenant " */ };

static bool is_good(struct tg_str line)
{
    static const char *const kinds[] = {"jti ", "sub ", "tenant "};

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        struct tg_str kind = tg_str_of(kinds[i]);
        if (tg_str_starts(line, kind)) {
            size_t length = line.length - kind.length;
            return length > 0 && length <= TG_REVOCATION_VALUE_MAX;
        }
    }
    return false;
}

int tg_hub_set_revocations(struct tg_hub *hub, struct tg_str text, struct tg_errmsg *msg)
{
    static const struct tg_line_form form = {
        .document = "revocations",
        .expected = "jti, sub or tenant, a blank, and 1 to 128 octets",
        .lines_max = TG_REVOCATIONS_MAX,
        .key_end = '\n',
        .may_repeat = true,
        .is_good = is_good,
    };
    struct tg_line_table *made = NULL;
    int err = tg_line_table_create(text, &form, &made, msg);

    if (err) {
        return err;
    }
    tg_line_table_destroy(hub->revocations);
    hub->revocations = made;
    TG_LOG_INFO("revocations are in force", "count=%u", tg_line_table_count(made));
    tg_recheck_start(hub);
    return TG_OK;
}

/* kind ends with a blank. */
static bool is_listed(const struct tg_line_table *table, struct tg_str kind, struct tg_str value)
{
    char key[KIND_MAX + TG_REVOCATION_VALUE_MAX];
    struct tg_str line;

    if (value.length == 0 || value.length > TG_REVOCATION_VALUE_MAX) {
        return false;
    }
    memcpy(key, kind.at, kind.length);
    memcpy(key + kind.length, value.at, value.length);
    return tg_line_table_find(table, tg_str(key, kind.length + value.length), &line);
}

bool tg_revocations_hit(const struct tg_hub *hub, const struct tg_bearer *bearer)
{
    const struct tg_line_table *table = hub->revocations;

    return tg_line_table_count(table) > 0 && (is_listed(table, TG_STR("jti "), bearer->jti) ||
                                              is_listed(table, TG_STR("sub "), bearer->sub) ||
                                              is_listed(table, TG_STR("tenant "), bearer->tenant));
}
