# Writes the device schemas as one C++ source. ROOT: folder; FILES: list of paths below it; OUT: the source.
set(text "// Made from proto/devices by embed_schemas.cmake.\n#include \"decode/schema_catalog.hpp\"\n\n")
string(APPEND text "namespace lenne::decode {\n\nstd::vector<SchemaFile> builtin_schema_files() {\n  return {\n")
foreach(path ${FILES})
  file(READ "${ROOT}/${path}" content)
  string(APPEND text "      {\"${path}\", R\"lenne_schema(${content})lenne_schema\"},\n")
endforeach()
string(APPEND text "  };\n}\n\n}  // namespace lenne::decode\n")
file(WRITE "${OUT}" "${text}")
