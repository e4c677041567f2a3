#include <cstddef>
#include <cstring>

#include "suite.hpp"

// The one exported function, and the table that it fills.
namespace signalbox::conformance {
namespace {

std::string entry_answers(const Subject& subject) {
    const FakeHost host;
    const signalbox_plugin table = Library(subject).table(host);
    if (table.abi_minor > 65'535) fail("abi_minor makes no sense");
    return {};
}

std::string entry_without_services(const Subject& subject) {
    const FakeHost host(false);
    Library(subject).table(host);
    signalbox_host bare = {sizeof bare, 0, nullptr, nullptr};
    signalbox_plugin table = {};
    table.struct_size = sizeof table;
    const Library library(subject);
    if (library.entry()(&bare, &table) != SIGNALBOX_OK)
        fail("its entry needs services, and a host may have none");
    return {};
}

std::string descriptor_is_the_note(const Subject& subject) {
    if (subject.note.empty()) skip("it has no note");
    const FakeHost host;
    const signalbox_plugin table = Library(subject).table(host);
    if (std::string_view(table.descriptor.data, table.descriptor.size) != subject.note)
        fail("the entry's descriptor differs from the note");
    return {};
}

std::string entry_twice(const Subject& subject) {
    const FakeHost host;
    const Library library(subject);
    const signalbox_plugin first = library.table(host);
    const signalbox_plugin second = library.table(host);
    if (first.connect != second.connect || first.plan != second.plan ||
        first.judge != second.judge || first.descriptor.data != second.descriptor.data)
        fail("a second call of the entry fills another table");
    return {};
}

/// A table that ends early or late, with known bytes behind its end.
struct Framed {
    signalbox_plugin table;
    unsigned char behind[128];
};

Framed framed(std::uint32_t size) {
    Framed framed;
    std::memset(&framed, 0, sizeof framed);
    std::memset(reinterpret_cast<char*>(&framed) + size, 0xA5, sizeof framed - size);
    framed.table.struct_size = size;
    return framed;
}

bool is_untouched(const Framed& framed, std::uint32_t size) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(&framed);
    for (std::size_t i = size; i < sizeof framed; ++i) {
        if (bytes[i] != 0xA5) return false;
    }
    return true;
}

std::string entry_small_table(const Subject& subject) {
    const FakeHost host;
    const Library library(subject);
    for (const std::uint32_t size :
         {static_cast<std::uint32_t>(offsetof(signalbox_plugin, connect)),
          static_cast<std::uint32_t>(offsetof(signalbox_plugin, judge)),
          static_cast<std::uint32_t>(offsetof(signalbox_plugin, extension))}) {
        Framed frame = framed(size);
        const signalbox_answer answer = library.entry()(host.host(), &frame.table);
        if (!is_untouched(frame, size))
            fail("it writes behind the end of a table of " + std::to_string(size) +
                 " bytes; look at struct_size first (SIGNALBOX_HAS)");
        if (answer == SIGNALBOX_OK && size < offsetof(signalbox_plugin, judge))
            fail("it answers OK for a table that has no room for its functions");
    }
    return {};
}

std::string entry_large_table(const Subject& subject) {
    const FakeHost host;
    const Library library(subject);
    Framed frame;
    std::memset(&frame, 0, sizeof frame);
    frame.table.struct_size = sizeof frame;
    if (library.entry()(host.host(), &frame.table) != SIGNALBOX_OK)
        fail("it refuses the larger table of a newer host");
    for (const unsigned char byte : frame.behind) {
        if (byte != 0) fail("it writes where a newer host has fields that it cannot know");
    }
    return {};
}

std::string newer_host(const Subject& subject) {
    const FakeHost host;
    signalbox_host newer = *host.host();
    newer.abi_minor = 999;
    newer.struct_size = sizeof newer + 64;
    signalbox_plugin table = {};
    table.struct_size = sizeof table;
    const Library library(subject);
    if (library.entry()(&newer, &table) != SIGNALBOX_OK) fail("it refuses a newer minor version");
    return {};
}

std::string unknown_extension(const Subject& subject) {
    const FakeHost host;
    const signalbox_plugin table = Library(subject).table(host);
    if (table.extension == nullptr) return {};
    for (const std::string_view id :
         {std::string_view("signalbox.unheard-of/1"), std::string_view(""),
          std::string_view(SIGNALBOX_BLOCKING_EXTENSION "0"),
          std::string_view(SIGNALBOX_CONNECTION_STEP_EXTENSION "x"),
          std::string_view("signalbox.blocking")}) {
        if (table.extension({id.data(), id.size()}) != nullptr)
            fail("it offers a table for the unknown extension '" + std::string(id) + "'");
    }
    return {};
}

std::string delivery_as_declared(const Subject& subject) {
    if (!subject.descriptor) skip("its note cannot be used; see note-valid");
    const FakeHost host;
    const signalbox_plugin table = Library(subject).table(host);
    const std::string_view id = SIGNALBOX_BLOCKING_EXTENSION;
    const auto* blocking = static_cast<const signalbox_blocking*>(
        table.extension ? table.extension({id.data(), id.size()}) : nullptr);
    if (subject.descriptor->blocking != (blocking != nullptr))
        fail("the descriptor's delivery and the extension " SIGNALBOX_BLOCKING_EXTENSION
             " do not agree");
    if (blocking != nullptr && blocking->deliver == nullptr) fail("it left out deliver");
    if (blocking == nullptr && (table.plan == nullptr || table.judge == nullptr))
        fail("it left out plan or judge");
    return {};
}

}  // namespace

std::vector<Test> entry_tests() {
    return {
        {"entry-answers", "the entry fills the table", entry_answers},
        {"entry-without-services", "a host without services will do", entry_without_services},
        {"descriptor-is-the-note", "running and reading give the same descriptor",
         descriptor_is_the_note},
        {"entry-twice", "the entry may be called again", entry_twice},
        {"entry-small-table", "an older host's table is not written beyond", entry_small_table},
        {"entry-large-table", "a newer host's table is left alone beyond", entry_large_table},
        {"newer-host", "a newer minor version will do", newer_host},
        {"unknown-extension", "an extension that is not known is NULL", unknown_extension},
        {"delivery-as-declared", "it is the kind of target that it says", delivery_as_declared},
    };
}

}  // namespace signalbox::conformance
