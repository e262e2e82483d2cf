/* SPDX-License-Identifier: MIT */
#include "hub/gateway.h"

#include <stdlib.h>

struct tg_gateway *tg_gateway_create(struct tg_str name)
{
    struct tg_gateway *gateway = calloc(1, sizeof(*gateway));

    if (!gateway) {
        return NULL;
    }
    gateway->name = tg_str_copy(name);
    if (!gateway->name) {
        free(gateway);
        return NULL;
    }
    return gateway;
}

static void free_list(struct tg_string_list *list)
{
    for (uint32_t i = 0; i < list->count; i++) {
        free(list->items[i]);
    }
}

void tg_gateway_destroy(struct tg_gateway *gateway)
{
    struct tg_event *event;
    struct tg_event *next;

    if (!gateway) {
        return;
    }
    if (gateway->script && gateway->vm) {
        gateway->script->destroy(gateway->vm);
    }
    HASH_ITER(hh, gateway->events, event, next)
    {
        /* The analyzer loses track of uthash's inner list.
         * NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
        HASH_DEL(gateway->events, event);
        free(event);
    }
    free_list(&gateway->origins);
    free_list(&gateway->subprotocols);
    free(gateway->name);
    free(gateway->path);
    free(gateway);
}

/* What is a gateway's own goes back to where it was. */
static void keep_own(struct tg_gateway *to, const struct tg_gateway *from)
{
    to->name = from->name;
    to->client_count = from->client_count;
    to->is_removed = from->is_removed;
    to->next_removed = from->next_removed;
}

void tg_gateway_exchange(struct tg_gateway *a, struct tg_gateway *b)
{
    struct tg_gateway held = *a;

    *a = *b;
    *b = held;
    keep_own(b, a);
    keep_own(a, &held);
}

/* The events that the core answers or emits itself. */
static bool is_own_event(struct tg_str name)
{
    return tg_str_is(name, TG_STR("auth")) || tg_str_starts(name, TG_STR("presence:"));
}

/* Needs no key: the names in the table are the gateway's, and clients only ask for them. */
static unsigned hash_event(struct tg_str name)
{
    const uint64_t odd = UINT64_C(0x9E3779B97F4A7C15); /* 2^64 over the golden ratio */
    uint64_t hash = name.length * odd;
    uint64_t word = 0;
    size_t i = 0;

    for (; name.length - i >= sizeof(word); i += sizeof(word)) {
        memcpy(&word, name.at + i, sizeof(word));
        hash = (hash ^ word) * odd;
        hash ^= hash >> 32;
    }
    for (word = 0; i < name.length; i++) {
        word = word << 8 | (uint8_t)name.at[i];
    }
    hash = (hash ^ word) * odd;
    return (unsigned)(hash >> 32);
}

int tg_gateway_add_event(struct tg_gateway *gateway, struct tg_str name, int handler, bool is_raw)
{
    unsigned hash = hash_event(name);

    if (name.length == 0 || name.length > TG_NAME_MAX || is_own_event(name)) {
        return TG_ERR_INVALID;
    }
    if (tg_gateway_find_event(gateway, name)) {
        return TG_ERR_EXISTS;
    }
    struct tg_event *event = calloc(1, sizeof(*event) + name.length);
    if (!event) {
        return TG_ERR_NOMEM;
    }
    event->handler = handler;
    event->is_raw = is_raw;
    event->length = (uint32_t)name.length;
    memcpy(event->name, name.at, name.length);
    HASH_ADD_BYHASHVALUE(hh, gateway->events, name[0], event->length, hash, event);
    if (!event->hh.tbl) {
        free(event);
        return TG_ERR_NOMEM;
    }
    return TG_OK;
}

const struct tg_event *tg_gateway_find_event(struct tg_gateway *gateway, struct tg_str name)
{
    struct tg_event *event = gateway->recent;

    if (event && event->length == name.length && memcmp(event->name, name.at, name.length) == 0) {
        return event;
    }
    unsigned hash = hash_event(name);
    HASH_FIND_BYHASHVALUE(hh, gateway->events, name.at, name.length, hash, event);
    if (event) {
        gateway->recent = event;
    }
    return event;
}

int tg_string_list_add(struct tg_string_list *list, struct tg_str text)
{
    if (list->count == TG_GATEWAY_LIST_MAX) {
        return TG_ERR_FULL;
    }
    char *copy = tg_str_copy(text);
    if (!copy) {
        return TG_ERR_NOMEM;
    }
    list->items[list->count++] = copy;
    return TG_OK;
}

/* The characters that mean themselves in a path and need no decoding (RFC 3986 section 2.3). */
static bool is_unreserved(struct tg_str segment)
{
    for (size_t i = 0; i < segment.length; i++) {
        char c = segment.at[i];
        bool is_alnum = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!is_alnum && c != '_' && c != '.' && c != '~' && c != '-') {
            return false;
        }
    }
    return true;
}

static bool is_segment(struct tg_str segment)
{
    return segment.length > 0 && segment.length <= TG_NAME_MAX && is_unreserved(segment) &&
           !tg_str_is(segment, TG_STR(".")) && !tg_str_is(segment, TG_STR(".."));
}

static bool is_param(struct tg_str segment)
{
    return segment.length > 1 && segment.at[0] == ':';
}

static struct tg_str param_name(struct tg_str segment)
{
    return tg_str(segment.at + 1, segment.length - 1);
}

/* Whether an earlier part of the path has the same parameter. */
static bool is_repeated(struct tg_str path, struct tg_str segment)
{
    struct tg_str rest = tg_str(path.at, (size_t)(segment.at - path.at));

    while (rest.at) {
        if (tg_str_is(tg_str_split(&rest, '/'), segment)) {
            return true;
        }
    }
    return false;
}

int tg_gateway_set_path(struct tg_gateway *gateway, struct tg_str path, struct tg_errmsg *msg)
{
    struct tg_str rest = tg_str(path.at + 1, path.length > 0 ? path.length - 1 : 0);
    uint32_t params = 0;

    if (path.length == 0 || path.at[0] != '/' || path.length > 1024) {
        return tg_errmsg_set(msg, TG_ERR_INVALID, "expected a path that starts with \"/\"");
    }
    while (path.length > 1 && rest.at) {
        struct tg_str segment = tg_str_split(&rest, '/');
        bool is_good = is_param(segment) ? is_segment(param_name(segment)) : is_segment(segment);
        if (!is_good) {
            return tg_errmsg_set(msg, TG_ERR_INVALID,
                                 "expected segments of A-Z a-z 0-9 _ . ~ - or :name, got \"%.*s\"",
                                 TG_STR_ARGS(segment));
        }
        if (is_param(segment) && is_repeated(path, segment)) {
            return tg_errmsg_set(msg, TG_ERR_INVALID, "the parameter \"%.*s\" stands twice",
                                 TG_STR_ARGS(segment));
        }
        params += is_param(segment) ? 1 : 0;
    }
    if (params > TG_GATEWAY_PARAMS_MAX) {
        return tg_errmsg_set(msg, TG_ERR_INVALID, "at most %d parameters are possible",
                             TG_GATEWAY_PARAMS_MAX);
    }
    char *copy = tg_str_copy(path);
    if (!copy) {
        return tg_errmsg_set(msg, TG_ERR_NOMEM, "out of memory");
    }
    free(gateway->path);
    gateway->path = copy;
    return TG_OK;
}

bool tg_gateway_is_same_path(const struct tg_gateway *a, const struct tg_gateway *b)
{
    struct tg_str rest_a = tg_str_of(a->path);
    struct tg_str rest_b = tg_str_of(b->path);

    while (rest_a.at && rest_b.at) {
        struct tg_str part_a = tg_str_split(&rest_a, '/');
        struct tg_str part_b = tg_str_split(&rest_b, '/');
        if (!(is_param(part_a) && is_param(part_b)) && !tg_str_is(part_a, part_b)) {
            return false;
        }
    }
    return !rest_a.at && !rest_b.at;
}

bool tg_gateway_match_path(const struct tg_gateway *gateway, struct tg_str path,
                           struct tg_param *params, uint32_t *param_count)
{
    struct tg_str pattern = tg_str_of(gateway->path);
    struct tg_str rest = path;

    *param_count = 0;
    while (pattern.at && rest.at) {
        struct tg_str wanted = tg_str_split(&pattern, '/');
        struct tg_str segment = tg_str_split(&rest, '/');
        if (!is_param(wanted)) {
            if (!tg_str_is(wanted, segment)) {
                return false;
            }
        } else if (!is_segment(segment)) {
            return false;
        } else {
            params[(*param_count)++] = (struct tg_param){param_name(wanted), segment};
        }
    }
    return !pattern.at && !rest.at;
}
