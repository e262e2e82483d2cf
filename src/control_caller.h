/* SPDX-License-Identifier: MIT */
/* One who asks over the control socket:
 *
 *   reading    until the line is whole, or for TG_CONTROL_DEADLINE_MS
 *
 *   waiting    until what was begun is done, or for TG_CONTROL_WAIT_MS; forgotten who hangs up
 *
 *   writing    until the answer is taken, or for TG_CONTROL_DEADLINE_MS
 *
 *   lingering  our end is closed; until the other is, or for what is left of the same deadline:
 *              closing with octets unread would take the answer away from who hasn't read it yet
 *
 * Lives in: the supervisor. Owns: its connection, its answer. Times are monotonic milliseconds. */
#ifndef TG_CONTROL_CALLER_H
#define TG_CONTROL_CALLER_H

#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "base/buf.h"
#include "control.h"
#include "control_request.h"
#include "control_status.h"

/* What all callers share. */
struct tg_control_desk {
    struct tg_control_handlers handlers;
    uint64_t now_ms;                 /* of the step that runs */
    int epoll;                       /* where callers are watched, with their index as data */
    struct tg_control_status status; /* of the answer that is written */
};

enum tg_control_stage {
    TG_CONTROL_READING,
    TG_CONTROL_WAITING,
    TG_CONTROL_WRITING,
    TG_CONTROL_LINGERING
};

struct tg_control_caller {
    int fd; /* -1: the place is free */
    uint32_t index;
    enum tg_control_stage stage;
    uint64_t due_ms;
    uid_t uid;
    pid_t pid;
    char in[TG_CONTROL_REQUEST_MAX];
    size_t filled;
    struct tg_control_request request; /* waiting: and the next two */
    uint64_t ticket;
    struct tg_control_marks *before; /* what there was when it began */
    struct tg_buf out;
    size_t sent;
};

/* A free place. */
void tg_control_caller_init(struct tg_control_caller *caller, uint32_t index);

/* Takes fd, and reads from it from now on. TG_ERR_IO: fd is still the one's who called. */
int tg_control_caller_begin(struct tg_control_desk *desk, struct tg_control_caller *caller, int fd,
                            const struct ucred *who);

/* Its connection can be read or written, or has ended. The place may be free afterwards. */
void tg_control_caller_on_event(struct tg_control_desk *desk, struct tg_control_caller *caller,
                                uint32_t events);

/* Looks at what it waits for, and at its deadline. Accepts a free place, as do the rest. */
void tg_control_caller_look(struct tg_control_desk *desk, struct tg_control_caller *caller);

/* When to look again; UINT64_MAX for a free place. */
uint64_t tg_control_caller_due_ms(const struct tg_control_desk *desk,
                                  const struct tg_control_caller *caller);

/* Whatever it waits for. */
void tg_control_caller_end(struct tg_control_desk *desk, struct tg_control_caller *caller);

/* In a child: closes its copy alone. */
void tg_control_caller_forget(struct tg_control_caller *caller);

#endif
