/* SPDX-License-Identifier: MIT */
/* What is wrong with a gateway: the step that found it, file, line, text, hint. Every field is one
 * line of valid UTF-8: what else a file or its name holds is escaped as \xHH (a newline in prose is
 * a blank), so that nothing can break or forge a line of a log, a terminal or a JSON document.
 * Lives in: every process. Owns: its texts, which are copied and cut at their size. */
#ifndef TG_CORE_FAULT_H
#define TG_CORE_FAULT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

enum tg_fault_step {
#define TG_FAULT_STEP(name, label, text) TG_FAULT_##name,
#include "core/fault.def"
#undef TG_FAULT_STEP
    TG_FAULT_STEP_COUNT
};

enum {
    TG_FAULT_FILE_BYTES = 512,
    TG_FAULT_TEXT_BYTES = 512,
    TG_FAULT_HINT_BYTES = 192,
    /* of tg_fault_line */
    TG_FAULT_LINE_BYTES = TG_FAULT_FILE_BYTES + TG_FAULT_TEXT_BYTES + TG_FAULT_HINT_BYTES + 24,
    TG_FAULTS_MAX = 64
};

/* Plain data: it may be sent as it stands, tg_fault_take reads it. */
struct tg_fault {
    uint32_t step;                  /* enum tg_fault_step */
    int32_t line;                   /* 0: in no certain one */
    char file[TG_FAULT_FILE_BYTES]; /* the folder's path as given, and the path below it */
    char text[TG_FAULT_TEXT_BYTES];
    char hint[TG_FAULT_HINT_BYTES]; /* what may be meant, or what to do; "": none */
};

/* The first TG_FAULTS_MAX of them, each once. Zero-initialise. */
struct tg_fault_list {
    uint32_t count;
    uint32_t left_out; /* how many more there were */
    struct tg_fault items[TG_FAULTS_MAX];
};

/* "scan", "load" ...; "unknown" for what is no step. Static. */
const char *tg_fault_step_label(uint32_t step);

/* Fills the fault; it has no hint then. line < 0 counts as 0. */
__attribute__((format(printf, 5, 6))) void tg_fault_set(struct tg_fault *fault,
                                                        enum tg_fault_step step, struct tg_str file,
                                                        int line, const char *format, ...);
__attribute__((format(printf, 2, 3))) void tg_fault_hint(struct tg_fault *fault, const char *format,
                                                         ...);

/* Gives the fault another place; the rest stays. */
void tg_fault_place(struct tg_fault *fault, struct tg_str file, int line);

/* From a message as tg_errmsg and Lua write them, "FILE:LINE: text" or "FILE: text", where FILE is
 * the folder's path (origin) or one below it; any other message is a text about the folder. */
void tg_fault_from_text(struct tg_fault *fault, enum tg_fault_step step, struct tg_str origin,
                        struct tg_str message);

/* The fault in one line, "FILE:LINE: text (hint)", without the parts it lacks. Returns out, always
 * terminated; TG_FAULT_LINE_BYTES hold any. */
const char *tg_fault_line(const struct tg_fault *fault, char *out, size_t size);

/* Reads a fault that another process has sent. TG_ERR_SYNTAX when it is none: another size, no such
 * step, a negative line, or a field without an end. What the fields hold is made clean again. */
int tg_fault_take(struct tg_fault *fault, struct tg_str octets);

/* Adds a copy, unless the same one is there; past the bound it is only counted. */
void tg_fault_list_add(struct tg_fault_list *list, const struct tg_fault *fault);

/* By step, file, line, text. */
void tg_fault_list_sort(struct tg_fault_list *list);

#endif
