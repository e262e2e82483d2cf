/* SPDX-License-Identifier: MIT */
#include "check_report.h"

#include <inttypes.h>

#include "base/str.h"
#include "hub/json_text.h"

/* --- for machines --- */

/* The text as a JSON string, null when it is empty. */
static void write_text(FILE *out, const char *text)
{
    char escaped[TG_FAULT_FILE_BYTES * TG_JSON_ESCAPE_MAX];
    struct tg_fault clean;

    if (text[0] == '\0') {
        (void)fputs("null", out);
        return;
    }
    /* What comes from a fault is clean already, a folder's path may be anything. */
    tg_fault_set(&clean, TG_FAULT_SCAN, tg_str_of(text), 0, "%s", "");
    const char *end = tg_json_text_escape(tg_str_of(clean.file), escaped);
    (void)fputc('"', out);
    (void)fwrite(escaped, 1, (size_t)(end - escaped), out);
    (void)fputc('"', out);
}

static void write_field(FILE *out, const char *key, const char *text)
{
    (void)fprintf(out, ",\"%s\":", key);
    write_text(out, text);
}

static void write_fault(FILE *out, const struct tg_fault *fault)
{
    (void)fprintf(out, "\n  {\"step\":\"%s\"", tg_fault_step_label(fault->step));
    write_field(out, "file", fault->file);
    if (fault->line > 0) {
        (void)fprintf(out, ",\"line\":%" PRId32, fault->line);
    } else {
        (void)fputs(",\"line\":null", out);
    }
    write_field(out, "message", fault->text);
    write_field(out, "hint", fault->hint);
    (void)fputc('}', out);
}

static void write_json(const struct tg_check_report *report, const struct tg_check_verdict *verdict)
{
    FILE *out = report->out;

    (void)fprintf(out, "%s\n {\"folder\":", report->count > 0 ? "," : "");
    write_text(out, verdict->folder);
    write_field(out, "name", verdict->name);
    write_field(out, "generation", verdict->generation);
    (void)fprintf(out, ",\"ok\":%s,\"left_out\":%" PRIu32 ",\"faults\":[",
                  verdict->is_ok ? "true" : "false", verdict->faults->left_out);
    for (uint32_t i = 0; i < verdict->faults->count; i++) {
        (void)fputs(i > 0 ? "," : "", out);
        write_fault(out, &verdict->faults->items[i]);
    }
    (void)fputs("]}", out);
}

/* --- for humans --- */

static void write_lines(FILE *out, const struct tg_check_verdict *verdict)
{
    const struct tg_fault_list *faults = verdict->faults;
    char line[TG_FAULT_LINE_BYTES];
    struct tg_fault clean;

    tg_fault_set(&clean, TG_FAULT_SCAN, tg_str_of(verdict->folder), 0, "ok");
    for (uint32_t i = 0; i < faults->count; i++) {
        (void)fprintf(out, "%s\n", tg_fault_line(&faults->items[i], line, sizeof(line)));
    }
    if (faults->left_out > 0) {
        (void)fprintf(out, "%s: %" PRIu32 " more\n", clean.file, faults->left_out);
    }
    if (verdict->is_ok) {
        (void)fprintf(out, "%s\n", tg_fault_line(&clean, line, sizeof(line)));
    }
}

void tg_check_report_begin(struct tg_check_report *report)
{
    if (report->is_json) {
        (void)fputs("{\"folders\":[", report->out);
    }
}

void tg_check_report_add(struct tg_check_report *report, const struct tg_check_verdict *verdict)
{
    if (report->is_json) {
        write_json(report, verdict);
    } else {
        write_lines(report->out, verdict);
    }
    report->count++;
}

void tg_check_report_end(struct tg_check_report *report)
{
    if (report->is_json) {
        (void)fputs("]}\n", report->out);
    }
}
