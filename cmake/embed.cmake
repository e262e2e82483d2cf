# tg_embed_lua(TARGET HEADER FILES...): the Lua files become rows of tg_lua_source_table in a generated C file of
# the target, so that the program needs no file of its own at run time. The same file is the script that the
# build runs for it.
if(CMAKE_SCRIPT_MODE_FILE)
  set(arrays "")
  set(rows "")
  string(REPLACE "|" ";" FILES "${FILES}")
  foreach(file ${FILES})
    get_filename_component(name "${file}" NAME_WE)
    file(READ "${file}" octets HEX)
    string(LENGTH "${octets}" digits)
    math(EXPR length "${digits} / 2")
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," octets "${octets}")
    string(REGEX REPLACE "(................................................................................)" "\\1\n" octets "${octets}")
    string(APPEND arrays "static const char ${name}_text[] = {\n${octets}0};\n\n")
    string(APPEND rows "    {\"${name}\", ${name}_text, ${length}},\n")
  endforeach()
  file(WRITE "${OUTPUT}" "#include \"${HEADER}\"\n\n${arrays}const struct tg_lua_source tg_lua_source_table[] = {\n${rows}    {NULL, NULL, 0},\n};\n")
  return()
endif()

function(tg_embed_lua target header)
  set(output "${CMAKE_CURRENT_BINARY_DIR}/lua_source_table.c")
  string(REPLACE ";" "|" files "${ARGN}")
  add_custom_command(
    OUTPUT "${output}"
    COMMAND "${CMAKE_COMMAND}" "-DFILES=${files}" "-DHEADER=${header}" "-DOUTPUT=${output}"
            -P "${PROJECT_SOURCE_DIR}/cmake/embed.cmake"
    DEPENDS ${ARGN} "${PROJECT_SOURCE_DIR}/cmake/embed.cmake"
    COMMENT "embedding lua/tidegate"
    VERBATIM)
  target_sources(${target} PRIVATE "${output}")
endfunction()
