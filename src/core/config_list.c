/* SPDX-License-Identifier: MIT */
#include "core/config_list.h"

#include <stdlib.h>

static int add(struct tg_config_list *list, const char *key, struct tg_str item,
               struct tg_errmsg *msg)
{
    if (item.length == 0) {
        return tg_errmsg_set(msg, TG_ERR_INVALID, "%s: expected items that are not empty", key);
    }
    for (size_t i = 0; i < item.length; i++) {
        if ((unsigned char)item.at[i] < ' ' || item.at[i] == 0x7f) {
            return tg_errmsg_set(msg, TG_ERR_INVALID,
                                 "%s: expected items without control characters", key);
        }
    }
    if (list->count == TG_CONFIG_LIST_MAX) {
        return tg_errmsg_set(msg, TG_ERR_INVALID, "%s: expected at most %d items", key,
                             (int)TG_CONFIG_LIST_MAX);
    }
    char *copy = tg_str_copy(item);
    if (!copy) {
        return tg_errmsg_set(msg, TG_ERR_NOMEM, "%s: out of memory", key);
    }
    list->items[list->count++] = copy;
    return TG_OK;
}

static void replace(struct tg_config_list *list, const struct tg_config_list *with)
{
    tg_config_list_fini(list);
    *list = *with;
}

int tg_config_list_set(struct tg_config_list *list, const char *key, struct tg_str value,
                       struct tg_errmsg *msg)
{
    struct tg_config_list made = {.count = 0};
    struct tg_str rest = value;

    while (!tg_str_is(value, TG_STR("none")) && rest.at) {
        int err = add(&made, key, tg_str_trim(tg_str_split(&rest, ',')), msg);
        if (err) {
            tg_config_list_fini(&made);
            return err;
        }
    }
    replace(list, &made);
    return TG_OK;
}

int tg_config_list_set_item(struct tg_config_list *list, const char *key, uint64_t number,
                            struct tg_str value, struct tg_errmsg *msg)
{
    struct tg_config_list made = {.count = 0};

    if (number != 1) {
        if (number != (uint64_t)list->count + 1) {
            return tg_errmsg_set(msg, TG_ERR_INVALID, "%s: expected a list without holes", key);
        }
        return add(list, key, tg_str_trim(value), msg);
    }
    int err = add(&made, key, tg_str_trim(value), msg);
    if (!err) {
        replace(list, &made);
    }
    return err;
}

bool tg_config_list_has(const struct tg_config_list *list, struct tg_str item)
{
    for (uint32_t i = 0; i < list->count; i++) {
        if (tg_str_is(item, tg_str_of(list->items[i]))) {
            return true;
        }
    }
    return false;
}

void tg_config_list_fini(struct tg_config_list *list)
{
    for (uint32_t i = 0; i < list->count; i++) {
        free(list->items[i]);
    }
    *list = (struct tg_config_list){.count = 0};
}
