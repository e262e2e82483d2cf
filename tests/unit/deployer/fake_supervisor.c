/* SPDX-License-Identifier: MIT */
#include "fake_supervisor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "deploy/bundle_file.h"
#include "deploy/folder.h"
#include "deployer/deployer.h"

enum { REMOVE_AFTER_MS = 600 };

void fake_supervisor_write_gateway(const struct fake_supervisor *f, const char *name,
                                   const char *more)
{
    char path[FAKE_DISK_PATH], text[256];

    (void)snprintf(path, sizeof(path), "root/%s/gateway.lua", name);
    (void)snprintf(text, sizeof(text), "return { path = '/%s', events = {} } -- %s\n", name, more);
    fake_disk_write(&f->disk, path, text);
}

void fake_supervisor_make_gateway(const struct fake_supervisor *f, const char *name)
{
    char path[FAKE_DISK_PATH];

    (void)snprintf(path, sizeof(path), "root/%s", name);
    fake_disk_folder(&f->disk, path);
    fake_supervisor_write_gateway(f, name, "first");
}

void fake_supervisor_move(const struct fake_supervisor *f, const char *from, const char *to)
{
    char old[FAKE_DISK_PATH], new[FAKE_DISK_PATH];

    fake_disk_path(&f->disk, from, old);
    fake_disk_path(&f->disk, to, new);
    assert_int_equal(rename(old, new), 0);
}

void fake_supervisor_commit(struct fake_supervisor *f, const char *name)
{
    struct tg_errmsg msg;
    struct tg_bundle bundle;
    char path[FAKE_DISK_PATH], below[64];
    uint32_t slot = 0;
    struct tg_deploy_view view;

    (void)snprintf(below, sizeof(below), "root/%s", name);
    fake_disk_path(&f->disk, below, path);
    assert_int_equal(tg_folder_read(path, &bundle, &msg), TG_OK);
    while (tg_deploy_table_read(&f->page->deploys, slot, &view) && strcmp(view.name, name) != 0) {
        slot++;
    }
    if (!tg_deploy_table_read(&f->page->deploys, slot, &view)) {
        tg_deploy_table_bind(&f->page->deploys, slot, name);
    }
    f->counter++;
    const struct tg_deploy_commit made = {.counter = f->counter,
                                          .proven = f->counter,
                                          .hash = tg_deploy_table_hash(bundle.generation),
                                          .state = TG_DEPLOY_LIVE};
    tg_deploy_table_commit(&f->page->deploys, slot, &made);
    int row = tg_gateway_rows_take(&f->page->rows[0].gateways, name, bundle.generation);
    (void)snprintf(below, sizeof(below), "/%s", name);
    tg_gateway_rows_set_path(&f->page->rows[0].gateways, row, below);
    tg_bundle_fini(&bundle);
}

int fake_supervisor_set_up(void **state)
{
    static struct fake_supervisor fixture;

    fixture = (struct fake_supervisor){.page = tg_page_create(1), .control = -1};
    assert_non_null(fixture.page);
    assert_int_equal(tg_config_init(&fixture.config), TG_OK);
    tg_log_set_level(TG_LOG_LEVEL_WARN);
    fake_disk_make(&fixture.disk);
    fake_disk_folder(&fixture.disk, "root");
    fake_supervisor_make_gateway(&fixture, "chat");
    fake_supervisor_make_gateway(&fixture, "echo");
    fixture.config.deploy_remove_after_ms = REMOVE_AFTER_MS;
    *state = &fixture;
    return 0;
}

void fake_supervisor_give_root(struct fake_supervisor *f, const char *below)
{
    char path[FAKE_DISK_PATH];

    fake_disk_path(&f->disk, below, path);
    assert_int_equal(tg_config_set(&f->config, "gateways", tg_str_of(path), &(struct tg_errmsg){0}),
                     TG_OK);
}

void fake_supervisor_start(struct fake_supervisor *f)
{
    int fds[2];

    if (!f->config.gateways || f->config.gateways[0] != '/') {
        fake_supervisor_give_root(f, "root");
    }
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
    f->child = fork();
    assert_true(f->child >= 0);
    if (f->child == 0) {
        struct tg_deployer_options options = {&f->config, f->page, fds[1]};
        (void)close(fds[0]);
        tg_log_set_sink(NULL, NULL);
        _exit(tg_deployer_run(&options));
    }
    (void)close(fds[1]);
    f->control = fds[0];
}

