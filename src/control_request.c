/* SPDX-License-Identifier: MIT */
#include "control_request.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

static const char name_octets[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";

/* How each verb is called and what may stand behind it. */
static const struct {
    const char *name;
    bool takes_name;
    bool needs_name;
} verbs[] = {
    [TG_CONTROL_STATUS] = {"status", false, false},
    [TG_CONTROL_RELOAD] = {"reload", true, false},
    [TG_CONTROL_ROLLBACK] = {"rollback", true, true},
    [TG_CONTROL_REMOVE] = {"remove", true, true},
};
enum { VERB_COUNT = sizeof(verbs) / sizeof(verbs[0]) };

bool tg_control_request_is_name(struct tg_str name)
{
    if (name.length == 0 || name.length > TG_CONTROL_NAME_MAX) {
        return false;
    }
    for (size_t i = 0; i < name.length; i++) {
        if (name.at[i] == '\0' || !strchr(name_octets, name.at[i])) {
            return false;
        }
    }
    return true;
}

static int find_verb(struct tg_str word, struct tg_control_request *read)
{
    for (int i = 0; i < VERB_COUNT; i++) {
        if (tg_str_is(word, tg_str_of(verbs[i].name))) {
            read->verb = (enum tg_control_verb)i;
            return TG_OK;
        }
    }
    return TG_ERR_SYNTAX;
}

static int read_form(struct tg_str word, struct tg_control_request *read)
{
    read->wants_json = tg_str_is(word, TG_STR("json"));
    return read->wants_json || tg_str_is(word, TG_STR("text")) ? TG_OK : TG_ERR_SYNTAX;
}

static int read_name(struct tg_str rest, struct tg_control_request *read, struct tg_errmsg *msg)
{
    const char *verb = verbs[read->verb].name;

    if (!rest.at) {
        return verbs[read->verb].needs_name
                   ? tg_errmsg_set(msg, TG_ERR_SYNTAX, "%s: name the gateway", verb)
                   : TG_OK;
    }
    if (!verbs[read->verb].takes_name || !tg_control_request_is_name(rest)) {
        return tg_errmsg_set(msg, TG_ERR_SYNTAX, "%s: a gateway's name is 1 to %d of a-z 0-9 _ -",
                             verb, (int)TG_CONTROL_NAME_MAX);
    }
    memcpy(read->name, rest.at, rest.length);
    return TG_OK;
}

int tg_control_request_read(struct tg_str line, struct tg_control_request *request,
                            struct tg_errmsg *msg)
{
    struct tg_control_request read = {0};
    struct tg_str rest = line;
    int err = find_verb(tg_str_split(&rest, ' '), &read);

    if (err) {
        return tg_errmsg_set(msg, err,
                             "unknown request: expected status, reload, rollback or "
                             "remove");
    }
    if (read.verb == TG_CONTROL_STATUS) {
        err = read_form(rest, &read);
        err = err ? tg_errmsg_set(msg, err, "status: expected text or json") : TG_OK;
    } else {
        err = read_name(rest, &read, msg);
    }
    if (!err) {
        *request = read;
    }
    return err;
}

size_t tg_control_request_write(const struct tg_control_request *request,
                                char out[TG_CONTROL_REQUEST_MAX])
{
    const char *behind = request->name;

    if (request->verb == TG_CONTROL_STATUS) {
        behind = request->wants_json ? "json" : "text";
    }
    int length = snprintf(out, TG_CONTROL_REQUEST_MAX, "%s%s%s\n", verbs[request->verb].name,
                          behind[0] ? " " : "", behind);
    return (size_t)length;
}
