#include "plugins/note.hpp"

#include <elf.h>
#include <sys/stat.h>

#include <cstring>
#include <functional>

#include "base/limits.hpp"
#include "support.hpp"

using namespace signalbox;
using namespace signalbox::plugins;
using namespace signalbox::plugins::test;

namespace {

std::string padded(std::string bytes) {
    bytes.resize((bytes.size() + 3) / 4 * 4);
    return bytes;
}

template <class Struct>
std::string bytes_of(const Struct& value) {
    return std::string(reinterpret_cast<const char*>(&value), sizeof value);
}

std::string note(const std::string& owner, std::uint32_t type, const std::string& text) {
    const Elf64_Nhdr header = {static_cast<Elf64_Word>(owner.size() + 1),
                               static_cast<Elf64_Word>(text.size()), type};
    return bytes_of(header) + padded(owner + '\0') + padded(text);
}

/// A 64-bit library that is nothing but a head, one program header and its notes.
std::string library(const std::string& notes,
                    const std::function<void(Elf64_Ehdr&, Elf64_Phdr&)>& damage = {}) {
    Elf64_Ehdr head = {};
    std::memcpy(head.e_ident, ELFMAG, SELFMAG);
    head.e_ident[EI_CLASS] = ELFCLASS64;
    head.e_ident[EI_DATA] = ELFDATA2LSB;
    head.e_type = ET_DYN;
    head.e_phoff = sizeof head;
    head.e_phentsize = sizeof(Elf64_Phdr);
    head.e_phnum = 1;
    Elf64_Phdr segment = {};
    segment.p_type = PT_NOTE;
    segment.p_offset = sizeof head + sizeof segment;
    segment.p_filesz = notes.size();
    segment.p_align = 4;
    if (damage) damage(head, segment);
    return bytes_of(head) + bytes_of(segment) + notes;
}

Result<std::string> read(const std::string& bytes) {
    const TemporaryDirectory directory;
    return read_note(directory.write("plugin.so", bytes));
}

std::string code_of(const Result<std::string>& result) {
    return result ? "ok" : result.error().code;
}

}  // namespace

TEST_CASE("plugins: the note of a real plugin is read without opening it", "[plugins]") {
    const auto text = read_note(azure_plugin());
    REQUIRE(text);
    CHECK(contains(*text, "\"azure-pipelines\""));
    CHECK(text->back() == '}');
}

TEST_CASE("plugins: the note survives strip and gc-sections", "[plugins]") {
    const auto stripped = read_note(test_plugin("stripped"));
    REQUIRE(stripped);
    CHECK(contains(*stripped, "\"throwing\""));
}

TEST_CASE("plugins: a note is found behind notes of others", "[plugins]") {
    const auto text = read(library(note("GNU", 1, "abc") + note("Signalbox", 2, "later kind") +
                                   note("Signalboy", 1, "x") + note("Signalbox", 1, "{mine}")));
    REQUIRE(text);
    CHECK(*text == "{mine}");
}

