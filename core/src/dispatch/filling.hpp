#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dispatch/censor.hpp"
#include "journal/journal.hpp"
#include "plugins/plugin.hpp"
#include "signalbox/result.hpp"

namespace signalbox::dispatch {

/// The config's secrets by name, as actions may send them. Immutable; shared.
using Secrets = std::map<std::string, std::string, std::less<>>;

/// The secrets of one run, whose method and payload have holes (base/hole.hpp). A plugin never sees
/// them: it is given words in their places, which are made of letters and digits and so come
/// through whatever a plugin does with a text (escaping, encoding, JSON). In what it planned the
/// words are then replaced. They are made from the run's bytes, so no input can hold one. [loop
/// thread]
class Filling {
  public:
    /// Null where the run has no holes. Error `plan_refused`: a secret is not in the config any
    /// more.
    static Result<std::shared_ptr<const Filling>> of(const std::shared_ptr<const Secrets>& secrets,
                                                     const journal::RunSeed& seed);

    /// Points the view to the method and the payload that have words in place of holes.
    void dress(plugins::RunView& view) const;

    /// The run's method and payload, filled: for a target that sends by itself.
    journal::RunSeed filled(journal::RunSeed seed) const;
    /// The payload, filled: what is signed and sent. Within its JSON, each secret is part of a
    /// string.
    const std::string& payload() const { return payload_; }

    // What a plugin planned, filled. Errors `plan_refused`: a value that cannot stand there.
    /// Percent-encoded, but for a secret that is a whole URL and stands at the beginning.
    Result<std::string> url(const std::string& planned) const;
    Result<std::string> header(const std::string& name, const std::string& planned) const;
    /// A body of the plugin's own: `json` says that values go into JSON strings.
    std::string body(std::string_view planned, bool json) const;

    /// What a plugin planned, as it is kept and shown: the words as ***.
    std::string shown(std::string_view planned) const;
    /// A reply's words, which may repeat what was sent: the values as ***.
    void censor(std::string& text) const { censor_.censor(text); }
    void censor(plugins::Verdict& verdict) const { censor_.censor(verdict); }

  private:
    struct Part {
        std::string name;
        std::string value;   // without the scheme, if it is a URL
        std::string scheme;  // `https://`, or empty
        std::string word;
    };

    const Part& part_of(std::string_view name) const;
    template <class Write>
    std::string replace(std::string_view text, Write write) const;

    std::vector<Part> parts_;
    Censor censor_;
    std::string method_with_words_;
    std::string payload_with_words_;
    std::string payload_;
    std::string method_;
};

}  // namespace signalbox::dispatch
