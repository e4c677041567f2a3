#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net/http.hpp"
#include "signalbox/result.hpp"

/// `?limit=&cursor=`, as every list takes them.
namespace signalbox::api {

struct Paging {
    std::int64_t cursor = 0;  ///< `next` of the page before; 0: the first page
    std::size_t limit = 0;    ///< 1 to limits::list_rows_max
};

/// Error `invalid_query`: broken encoding, another member, a limit or a cursor that is none.
Result<Paging> paging_of(const net::Request& request);

/// The rows of a page as JSON. It is full once it has limits::list_bytes_max: then the page ends there, and
/// `next` goes on after its last row.
class RowList {
  public:
    void add(std::string_view row);
    bool full() const;
    /// `[…],"next":"…"`; 0: null.
    std::string end(std::int64_t next) const;

  private:
    std::string text_ = "[";
};

/// A whole decimal number, with nothing before or after it.
std::optional<std::int64_t> whole_number(std::string_view text);

}  // namespace signalbox::api
