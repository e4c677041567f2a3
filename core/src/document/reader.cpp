#include "document/reader.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>

#include "base/limits.hpp"
#include "document/builder.hpp"
#include "document/json_reader.hpp"
#include "document/reporter.hpp"
#include "document/text.hpp"

namespace signalbox::document {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
};

std::string too_large() {
    return "the file is larger than " + std::to_string(limits::document_bytes_max / limits::mib) +
           " MiB, the most that is read; split it";
}

}  // namespace

std::optional<Node> read(std::string_view text, const std::string& file, Problems& problems) {
    Reporter reporter(file, problems);
    if (text.size() > limits::document_bytes_max) {
        reporter.error({1, 1}, too_large());
        return std::nullopt;
    }
    // Some editors write the mark; it says nothing in UTF-8, and libyaml would count it as a
    // column.
    if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
    const bool json = looks_like_json(text);
    if (const auto fault = find_text_fault(text, json)) {
        reporter.error(fault->position, fault->message);
        return std::nullopt;
    }
    if (json) return JsonReader(text, reporter).read();
    return Builder(text, reporter).build();
}

std::optional<Node> read_file(const std::filesystem::path& path, Problems& problems) {
    const std::string file = path.string();
    Reporter reporter(file, problems);
    const std::unique_ptr<std::FILE, CloseFile> stream(std::fopen(path.c_str(), "rbe"));
    if (stream == nullptr) {
        reporter.error({1, 1}, std::string("the file cannot be opened: ") + std::strerror(errno));
        return std::nullopt;
    }
    // One byte more than is accepted tells a file at the limit from one past it.
    std::string text(limits::document_bytes_max + 1, '\0');
    text.resize(std::fread(text.data(), 1, text.size(), stream.get()));
    if (std::ferror(stream.get()) != 0) {
        reporter.error({1, 1}, std::string("the file cannot be read: ") + std::strerror(errno));
        return std::nullopt;
    }
    return read(text, file, problems);
}

}  // namespace signalbox::document