int fake_supervisor_wait_for_end(struct fake_supervisor *f)
{
    int status = 0;

    assert_int_equal(waitpid(f->child, &status, 0), f->child);
    f->child = 0;
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

int fake_supervisor_tear_down(void **state)
{
    struct fake_supervisor *f = *state;

    if (f->child > 0) {
        atomic_store(&f->page->is_leaving, 1);
        assert_int_equal(kill(f->child, SIGTERM), 0);
        assert_int_equal(fake_supervisor_wait_for_end(f), 0);
    }
    if (f->control >= 0) {
        (void)close(f->control);
    }
    tg_bundle_fini(&f->bundle);
    tg_config_fini(&f->config);
    tg_page_destroy(f->page);
    fake_disk_remove(&f->disk);
    return 0;
}

bool fake_supervisor_take(struct fake_supervisor *f, int patience_ms)
{
    struct pollfd control = {.fd = f->control, .events = POLLIN};
    struct tg_errmsg msg;
    int fd = -1;

    if (poll(&control, 1, patience_ms) == 0) {
        return false;
    }
    assert_int_equal(tg_deploy_link_take(f->control, &f->note, &fd), TG_OK);
    if (fd >= 0) {
        tg_bundle_fini(&f->bundle);
        assert_int_equal(tg_bundle_file_open(fd, &f->bundle, &msg), TG_OK);
        assert_string_equal(f->bundle.name, f->note.name);
        assert_string_equal(f->bundle.generation, f->note.generation);
        assert_int_equal(close(fd), 0);
    }
    return true;
}

void fake_supervisor_expect(struct fake_supervisor *f, enum tg_deploy_note_kind kind,
                            const char *name)
{
    if (!fake_supervisor_take(f, FAKE_SUPERVISOR_PATIENCE_MS)) {
        fail_msg("nothing came for %s", name);
    }
    if (f->note.kind != kind || strcmp(f->note.name, name) != 0) {
        fail_msg("%d %s came (%s %s), not %d %s", (int)f->note.kind, f->note.name, f->note.text,
                 f->note.fault.text, (int)kind, name);
    }
}

void fake_supervisor_expect_both(struct fake_supervisor *f, enum tg_deploy_note_kind of_chat,
                                 enum tg_deploy_note_kind of_echo)
{
    assert_true(fake_supervisor_take(f, FAKE_SUPERVISOR_PATIENCE_MS));
    bool is_chat = strcmp(f->note.name, "chat") == 0;
    assert_int_equal(f->note.kind, is_chat ? of_chat : of_echo);
    fake_supervisor_expect(f, is_chat ? of_echo : of_chat, is_chat ? "echo" : "chat");
}

void fake_supervisor_expect_quiet(struct fake_supervisor *f)
{
    if (fake_supervisor_take(f, FAKE_SUPERVISOR_QUIET_MS)) {
        fail_msg("%d %s came: %s%s", (int)f->note.kind, f->note.name, f->note.text,
                 f->note.fault.text);
    }
}

void fake_supervisor_expect_root(struct fake_supervisor *f, const char *text)
{
    fake_supervisor_expect(f, TG_DEPLOY_ROOT, "");
    assert_non_null(strstr(f->note.text, text));
    assert_int_equal(f->note.text[0] == '\0', text[0] == '\0');
}

void fake_supervisor_start_with_both_live(struct fake_supervisor *f)
{
    fake_supervisor_commit(f, "chat");
    fake_supervisor_commit(f, "echo");
    fake_supervisor_start(f);
    fake_supervisor_expect_root(f, "");
    for (uint64_t i = 0; i < f->counter; i++) {
        assert_true(fake_supervisor_take(f, FAKE_SUPERVISOR_PATIENCE_MS) &&
                    f->note.kind == TG_DEPLOY_FAULT);
    }
}

void fake_supervisor_ask(struct fake_supervisor *f, uint64_t sequence)
{
    const struct tg_deploy_note note = {.kind = TG_DEPLOY_SCAN, .sequence = sequence};

    assert_int_equal(tg_deploy_link_send(f->control, &note, -1), TG_OK);
}

void fake_supervisor_expect_scanned(struct fake_supervisor *f, uint64_t sequence)
{
    fake_supervisor_expect(f, TG_DEPLOY_SCANNED, "");
    assert_int_equal(f->note.sequence, sequence);
}
