/* SPDX-License-Identifier: MIT */
/* The texts are what a newcomer reads first: short, whole, and what the product itself is tested
 * with. $NAME, $LUA and $MODULES stand for what their file is written with. */
#include "scaffold.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"

enum { NAME_MAX_OCTETS = 63, TEXT_BYTES = 1 << 16 };

static const char GATEWAY[] =
    "-- What clients of /$NAME may send, and what they get. README.md says how to try it.\n"
    "\n"
    "local tide = require \"tidegate\"\n"
    "\n"
    "local events = {}\n"
    "\n"
    "-- A request: {\"event\":\"greet\",\"id\":1,\"data\":{\"name\":\"you\"}} gets its answer.\n"
    "function events.greet(_, data)\n"
    "  if type(data) ~= \"table\" or type(data.name) ~= \"string\" then\n"
    "    return nil, \"bad_request\", \"name must be a text\"\n"
    "  end\n"
    "  return { text = \"hello, \" .. data.name }\n"
    "end\n"
    "\n"
    "-- Everyone who is connected here hears what one says, the sender too.\n"
    "function events.say(client, data)\n"
    "  if type(data) ~= \"table\" or type(data.text) ~= \"string\" then\n"
    "    return nil, \"bad_request\", \"text must be a text\"\n"
    "  end\n"
    "  tide.broadcast(\"said\", { from = client.id, text = data.text })\n"
    "end\n"
    "\n"
    "return {\n"
    "  path = \"/$NAME\",\n"
    "  events = events,\n"
    "}\n";

static const char SPEC[] =
    "local kit = require \"tidegate.kit\"\n"
    "\n"
    "describe(\"$NAME\", function()\n"
    "  local app, alice\n"
    "\n"
    "  before_each(function()\n"
    "    app = kit.load()\n"
    "    alice = app:connect()\n"
    "  end)\n"
    "\n"
    "  it(\"greets by name\", function()\n"
    "    assert.same({ text = \"hello, Alice\" }, alice:request(\"greet\", { name = \"Alice\" }))\n"
    "  end)\n"
    "\n"
    "  it(\"refuses a greeting without a name\", function()\n"
    "    local answer, code = alice:request(\"greet\", {})\n"
    "    assert.is_nil(answer)\n"
    "    assert.equal(\"bad_request\", code)\n"
    "  end)\n"
    "\n"
    "  it(\"tells everybody what one says\", function()\n"
    "    local bob = app:connect()\n"
    "    alice:send(\"say\", { text = \"hi\" })\n"
    "    assert.equal(\"hi\", bob:receive(\"said\").text)\n"
    "    assert.equal(\"hi\", alice:receive(\"said\").text)\n"
    "  end)\n"
    "end)\n";

static const char README[] =
    "# $NAME\n"
    "\n"
    "A gateway for Tidegate: `gateway.lua` says what clients of `/$NAME` may send.\n"
    "\n"
    "    tidegate check .    # is it sound?\n"
    "    tidegate test .     # run its specs (busted does it too)\n"
    "    tidegate serve --gateways ..\n"
    "\n"
    "| event | data | answer |\n"
    "| --- | --- | --- |\n"
    "| `greet` | `{ name }` | `{ text }` |\n"
    "| `say` | `{ text }` | none; everybody gets `said` with `{ from, text }` |\n";

static const char BUSTED[] =
    "-- For plain busted in this folder; tidegate test needs no such file.\n"
    "return {\n"
    "  _all = {\n"
    "    lua = \"luajit\",\n"
    "    ROOT = { \"spec\" },\n"
    "    lpath = \"./?.lua;./?/init.lua;$LUA/?.lua\",\n"
    "    cpath = \"$MODULES/?.so\",\n"
    "  },\n"
    "}\n";

static bool is_name(struct tg_str name)
{
    for (size_t i = 0; i < name.length; i++) {
        char c = name.at[i];
        bool is_letter = c >= 'a' && c <= 'z';
        if (!is_letter && (i == 0 || !((c >= '0' && c <= '9') || c == '_' || c == '-'))) {
            return false;
        }
    }
    return name.length > 0 && name.length <= NAME_MAX_OCTETS;
}

/* Adds the text with its words replaced. */
static void fill(struct tg_buf *out, const char *text, const struct tg_scaffold *scaffold,
                 struct tg_str name)
{
    const struct {
        struct tg_str word;
        struct tg_str value;
    } words[] = {
        {TG_STR("$NAME"), name},
        {TG_STR("$LUA"), tg_str_of(scaffold->lua)},
        {TG_STR("$MODULES"), tg_str_of(scaffold->modules)},
    };

