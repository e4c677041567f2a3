#include <sys/stat.h>

#include <algorithm>
#include <chrono>

#include "elf.hpp"
#include "plugins/note.hpp"
#include "suite.hpp"

// What the file says before any of its code runs, and whether it can be opened.
namespace signalbox::conformance {
namespace {

std::string note_present(const Subject& subject) {
    const auto note = plugins::read_note(subject.file);
    if (!note) fail(note.error().message);
    return {};
}

std::string note_valid(const Subject& subject) {
    const auto note = plugins::read_note(subject.file);
    if (!note) skip("it has no note");
    const auto descriptor = plugins::parse_descriptor(*note);
    if (descriptor) return {};
    std::string why = descriptor.error().message;
    for (const Detail& detail : descriptor.error().details)
        why += "\n" + detail.pointer + ": " + detail.message;
    fail(why);
}

std::string describes_itself(const Subject& subject) {
    if (!subject.descriptor) skip("its note cannot be used; see note-valid");
    if (subject.descriptor->license.empty()) return "the descriptor names no license";
    if (subject.descriptor->setup.empty())
        return "the descriptor has no setup: people are not told what to enter on the target's "
               "side";
    return {};
}

std::string file_mode(const Subject& subject) {
    struct stat status;
    if (::stat(subject.file.c_str(), &status) != 0) fail("the file cannot be read");
    if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        fail("others than its owner may write the file, so a host refuses it; chmod go-w");
    return {};
}

std::string file_name(const Subject& subject) {
    if (!subject.descriptor) skip("its note cannot be used; see note-valid");
    std::string wanted = "signalbox_" + subject.descriptor->id + ".so";
    std::replace(wanted.begin(), wanted.end(), '-', '_');
    if (subject.file.filename() == wanted) return {};
    return "the file is named " + subject.file.filename().string() + "; only as " + wanted +
           " is it found by its id on the plugin path";
}

std::string exports_only_entry(const Subject& subject) {
    const DynamicFacts facts = dynamic_facts(subject.file);
    std::string others;
    bool entry = false;
    std::size_t count = 0;
    for (const std::string& name : facts.exported) {
        if (name == SIGNALBOX_PLUGIN_ENTRY_NAME) {
            entry = true;
        } else if (++count <= 5) {
            others += " " + name;
        }
    }
    if (!entry) fail("it exports no " SIGNALBOX_PLUGIN_ENTRY_NAME);
    if (count > 0) {
        fail("it exports " + std::to_string(count) +
             " other symbols, which clash with those of "
             "other plugins:" +
             others + "; link it with the SDK's version script (plugin.map)");
    }
    return {};
}

std::string no_unique_symbols(const Subject& subject) {
    const DynamicFacts facts = dynamic_facts(subject.file);
    if (facts.unique.empty()) return {};
    fail("it has symbols that are one for the whole process, such as " + facts.unique.front() +
         "; compile with -fno-gnu-unique");
}

std::string stands_alone(const Subject& subject) {
    for (const std::string& library : dynamic_facts(subject.file).needed) {
        for (const char* shared : {"libPoco", "libboost", "libssl", "libcrypto"}) {
            if (library.rfind(shared, 0) == 0) {
                return "it needs " + library +
                       ", which the host uses as well: another version of it breaks one of the two";
            }
        }
    }
    return {};
}

std::string loads_now(const Subject& subject) {
    const Library library(subject);
    return {};
}

std::string loads_quickly(const Subject& subject) {
    using std::chrono::steady_clock;
    const auto begin = steady_clock::now();
    const Library library(subject);
    const auto took =
        std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now() - begin);
    if (took.count() <= 100) return {};
    return "opening it took " + std::to_string(took.count()) + " ms; over 100 is long";
}

}  // namespace

std::vector<Test> file_tests() {
    return {
        {"note-present", "the descriptor can be read without running anything", note_present},
        {"note-valid", "the descriptor is one that this host accepts", note_valid},
        {"describes-itself", "people find its license and what to set up", describes_itself},
        {"file-mode", "nobody else can write the file", file_mode},
        {"file-name", "the file is found by the plugin's id", file_name},
        {"exports-only-entry", "one symbol is exported", exports_only_entry},
        {"no-unique-symbols", "no symbol is one for the whole process", no_unique_symbols},
        {"stands-alone", "it shares no library with the host", stands_alone},
        {"loads-now", "every symbol resolves when it is opened", loads_now},
        {"loads-quickly", "opening it does no work", loads_quickly},
    };
}

}  // namespace signalbox::conformance
