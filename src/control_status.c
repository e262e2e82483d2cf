/* SPDX-License-Identifier: MIT */
#include "control_status.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "hub/json_text.h"

enum { MS_PER_S = 1000, TIME_BYTES = 32, COLUMN_MAX = 40 };

static const char *const states[] = {
    [TG_CONTROL_NEW] = "new",         [TG_CONTROL_TRIAL] = "trial",
    [TG_CONTROL_LIVE] = "live",       [TG_CONTROL_UNAVAILABLE] = "unavailable",
    [TG_CONTROL_REMOVED] = "removed",
};

/* "2026-11-23T16:12:05Z"; "-" when it isn't known. */
static const char *print_time(uint64_t wall_ms, char out[TIME_BYTES])
{
    struct tm parts;
    time_t seconds = (time_t)(wall_ms / MS_PER_S);

    if (wall_ms == 0 || !gmtime_r(&seconds, &parts) ||
        strftime(out, TIME_BYTES, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0) {
        (void)snprintf(out, TIME_BYTES, "-");
    }
    return out;
}

static uint64_t seconds_up(uint64_t ms)
{
    return (ms + MS_PER_S - 1) / MS_PER_S;
}

const struct tg_control_gateway *tg_control_status_find(const struct tg_control_status *status,
                                                        const char *name)
{
    for (uint32_t i = 0; i < status->count; i++) {
        if (strcmp(status->gateways[i].name, name) == 0) {
            return &status->gateways[i];
        }
    }
    return NULL;
}

static bool is_meant(const char *name, const char *wanted)
{
    return wanted[0] == '\0' || strcmp(name, wanted) == 0;
}

bool tg_control_status_has_fault(const struct tg_control_status *status, const char *name)
{
    bool has_fault = name[0] == '\0' && status->root_fault[0] != '\0';

    for (uint32_t i = 0; i < status->count; i++) {
        const struct tg_control_gateway *gateway = &status->gateways[i];
        has_fault = has_fault || (gateway->has_fault && is_meant(gateway->name, name));
    }
    return has_fault;
}

/* --- text --- */

/* What a client or a folder may have named is shown without control octets. */
static void add_plain(struct tg_buf *out, const char *text)
{
    for (const char *at = text; *at; at++) {
        bool is_control = (unsigned char)*at < ' ' || *at == 0x7f;
        tg_buf_add_char(out, is_control ? '?' : *at);
    }
}

static void add_fault(struct tg_buf *out, const struct tg_control_gateway *gateway)
{
    char line[TG_FAULT_LINE_BYTES];

    tg_buf_add_format(out, "fault (%s)", tg_fault_step_label(gateway->fault.step));
    if (gateway->fault_generation[0]) {
        tg_buf_add_format(out, " of %s", gateway->fault_generation);
    }
    tg_buf_add_str(out, TG_STR(": "));
    add_plain(out, tg_fault_line(&gateway->fault, line, sizeof(line)));
}

/* "3f2a1b9c8d7e-7", as in tide.generation; "-" for none. */
static void print_generation(const struct tg_control_gateway *gateway, char *out, size_t size)
{
    if (gateway->counter == 0) {
        (void)snprintf(out, size, "-");
        return;
    }
    (void)snprintf(out, size, "%s-%" PRIu64, gateway->generation, gateway->counter);
}

static void print_state(const struct tg_control_gateway *gateway, char *out, size_t size)
{
    if (gateway->state == TG_CONTROL_TRIAL) {
        (void)snprintf(out, size, "trial, %" PRIu64 " s left", seconds_up(gateway->trial_left_ms));
        return;
    }
    (void)snprintf(out, size, "%s", states[gateway->state]);
}

static int widen(int width, const char *text)
{
    int length = (int)strlen(text);

    return length > width && length <= COLUMN_MAX ? length : width;
}

void tg_control_status_write_text(const struct tg_control_status *status, struct tg_buf *out)
{
    int name_width = 7;
    int path_width = 4;
    char time_text[TIME_BYTES];

    for (uint32_t i = 0; i < status->count; i++) {
        name_width = widen(name_width, status->gateways[i].name);
        path_width = widen(path_width, status->gateways[i].path);
    }
    tg_buf_add_format(out, "%u gateway%s of ", status->count, status->count == 1 ? "" : "s");
    add_plain(out, status->root);
    tg_buf_add_format(out, ", pid %" PRIu64 "\n", status->pid);
    if (status->root_fault[0]) {
        tg_buf_add_format(out,
                          "fault since %s: ", print_time(status->root_fault_since_ms, time_text));
        add_plain(out, status->root_fault);
        tg_buf_add_char(out, '\n');
    }
    if (status->count > 0) {
        tg_buf_add_format(out, "%-*s  %-*s  %-16s  %-20s  %-20s  %s\n", name_width, "gateway",
                          path_width, "path", "state", "generation", "since", "connections");
    }
    for (uint32_t i = 0; i < status->count; i++) {
        const struct tg_control_gateway *gateway = &status->gateways[i];
        char generation[48];
        char state[48];
        print_generation(gateway, generation, sizeof(generation));
        print_state(gateway, state, sizeof(state));
        tg_buf_add_format(out, "%-*s  %-*s  %-16s  %-20s  %-20s  %" PRIu64 "\n", name_width,
                          gateway->name, path_width, gateway->path[0] ? gateway->path : "-", state,
                          generation, print_time(gateway->since_ms, time_text),
                          gateway->connections);
        if (gateway->has_fault) {
            tg_buf_add_format(out, "    since %s, ",
                              print_time(gateway->fault_since_ms, time_text));
            add_fault(out, gateway);
            tg_buf_add_char(out, '\n');
        }
    }
}

/* --- JSON --- */

static void add_text(struct tg_buf *out, const char *name, const char *text)
{
    struct tg_str value = tg_str_of(text);
    size_t length = tg_json_text_escaped_length(value);

    tg_buf_add_format(out, "\"%s\":\"", name);
    if (tg_buf_reserve(out, length) == TG_OK) {
        (void)tg_json_text_escape(value, out->at + out->length);
        out->length += length;
    }
    tg_buf_add_char(out, '"');
}

static void add_text_or_null(struct tg_buf *out, const char *name, const char *text)
{
    if (text[0]) {
        add_text(out, name, text);
    } else {
        tg_buf_add_format(out, "\"%s\":null", name);
    }
}

static void add_time(struct tg_buf *out, const char *name, uint64_t wall_ms)
{
    char text[TIME_BYTES];

    add_text_or_null(out, name, wall_ms == 0 ? "" : print_time(wall_ms, text));
}

static void add_json_fault(struct tg_buf *out, const struct tg_control_gateway *gateway)
{
    const struct tg_fault *fault = &gateway->fault;

    if (!gateway->has_fault) {
        tg_buf_add_str(out, TG_STR("\"fault\":null"));
        return;
    }
    tg_buf_add_str(out, TG_STR("\"fault\":{"));
    add_text(out, "step", tg_fault_step_label(fault->step));
    tg_buf_add_char(out, ',');
    add_text_or_null(out, "file", fault->file);
    if (fault->line > 0) {
        tg_buf_add_format(out, ",\"line\":%" PRId32 ",", fault->line);
    } else {
        tg_buf_add_str(out, TG_STR(",\"line\":null,"));
    }
    add_text(out, "text", fault->text);
    tg_buf_add_char(out, ',');
    add_text_or_null(out, "hint", fault->hint);
    tg_buf_add_char(out, ',');
    add_text_or_null(out, "generation", gateway->fault_generation);
    tg_buf_add_char(out, ',');
    add_time(out, "since", gateway->fault_since_ms);
    tg_buf_add_char(out, '}');
}

static void add_json_gateway(struct tg_buf *out, const struct tg_control_gateway *gateway)
{
    tg_buf_add_char(out, '{');
    add_text(out, "name", gateway->name);
    tg_buf_add_char(out, ',');
    add_text_or_null(out, "path", gateway->path);
    tg_buf_add_char(out, ',');
    add_text_or_null(out, "generation", gateway->generation);
    tg_buf_add_format(out, ",\"counter\":%" PRIu64 ",", gateway->counter);
    add_text(out, "state", states[gateway->state]);
    tg_buf_add_char(out, ',');
    if (gateway->state == TG_CONTROL_TRIAL) {
        tg_buf_add_format(out, "\"trial_seconds_left\":%" PRIu64 ",",
                          seconds_up(gateway->trial_left_ms));
    } else {
        tg_buf_add_str(out, TG_STR("\"trial_seconds_left\":null,"));
    }
    add_time(out, "since", gateway->since_ms);
    tg_buf_add_format(out, ",\"connections\":%" PRIu64 ",\"workers\":%" PRIu32 ",",
                      gateway->connections, gateway->workers);
    add_json_fault(out, gateway);
    tg_buf_add_char(out, '}');
}

void tg_control_status_write_json(const struct tg_control_status *status, struct tg_buf *out)
{
    tg_buf_add_char(out, '{');
    add_text(out, "version", TG_VERSION);
    tg_buf_add_format(out, ",\"pid\":%" PRIu64 ",\"workers\":%" PRIu32 ",", status->pid,
                      status->workers);
    add_text(out, "root", status->root);
    if (status->root_fault[0]) {
        tg_buf_add_str(out, TG_STR(",\"root_fault\":{"));
        add_text(out, "text", status->root_fault);
        tg_buf_add_char(out, ',');
        add_time(out, "since", status->root_fault_since_ms);
        tg_buf_add_char(out, '}');
    } else {
        tg_buf_add_str(out, TG_STR(",\"root_fault\":null"));
    }
    tg_buf_add_str(out, TG_STR(",\"gateways\":["));
    for (uint32_t i = 0; i < status->count; i++) {
        if (i > 0) {
            tg_buf_add_char(out, ',');
        }
        add_json_gateway(out, &status->gateways[i]);
    }
    tg_buf_add_str(out, TG_STR("]}\n"));
}

/* --- what changed --- */

void tg_control_status_mark(const struct tg_control_status *status, struct tg_control_marks *marks)
{
    marks->count = status->count;
    for (uint32_t i = 0; i < status->count; i++) {
        memcpy(marks->items[i].name, status->gateways[i].name, sizeof(marks->items[i].name));
        marks->items[i].counter = status->gateways[i].counter;
    }
}

/* 0: there was none. */
static uint64_t counter_before(const struct tg_control_marks *before, const char *name)
{
    for (uint32_t i = 0; i < before->count; i++) {
        if (strcmp(before->items[i].name, name) == 0) {
            return before->items[i].counter;
        }
    }
    return 0;
}

bool tg_control_status_has_changed(const struct tg_control_status *status,
                                   const struct tg_control_marks *before, const char *name)
{
    const struct tg_control_gateway *gateway = tg_control_status_find(status, name);

    return (gateway ? gateway->counter : 0) != counter_before(before, name);
}

static void write_change(const struct tg_control_gateway *gateway, uint64_t before,
                         struct tg_buf *out)
{
    char generation[48];
    char state[48];

    print_generation(gateway, generation, sizeof(generation));
    print_state(gateway, state, sizeof(state));
    tg_buf_add_format(out, "%s: ", gateway->name);
    if (gateway->has_fault) {
        add_fault(out, gateway);
        tg_buf_add_str(out, TG_STR("; "));
    }
    if (gateway->counter == 0) {
        tg_buf_add_str(out, gateway->state == TG_CONTROL_REMOVED ? TG_STR("removed")
                                                                 : TG_STR("not live"));
    } else if (gateway->counter == before) {
        tg_buf_add_format(out, "%s, unchanged (%s)", generation, state);
    } else {
        tg_buf_add_format(out, "%s, %s (%s)", generation,
                          gateway->counter < before ? "rolled back" : "deployed", state);
    }
    tg_buf_add_char(out, '\n');
}

void tg_control_status_write_changes(const struct tg_control_status *status,
                                     const struct tg_control_marks *before, const char *name,
                                     struct tg_buf *out)
{
    for (uint32_t i = 0; i < status->count; i++) {
        const struct tg_control_gateway *gateway = &status->gateways[i];
        if (is_meant(gateway->name, name)) {
            write_change(gateway, counter_before(before, gateway->name), out);
        }
    }
    for (uint32_t i = 0; i < before->count; i++) {
        const struct tg_control_mark *mark = &before->items[i];
        if (mark->counter > 0 && is_meant(mark->name, name) &&
            !tg_control_status_find(status, mark->name)) {
            tg_buf_add_format(out, "%s: removed\n", mark->name);
        }
    }
}
