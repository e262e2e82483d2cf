/* SPDX-License-Identifier: MIT */
/* A gateway as the hub knows it: where it is reached, who may come in, which events have a
 * handler. Filled once by the loader, immutable afterwards; a deploy exchanges the contents of two,
 * between turns, so that whoever points to the one that serves finds the new ones there.
 * Lives in: a worker. Owns: its strings, events and, through script->destroy, its vm. */
#ifndef TG_HUB_GATEWAY_H
#define TG_HUB_GATEWAY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"
#include "base/str.h"
#include "core/deploy_table.h" /* TG_GATEWAYS_MAX */
#include "hub/script.h"

enum {
    TG_NAME_MAX = 128,         /* octets of an event, room or id */
    TG_GATEWAY_PARAMS_MAX = 8, /* ":name" parts of a path */
    TG_GATEWAY_LIST_MAX = 32   /* origins, subprotocols */
};

/* Whether something may, or must, come with a handshake; a token may also have to come with the
 * first message when it didn't come then. */
enum tg_presence { TG_PRESENCE_OPTIONAL, TG_PRESENCE_REQUIRED, TG_PRESENCE_FIRST_MESSAGE };

struct tg_event {
    UT_hash_handle hh;
    int handler; /* the script's number for it */
    bool is_raw; /* data goes to it as undecoded JSON text */
    uint32_t length;
    char name[];
};

struct tg_string_list {
    char *items[TG_GATEWAY_LIST_MAX];
    uint32_t count;
};

struct tg_gateway {
    /* its own, whatever its contents are */
    char *name;            /* the folder's */
    uint32_t client_count; /* that were opened and not yet freed */
    bool is_removed;       /* new clients are not let in, the last one frees it */
    struct tg_gateway *next_removed;

    /* its contents */
    char *path; /* "/chat" or "/chat/:room" */
    enum tg_presence auth;
    enum tg_presence tenant;       /* not FIRST_MESSAGE */
    struct tg_string_list origins; /* none: same origin only; "*": any */
    bool has_origins;
    struct tg_string_list subprotocols; /* of a gateway with a protocol of its own */
    uint64_t message_bytes;             /* 0: the configuration's */
    bool has_connect;
    bool has_disconnect;
    bool has_text; /* on_text: messages go to it instead of the events */
    bool has_binary;
    bool is_unavailable;     /* its code may not run any more (hub/unavailable.h) */
    char generation[13];     /* 12 hex digits of the hash of its files */
    uint64_t counter;        /* of its deploys; 0: it is none of a server's */
    struct tg_event *events; /* keyed by name */
    struct tg_event *recent; /* the one found last: it mostly comes again; NULL: none */
    const struct tg_script *script;
    void *vm;
};

/* An empty gateway of that name. NULL when memory is short. */
struct tg_gateway *tg_gateway_create(struct tg_str name);

/* Destroys the vm too. Accepts NULL. No client may be left on it. */
void tg_gateway_destroy(struct tg_gateway *gateway);

/* Exchanges the contents of two gateways of the same name: path, settings, events and vm. Not
 * inside of a call into either. */
void tg_gateway_exchange(struct tg_gateway *a, struct tg_gateway *b);

/* TG_ERR_INVALID (empty, longer than TG_NAME_MAX, or the core's own: "auth", "presence:..."),
 * TG_ERR_EXISTS, TG_ERR_NOMEM. */
int tg_gateway_add_event(struct tg_gateway *gateway, struct tg_str name, int handler, bool is_raw);

/* NULL when there is none. The table never changes after load. */
const struct tg_event *tg_gateway_find_event(struct tg_gateway *gateway, struct tg_str name);

/* TG_ERR_FULL, TG_ERR_NOMEM. The text is copied. */
int tg_string_list_add(struct tg_string_list *list, struct tg_str text);

/* Checks and sets the path: "/" segments of [A-Za-z0-9_.~-], or ":name" for a parameter.
 * TG_ERR_INVALID with a message, TG_ERR_NOMEM. */
int tg_gateway_set_path(struct tg_gateway *gateway, struct tg_str path, struct tg_errmsg *msg);

/* Whether both are reached by the same requests: "/:a" and "/:b" are. */
bool tg_gateway_is_same_path(const struct tg_gateway *a, const struct tg_gateway *b);

struct tg_param {
    struct tg_str name;  /* view into the gateway's path */
    struct tg_str value; /* view into the request's path */
};

/* Whether the request path is the gateway's; fills in params (TG_GATEWAY_PARAMS_MAX of room).
 * Both are compared octet by octet: an encoded or doubled slash matches nothing. A parameter's
 * value is one segment of [A-Za-z0-9_.~-], 1 to TG_NAME_MAX octets, but not "." or "..". */
bool tg_gateway_match_path(const struct tg_gateway *gateway, struct tg_str path,
                           struct tg_param *params, uint32_t *param_count);

#endif
