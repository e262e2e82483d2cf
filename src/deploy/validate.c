/* SPDX-License-Identifier: MIT */
/* The child tells what it does next, what it found, and where the gateway is reached. When it ends
 * without having told a fault and not as it should, what it said last is the step that killed it.
 */
#include "deploy/validate.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "core/errand.h"
#include "core/gateway_rows.h"
#include "core/shared_page.h"
#include "core/wheel.h"
#include "hub/hub.h"
#include "net/server.h"
#include "script/cpu_watch.h"
#include "script/gateway_loader.h"
#include "script/key_line.h"
#include "script/load_fault.h"
#include "script/selftest.h"
#include "script/syntax.h"

enum {
    DEADLINE_MS = 60000, /* of wall time: a machine may be busy with other things */
    /* A call that can't be stopped at its budget is ended here; a worker gives it as much. */
    BUDGETS_MAX = 6,
    CPU_SPARE_S = 2,
    MORE_TOLD_MAX = 1000,
    MEMORY_SPARE_BYTES = 1 << 30 /* beyond the states: the program, its libraries, the bundle */
};

/* What a record of the child is, by its first octet. */
enum record_kind {
    RECORD_STEP = 's',
    RECORD_FAULT = 'f',
    RECORD_PATH = 'p',
    RECORD_TAKEN = 't',
    RECORD_MORE = 'm', /* a fault that its list had no room for */
    RECORD_BROKEN = 'b'
};

struct tg_validate {
    struct tg_validate_options options;
    struct tg_errand *errand;
    struct tg_fault_list faults; /* told so far */
    bool is_path_taken;
    enum tg_fault_step step; /* what the child is at */
    bool is_broken;          /* the child could not begin; why stands in broken */
    struct tg_errmsg broken;
    char path[TG_GATEWAY_ROW_PATH_MAX + 1];
};

/* --- in the child --- */

struct judge {
    const struct tg_validate_options *options;
    int home;
};

static int tell(const struct judge *judge, enum record_kind kind, struct tg_str what)
{
    char record[1 + sizeof(struct tg_fault) + TG_GATEWAY_ROW_PATH_MAX];

    if (!tg_check(what.length < sizeof(record))) {
        return TG_ERR_TOO_LARGE;
    }
    record[0] = (char)kind;
    memcpy(record + 1, what.at, what.length);
    return tg_errand_send(judge->home, tg_str(record, 1 + what.length));
}

static int tell_step(const struct judge *judge, enum tg_fault_step step)
{
    char number = (char)step;

    return tell(judge, RECORD_STEP, tg_str(&number, 1));
}

static int tell_fault(const struct judge *judge, enum tg_fault_step step,
                      const struct tg_errmsg *msg)
{
    struct tg_fault fault;

    tg_load_fault_read(&fault, judge->options->bundle, tg_str_of(msg->text));
    fault.step = step;
    return tell(judge, RECORD_FAULT, tg_str((const char *)&fault, sizeof(fault)));
}

/* The others are there by name and path alone, for the hub to compare. */
static int add_others(const struct judge *judge, struct tg_hub *hub, struct tg_errmsg *msg)
{
    for (uint32_t i = 0; i < judge->options->other_count; i++) {
        const struct tg_validate_other *other = &judge->options->others[i];
        struct tg_gateway *made = tg_gateway_create(tg_str_of(other->name));
        int err = made ? tg_gateway_set_path(made, tg_str_of(other->path), msg) : TG_ERR_NOMEM;
        err = err ? err : tg_hub_add_gateway(hub, made, msg);
        if (err) {
            tg_gateway_destroy(made);
            return tg_errmsg_wrap(msg, err, "the live gateway %s", other->name);
        }
    }
    return TG_OK;
}

/* What can't be told is seen by the parent: the child's status is that of a failure. */
static int tell_taken(const struct judge *judge, struct tg_errmsg *msg)
{
    const struct tg_bundle *bundle = judge->options->bundle;
    const struct tg_bundle_file *file = tg_bundle_find(bundle, TG_STR("gateway.lua"));
    int err = tell(judge, RECORD_TAKEN, tg_str("", 0));

    tg_require(file != NULL); /* it was loaded */
    int line = tg_key_line(tg_str(file->content, file->length), TG_STR("path")).line;
    (void)tg_errmsg_wrap(msg, TG_ERR_EXISTS, "%s/gateway.lua:%d", bundle->origin, line);
    return err ? err : tell_fault(judge, TG_FAULT_LOAD, msg);
}

static int tell_faults(const struct judge *judge, const struct tg_fault_list *faults)
{
    int err = TG_OK;

    for (uint32_t i = 0; i < faults->count && !err; i++) {
        const struct tg_fault *fault = &faults->items[i];
        err = tell(judge, RECORD_FAULT, tg_str((const char *)fault, sizeof(*fault)));
    }
    for (uint32_t i = 0; i < faults->left_out && i < MORE_TOLD_MAX && !err; i++) {
        err = tell(judge, RECORD_MORE, TG_STR(""));
    }
    return err;
}

