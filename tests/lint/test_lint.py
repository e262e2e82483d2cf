#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The checks themselves: each is run on a small good tree, where it must be content, and on trees
with one fault each, which it must name."""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
LICENCE = "/* SPDX-License-Identifier: MIT */\n"
GOOD = {
    ".clang-format": (HERE.parents[1] / ".clang-format").read_text(),
    ".clang-tidy": (HERE.parents[1] / ".clang-tidy").read_text(),
    ".luacheckrc": (HERE.parents[1] / ".luacheckrc").read_text(),
    "src/LAYERS": "base\ncore\nnet script\n.\n",
    "src/base/str.h": LICENCE + "int tg_str_size(const char *text);\n",
    "src/base/str.c": LICENCE + '#include "base/str.h"\n\n#include <string.h>\n\n'
                      "int tg_str_size(const char *text)\n{\n    return (int)strlen(text);\n}\n",
    "src/core/loop.c": LICENCE + '#include "base/str.h"\n\n#include <uv.h>\n',
    "src/net/conn.h": LICENCE,
    "src/script/vm.c": LICENCE + '#include "core/loop.h"\n',
    "src/core/loop.h": LICENCE,
    "gateways/echo/gateway.lua": "-- SPDX-License-Identifier: MIT\n"
                                 'local tide = require "tidegate"\nreturn { path = tide.x }\n',
}


def c_function(lines):
    return LICENCE + "void tg_str_long(void)\n{\n" + "    ;\n" * (lines - 2) + "}\n"


class Check(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.root = pathlib.Path(self.folder.name).resolve()
        self.write(GOOD)

    def write(self, files):
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def run_check(self, name, *options):
        return subprocess.run([sys.executable, HERE / f"{name}.py", "--root", self.root, *options],
                              capture_output=True, text=True, timeout=60)

    def passes(self, name, *options):
        run = self.run_check(name, *options)
        self.assertEqual(0, run.returncode, run.stdout + run.stderr)

    def names(self, fault, name, *options):
        """The check fails and says this."""
        run = self.run_check(name, *options)
        self.assertEqual(1, run.returncode, run.stdout + run.stderr)
        self.assertIn(fault, run.stdout)

    def test_good_trees_pass(self):
        for name in ("layers", "foreign", "sizes", "words", "format", "lua"):
            self.passes(name)

    def test_a_check_that_sees_no_file_fails(self):
        with tempfile.TemporaryDirectory() as empty:
            self.root = pathlib.Path(empty)
            self.write({"src/LAYERS": "base\n", ".luacheckrc": ""})
            for name in ("layers", "foreign", "sizes", "words", "format", "lua"):
                self.names("nothing to check", name)

    def test_layers_refuses_a_later_folder(self):
        self.write({"src/base/str.h": LICENCE + '#include "core/loop.h"\n'})
        self.names("src/base/str.h:2: base must not include core/loop.h", "layers")

    def test_layers_refuses_a_folder_on_the_same_line(self):
        self.write({"src/script/vm.c": LICENCE + '#include "net/conn.h"\n'})
        self.names("src/script/vm.c:2: script must not include net/conn.h", "layers")

    def test_layers_refuses_the_root_from_below(self):
        self.write({"src/options.h": LICENCE, "src/net/conn.h": LICENCE + '#include "options.h"\n'})
        self.names("src/net/conn.h:2: net must not include options.h", "layers")

    def test_layers_refuses_a_folder_that_is_not_listed(self):
        self.write({"src/extra/a.h": LICENCE})
        self.names("folder extra is not listed", "layers")

    def test_foreign_refuses_a_library_outside_of_its_folder(self):
        self.write({"src/core/wheel.c": LICENCE + "#include <uv.h>\n"})
        self.names("src/core/wheel.c:2: <uv.h> is for core/loop.c alone", "foreign")
        self.write({"src/net/conn.h": LICENCE + "#include <lua.h>\n"})
        self.names("src/net/conn.h:2: <lua.h> is for script/, kit/module.c", "foreign")

    def test_foreign_refuses_an_unknown_library(self):
        self.write({"src/net/conn.h": LICENCE + "#include <curl/curl.h>\n"})
        self.names("<curl/curl.h> is neither the system's nor listed", "foreign")

    def test_sizes_measures_files_and_functions(self):
        self.write({"src/base/str.h": LICENCE + "int a;\n" * 150})
        self.names("src/base/str.h:151: 151 lines", "sizes")
        self.write({"src/base/str.h": LICENCE, "src/base/str.c": c_function(80)})
        self.passes("sizes")
        self.write({"src/base/str.c": c_function(81)})
        self.names("src/base/str.c:3: a function of 81 lines", "sizes")
        self.write({"src/base/str.c": LICENCE + "\n" * 600})
        self.names("src/base/str.c:601: 601 lines", "sizes")

    def test_sizes_measures_lua_functions(self):
        body = "  print(1)\n" * 79
        self.write({"lua/a.lua": f"local function long()\n{body}end\n\nreturn long\n"})
        self.names("lua/a.lua:1: a function of 81 lines", "sizes")
        self.write({"lua/a.lua": "local function outer()\n"
                                 f"  describe(function()\n{body}  end)\nend\n"})
        self.names("lua/a.lua:2: a function of 81 lines", "sizes")
        body = "  it(function()\n    print(1)\n  end)\n" * 60
        self.write({"lua/a.lua": f"describe(function()\n{body}end)\n"})
        self.passes("sizes")

    def test_words_names_each_fault(self):
        faults = {
            "    assert(x);": "assert()",
            "#include <assert.h>": "assert()",
            "/* TO" + "DO later */": "unfinished work",
            "\tint x;": "a tab",
            "int x; ": "blanks at the end of the line",
            "/* " + "x" * 98 + " */": "104 columns",
        }
        for line, fault in faults.items():
            self.write({"src/base/str.c": LICENCE + line + "\n"})
            self.names(f"src/base/str.c:2: {fault}", "words")

    def test_words_lets_asserts_of_other_kinds_pass(self):
        self.write({"src/base/str.c": LICENCE + "_Static_assert(1, \"\");\nassert_true(1);\n"
                    'run("assert(x)");\n'})
        self.passes("words")

    def test_words_wants_a_licence_a_noun_and_a_last_newline(self):
        self.write({"src/base/str.c": "int x;\n"})
        self.names("src/base/str.c:1: the first line is", "words")
        self.write({"src/base/str.c": LICENCE + "int x;"})
        self.names("src/base/str.c:2: no newline", "words")
        self.write({"src/base/str.c": LICENCE, "src/base/utils.h": LICENCE})
        self.names("src/base/utils.h:1: a file is named for its noun", "words")

    def test_format_names_a_file_out_of_shape(self):
        self.write({"src/base/str.c": LICENCE + "int  x ;\n"})
        self.names("src/base/str.c:2", "format")

    def test_lua_refuses_what_a_gateway_has_not(self):
        head = "-- SPDX-License-Identifier: MIT\n"
        self.write({"gateways/echo/gateway.lua": head + "return io.open\n"})
        self.names("gateways/echo/gateway.lua:2", "lua")
        self.write({"gateways/echo/gateway.lua": head + "x = 1\n"})
        self.names("gateways/echo/gateway.lua:2", "lua")
        self.write({"gateways/echo/gateway.lua": head, "lua/a.lua": head + "local unused = 1\n"})
        self.names("lua/a.lua:2", "lua")

    def build(self):
        """Compiles src/base as the build does."""
        build = self.root / "build"
        (build / "src").mkdir(parents=True, exist_ok=True)
        entries = []
        for source in sorted(self.root.glob("src/base/*.c")):
            command = f"cc -std=c11 -I{self.root}/src -c {source} -o {build}/{source.name}.o"
            subprocess.run(command.split(), check=True, timeout=60)
            entries.append({"directory": str(build), "command": command, "file": str(source)})
        subprocess.run(["ar", "rcs", build / "src/libtg_base.a", *build.glob("*.c.o")], check=True)
        (build / "compile_commands.json").write_text(json.dumps(entries))
        return build

    def test_symbols_refuses_a_foreign_prefix(self):
        self.passes("symbols", "--build", self.build())
        self.write({"src/base/str.c": LICENCE + "int tg_string_size;\n"})
        self.names("src/base/str.c:1: exports tg_string_size", "symbols", "--build", self.build())

    def test_symbols_refuses_an_exception_that_is_not_needed(self):
        self.write({"src/base/check.c": LICENCE + "int tg_check_one, tg_require_two;\n"})
        self.passes("symbols", "--build", self.build())
        self.write({"src/base/check.c": LICENCE + "int tg_check_one;\n"})
        self.names("the exception for base/check is not needed", "symbols", "--build", self.build())

    def test_tidy_names_a_fault_and_remembers_what_was_clean(self):
        build = self.build()
        self.passes("tidy", "--build", build)
        self.assertIn("0 of 1 files had changed", self.run_check("tidy", "--build", build).stdout)
        self.write({"src/base/str.h": LICENCE + "int tg_str_size(const char *other);\n"})
        self.names("[readability-inconsistent-declaration-parameter-name",
                   "tidy", "--build", build)
        self.names("1 of 1 files had changed", "tidy", "--build", build)

    def test_metrics_docs_sees_a_table_that_is_out_of_date(self):
        marks = "".join(f"<!-- {name} -->\n<!-- end -->\n" for name in
                        ("metrics", "close-reasons", "refusals", "ignored"))
        self.write({
            "src/hub/counter.def": 'TG_COUNTER(A, "a_total", COUNTER,\n    "Some "\n    "help.")\n',
            "src/hub/close_reason.def": 'TG_CLOSE_REASON(GONE, "gone", 1001, false, "a (b), c")\n',
            "src/hub/refusal.def": 'TG_REFUSAL(NONE, "none", 404, "nothing")\n',
            "src/hub/ignored.def": 'TG_IGNORED(ODD, "odd", "bad_request") /* why */\n',
            "docs/operations.md": marks,
        })
        self.names("tables are out of date", "metrics_docs", "--check")
        self.passes("metrics_docs")
        self.passes("metrics_docs", "--check")
        page = (self.root / "docs/operations.md").read_text()
        self.assertIn("| `a_total` | counter | Some help. |", page)
        self.assertIn("| `gone` | 1001 | no | a (b), c |", page)
        self.write({"src/hub/refusal.def": 'TG_REFUSAL(NONE, "none", 410, "nothing")\n'})
        self.names("tables are out of date", "metrics_docs", "--check")

    def test_config_docs_sees_a_page_that_is_out_of_date(self):
        self.write({
            "src/core/config.def":
                'TG_CONFIG_UINT(n, "n", NULL, "TIDEGATE_N", "1", 0, 2, "n")\n'
                'TG_CONFIG_DURATION(d, "d", "--d", "TIDEGATE_D", NULL, 250, 90000, "for "\n "d")\n',
            "docs/configuration.md": "",
        })
        self.names("is out of date", "config_docs", "--check")
        self.passes("config_docs", "--write")
        self.passes("config_docs", "--check")
        page = (self.root / "docs/configuration.md").read_text()
        self.assertIn("| `n` | number, 0 to 2 | `1` | - | `TIDEGATE_N` | n |", page)
        self.assertIn("| `d` | duration, 250ms to 90s | - | `--d` | `TIDEGATE_D` | for d |", page)

    def test_api_compares_bindings_stubs_and_docs(self):
        binding = ('static const luaL_Reg functions[] = {\n    {"now", tide_now},\n'
                   "    {NULL, NULL},\n};\n")
        self.write({"src/script/bind_tide.c": LICENCE + binding,
                    "lua/meta/tide.lua": "function tide.now() end\n",
                    "docs/lua-api.md": "### `tide.now()`\n",
                    "tests/spec/gateways/a/gateway.lua": "return tide.now()\n"})
        self.passes("api")
        self.write({"lua/meta/tide.lua": "function tide.later() end\n"})
        self.names("lua/meta:1: tide.now is missing", "api")
        self.names("lua/meta:1: tide.later does not exist", "api")
        self.write({"docs/lua-api.md": "\n"})
        self.names("docs/lua-api.md:1: tide.now is missing", "api")
        self.write({"src/script/bind_moon.c": LICENCE})
        self.names("does not know this binding", "api")

    def test_api_wants_every_name_in_a_spec(self):
        self.write({"src/script/bind_tide.c": LICENCE + 'static const luaL_Reg functions[] = {\n'
                    '    {"now", tide_now},\n};\n',
                    "lua/meta/tide.lua": "function tide.now() end\n",
                    "docs/lua-api.md": "### `tide.now()`\n"})
        self.names("tide.now is used in no spec", "api")
        self.write({"gateways/echo/spec/echo_spec.lua": "assert(tide.now())\n"})
        self.passes("api")

    def test_api_compares_the_kit_with_its_stubs_and_docs(self):
        self.write({"lua/tidegate/kit.lua": "function kit.load(folder)\nend\n",
                    "lua/tidegate/kit/app.lua": "function app.start()\nend\n"
                    "function app:stop()\nend\n",
                    "lua/meta/kit.lua": "---@class kit\nfunction kit.load(folder) end\n"
                    "function app:stop() end\n",
                    "docs/testing.md": "### `kit.load(folder)`\n### `app:stop()`\n",
                    "tests/spec/a_spec.lua": "kit.load(1):stop()\n"})
        self.passes("api")
        self.write({"tests/spec/a_spec.lua": "kit.load(1)\n"})
        self.names("the kit's app.stop is used in no spec", "api")
        self.write({"lua/tidegate/kit/client.lua": "function client:send()\nend\n"})
        self.names("lua/meta/kit.lua:1: client.send is missing", "api")
        self.names("docs/testing.md:1: client.send is missing", "api")
        self.write({"lua/meta/kit.lua": "---@class kit\n---@field null any\n"})
        self.names("lua/meta/kit.lua:1: kit.null does not exist", "api")


class Summary(unittest.TestCase):
    """tests/summary.py, whose last line is what continuous integration reads."""

    def last_line(self, *documents):
        with tempfile.TemporaryDirectory() as folder:
            paths = []
            for number, text in enumerate(documents):
                paths.append(pathlib.Path(folder) / f"{number}.xml")
                if text is not None:
                    paths[-1].write_text(text)
            run = subprocess.run([sys.executable, HERE.parent / "summary.py", *paths],
                                 capture_output=True, text=True, timeout=60)
        return run.returncode, run.stdout.splitlines()[-1]

    def suite(self, *states):
        cases = "".join(f'<testcase name="{i}" status="{s}"/>' for i, s in enumerate(states))
        return f"<testsuite>{cases}</testsuite>"

    def test_it_adds_up_all_files(self):
        self.assertEqual((0, "3 passed, 0 failed"),
                         self.last_line(self.suite("run", "run"), self.suite("run")))

    def test_what_did_not_run_has_failed(self):
        self.assertEqual((1, "1 passed, 3 failed"),
                         self.last_line(self.suite("run", "fail", "notrun", "disabled")))

    def test_what_skips_itself_is_no_failure(self):
        mark = '<skipped message="{}"/><system-out>SKIPPED: no tool</system-out>'
        case = '<testcase name="{}" status="notrun">' + mark + "</testcase>"
        document = "<testsuite>" + case.format("a", "SKIP_RETURN_CODE=77") + "{}</testsuite>"
        ran = '<testcase name="b" status="run"/>'
        self.assertEqual((0, "1 passed, 0 failed"), self.last_line(document.format(ran)))
        self.assertEqual((1, "0 passed, 0 failed"), self.last_line(document.format("")))
        self.assertEqual((1, "0 passed, 1 failed"),
                         self.last_line(document.format(case.format("c", "Unable to find it"))))

    def test_a_file_that_says_nothing_has_failed(self):
        self.assertEqual((1, "1 passed, 1 failed"), self.last_line(self.suite("run"), None))
        self.assertEqual((1, "0 passed, 1 failed"), self.last_line("<testsuite"))
        self.assertEqual((1, "0 passed, 1 failed"), self.last_line(self.suite()))


if __name__ == "__main__":
    unittest.main()
