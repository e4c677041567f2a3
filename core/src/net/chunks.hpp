#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace signalbox::net {

enum class BodyState { more, done, malformed, too_large };

/// Takes a chunked body apart as it arrives, however it is cut. Strict: CR LF and nothing else ends
/// a line, sizes are at most 16 hex digits, extensions are bounded and ignored, trailers are
/// bounded, checked and dropped.
class ChunkDecoder {
  public:
    explicit ChunkDecoder(std::size_t body_bytes_max) : body_bytes_max_(body_bytes_max) {}

    /// Takes from the front of `in` what belongs to the body and appends the data to `body`. After
    /// anything but `more` it must not be called again.
    BodyState feed(std::string_view& in, std::string& body);
    const char* fault() const { return fault_; }

  private:
    enum class At {
        size,
        extension,
        size_lf,
        data,
        data_cr,
        data_lf,
        trailer_start,
        trailer_name,
        trailer_value,
        trailer_lf,
        end_lf
    };

    BodyState step(char c);
    BodyState in_size(char c);
    BodyState in_trailer_name(char c);
    BodyState after_size(const std::string& body);
    BodyState expect(char c, char wanted, At next);
    BodyState malformed(const char* fault);

    std::size_t body_bytes_max_;
    At at_ = At::size;
    std::uint64_t left_ = 0;      // of this chunk: announced, then still to come
    std::size_t line_bytes_ = 0;  // of this size line, without CR LF
    std::size_t digits_ = 0;
    std::size_t trailer_bytes_ = 0;
    std::size_t name_bytes_ = 0;
    const char* fault_ = "";
};

}  // namespace signalbox::net
