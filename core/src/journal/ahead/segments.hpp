#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "journal/ahead/position.hpp"
#include "journal/sqlite/tuning.hpp"
#include "signalbox/result.hpp"

namespace signalbox::journal::ahead {

/// A frame's header: its mark, its checksum, the bytes of its records, the checksum of the frame before it
/// (four bytes each) and how many frames there were before (eight), little endian. The records follow.
inline constexpr std::size_t frame_header_bytes = 24;

/// What tells a journal's own frames, from its token key: nobody who does not know that can send bytes which
/// pass for a frame.
std::uint32_t salt_of(std::string_view token_key);

/// The log's two files beside the journal's, `…-log0` and `…-log1`: frames, one after the other, first in one
/// file and then in the other, over what stood there before and is not needed any more. Each frame names the
/// checksum of the one before it, so neither a torn one nor what is left of an earlier round is taken for its
/// successor. The files keep their size: writing into a file that is written already costs half a sync.
/// Functions throw sqlite::Failure. [writer thread]
class Segments {
  public:
    /// Begins the log anew after `start`: everything before it is in the journal's file. Makes the files if they are
    /// missing, with mode 0600.
    Segments(const std::filesystem::path& file, Position start, std::uint32_t salt,
             std::size_t segment_bytes, sqlite::DiskCalls disk);
    Segments(const Segments&) = delete;
    Segments& operator=(const Segments&) = delete;

    /// So many frames must be in the journal's file before the next append().
    std::uint64_t frames_needed() const;

    /// Writes a frame and waits until it is on disk. The first frame_header_bytes of `frame` are room for its
    /// header, its records follow. Where it fails the frame is not there.
    Position append(std::string& frame);

  private:
    struct Segment {
        Segment() = default;
        ~Segment();
        Segment(const Segment&) = delete;
        Segment& operator=(const Segment&) = delete;
        std::filesystem::path path;
        int descriptor = -1;
        std::size_t bytes = 0;     // of the file
        std::uint64_t frames = 0;  // there were with the last one that stands in it
    };
    void make_room(Segment& segment, std::size_t end);
    void write(const Segment& segment, std::string_view bytes, std::size_t at);
    void take_back(const Segment& segment) noexcept;

    std::array<Segment, 2> segments_;
    std::size_t current_ = 0;
    std::size_t offset_ = 0;
    Position position_;
    const std::uint32_t salt_;
    const std::size_t segment_bytes_;
    const sqlite::DiskCalls disk_;
};

/// Hands the records of every frame after `from` to `each`, in order, and where the log is after it; answers
/// where it ends. Errors:
/// `journal_corrupt` (a frame is damaged and others follow it, or `each` answered false),
/// `journal_unavailable`.
Result<Position> read_frames(const std::filesystem::path& file, Position from, std::uint32_t salt,
                             const std::function<bool(std::string_view records, Position after)>& each);

/// Is there a log beside the file, or a part of one?
bool has_segments(const std::filesystem::path& file);

/// Deletes the log's files, if there are any, for good. Error `journal_unavailable`.
Result<Done> remove_segments(const std::filesystem::path& file);

}  // namespace signalbox::journal::ahead
