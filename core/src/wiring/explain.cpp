#include "wiring/explain.hpp"

#include <fstream>
#include <map>

#include "base/limits.hpp"
#include "config/redaction.hpp"
#include "document/excerpt.hpp"

namespace signalbox::wiring {
namespace {

/// The files that problems are about, each read once.
class Files {
  public:
    const std::string& text_of(const std::string& file) {
        const auto [entry, is_new] = texts_.try_emplace(file);
        if (is_new) {
            entry->second.resize(limits::document_bytes_max);
            std::ifstream in(file, std::ios::binary);
            in.read(entry->second.data(), static_cast<std::streamsize>(entry->second.size()));
            entry->second.resize(static_cast<std::size_t>(in.gcount()));
        }
        return entry->second;
    }

  private:
    std::map<std::string, std::string> texts_;
};

}  // namespace

std::vector<std::string> explain(const document::Problems& problems, const config::Config& config) {
    Files files;
    std::vector<std::string> explained;
    for (const document::Problem& problem : problems) {
        std::string text = document::to_string(problem);
        const std::string& source = files.text_of(problem.file);
        if (const auto line = document::line_of(source, problem.position.line);
            line && !(line->empty() && source.empty())) {
            const bool is_config = problem.file == config.file;
            text += "\n" + document::excerpt(is_config ? config::redacted_line(
                                                             config, source, problem.position.line)
                                                       : std::string(*line),
                                             problem.position);
        }
        explained.push_back(std::move(text));
    }
    return explained;
}

std::string to_text(const document::Problems& problems, const config::Config& config) {
    std::string text;
    for (const std::string& problem : explain(problems, config))
        text += problem + "\n";
    return text;
}

}  // namespace signalbox::wiring
