/* SPDX-License-Identifier: MIT */
/* What the hub asks of whatever runs a gateway's logic: LuaJIT in a worker (script), C functions
 * in tests.
 * Lives in: a worker. */
#ifndef TG_HUB_SCRIPT_H
#define TG_HUB_SCRIPT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "hub/close_reason.h"

struct tg_client; /* hub/client.h */
struct tg_event;  /* hub/gateway.h */

enum tg_call_kind {
    TG_CALL_CONNECT,
    TG_CALL_EVENT,
    TG_CALL_TEXT,
    TG_CALL_BINARY,
    TG_CALL_DISCONNECT
};

/* One call of a handler. Views are valid during the call only. */
struct tg_call {
    enum tg_call_kind kind;
    struct tg_client *client;
    const struct tg_event *event; /* EVENT: the handler to run */
    struct tg_str payload;        /* EVENT: the raw JSON of data, validated, empty when absent;
                                     TEXT, BINARY: the message */
    bool wants_answer;            /* EVENT: the message bears an id */
    enum tg_close_reason cause;   /* DISCONNECT */
};

enum tg_outcome {
    TG_OUTCOME_DONE,      /* returned; data is its value */
    TG_OUTCOME_REFUSED,   /* returned nil, code, message; or CONNECT returned false */
    TG_OUTCOME_FAILED,    /* raised; already logged and counted by the script */
    TG_OUTCOME_OVERRAN,   /* used up its CPU budget and was stopped; logged and counted */
    TG_OUTCOME_SUSPENDED, /* tg_client_resume_done will tell the end */
};

/* How a call ended. Views are valid until the script is next called. */
struct tg_answer {
    enum tg_outcome outcome;
    struct tg_str data; /* DONE and wants_answer: the JSON of the value; empty: null */
    struct tg_str code; /* REFUSED of an EVENT: a stable word */
    struct tg_str message;
    int close_code; /* REFUSED of a CONNECT: 0 for the default; message is the reason */
};

/* vm is the gateway's own state (struct tg_gateway.vm). */
struct tg_script {
    /* Runs the handler until it returns, raises or suspends. A client has one call at a time: the
     * hub makes no second before the first has ended. */
    void (*call)(void *vm, const struct tg_call *call, struct tg_answer *answer);

    /* The client has ended: its handle answers nil, "closed" from now on, and nothing may keep the
     * pointer. */
    void (*forget)(void *vm, struct tg_client *client);

    /* Cancels timers and suspended calls, and frees the state. */
    void (*destroy)(void *vm);
};

#endif
