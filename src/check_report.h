/* SPDX-License-Identifier: MIT */
/* What tidegate check says: for humans a line per fault, "FILE:LINE: text (hint)", or "DIR: ok";
 * for machines one JSON object (docs/operations.md has its shape).
 * Lives in: the process that was started. Owns: nothing. */
#ifndef TG_CHECK_REPORT_H
#define TG_CHECK_REPORT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "core/fault.h"

struct tg_check_report {
    FILE *out;
    bool is_json;
    uint32_t count; /* of verdicts written */
};

struct tg_check_verdict {
    const char *folder;
    const char *name;       /* "": it can't be told */
    const char *generation; /* "": not all of the folder could be read */
    bool is_ok;
    const struct tg_fault_list *faults;
};

void tg_check_report_begin(struct tg_check_report *report);
void tg_check_report_add(struct tg_check_report *report, const struct tg_check_verdict *verdict);
void tg_check_report_end(struct tg_check_report *report);

#endif
