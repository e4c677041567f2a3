#include "descriptor.hpp"
#include "target.hpp"

SIGNALBOX_PLUGIN(azure_pipelines::Target, azure_pipelines::descriptor)
