/* SPDX-License-Identifier: MIT */
#include "fake_deploys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int fake_deploys_set_up(void **state)
{
    struct fake_deploys *deploys = calloc(1, sizeof(*deploys));

    assert_non_null(deploys);
    deploys->app = fake_app_create(NULL);
    deploys->generations = tg_generations_create(&deploys->app->hub);
    assert_non_null(deploys->generations);
    *state = deploys;
    return 0;
}

int fake_deploys_tear_down(void **state)
{
    struct fake_deploys *deploys = *state;

    if (deploys->alice.client) {
        fake_conn_lose(&deploys->alice);
    }
    if (deploys->bob.client) {
        fake_conn_lose(&deploys->bob);
    }
    tg_generations_destroy(deploys->generations);
    fake_app_destroy(deploys->app);
    free(deploys);
    return 0;
}

static uint32_t slot_of(const char *name)
{
    static const char *const names[] = {"chat", "game", "echo"};
    uint32_t slot = 0;

    while (strcmp(names[slot], name) != 0) {
        slot++;
    }
    return slot;
}

int fake_deploys_prepare(struct fake_deploys *deploys, const char *name, uint64_t counter,
                         const char *body)
{
    struct tg_bundle bundle;
    char *text = NULL;
    int length = asprintf(&text,
                          "local tide = require 'tidegate' local events = {} "
                          "local gateway = { path = '/%s', events = events }\n%s\nreturn gateway",
                          name, body);
    const char *files[] = {"gateway.lua", text, NULL};

    assert_true(length > 0);
    fake_app_pack(&bundle, name, files);
    (void)snprintf(bundle.generation, sizeof(bundle.generation), "%012llx",
                   (unsigned long long)counter);
    int err = tg_generations_prepare(deploys->generations, slot_of(name), counter, &bundle,
                                     &deploys->msg);
    tg_bundle_fini(&bundle);
    free(text);
    return err;
}

void fake_deploys_commit(struct fake_deploys *deploys, const char *name, uint64_t counter)
{
    assert_int_equal(tg_generations_commit(deploys->generations, slot_of(name), counter), TG_OK);
}

void fake_deploys_go(struct fake_deploys *deploys, const char *name, uint64_t counter,
                     const char *body)
{
    if (fake_deploys_prepare(deploys, name, counter, body) != TG_OK) {
        fail_msg("%s", deploys->msg.text);
    }
    fake_deploys_commit(deploys, name, counter);
}

struct tg_gateway *fake_deploys_find(const struct fake_deploys *deploys, const char *name)
{
    const struct tg_hub *hub = &deploys->app->hub;

    for (uint32_t i = 0; i < hub->gateway_count; i++) {
        if (strcmp(hub->gateways[i]->name, name) == 0) {
            return hub->gateways[i];
        }
    }
    return NULL;
}

void fake_deploys_start(struct fake_deploys *deploys, const char *body)
{
    fake_deploys_go(deploys, "chat", 1, body);
    struct tg_gateway *chat = fake_deploys_find(deploys, "chat");
    fake_app_connect(deploys->app, &deploys->alice, chat, NULL, NULL);
    fake_app_connect(deploys->app, &deploys->bob, chat, NULL, NULL);
}

uint32_t fake_deploys_rows(const struct fake_deploys *deploys)
{
    const struct tg_gateway_rows *rows = &deploys->app->hub.row->gateways;
    uint32_t count = 0;

    for (int i = 0; i < TG_GATEWAY_ROWS_MAX; i++) {
        count += rows->rows[i].name[0] != '\0' ? 1 : 0;
    }
    return count;
}

const struct tg_tally *fake_deploys_tally(const struct fake_deploys *deploys)
{
    return &deploys->app->hub.row->tallies[0];
}