static bool is_at_fault(const struct tg_bundle *bundle, const char *path,
                        const struct tg_fault_list *faults)
{
    struct tg_fault fault;
    char file[TG_FAULT_FILE_BYTES];

    (void)snprintf(file, sizeof(file), "%s/%s", bundle->origin, path);
    tg_fault_set(&fault, TG_FAULT_LOAD, tg_str_of(file), 0, "%s", "");
    for (uint32_t i = 0; i < faults->count; i++) {
        if (strcmp(faults->items[i].file, fault.file) == 0) {
            return true;
        }
    }
    return false;
}

/* All files, then the whole: what requires a file that is no Lua says nothing new. */
static int load(const struct judge *judge, struct tg_hub *hub, struct tg_gateway **gateway)
{
    const struct tg_bundle *bundle = judge->options->bundle;
    struct tg_fault_list *faults = calloc(1, sizeof(*faults));

    if (!faults) {
        return TG_ERR_NOMEM;
    }
    tg_syntax_check(bundle, judge->options->config->script_memory, faults);
    if (!judge->options->is_partial && !is_at_fault(bundle, "gateway.lua", faults)) {
        (void)tg_gateway_load_judged(hub, bundle, gateway, faults);
    }
    if (faults->count > 0) {
        tg_gateway_destroy(*gateway);
        *gateway = NULL;
    }
    int err = tell_faults(judge, faults);
    free(faults);
    return err;
}

static int try_gateway(const struct judge *judge, struct tg_hub *hub)
{
    struct tg_gateway *gateway = NULL;
    struct tg_errmsg msg = {0};
    int err = tell_step(judge, TG_FAULT_LOAD);

    err = err ? err : load(judge, hub, &gateway);
    if (err || !gateway) {
        return err;
    }
    err = tell(judge, RECORD_PATH, tg_str_of(gateway->path));
    if (!err && tg_hub_add_gateway(hub, gateway, &msg) != TG_OK) {
        err = tell_taken(judge, &msg);
        tg_gateway_destroy(gateway);
        return err;
    }
    err = err ? err : tell_step(judge, TG_FAULT_SELFTEST);
    if (!err && tg_selftest_run(gateway, &msg) != TG_OK) {
        err = tell_fault(judge, TG_FAULT_SELFTEST, &msg);
    }
    return err;
}

/* A hub as in a worker, only that nobody will ever connect. */
static int with_hub(const struct judge *judge, struct tg_page *page, struct tg_errmsg *msg)
{
    const struct tg_clock *clock = tg_clock_system();
    struct tg_wheel wheel;
    struct tg_hub hub;

    tg_wheel_init(&wheel, tg_clock_mono_ms(clock));
    struct tg_hub_options options = {
        .config = judge->options->config,
        .page = page,
        .wheel = &wheel,
        .clock = clock,
        .transport = tg_server_transport(),
    };
    int err = tg_hub_init(&hub, &options, msg);
    if (!err) {
        err = add_others(judge, &hub, msg);
        err = err ? err : try_gateway(judge, &hub);
        tg_hub_fini(&hub);
    }
    return err;
}

static int run(void *self, int home)
{
    const struct tg_validate *validate = self;
    const struct judge judge = {&validate->options, home};
    struct tg_errmsg msg = {0};
    struct tg_page *page = tg_page_create(1);
    int err;

    /* What the code says while it is tried was not said by a gateway that serves. */
    tg_log_set_level(TG_LOG_LEVEL_ERROR);
    if (!page) {
        err = tg_errmsg_set(&msg, TG_ERR_NOMEM, "the child has no page");
    } else if (tg_cpu_watch_page(page) != TG_OK) {
        err = tg_errmsg_set(&msg, TG_ERR_IO, "the child has no timer");
    } else {
        err = with_hub(&judge, page, &msg);
    }
    if (msg.text[0] != '\0') {
        (void)tell(&judge, RECORD_BROKEN, tg_str_of(msg.text));
    }
    (void)tg_cpu_watch_page(NULL);
    tg_page_destroy(page);
    return err ? 1 : 0;
}

/* --- in the parent --- */

static int take_step(struct tg_validate *validate, struct tg_str what)
{
    if (what.length != 1 || (unsigned char)what.at[0] >= TG_FAULT_STEP_COUNT) {
        return TG_ERR_SYNTAX;
    }
    validate->step = (enum tg_fault_step)what.at[0];
    return TG_OK;
}

static int take_fault(struct tg_validate *validate, struct tg_str what)
{
    struct tg_fault fault;
    int err = tg_fault_take(&fault, what);

    if (!err) {
        tg_fault_list_add(&validate->faults, &fault);
    }
    return err;
}

static int take_path(struct tg_validate *validate, struct tg_str what)
{
    if (what.length >= sizeof(validate->path) || memchr(what.at, '\0', what.length)) {
        return TG_ERR_SYNTAX;
    }
    memcpy(validate->path, what.at, what.length);
    validate->path[what.length] = '\0';
    return TG_OK;
}

