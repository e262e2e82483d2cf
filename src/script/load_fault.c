/* SPDX-License-Identifier: MIT */
#include "script/load_fault.h"

#include <stdio.h>
#include <string.h>

enum { NAME_BYTES = 2048, MESSAGE_BYTES = 4096 };

const char tg_load_fault_memory[] = "not enough memory";

static const char cut[] = "...";

static bool ends_with(struct tg_str text, struct tg_str end)
{
    return text.length >= end.length &&
           tg_str_is(tg_str(text.at + text.length - end.length, end.length), end);
}

/* Puts the whole name in place of the cut one, when the message begins with such. */
static struct tg_str lengthen(const struct tg_bundle *bundle, struct tg_str message,
                              char out[MESSAGE_BYTES])
{
    char name[NAME_BYTES];
    struct tg_str rest = message;
    struct tg_str shown = tg_str_split(&rest, ':');

    if (!rest.at || !tg_str_starts(shown, tg_str_of(cut))) {
        return message;
    }
    shown = tg_str(shown.at + sizeof(cut) - 1, shown.length - sizeof(cut) + 1);
    for (uint32_t i = 0; i < bundle->count; i++) {
        (void)snprintf(name, sizeof(name), "%s/%s", bundle->origin, bundle->files[i].path);
        if (ends_with(tg_str_of(name), shown)) {
            (void)snprintf(out, MESSAGE_BYTES, "%s:%.*s", name, TG_STR_ARGS(rest));
            return tg_str_of(out);
        }
    }
    return message;
}

/* Takes "(did you mean 'x'?)" off the end of the fault's text. */
static void split_hint(struct tg_fault *fault)
{
    static const char start[] = " (did you mean ";
    char *hint = strstr(fault->text, start);

    if (hint && ends_with(tg_str_of(hint), TG_STR("?)"))) {
        *hint = '\0';
        hint += 2;
        tg_fault_hint(fault, "%.*s", (int)strlen(hint) - 1, hint);
    }
}

void tg_load_fault_at(struct tg_fault *fault, const struct tg_bundle *bundle, const char *path,
                      const char *text)
{
    char name[NAME_BYTES];

    (void)snprintf(name, sizeof(name), "%s/%s", bundle->origin, path);
    tg_fault_set(fault, TG_FAULT_LOAD, tg_str_of(name), 0, "%s", text);
}

void tg_load_fault_read(struct tg_fault *fault, const struct tg_bundle *bundle,
                        struct tg_str message)
{
    char whole[MESSAGE_BYTES];

    tg_fault_from_text(fault, TG_FAULT_LOAD, tg_str_of(bundle->origin),
                       lengthen(bundle, message, whole));
    split_hint(fault);
}

struct tg_str tg_load_fault_global(struct tg_str text)
{
    static const char before[] = "global '";
    const char *start = memmem(text.at, text.length, before, sizeof(before) - 1);

    if (!start || !ends_with(text, TG_STR("' (a nil value)"))) {
        return tg_str(NULL, 0);
    }
    struct tg_str rest = tg_str(start + sizeof(before) - 1,
                                text.length - (size_t)(start - text.at) - sizeof(before) + 1);
    return tg_str_split(&rest, '\'');
}
