#include "journal/ahead/segments.hpp"

#include <fcntl.h>
#include <isa-l/crc.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <system_error>
#include <utility>

#include "base/limits.hpp"
#include "journal/sqlite/directory_lock.hpp"
#include "journal/sqlite/failure.hpp"

namespace signalbox::journal::ahead {
namespace {

constexpr std::string_view frame_mark = "SBL1";

struct Header {
    std::uint32_t checksum = 0;  // of what follows it, records included
    std::uint32_t bytes = 0;
    std::uint32_t before = 0;
    std::uint64_t frames = 0;
};

std::filesystem::path path_of(const std::filesystem::path& file, std::size_t number) {
    return file.string() + "-log" + std::to_string(number);
}

/// CRC-32C.
std::uint32_t checksum_of(std::string_view bytes, std::uint32_t salt) {
    // The library does not write to it.
    auto* start = reinterpret_cast<unsigned char*>(const_cast<char*>(bytes.data()));
    return crc32_iscsi(start, static_cast<int>(bytes.size()), salt);
}

constexpr std::size_t checked_from = frame_mark.size() + sizeof(std::uint32_t);

void write_header(std::string& frame, const Position& position, std::uint32_t salt) {
    char* to = frame.data();
    const auto put = [&to](const void* bytes, std::size_t size) {
        std::memcpy(to, bytes, size);
        to += size;
    };
    const auto bytes = static_cast<std::uint32_t>(frame.size() - frame_header_bytes);
    to += checked_from;
    put(&bytes, sizeof bytes);
    put(&position.checksum, sizeof position.checksum);
    put(&position.frames, sizeof position.frames);
    const std::uint32_t checksum = checksum_of(std::string_view(frame).substr(checked_from), salt);
    to = frame.data();
    put(frame_mark.data(), frame_mark.size());
    put(&checksum, sizeof checksum);
}

/// The whole frame that begins at `at`, if one does.
std::optional<Header> frame_at(std::string_view segment, std::size_t at, std::uint32_t salt) {
    const std::string_view rest = segment.substr(std::min(at, segment.size()));
    if (rest.size() < frame_header_bytes || !rest.starts_with(frame_mark)) return std::nullopt;
    Header header;
    const char* from = rest.data() + frame_mark.size();
    const auto take = [&from](void* bytes, std::size_t size) {
        std::memcpy(bytes, from, size);
        from += size;
    };
    take(&header.checksum, sizeof header.checksum);
    take(&header.bytes, sizeof header.bytes);
    take(&header.before, sizeof header.before);
    take(&header.frames, sizeof header.frames);
    if (header.bytes > rest.size() - frame_header_bytes) return std::nullopt;
    const auto checked = rest.substr(checked_from, frame_header_bytes - checked_from + header.bytes);
    if (checksum_of(checked, salt) != header.checksum) return std::nullopt;
    return header;
}

bool follows(const Header& header, const Position& position) {
    return header.frames == position.frames && header.before == position.checksum;
}

Error unreadable(const std::filesystem::path& path) {
    return Error{"journal_unavailable", "The journal's log " + path.string() +
                                            " cannot be read; check its owner, its mode and the disk."};
}

Error damaged(const std::filesystem::path& file, const std::string& found) {
    return Error{"journal_corrupt", "The journal's log " + file.string() + "-log0, -log1 " + found +
                                        ". Stop Signalbox, keep a copy of the directory and put a "
                                        "backup in its place."};
}

Result<std::string> content_of(const std::filesystem::path& path) {
    std::error_code unknown;
    if (!std::filesystem::exists(path, unknown)) {
        if (unknown) return unreadable(path);
        return std::string();
    }
    std::ifstream stream(path, std::ios::binary);
    try {
        std::string content((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
        if (stream) return content;
    } catch (const std::ios_base::failure&) {
        // libstdc++ throws where the first reading fails, whatever the stream's exceptions() are.
    }
    return unreadable(path);
}

/// Is there a frame anywhere that comes after `position`? Frames are written one by one, each after the one
/// before is on disk: so one between them was damaged.
bool has_later(std::string_view segment, const Position& position, std::uint32_t salt) {
    std::size_t at = 0;
    while ((at = segment.find(frame_mark, at)) != std::string_view::npos) {
        const auto header = frame_at(segment, at, salt);
        if (header && header->frames >= position.frames) return true;
        at += header ? frame_header_bytes + header->bytes : 1;
    }
    return false;
}

}  // namespace

std::uint32_t salt_of(std::string_view token_key) {
    return checksum_of(token_key, 0);
}

Segments::Segments(const std::filesystem::path& file, Position start, std::uint32_t salt,
                   std::size_t segment_bytes, sqlite::DiskCalls disk)
    : position_(start), salt_(salt), segment_bytes_(segment_bytes), disk_(disk) {
    for (std::size_t i = 0; i < segments_.size(); ++i) {
        Segment& segment = segments_[i];
        segment.path = path_of(file, i);
        segment.frames = start.frames;
        segment.descriptor =
            ::open(segment.path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        struct stat found {};
        if (segment.descriptor < 0 || ::fstat(segment.descriptor, &found) != 0)
            throw sqlite::Failure::to_open(errno, segment.path);
        segment.bytes = static_cast<std::size_t>(found.st_size);
    }
    sqlite::sync_directory(file.parent_path());
}

Segments::Segment::~Segment() {
    if (descriptor >= 0) ::close(descriptor);
}

std::uint64_t Segments::frames_needed() const {
    return offset_ < segment_bytes_ ? 0 : segments_[1 - current_].frames;
}

Position Segments::append(std::string& frame) {
    if (offset_ >= segment_bytes_) {
        current_ = 1 - current_;
        offset_ = 0;
    }
    Segment& segment = segments_[current_];
    make_room(segment, offset_ + frame.size());
    write_header(frame, position_, salt_);
    std::uint32_t checksum = 0;
    std::memcpy(&checksum, frame.data() + frame_mark.size(), sizeof checksum);
    try {
        write(segment, frame, offset_);
        if (disk_.sync(segment.descriptor) != 0)
            throw sqlite::Failure::to_write(errno, segment.path);
    } catch (const sqlite::Failure&) {
        take_back(segment);
        throw;
    }
    offset_ += frame.size();
    position_ = {position_.frames + 1, checksum};
    segment.frames = position_.frames;
    return position_;
}

void Segments::make_room(Segment& segment, std::size_t end) {
    if (end <= segment.bytes) return;
    const std::string zeros(limits::log_growth_bytes, '\0');
    while (segment.bytes < end) {
        write(segment, zeros, segment.bytes);
        segment.bytes += zeros.size();
    }
}

void Segments::write(const Segment& segment, std::string_view bytes, std::size_t at) {
    while (!bytes.empty()) {
        const ssize_t written =
            disk_.write(segment.descriptor, bytes.data(), bytes.size(), static_cast<off_t>(at));
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) {
            throw sqlite::Failure::to_write(written == 0 ? ENOSPC : errno, segment.path);
        }
        bytes.remove_prefix(static_cast<std::size_t>(written));
        at += static_cast<std::size_t>(written);
    }
}

// Where only the sync failed the frame may be there, and its callers are told that it is not.
void Segments::take_back(const Segment& segment) noexcept {
    try {
        write(segment, std::string(frame_header_bytes, '\0'), offset_);
        disk_.sync(segment.descriptor);
    } catch (const std::exception&) {
        // The next frame is written over it.
    }
}

Result<Position> read_frames(const std::filesystem::path& file, Position from, std::uint32_t salt,
                             const std::function<bool(std::string_view records, Position after)>& each) {
    std::array<std::string, 2> segments;
    for (std::size_t i = 0; i < segments.size(); ++i) {
        auto content = content_of(path_of(file, i));
        if (!content) return content.error();
        segments[i] = *std::move(content);
    }
    // Where `from` lies: at the beginning of a segment, or behind frames of it that are in the file already.
    Position position = from;
    bool went_on = true;
    while (went_on) {
        went_on = false;
        for (const std::string& segment : segments) {
            std::size_t at = 0;
            while (const auto header = frame_at(segment, at, salt)) {
                const auto records =
                    std::string_view(segment).substr(at + frame_header_bytes, header->bytes);
                at += frame_header_bytes + header->bytes;
                if (!follows(*header, position)) continue;
                position = {position.frames + 1, header->checksum};
                if (!each(records, position)) {
                    return damaged(file, "have a frame that says nothing sensible, number " +
                                             std::to_string(position.frames));
                }
                went_on = true;
            }
        }
    }
    for (const std::string& segment : segments) {
        if (has_later(segment, position, salt))
            return damaged(file, "are damaged: frame " + std::to_string(position.frames + 1) +
                                     " cannot be read, and others follow it");
    }
    return position;
}

bool has_segments(const std::filesystem::path& file) {
    std::error_code unknown;  // then reading it says why
    for (std::size_t i = 0; i < 2; ++i) {
        if (std::filesystem::exists(path_of(file, i), unknown) || unknown) return true;
    }
    return false;
}

Result<Done> remove_segments(const std::filesystem::path& file) {
    bool removed = false;
    for (std::size_t i = 0; i < 2; ++i) {
        std::error_code code;
        removed = std::filesystem::remove(path_of(file, i), code) || removed;
        if (code) {
            return Error{"journal_unavailable", "The journal's log " + path_of(file, i).string() +
                                                    " cannot be deleted: " + code.message() + "."};
        }
    }
    if (removed) sqlite::sync_directory(file.parent_path());
    return Done{};
}

}  // namespace signalbox::journal::ahead
