/* SPDX-License-Identifier: MIT */
#include "deployer/live.h"

#include <string.h>

void tg_live_read(const struct tg_page *page, struct tg_live *live)
{
    struct tg_deploy_view view;

    live->count = 0;
    for (uint32_t slot = 0; slot < TG_GATEWAYS_MAX; slot++) {
        if (!tg_deploy_table_read(&page->deploys, slot, &view) || view.committed == 0) {
            continue;
        }
        struct tg_live_gateway *gateway = &live->gateways[live->count++];
        memcpy(gateway->name, view.name, sizeof(gateway->name));
        memcpy(gateway->generation, view.generation, sizeof(gateway->generation));
        gateway->has_fault = atomic_load(&page->deploys.rows[slot].fault) != 0;
    }
}

bool tg_live_is_removed(const struct tg_page *page, const char *name)
{
    for (uint32_t i = 0; i < TG_GATEWAYS_MAX; i++) {
        struct tg_deploy_view view;
        if (tg_deploy_table_read(&page->deploys, i, &view) && view.state == TG_DEPLOY_REMOVED &&
            strcmp(view.name, name) == 0) {
            return true;
        }
    }
    return false;
}

const struct tg_live_gateway *tg_live_find(const struct tg_live *live, const char *name)
{
    for (uint32_t i = 0; i < live->count; i++) {
        if (strcmp(live->gateways[i].name, name) == 0) {
            return &live->gateways[i];
        }
    }
    return NULL;
}

bool tg_live_is_refused(const struct tg_page *page, const char *name)
{
    struct tg_deploy_view view;

    for (uint32_t slot = 0; slot < TG_GATEWAYS_MAX; slot++) {
        if (tg_deploy_table_read(&page->deploys, slot, &view) && strcmp(view.name, name) == 0) {
            return atomic_load(&page->deploys.rows[slot].fault) == 1 + TG_FAULT_PREPARE;
        }
    }
    return false;
}

/* What one worker holds changes under our eyes: a copy is compared, and has an end in any case. */
static bool path_in(const struct tg_gateway_rows *rows, const struct tg_live_gateway *gateway,
                    char path[TG_GATEWAY_ROW_PATH_MAX + 1])
{
    for (uint32_t i = 0; i < TG_GATEWAY_ROWS_MAX; i++) {
        struct tg_gateway_row row = rows->rows[i];
        row.name[sizeof(row.name) - 1] = '\0';
        row.generation[sizeof(row.generation) - 1] = '\0';
        row.path[sizeof(row.path) - 1] = '\0';
        if (row.path[0] != '\0' && tg_gateway_rows_is(&row, gateway->name, gateway->generation)) {
            memcpy(path, row.path, sizeof(row.path));
            return true;
        }
    }
    return false;
}

void tg_live_paths(const struct tg_page *page, const struct tg_live *live, const char *name,
                   struct tg_live_paths *paths)
{
    paths->count = 0;
    for (uint32_t i = 0; i < live->count; i++) {
        const struct tg_live_gateway *gateway = &live->gateways[i];
        bool is_known = strcmp(gateway->name, name) == 0; /* its own is no other's */
        for (uint32_t worker = 0; worker < page->worker_count && !is_known; worker++) {
            char *text = paths->texts[paths->count];
            is_known = path_in(&page->rows[worker].gateways, gateway, text);
            if (is_known) {
                paths->others[paths->count++] = (struct tg_validate_other){gateway->name, text};
            }
        }
    }
}
