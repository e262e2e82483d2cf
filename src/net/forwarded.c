/* SPDX-License-Identifier: MIT */
#include "net/forwarded.h"

#include "base/err.h"

/* "192.0.2.7", "192.0.2.7:80", "2001:db8::7", "[2001:db8::7]" or "[2001:db8::7]:80". */
static int read_hop(struct tg_str text, struct tg_ip *ip)
{
    const char *colon = text.length > 0 ? memchr(text.at, ':', text.length) : NULL;

    if (text.length > 0 && text.at[0] == '[') {
        const char *end = memchr(text.at, ']', text.length);
        size_t after = end ? text.length - (size_t)(end + 1 - text.at) : 0;
        if (!end || (after > 0 && end[1] != ':')) {
            return TG_ERR_SYNTAX;
        }
        text = tg_str(text.at + 1, (size_t)(end - text.at) - 1);
    } else if (colon && !memchr(colon + 1, ':', text.length - (size_t)(colon + 1 - text.at))) {
        text.length = (size_t)(colon - text.at);
    }
    return tg_ip_read(text, ip);
}

/* Takes the last item off the list. */
static struct tg_str take_last(struct tg_str *list)
{
    const char *comma = list->length > 0 ? memrchr(list->at, ',', list->length) : NULL;
    struct tg_str last = *list;

    if (comma) {
        last = tg_str(comma + 1, list->length - (size_t)(comma + 1 - list->at));
        list->length = (size_t)(comma - list->at);
    } else {
        list->at = NULL;
    }
    return tg_str_trim(last);
}

int tg_forwarded_find(const struct tg_header *headers, uint32_t header_count,
                      const struct tg_address_list *trusted, struct tg_ip *client)
{
    uint32_t hops = 0;

    /* Several such headers are one list (RFC 9110 section 5.3). */
    for (uint32_t i = header_count; i > 0; i--) {
        struct tg_str list = headers[i - 1].value;
        if (!tg_str_is_caseless(headers[i - 1].name, TG_STR("x-forwarded-for"))) {
            continue;
        }
        while (list.at) {
            struct tg_ip hop;
            if (++hops > TG_FORWARDED_HOPS_MAX) {
                return TG_ERR_TOO_LARGE;
            }
            if (read_hop(take_last(&list), &hop) != TG_OK) {
                return TG_ERR_SYNTAX;
            }
            *client = hop;
            if (!tg_address_list_has(trusted, &hop)) {
                return TG_OK;
            }
        }
    }
    return TG_OK;
}
