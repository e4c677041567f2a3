# cmake -DINPUT=F -DOUTPUT=F -P embed_openapi.cmake: the API's description as a C++ literal.
file(READ ${INPUT} content)
file(WRITE ${OUTPUT} "#include \"api/openapi.hpp\"\n\nnamespace signalbox::api {\n
const std::string_view openapi_document = R\"__openapi__(${content})__openapi__\";\n
}  // namespace signalbox::api\n")
