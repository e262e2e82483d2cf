/* SPDX-License-Identifier: MIT */
#include "deploy_report.h"

#include <inttypes.h>

static const char LOG_MODULE[] = "deploy";

/* Room for a text's escapes; a longer one is cut. */
enum { QUOTED_BYTES = TG_FAULT_TEXT_BYTES + 128 };

static const char *hash_of(const struct tg_deploy_generation *generation)
{
    return tg_deploy_slots_has(generation) ? generation->hash : "-";
}

static void report(enum tg_log_level level, const char *message, const char *name,
                   const struct tg_deploy_generation *generation)
{
    tg_log_write(level, LOG_MODULE, message, "gateway=%s generation=%s counter=%" PRIu64, name,
                 hash_of(generation), generation->counter);
}

void tg_deploy_report_step(const char *message, const char *name,
                           const struct tg_deploy_generation *generation)
{
    report(TG_LOG_LEVEL_INFO, message, name, generation);
}

void tg_deploy_report_warning(const char *message, const char *name,
                              const struct tg_deploy_generation *generation)
{
    report(TG_LOG_LEVEL_WARN, message, name, generation);
}

void tg_deploy_report_over(const struct tg_deploy_slot *slot)
{
    char gateway[QUOTED_BYTES];

    if (slot->has_fault) {
        TG_LOG_INFO("fault is over", "gateway=%s step=%s",
                    tg_log_quote(gateway, sizeof(gateway), tg_str_of(slot->name)),
                    tg_fault_step_label(slot->fault.step));
    }
}

void tg_deploy_report_fault(const char *message, const char *name,
                            const struct tg_deploy_generation *generation,
                            const struct tg_fault *fault)
{
    char gateway[QUOTED_BYTES]; /* a folder's name that no gateway may have comes here too */
    char file[QUOTED_BYTES];
    char reason[QUOTED_BYTES];

    tg_log_write(TG_LOG_LEVEL_ERROR, LOG_MODULE, message,
                 "gateway=%s generation=%s counter=%" PRIu64 " step=%s file=%s line=%" PRId32
                 " reason=%s",
                 tg_log_quote(gateway, sizeof(gateway), tg_str_of(name)), hash_of(generation),
                 generation->counter, tg_fault_step_label(fault->step),
                 fault->file[0] ? tg_log_quote(file, sizeof(file), tg_str_of(fault->file)) : "-",
                 fault->line, tg_log_quote(reason, sizeof(reason), tg_str_of(fault->text)));
}