    while (*text) {
        size_t taken = 0;
        for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
            if (strncmp(text, words[i].word.at, words[i].word.length) == 0) {
                tg_buf_add_str(out, words[i].value);
                taken = words[i].word.length;
            }
        }
        if (taken == 0) {
            tg_buf_add_char(out, *text);
            taken = 1;
        }
        text += taken;
    }
}

static int write_text(const char *path, struct tg_str text, struct tg_errmsg *msg)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);

    if (fd < 0) {
        return tg_errmsg_set(msg, TG_ERR_IO, "%s: %s", path, strerror(errno));
    }
    size_t written = 0;
    while (written < text.length) {
        ssize_t now = write(fd, text.at + written, text.length - written);
        if (now < 0 && errno != EINTR) {
            int cause = errno;
            (void)close(fd);
            return tg_errmsg_set(msg, TG_ERR_IO, "%s: %s", path, strerror(cause));
        }
        written += now > 0 ? (size_t)now : 0;
    }
    return close(fd) == 0 ? TG_OK : tg_errmsg_set(msg, TG_ERR_IO, "%s: %s", path, strerror(errno));
}

/* Makes the directory and those above it; the last one must be new. */
static int make_directories(const char *path, struct tg_errmsg *msg)
{
    char above[PATH_MAX];

    (void)snprintf(above, sizeof(above), "%s", path);
    for (char *slash = strchr(above + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(above, 0777) != 0 && errno != EEXIST) {
            return tg_errmsg_set(msg, TG_ERR_IO, "%s: %s", above, strerror(errno));
        }
        *slash = '/';
    }
    if (mkdir(path, 0777) == 0) {
        return TG_OK;
    }
    return errno == EEXIST ? tg_errmsg_set(msg, TG_ERR_EXISTS,
                                           "%s: is there already; nothing was written", path)
                           : tg_errmsg_set(msg, TG_ERR_IO, "%s: %s", path, strerror(errno));
}

static int write_files(const struct tg_scaffold *scaffold, const char *path, struct tg_str name,
                       struct tg_errmsg *msg)
{
    const struct {
        const char *text;
        const char *file;
        struct tg_str stem; /* between path/file and .lua; empty: file is the whole name */
    } files[] = {
        {GATEWAY, "gateway.lua", {NULL, 0}},
        {README, "README.md", {NULL, 0}},
        {BUSTED, ".busted", {NULL, 0}},
        {SPEC, "spec/", name},
    };
    char where[PATH_MAX + NAME_MAX_OCTETS + 32];
    struct tg_buf text;

    (void)snprintf(where, sizeof(where), "%s/spec", path);
    if (mkdir(where, 0777) != 0) {
        return tg_errmsg_set(msg, TG_ERR_IO, "%s: %s", where, strerror(errno));
    }
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        (void)snprintf(where, sizeof(where), "%s/%s%.*s%s", path, files[i].file,
                       TG_STR_ARGS(files[i].stem), files[i].stem.at ? "_spec.lua" : "");
        tg_buf_init(&text, TEXT_BYTES);
        fill(&text, files[i].text, scaffold, name);
        int err = text.err ? tg_errmsg_set(msg, text.err, "%s: %s", where, tg_err_text(text.err))
                           : write_text(where, tg_buf_str(&text), msg);
        tg_buf_fini(&text);
        if (err) {
            return err;
        }
    }
    return TG_OK;
}

int tg_scaffold_write(const struct tg_scaffold *scaffold, char path[PATH_MAX],
                      struct tg_errmsg *msg)
{
    bool is_path = strchr(scaffold->place, '/') != NULL;
    int length = snprintf(path, PATH_MAX, "%s%s%s", is_path ? "" : scaffold->gateways,
                          is_path ? "" : "/", scaffold->place);

    if (length < 0 || length >= PATH_MAX) {
        return tg_errmsg_set(msg, TG_ERR_INVALID, "the path is too long");
    }
    while (is_path && length > 1 && path[length - 1] == '/') {
        path[--length] = '\0';
    }
    const char *slash = strrchr(path, '/');
    struct tg_str name = tg_str_of(slash ? slash + 1 : path);
    if (!is_name(name)) {
        return tg_errmsg_set(msg, TG_ERR_INVALID,
                             "%s: expected a name that begins with a small letter and goes on with "
                             "at most 62 small letters, digits, _ and -",
                             path);
    }
    int err = make_directories(path, msg);
    return err ? err : write_files(scaffold, path, name, msg);
}
