/* SPDX-License-Identifier: MIT */
/* Any text as a gateway.lua: the first line is the key that is looked for, and what Lua says of it.
 * A line is one of the source, a module's name stands in it, and a fault is one clean line. */
#include "target.h"

#include <string.h>

#include "base/check.h"
#include "hub/json_text.h"
#include "script/key_line.h"
#include "script/load_fault.h"

static int count_lines(struct tg_str source)
{
    int lines = 1;

    for (size_t i = 0; i < source.length; i++) {
        lines += source.at[i] == '\n';
    }
    return lines;
}

static void require_clean(const char *field, size_t size)
{
    struct tg_str text = tg_str_of(field);

    tg_require(text.length < size && tg_json_text_is_utf8(text));
    for (size_t i = 0; i < text.length; i++) {
        tg_require((unsigned char)field[i] >= ' ' && field[i] != 0x7f);
    }
}

static void read_fault(struct tg_str message)
{
    struct tg_bundle bundle = {.origin = (char *)(uintptr_t) "g"};
    struct tg_bundle_file files[] = {{.path = (char *)(uintptr_t) "gateway.lua"}};
    struct tg_fault fault;
    struct tg_fault again;
    char line[TG_FAULT_LINE_BYTES];

    bundle.files = files;
    bundle.count = 1;
    tg_load_fault_read(&fault, &bundle, message);
    tg_require(fault.line >= 0 && fault.step == TG_FAULT_LOAD);
    require_clean(fault.file, sizeof(fault.file));
    require_clean(fault.text, sizeof(fault.text));
    require_clean(fault.hint, sizeof(fault.hint));
    require_clean(tg_fault_line(&fault, line, sizeof(line)), sizeof(line));
    tg_require(tg_fault_take(&again, tg_str((const char *)&fault, sizeof(fault))) == TG_OK);
    tg_require(strcmp(fault.text, again.text) == 0 && strcmp(fault.file, again.file) == 0);
    struct tg_str global = tg_load_fault_global(message);
    tg_require(!global.at || (global.at >= message.at &&
                              global.at + global.length <= message.at + message.length));
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t length)
{
    struct tg_str source = tg_str((const char *)input, length);
    struct tg_str path = tg_str_split(&source, '\n');

    if (!source.at) {
        source = TG_STR("");
    }
    struct tg_key_line found = tg_key_line(source, path);
    tg_require(found.line >= 0 && found.line <= count_lines(source));
    tg_require(!found.is_exact || found.line > 0);
    struct tg_str module = tg_key_line_module(source);
    tg_require(!module.at ||
               (module.at >= source.at && module.at + module.length <= source.at + source.length));
    read_fault(path);
    return 0;
}
