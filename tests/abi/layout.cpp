// The same text as C++: both languages must see the same layout.
#include "layout.c"