/* The child has told something. */
static int on_record(void *self, struct tg_str record, struct tg_errmsg *msg)
{
    struct tg_validate *validate = self;
    struct tg_str what = tg_str(record.at + 1, record.length > 0 ? record.length - 1 : 0);
    int err = TG_ERR_SYNTAX;

    if (record.length > 0 && record.at[0] == RECORD_STEP) {
        err = take_step(validate, what);
    } else if (record.length > 0 && record.at[0] == RECORD_FAULT) {
        err = take_fault(validate, what);
    } else if (record.length > 0 && record.at[0] == RECORD_PATH) {
        err = take_path(validate, what);
    } else if (record.length == 1 && record.at[0] == RECORD_MORE) {
        validate->faults.left_out++;
        err = TG_OK;
    } else if (record.length == 1 && record.at[0] == RECORD_TAKEN) {
        validate->is_path_taken = true;
        err = TG_OK;
    } else if (record.length > 0 && record.at[0] == RECORD_BROKEN) {
        validate->is_broken = true;
        err = tg_errmsg_set(&validate->broken, TG_OK, "%.*s", TG_STR_ARGS(what));
    }
    return err ? tg_errmsg_set(msg, err, "what the child told makes no sense") : TG_OK;
}

int tg_validate_start(const struct tg_validate_options *options, struct tg_validate **started,
                      struct tg_errmsg *msg)
{
    const struct tg_config *config = options->config;
    struct tg_validate *validate = calloc(1, sizeof(*validate));

    if (!validate) {
        return tg_errmsg_set(msg, TG_ERR_NOMEM, "%s", tg_err_text(TG_ERR_NOMEM));
    }
    validate->options = *options;
    validate->step = TG_FAULT_LOAD;
    struct tg_errand_options errand = {
        .cpu_seconds = (uint32_t)(config->load_budget_ms * BUDGETS_MAX / 1000) + CPU_SPARE_S,
        .memory_bytes = config->script_memory * 2 + MEMORY_SPARE_BYTES,
        .deadline_ms = DEADLINE_MS + (uint32_t)config->load_budget_ms * BUDGETS_MAX,
        .run = run,
        .on_record = on_record,
        .self = validate,
    };
    int err = tg_errand_start(&errand, &validate->errand, msg);
    if (err) {
        free(validate);
        return err;
    }
    *started = validate;
    return TG_OK;
}

int tg_validate_fd(const struct tg_validate *validate)
{
    return tg_errand_fd(validate->errand);
}

uint64_t tg_validate_due_ms(const struct tg_validate *validate)
{
    return tg_errand_due_ms(validate->errand);
}

static void add_death(struct tg_validate *validate, const struct tg_errmsg *msg)
{
    char file[TG_FAULT_FILE_BYTES];
    struct tg_fault fault;

    (void)snprintf(file, sizeof(file), "%s/gateway.lua", validate->options.bundle->origin);
    tg_fault_set(&fault, validate->step, tg_str_of(file), 0, "the process that tried it failed: %s",
                 msg->text);
    tg_fault_list_add(&validate->faults, &fault);
}

int tg_validate_step(struct tg_validate *validate, struct tg_fault_list *faults,
                     struct tg_errmsg *msg)
{
    int err = tg_errand_step(validate->errand, msg);
    if (err == TG_ERR_INCOMPLETE) {
        return err;
    }
    if (validate->is_broken) {
        *msg = validate->broken;
        return TG_ERR_UNAVAILABLE;
    }
    if (err == TG_ERR_TIMEOUT || err == TG_ERR_SCRIPT) {
        add_death(validate, msg);
    } else if (err) {
        return err;
    }
    for (uint32_t i = 0; i < validate->faults.count; i++) {
        tg_fault_list_add(faults, &validate->faults.items[i]);
    }
    faults->left_out += validate->faults.left_out;
    return validate->faults.count + validate->faults.left_out > 0 ? TG_ERR_INVALID : TG_OK;
}

int tg_validate_wait(struct tg_validate *validate, struct tg_fault_list *faults,
                     struct tg_errmsg *msg)
{
    int err;

    do {
        struct pollfd home = {.fd = tg_validate_fd(validate), .events = POLLIN};
        uint64_t now_ms = tg_clock_mono_ms(tg_clock_system());
        uint64_t due_ms = tg_validate_due_ms(validate);
        (void)poll(&home, 1, now_ms < due_ms ? (int)(due_ms - now_ms) : 0);
        err = tg_validate_step(validate, faults, msg);
    } while (err == TG_ERR_INCOMPLETE);
    return err;
}

const char *tg_validate_path(const struct tg_validate *validate)
{
    return validate->path;
}

bool tg_validate_is_path_taken(const struct tg_validate *validate)
{
    return validate->is_path_taken;
}

void tg_validate_end(struct tg_validate *validate)
{
    if (validate) {
        tg_errand_end(validate->errand);
        free(validate);
    }
}
