# Every warning is an error, in every build.
add_compile_options(
  -Werror -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes
  -Wwrite-strings -Wvla -Wundef -Wformat=2 -Wcast-qual)
