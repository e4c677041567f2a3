#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "base/encoding.hpp"
#include "base/hash.hpp"
#include "base/limits.hpp"
#include "plugins/file.hpp"
#include "plugins/plugin.hpp"
#include "plugins/trust.hpp"

namespace signalbox::plugins {
namespace {

namespace fs = std::filesystem;

Result<std::string> read_whole(const fs::path& path) {
    auto file = OpenFile::open(path);
    if (!file) return std::move(file).error();
    if (file->size() > limits::plugin_file_bytes_max) {
        return Error{"plugin_unreadable", "plugin file '" + path.string() + "' has " +
                                              std::to_string(file->size()) + " bytes; at most " +
                                              std::to_string(limits::plugin_file_bytes_max) +
                                              " are accepted."};
    }
    std::string bytes(file->size(), '\0');
    if (!file->read_at(0, bytes.data(), bytes.size())) {
        return Error{"plugin_unreadable",
                     "plugin file '" + path.string() + "' changed while it was read. Try again."};
    }
    return bytes;
}

/// The file's bytes, if their digest is the pinned one.
Result<std::string> read_pinned(const fs::path& path, std::string_view sha256) {
    constexpr std::size_t digest_bytes = 32;
    const auto pinned = from_hex(sha256);
    if (!pinned || pinned->size() != digest_bytes) {
        return Error{"plugin_bad_pin",
                     "sha256 of plugin '" + path.string() +
                         "' is not 64 hexadecimal digits; write what `sha256sum` prints for it."};
    }
    auto bytes = read_whole(path);
    if (!bytes) return bytes;
    const std::string found = signalbox::sha256(*bytes);
    if (found != *pinned) {
        return Error{
            "plugin_pin_mismatch",
            "plugin file '" + path.string() + "' has SHA-256 " + to_hex(found) +
                ", but the config pins " + to_hex(*pinned) +
                ". If you meant to change the plugin, write the new digest; if not, do not "
                "run it."};
    }
    return bytes;
}

Error uncached(const fs::path& file, const std::string& why) {
    return {"plugin_cache", "a pinned plugin is copied before it is loaded, and '" + file.string() +
                                "' could not be written: " + why +
                                ". Give Signalbox a folder of its own there."};
}

Result<Done> write_file(const fs::path& file, std::string_view bytes) {
    const int descriptor =
        ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0500);
    if (descriptor < 0) return uncached(file, std::generic_category().message(errno));
    int failed = 0;
    while (!bytes.empty() && failed == 0) {
        const ssize_t put = ::write(descriptor, bytes.data(), bytes.size());
        if (put < 0 && errno != EINTR) failed = errno;
        if (put > 0) bytes.remove_prefix(static_cast<std::size_t>(put));
    }
    if (failed == 0 && ::fsync(descriptor) != 0) failed = errno;
    ::close(descriptor);
    if (failed != 0) return uncached(file, std::generic_category().message(failed));
    return Done{};
}

}  // namespace

Result<Done> check_pin(const fs::path& path, std::string_view sha256) {
    auto bytes = read_pinned(path, sha256);
    if (!bytes) return std::move(bytes).error();
    return Done{};
}

Result<fs::path> copy_pinned(const fs::path& path, std::string_view sha256, const fs::path& cache) {
    auto bytes = read_pinned(path, sha256);
    if (!bytes) return std::move(bytes).error();
    std::error_code failed;
    fs::create_directories(cache.parent_path().parent_path(), failed);
    for (const fs::path& made : {cache.parent_path(), cache}) {
        if (::mkdir(made.c_str(), S_IRWXU) != 0 && errno != EEXIST)
            return uncached(made, std::generic_category().message(errno));
    }
    auto folder = check_folder_trust(cache);
    if (!folder) return std::move(folder).error();

    // Named by its content: a library that is loaded is never written to again, and another version
    // is another file, which the dynamic loader tells apart by its name.
    const std::string digest = to_hex(signalbox::sha256(*bytes));
    fs::path copy = *folder / (digest + ".so");
    if (fs::exists(copy, failed) && check_pin(copy, digest)) return copy;
    const fs::path written = *folder / (digest + "." + std::to_string(::getpid()) + ".new");
    fs::remove(written, failed);
    if (auto done = write_file(written, *bytes); !done) return std::move(done).error();
    fs::rename(written, copy, failed);
    if (failed) return uncached(copy, failed.message());
    return copy;
}

}  // namespace signalbox::plugins
