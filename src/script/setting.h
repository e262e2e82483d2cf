/* SPDX-License-Identifier: MIT */
/* Reads one setting of a gateway's table and says what is wrong with it: file, line, key path, what
 * was expected, what was found. A fault ends the reading of its setting; the others are read still,
 * so that all faults of a table are told at once.
 * Lives in: a worker, inside a Lua state. The value read is at the top of the stack; every
 * function may raise. */
#ifndef TG_SCRIPT_SETTING_H
#define TG_SCRIPT_SETTING_H

#include <stdbool.h>
#include <stdint.h>

#include <lua.h>

#include "base/str.h"
#include "core/fault.h"

struct tg_vm;

enum { TG_SETTING_PATH_BYTES = 320 };

struct tg_setting {
    lua_State *L;
    struct tg_vm *vm;
    struct tg_fault_list *faults;     /* may hold others' before */
    bool has_failed;                  /* there is a fault of this table */
    int root;                         /* the gateway's table */
    char path[TG_SETTING_PATH_BYTES]; /* the key being read: limits.message_bytes; "" the whole */
    size_t lengths[4];                /* of path before each enter */
    int depth;
};

struct tg_setting_key {
    const char *name;
    void (*read)(struct tg_setting *setting);
};

/* Adds a fault of the setting that is being read. */
__attribute__((format(printf, 2, 3))) void tg_setting_note(struct tg_setting *setting,
                                                           const char *format, ...);

/* The same of the setting called key. */
void tg_setting_note_at(struct tg_setting *setting, const char *key, const char *message);

/* Adds a fault, and leaves: back to tg_setting_try. */
__attribute__((noreturn, format(printf, 2, 3))) void tg_setting_fail(struct tg_setting *setting,
                                                                     const char *format, ...);

/* Calls read with copies of that many values at the top of the stack, on a stack of its own; root
 * is found there as well. Comes back when it has failed; other errors go on. */
void tg_setting_try(struct tg_setting *setting, int values, void (*read)(struct tg_setting *));

/* Leaves when there was a fault: the error object is ours, tg_setting_is_failure knows it. */
void tg_setting_finish(struct tg_setting *setting);
bool tg_setting_is_failure(lua_State *L, int index);

/* Raises when err is one: out of memory, or too many. */
void tg_setting_check(struct tg_setting *setting, int err);

/* Reads every key of the table at the top, absent ones (nil) too; an unknown key is a fault that
 * names the nearest real one. */
void tg_setting_table(struct tg_setting *setting, const struct tg_setting_key *keys);

bool tg_setting_is_absent(const struct tg_setting *setting);
void tg_setting_expect(struct tg_setting *setting, int type, const char *what);
struct tg_str tg_setting_text(struct tg_setting *setting);
uint64_t tg_setting_whole(struct tg_setting *setting, uint64_t min, uint64_t max);

/* A reference on the function; 0 when absent. */
int tg_setting_function(struct tg_setting *setting);

/* How many items the list has; -1 when absent. A table with other keys is a failure. */
int tg_setting_list(struct tg_setting *setting, const char *what, int max);

/* Reads the items 1 to count of the list at the top, each with "[i]" added to the path. */
void tg_setting_items(struct tg_setting *setting, int count, void (*read)(struct tg_setting *));

/* Adds ."name" to the path, without touching the stack. */
void tg_setting_enter_name(struct tg_setting *setting, struct tg_str name);
void tg_setting_leave_name(struct tg_setting *setting);

#endif
