#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value.hpp>

/// The one JSON value of the core. It comes in through the door (json/door.hpp), which refuses what would
/// be read differently by somebody else, and goes out through the writer (json/writer.hpp). Objects keep
/// the order of their members. Nobody else names Boost.JSON.
namespace signalbox::json {

using Value = boost::json::value;
using Object = boost::json::object;
using Array = boost::json::array;
using String = boost::json::string;

}  // namespace signalbox::json
