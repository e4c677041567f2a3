#include "descriptor.hpp"
#include "target.hpp"

SIGNALBOX_PLUGIN(webhook::Target, webhook::descriptor)
