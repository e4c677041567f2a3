#pragma once

#include <memory>
#include <string>
#include <vector>

#include "actions/expression.hpp"
#include "actions/jq_expressions.hpp"
#include "actions/secret_path.hpp"
#include "document/node.hpp"
#include "json/value.hpp"
#include "signalbox/result.hpp"

/// Port's templates: jq inside `{{ }}`. A plain path (`.inputs.name`, `.inputs."a-b"`,
/// `.inputs["a-b"]`, `.list[0]`, `.`) is followed where it stands and needs no jq. Rules: a string that is
/// exactly one expression keeps the JSON type of its result; in mixed text a string goes in as it is,
/// anything else as compact JSON, null as nothing; a key that evaluates to null drops its pair; the key
/// `{{ spreadValue() }}` merges an object into its parent; `{{ .secrets.NAME }}` leaves a hole for that
/// secret. docs/templates.md is what users read.
namespace signalbox::actions {

/// A tree made ready. Immutable, shared freely between threads.
class Template {
  public:
    /// Compiles a tree; each bad expression is a problem of `file` at its place. What is no plain path is
    /// added to `jq`, to be compiled with all the others. `roots`: what there will be in the context.
    static Template compile(const document::Node& node, const std::string& file, JqExpressions& jq,
                            document::Problems& problems,
                            const std::vector<std::string>& roots = action_roots());
    /// The same where nothing evaluates jq: what is no plain path is a problem too.
    static Template compile_paths(const document::Node& node, const std::string& file,
                                  document::Problems& problems,
                                  const std::vector<std::string>& roots);

    /// Fills it from `context` (of an action, the roots are inputs, trigger, entity, action, run). A path into
    /// what is not there gives null. Error `template_failed` where a spread is not an object, two
    /// keys fall together, or the result is larger than limits::payload_bytes_max; those of JqRun. `jq`
    /// evaluates what is no plain path, in the context that was set there; null where there is none of
    /// those. Any thread, but for that of `jq`.
    Result<json::Value> render(const Context& context, JqRun* jq = nullptr) const;
    Result<json::Value> render(const json::Value& roots, JqRun* jq = nullptr) const {
        return render(ReadyContext(roots), jq);
    }

    /// What it always renders to, where nothing in it is filled in; else null. Lives as long as this.
    const json::Value* constant() const;
    /// What it renders to where that stands there already, because the whole of it is constant or one plain
    /// path; else null. Lives as long as this and `context`.
    const json::Value* standing(const Context& context) const;

    /// The secrets that it names. Each is a hole (base/hole.hpp) in what is rendered.
    const std::vector<SecretUse>& secrets() const { return secrets_; }

    struct Part;

  private:
    std::shared_ptr<const Part> root_;
    std::vector<SecretUse> secrets_;
};

}  // namespace signalbox::actions
