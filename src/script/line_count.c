/* SPDX-License-Identifier: MIT */
#include "script/line_count.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <lua.h>

#include "base/str.h"
#include "hub/hub.h"
#include "script/vm.h"

struct counted_file {
    char *name;
    uint64_t *times; /* by line; the first place is not used */
    uint32_t capacity;
};

struct tg_line_count {
    struct counted_file files[TG_LINE_COUNT_FILES_MAX];
    uint32_t file_count;
    uint32_t last; /* the file that was counted last, which is likely the next one too */
};

struct tg_line_count *tg_line_count_create(void)
{
    return calloc(1, sizeof(struct tg_line_count));
}

void tg_line_count_destroy(struct tg_line_count *count)
{
    for (uint32_t i = 0; count && i < count->file_count; i++) {
        free(count->files[i].name);
        free(count->files[i].times);
    }
    free(count);
}

static struct counted_file *find_file(struct tg_line_count *count, const char *name)
{
    if (count->last < count->file_count && strcmp(count->files[count->last].name, name) == 0) {
        return &count->files[count->last];
    }
    for (uint32_t i = 0; i < count->file_count; i++) {
        if (strcmp(count->files[i].name, name) == 0) {
            count->last = i;
            return &count->files[i];
        }
    }
    if (count->file_count == TG_LINE_COUNT_FILES_MAX) {
        return NULL;
    }
    char *copy = tg_str_copy(tg_str_of(name));
    if (!copy) {
        return NULL;
    }
    count->last = count->file_count++;
    count->files[count->last] = (struct counted_file){.name = copy};
    return &count->files[count->last];
}

static bool make_room(struct counted_file *file, uint32_t line)
{
    if (line < file->capacity) {
        return true;
    }
    uint32_t capacity = file->capacity ? file->capacity : 64;
    while (capacity <= line) {
        capacity *= 2;
    }
    uint64_t *grown = realloc(file->times, capacity * sizeof(*grown));
    if (!grown) {
        return false;
    }
    memset(grown + file->capacity, 0, (capacity - file->capacity) * sizeof(*grown));
    file->times = grown;
    file->capacity = capacity;
    return true;
}

/* A line begins to run. Our own Lua has chunk names that begin with '='; a gateway's files '@'. */
static void on_line(lua_State *L, lua_Debug *at)
{
    struct tg_line_count *count = tg_vm_of(L)->hub->line_count;

    if (!lua_getinfo(L, "S", at) || at->source[0] != '@' || at->currentline <= 0 ||
        at->currentline > TG_LINE_COUNT_LINES_MAX) {
        return;
    }
    uint32_t line = (uint32_t)at->currentline;
    struct counted_file *file = find_file(count, at->source + 1);
    if (file && make_room(file, line)) {
        file->times[line]++;
    }
}

void tg_line_count_arm(struct tg_vm *vm)
{
    if (vm->hub->line_count) {
        (void)lua_sethook(vm->L, on_line, LUA_MASKLINE, 0);
    }
}

void tg_line_count_each(const struct tg_line_count *count, tg_line_count_fn fn, void *self)
{
    for (uint32_t i = 0; i < count->file_count; i++) {
        const struct counted_file *file = &count->files[i];
        for (uint32_t line = 1; line < file->capacity; line++) {
            if (file->times[line] > 0) {
                fn(self, file->name, line, file->times[line]);
            }
        }
    }
}
