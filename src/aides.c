/* SPDX-License-Identifier: MIT */
#include "aides.h"

#include <signal.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"

static const char LOG_MODULE[] = "supervisor";

static uint64_t now_ms(void)
{
    return tg_clock_mono_ms(tg_clock_system());
}

void tg_aides_add(struct tg_aides *aides, const struct tg_aide *aide)
{
    tg_require(aides->count < TG_AIDES_MAX);
    aides->list[aides->count++] = *aide;
}

static int start(struct tg_aide *aide, struct tg_errmsg *msg)
{
    struct tg_child_options options = {
        .process = aide->process, .death_signal = SIGKILL, .run = aide->run, .self = aide->self};
    int err = aide->on_start ? aide->on_start(aide->self, msg) : TG_OK;

    if (err) {
        return err;
    }
    err = tg_child_start(&aide->child, &options, now_ms(), msg);
    if (aide->on_started) {
        aide->on_started(aide->self);
    }
    return err;
}

int tg_aides_start(struct tg_aides *aides, struct tg_errmsg *msg)
{
    for (uint32_t i = 0; i < aides->count; i++) {
        int err = start(&aides->list[i], msg);
        if (err) {
            return err;
        }
    }
    return TG_OK;
}

static void replace(struct tg_aide *aide)
{
    struct tg_errmsg msg = {0};
    char quoted[TG_ERRMSG_BYTES * 2];

    if (start(aide, &msg) == TG_OK) {
        TG_LOG_WARN("process replaced", "process=%s pid=%d", aide->process, (int)aide->child.pid);
        return;
    }
    /* The kernel refused: as if it had died early, it is tried again later. */
    TG_LOG_ERROR("process can't be started", "reason=%s",
                 tg_log_quote(quoted, sizeof(quoted), tg_str_of(msg.text)));
    aide->child.started_ms = now_ms();
    tg_child_ended(&aide->child, now_ms());
}

void tg_aides_replace(struct tg_aides *aides)
{
    for (uint32_t i = 0; i < aides->count; i++) {
        if (tg_child_is_due(&aides->list[i].child, now_ms())) {
            replace(&aides->list[i]);
        }
    }
}

void tg_aides_signal(const struct tg_aides *aides, int number)
{
    for (uint32_t i = 0; i < aides->count; i++) {
        if (aides->list[i].child.pid > 0) {
            (void)kill(aides->list[i].child.pid, number);
        }
    }
}

bool tg_aides_has_running(const struct tg_aides *aides)
{
    for (uint32_t i = 0; i < aides->count; i++) {
        if (aides->list[i].child.pid > 0) {
            return true;
        }
    }
    return false;
}

bool tg_aides_has_missing(const struct tg_aides *aides)
{
    for (uint32_t i = 0; i < aides->count; i++) {
        if (aides->list[i].child.pid == 0) {
            return true;
        }
    }
    return false;
}

struct tg_aide *tg_aides_find(struct tg_aides *aides, pid_t pid)
{
    for (uint32_t i = 0; i < aides->count; i++) {
        if (pid > 0 && aides->list[i].child.pid == pid) {
            return &aides->list[i];
        }
    }
    return NULL;
}
