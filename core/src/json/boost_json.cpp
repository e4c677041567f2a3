// Boost.JSON's own code is compiled here and nowhere else, so that the core links no Boost library.
#include <boost/json/src.hpp>
