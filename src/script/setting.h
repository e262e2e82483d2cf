/* SPDX-License-Identifier: MIT */
/* Reads one setting of a gateway's table and says what is wrong with it: file, key path, what was
 * expected, what was found.
 * Lives in: a worker, inside a Lua state. The value read is at the top of the stack; every
 * function may raise. */
#ifndef TG_SCRIPT_SETTING_H
#define TG_SCRIPT_SETTING_H

#include <stdbool.h>
#include <stdint.h>

#include <lua.h>

#include "base/str.h"

struct tg_vm;

enum { TG_SETTING_PATH_BYTES = 320 };

struct tg_setting {
    lua_State *L;
    struct tg_vm *vm;
    int root;                         /* the gateway's table */
    char path[TG_SETTING_PATH_BYTES]; /* the key being read: limits.message_bytes; "" the whole */
    size_t lengths[4];                /* of path before each enter */
    int depth;
};

struct tg_setting_key {
    const char *name;
    void (*read)(struct tg_setting *setting);
};

/* Raises "FILE: PATH: message". */
__attribute__((noreturn, format(printf, 2, 3))) void tg_setting_fail(struct tg_setting *setting,
                                                                     const char *format, ...);
__attribute__((noreturn)) void tg_setting_fail_at(struct tg_setting *setting, const char *key,
                                                  const char *message);

/* Raises when err is one: out of memory, or too many. */
void tg_setting_check(struct tg_setting *setting, int err);

/* Reads every key of the table at the top, absent ones (nil) too; an unknown key is a failure that
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

/* Pushes the item of the list at the top and adds "[i]" to the path; leave pops both. */
void tg_setting_enter_item(struct tg_setting *setting, int i);
void tg_setting_leave(struct tg_setting *setting);

/* Adds ."name" to the path, without touching the stack. */
void tg_setting_enter_name(struct tg_setting *setting, struct tg_str name);
void tg_setting_leave_name(struct tg_setting *setting);

#endif