TEST_CASE("plugins: what is no library is said to be none", "[plugins]") {
    CHECK(code_of(read("")) == "plugin_not_elf");
    CHECK(code_of(read("#!/bin/sh\n")) == "plugin_not_elf");
    CHECK(code_of(read(std::string(100'000, '\xFF'))) == "plugin_not_elf");
    CHECK(code_of(read(library("", [](auto& head, auto&) {
              head.e_ident[EI_CLASS] = ELFCLASS32;
          }))) == "plugin_not_elf");
    CHECK(code_of(read(library("", [](auto& head, auto&) {
              head.e_ident[EI_DATA] = ELFDATA2MSB;
          }))) == "plugin_not_elf");
}

TEST_CASE("plugins: a library without our note is no plugin", "[plugins]") {
    CHECK(code_of(read(library(""))) == "plugin_no_note");
    CHECK(code_of(read(library(note("GNU", 1, "abc")))) == "plugin_no_note");
    CHECK(code_of(read(library("", [](auto& head, auto&) { head.e_phnum = 0; }))) ==
          "plugin_no_note");
    CHECK(code_of(read_note(test_plugin("no_plugin"))) == "plugin_no_note");
}

TEST_CASE("plugins: two notes are one too many", "[plugins]") {
    CHECK(code_of(read(library(note("Signalbox", 1, "{}") + note("Signalbox", 1, "{}")))) ==
          "plugin_bad_note");
    CHECK(code_of(read_note(test_plugin("two_notes"))) == "plugin_bad_note");
}

TEST_CASE("plugins: a note is accepted at its limit and refused past it", "[plugins]") {
    const auto at_limit =
        read(library(note("Signalbox", 1, std::string(limits::plugin_note_bytes_max, 'x'))));
    REQUIRE(at_limit);
    CHECK(at_limit->size() == limits::plugin_note_bytes_max);
    CHECK(code_of(read(library(
              note("Signalbox", 1, std::string(limits::plugin_note_bytes_max + 1, 'x'))))) ==
          "plugin_bad_note");
}

TEST_CASE("plugins: offsets that lie are never followed", "[plugins]") {
    const std::string good = note("Signalbox", 1, "{}");
    const auto damaged = [&](const std::function<void(Elf64_Ehdr&, Elf64_Phdr&)>& damage) {
        return code_of(read(library(good, damage)));
    };
    CHECK(damaged({}) == "ok");
    CHECK(damaged([](auto& head, auto&) { head.e_phoff = UINT64_MAX; }) == "plugin_not_elf");
    CHECK(damaged([](auto& head, auto&) { head.e_phoff = UINT64_MAX - 8; }) == "plugin_not_elf");
    CHECK(damaged([](auto& head, auto&) { head.e_phoff = 1u << 30; }) == "plugin_not_elf");
    CHECK(damaged([](auto& head, auto&) { head.e_phnum = 0xFFFF; }) == "plugin_not_elf");
    CHECK(damaged([](auto& head, auto&) { head.e_phnum = 256; }) == "plugin_not_elf");
    CHECK(damaged([](auto& head, auto&) { head.e_phentsize = 1; }) == "plugin_not_elf");
    CHECK(damaged([](auto&, auto& segment) { segment.p_offset = UINT64_MAX; }) == "plugin_not_elf");
    CHECK(damaged([](auto&, auto& segment) { segment.p_filesz = UINT64_MAX; }) == "plugin_not_elf");
    CHECK(damaged([](auto&, auto& segment) { segment.p_filesz += 1; }) == "plugin_not_elf");
    CHECK(damaged([](auto&, auto& segment) { segment.p_filesz = 20; }) == "plugin_not_elf");
    CHECK(damaged([](auto&, auto& segment) { segment.p_align = UINT64_MAX; }) == "ok");

    std::string huge = good;
    const std::uint32_t size = UINT32_MAX;
    std::memcpy(huge.data() + 4, &size, sizeof size);
    CHECK(code_of(read(library(huge))) == "plugin_not_elf");
    std::memcpy(huge.data(), &size, sizeof size);
    CHECK(code_of(read(library(huge))) == "plugin_not_elf");
}

TEST_CASE("plugins: a file of nothing but notes does not keep the reader busy", "[plugins]") {
    CHECK(code_of(read(library(std::string(1024 * sizeof(Elf64_Nhdr), '\0')))) == "plugin_no_note");
    CHECK(code_of(read(library(std::string(1025 * sizeof(Elf64_Nhdr), '\0')))) == "plugin_not_elf");
}

TEST_CASE("plugins: every prefix of a plugin is read or refused in words", "[plugins]") {
    const std::string bytes = slurp(test_plugin("no_entry"));
    const auto whole = read_note(test_plugin("no_entry"));
    REQUIRE(whole);
    const TemporaryDirectory directory;
    std::size_t read_well = 0;
    // Behind the notes come code and symbols, where steps may be large.
    for (std::size_t size = 0; size < bytes.size(); size += size < 4096 ? 1 : 97) {
        const auto text = read_note(directory.write("prefix.so", bytes.substr(0, size)));
        if (text) {
            ++read_well;
            REQUIRE(*text == *whole);
        } else {
            REQUIRE(text.error().code == "plugin_not_elf");
        }
    }
    CHECK(read_well > 0);
}

TEST_CASE("plugins: every changed byte of the heads and notes is survived", "[plugins]") {
    const std::string good = library(note("GNU", 3, "0123") + note("Signalbox", 1, "{\"a\":1}"));
    const TemporaryDirectory directory;
    for (std::size_t at = 0; at < good.size(); ++at) {
        for (const char value : {'\x00', '\x01', '\x7F', '\x80', '\xFF'}) {
            std::string changed = good;
            changed[at] = value;
            const auto text = read_note(directory.write("changed.so", changed));
            if (text) REQUIRE(text->size() <= good.size());
        }
    }
}

TEST_CASE("plugins: what is no regular file is unreadable", "[plugins]") {
    const TemporaryDirectory directory;
    CHECK(code_of(read_note(directory.path() / "missing.so")) == "plugin_unreadable");
    CHECK(code_of(read_note(directory.path())) == "plugin_unreadable");
    CHECK(code_of(read_note("/dev/zero")) == "plugin_unreadable");
    const auto pipe = directory.path() / "pipe.so";
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    CHECK(code_of(read_note(pipe)) == "plugin_unreadable");
}
