#pragma once

#include <string>

#include "signalbox/result.hpp"

namespace signalbox {

/// How a config names a secret, in a file or in code: an environment variable or a file. Exactly one of the
/// two is set. There is no way to write a secret itself: a host that has it in memory answers for a name.
struct SecretName {
    std::string env;   ///< an environment variable's name
    std::string file;  ///< a path; relative ones begin at the config's folder
};

/// Where secrets come from. Called while a config is read, on the thread that reads it, once for each
/// place that names a secret. Null in Seams: the environment and the files.
class SecretSource {
  public:
    virtual ~SecretSource() = default;
    /// The secret's value. An Error's message is shown as a finding at the secret's place: it says what is
    /// missing and what to do, and never holds a value.
    virtual Result<std::string> read(const SecretName& name) = 0;
};

}  // namespace signalbox
