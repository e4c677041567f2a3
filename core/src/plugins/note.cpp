#include "plugins/note.hpp"

#include <elf.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

#include "base/limits.hpp"
#include "plugins/file.hpp"
#include "signalbox/plugin/v1.h"

namespace signalbox::plugins {
namespace {

// A linker writes about ten program headers and a handful of notes. The bounds keep a file that was
// made to be slow from being so.
constexpr std::uint16_t program_headers_max = 256;
constexpr std::size_t notes_max = 1'024;

constexpr std::string_view owner{SIGNALBOX_NOTE_OWNER,
                                 sizeof SIGNALBOX_NOTE_OWNER};  // with its NUL

Error not_elf(const std::filesystem::path& file, const std::string& found) {
    return {"plugin_not_elf",
            "'" + file.string() + "' " + found +
                "; a plugin is a 64-bit little-endian ELF shared library (.so). Check the path, or "
                "build or copy the file again."};
}

Error bad_note(const std::filesystem::path& file, const std::string& found) {
    return {"plugin_bad_note", "'" + file.string() + "' " + found +
                                   ". Build it again with SIGNALBOX_PLUGIN written once."};
}

/// Copies one struct out of the file; false where the file ends before it does.
template <class Struct>
bool read_struct(const OpenFile& file, std::uint64_t offset, Struct& into) {
    return file.read_at(offset, reinterpret_cast<char*>(&into), sizeof into);
}

std::uint64_t padded(std::uint64_t size, std::uint64_t alignment) {
    return (size + alignment - 1) / alignment * alignment;
}

/// Walks the notes of PT_NOTE segments, which are what the loader sees: unlike section headers they
/// are there in every stripped file.
class NoteWalk {
  public:
    NoteWalk(const std::filesystem::path& path, const OpenFile& file) : path_(path), file_(file) {}

    /// `header` is that of a PT_NOTE segment which lies within the file.
    Result<Done> segment(const Elf64_Phdr& header) {
        const std::uint64_t end = header.p_offset + header.p_filesz;
        const std::uint64_t alignment = header.p_align == 8 ? 8 : 4;
        std::uint64_t at = header.p_offset;
        while (end - at >= sizeof(Elf64_Nhdr)) {
            if (++seen_ > notes_max) return not_elf(path_, "is damaged: it has too many notes");
            auto next = note(at, end, alignment);
            if (!next) return std::move(next).error();
            at = *next;
        }
        return Done{};
    }

    std::optional<std::string>& text() { return text_; }

  private:
    /// Looks at the note at `at`; the offset of the next one, `end` after the last.
    Result<std::uint64_t> note(std::uint64_t at, std::uint64_t end, std::uint64_t alignment) {
        Elf64_Nhdr header;
        if (!read_struct(file_, at, header)) return not_elf(path_, "could not be read");
        const std::uint64_t name_at = at + sizeof header;
        const std::uint64_t text_at =
            at + padded(sizeof header + std::uint64_t{header.n_namesz}, alignment);
        const std::uint64_t text_end = text_at + header.n_descsz;
        if (text_end > end) return not_elf(path_, "is damaged: a note is cut off");
        if (is_ours(header, name_at)) {
            if (auto taken = take(text_at, header.n_descsz); !taken) {
                return std::move(taken).error();
            }
        }
        return std::min(padded(text_end - at, alignment) + at, end);
    }

    bool is_ours(const Elf64_Nhdr& header, std::uint64_t name_at) const {
        std::array<char, owner.size()> name;
        return header.n_type == SIGNALBOX_NOTE_TYPE && header.n_namesz == owner.size() &&
               file_.read_at(name_at, name.data(), name.size()) &&
               owner == std::string_view(name.data(), name.size());
    }

    Result<Done> take(std::uint64_t at, std::size_t size) {
        if (text_) return bad_note(path_, "has two Signalbox notes; one is accepted");
        if (size > limits::plugin_note_bytes_max) {
            return bad_note(path_,
                            "has a Signalbox note of " + std::to_string(size) + " bytes; at most " +
                                std::to_string(limits::plugin_note_bytes_max) + " are accepted");
        }
        text_.emplace(size, '\0');
        if (!file_.read_at(at, text_->data(), size)) return not_elf(path_, "could not be read");
        return Done{};
    }

    const std::filesystem::path& path_;
    const OpenFile& file_;
    std::size_t seen_ = 0;
    std::optional<std::string> text_;
};

Result<Done> check_head(const std::filesystem::path& path, const OpenFile& file, Elf64_Ehdr& head) {
    if (!read_struct(file, 0, head) || std::memcmp(head.e_ident, ELFMAG, SELFMAG) != 0) {
        return not_elf(path, "is no ELF file");
    }
    if (head.e_ident[EI_CLASS] != ELFCLASS64) return not_elf(path, "is a 32-bit ELF file");
    if (head.e_ident[EI_DATA] != ELFDATA2LSB) return not_elf(path, "is a big-endian ELF file");
    if (head.e_phnum > program_headers_max ||
        (head.e_phnum > 0 && head.e_phentsize != sizeof(Elf64_Phdr))) {
        return not_elf(path, "is damaged: its program headers make no sense");
    }
    return Done{};
}

}  // namespace

Result<std::string> read_note(const std::filesystem::path& path) {
    auto file = OpenFile::open(path);
    if (!file) return std::move(file).error();
    Elf64_Ehdr head;
    if (auto checked = check_head(path, *file, head); !checked) return std::move(checked).error();

    NoteWalk walk(path, *file);
    for (std::uint16_t i = 0; i < head.e_phnum; ++i) {
        // e_phoff may be anything: past the file's end it must not wrap around to its beginning.
        const std::uint64_t at = std::uint64_t{i} * sizeof(Elf64_Phdr);
        Elf64_Phdr header;
        if (head.e_phoff > file->size() || !read_struct(*file, head.e_phoff + at, header)) {
            return not_elf(path, "is damaged: its program headers lie behind its end");
        }
        // The loader maps segments without looking at the file's size: touching what a truncated
        // copy has lost ends the process with SIGBUS, which nobody can catch.
        if (header.p_offset > file->size() || header.p_filesz > file->size() - header.p_offset) {
            return not_elf(path, "is damaged: it ends before its last segment");
        }
        if (header.p_type != PT_NOTE) continue;
        if (auto walked = walk.segment(header); !walked) return std::move(walked).error();
    }
    if (!walk.text()) {
        return Error{
            "plugin_no_note",
            "'" + path.string() +
                "' is an ELF file without a Signalbox note, so it is not a Signalbox plugin. "
                "A plugin is built with SIGNALBOX_PLUGIN; check that this is the right file."};
    }
    return std::move(*walk.text());
}

}  // namespace signalbox::plugins
