#pragma once

#include <memory>
#include <string>

#include "actions/jq_expressions.hpp"
#include "document/node.hpp"
#include "json/value.hpp"
#include "signalbox/result.hpp"

/// Port's templates: jq inside `{{ }}`. A plain path (`.inputs.name`, `.inputs."a-b"`,
/// `.inputs["a-b"]`, `.list[0]`, `.`) is followed where it stands and needs no jq. Rules: a string that is
/// exactly one expression keeps the JSON type of its result; in mixed text a string goes in as it is,
/// anything else as compact JSON, null as nothing; a key that evaluates to null drops its pair; the key
/// `{{ spreadValue() }}` merges an object into its parent. docs/templates.md is what users read.
namespace signalbox::actions {

/// A tree made ready. Immutable, shared freely between threads.
class Template {
  public:
    /// Compiles a tree; each bad expression is a problem of `file` at its place. What is no plain path is
    /// added to `jq`, to be compiled with all the others.
    static Template compile(const document::Node& node, const std::string& file, JqExpressions& jq,
                            document::Problems& problems);

    /// Fills it from `context`, the object of roots (inputs, trigger, entity, action, run). A path into
    /// what is not there gives null. Error `template_failed` where a spread is not an object, two keys
    /// fall together, or the result is larger than limits::payload_bytes_max; those of JqRun. `jq`
    /// evaluates what is no plain path, in the context that was set there; null where there is none of
    /// those. Any thread, but for that of `jq`.
    Result<json::Value> render(const json::Value& context, JqRun* jq = nullptr) const;

    struct Part;

  private:
    std::shared_ptr<const Part> root_;
};

}  // namespace signalbox::actions
