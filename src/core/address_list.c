/* SPDX-License-Identifier: MIT */
#include "core/address_list.h"

#include "base/log.h"

enum { SHOWN_BYTES = 96 };

int tg_address_list_read(struct tg_address_list *list, const struct tg_config_list *texts,
                         const char *key, struct tg_errmsg *msg)
{
    *list = (struct tg_address_list){0};
    for (uint32_t i = 0; i < texts->count; i++) {
        struct tg_str text = tg_str_of(texts->items[i]);
        char shown[SHOWN_BYTES];
        if (tg_ip_range_read(text, &list->ranges[i]) != TG_OK) {
            return tg_errmsg_set(msg, TG_ERR_INVALID,
                                 "%s: expected addresses or ranges such as \"192.0.2.7\" or "
                                 "\"10.0.0.0/8\", with no bit set behind the range's own, got %s",
                                 key, tg_log_quote(shown, sizeof(shown), text));
        }
        list->count++;
    }
    return TG_OK;
}

bool tg_address_list_has(const struct tg_address_list *list, const struct tg_ip *ip)
{
    for (uint32_t i = 0; i < list->count; i++) {
        if (tg_ip_range_has(&list->ranges[i], ip)) {
            return true;
        }
    }
    return false;
}

bool tg_address_list_has_text(const struct tg_address_list *list, struct tg_str address)
{
    struct tg_ip ip;

    return list->count > 0 && tg_ip_read(address, &ip) == TG_OK && tg_address_list_has(list, &ip);
}
