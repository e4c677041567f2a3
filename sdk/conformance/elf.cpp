#include "elf.hpp"

#include <elf.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <string_view>

namespace signalbox::conformance {
namespace {

/// The whole file; every look into it is checked against its size.
class Image {
  public:
    explicit Image(const std::filesystem::path& file) {
        std::ifstream in(file, std::ios::binary);
        bytes_.assign(std::istreambuf_iterator<char>(in), {});
    }

    template <class Struct>
    std::optional<Struct> at(std::uint64_t offset) const {
        if (offset > bytes_.size() || sizeof(Struct) > bytes_.size() - offset) return std::nullopt;
        Struct value;
        std::memcpy(&value, bytes_.data() + offset, sizeof value);
        return value;
    }

    std::string text(std::uint64_t offset) const {
        if (offset >= bytes_.size()) return {};
        const std::size_t end = bytes_.find('\0', offset);
        return bytes_.substr(offset, end == std::string::npos ? 0 : end - offset);
    }

  private:
    std::string bytes_;
};

template <class Each>
void each_section(const Image& image, Each&& each) {
    const auto head = image.at<Elf64_Ehdr>(0);
    if (!head) return;
    for (std::uint16_t i = 0; i < head->e_shnum; ++i) {
        const auto section = image.at<Elf64_Shdr>(head->e_shoff + i * sizeof(Elf64_Shdr));
        if (!section) return;
        const auto strings =
            section->sh_link < head->e_shnum
                ? image.at<Elf64_Shdr>(head->e_shoff + section->sh_link * sizeof(Elf64_Shdr))
                : std::nullopt;
        if (strings) each(*section, strings->sh_offset);
    }
}

}  // namespace

DynamicFacts dynamic_facts(const std::filesystem::path& file) {
    DynamicFacts facts;
    const Image image(file);
    each_section(image, [&](const Elf64_Shdr& section, std::uint64_t strings) {
        for (std::uint64_t at = 0; section.sh_type == SHT_DYNSYM && at < section.sh_size;
             at += sizeof(Elf64_Sym)) {
            const auto symbol = image.at<Elf64_Sym>(section.sh_offset + at);
            if (!symbol) break;
            if (symbol->st_shndx == SHN_UNDEF || symbol->st_shndx == SHN_ABS) continue;
            const auto binding = ELF64_ST_BIND(symbol->st_info);
            const std::string name = image.text(strings + symbol->st_name);
            if (binding == STB_GNU_UNIQUE) facts.unique.push_back(name);
            if (binding == STB_GLOBAL || binding == STB_WEAK || binding == STB_GNU_UNIQUE)
                facts.exported.push_back(name);
        }
        for (std::uint64_t at = 0; section.sh_type == SHT_DYNAMIC && at < section.sh_size;
             at += sizeof(Elf64_Dyn)) {
            const auto entry = image.at<Elf64_Dyn>(section.sh_offset + at);
            if (!entry || entry->d_tag == DT_NULL) break;
            if (entry->d_tag == DT_NEEDED)
                facts.needed.push_back(image.text(strings + entry->d_un.d_val));
        }
    });
    return facts;
}

}  // namespace signalbox::conformance
