#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actions/encrypted_input.hpp"
#include "actions/entity_inputs.hpp"
#include "actions/input_queries.hpp"
#include "actions/jq_expressions.hpp"
#include "actions/secret_path.hpp"
#include "actions/template.hpp"
#include "document/node.hpp"
#include "json/value.hpp"
#include "schema/schema.hpp"
#include "signalbox/result.hpp"

/// Action documents in Port's form: what may be invoked, with which inputs, and what is then sent.
namespace signalbox::actions {

/// Who has to approve a run before it goes out.
enum class RequiredApproval : std::uint8_t { none, any, all };

/// An action that was read. Immutable once loaded; shared between threads by shared_ptr.
struct Action {
    std::string identifier;
    std::string title;
    std::string description;
    std::string file;
    json::Value document;             ///< as written: what GET /v1/actions shows
    std::string operation;            ///< `CREATE`, `DAY-2`, `DELETE`
    std::string blueprint;            ///< trigger.blueprintIdentifier; may be empty
    std::shared_ptr<const schema::Schema> inputs;  ///< of the invocation's `properties`
    std::vector<EncryptedInput> encrypted;   ///< inputs that are kept as ciphertext only
    std::vector<EntityInput> entities;       ///< inputs that are entities of Port's catalogue
    std::string invocation_type;      ///< invocationMethod.type, as written but with aliases resolved
    document::Position invocation_type_position;
    std::string connection;           ///< invocationMethod.connection; empty: chosen by wiring
    document::Position connection_position;
    json::Value method;               ///< invocationMethod without type, connection, payload and body
    document::Position method_position;
    Template method_template;
    std::optional<Template> body_template;  ///< from `payload` or `body`
    InputQueries queries;                   ///< what of the inputs each invocation decides
    JqExpressions jq;                       ///< empty: it is invoked without jq, on any thread
    std::vector<SecretUse> secrets;         ///< that its templates name
    std::vector<Detail> placeholders;       ///< in `method`: a name that nobody has filled in yet
    RequiredApproval approval = RequiredApproval::none;
    /// Where `approvalNotification` asks for a webhook of its own; line 0: it does not.
    document::Position notification_position;
    /// Why it cannot be invoked here: empty if it can. Set while reading (a pattern RE2 cannot express,
    /// an expression this version cannot evaluate) or by wiring (no plugin serves the type).
    std::string unavailable;
    document::Position unavailable_position;
    std::shared_ptr<const document::Node> node;  ///< for places
};

/// Reads one document. What is wrong with the document itself is an error; what only makes the action
/// unavailable here is a warning, and `unavailable` is set. Returns none where there is no usable
/// identifier. Refused identifiers: `runs`, `permissions`.
std::optional<Action> read_file(const std::filesystem::path& file, document::Problems& problems);
std::optional<Action> read_text(std::string_view text, const std::string& file,
                                document::Problems& problems);
/// One of several in a file.
std::optional<Action> read_tree(document::Node tree, const std::string& file,
                                document::Problems& problems);

/// What is known when an invocation is rendered.
struct Invocation {
    std::string run_id;
    json::Value properties;  ///< object; checked, defaults filled in
    json::Value entity;      ///< null, an identifier or an object
    std::string client;      ///< who; empty: nobody named
    std::string user;        ///< the email of whom the client speaks for; empty: for itself
    std::string origin;      ///< `API`
    std::int64_t at_ms = 0;
    json::Value trigger = {};  ///< as it was told from outside, an object; null: made of client and origin
    bool stamped = false;      ///< the payload gets a member `signalbox` {runId, issuedAt}
};

struct Rendered {
    /// The plugin's members; none: they are always the same, Action::method_template.constant().
    std::optional<json::Value> method;
    std::string payload;  ///< the exact body
};

/// Checks `properties` against the inputs and fills in defaults. Error `invalid_inputs` with a pointer
/// for each finding (`/properties/env`); undeclared inputs are findings; a secret's value is never quoted.
/// An entity comes out as it came in: an identifier, or an object. `asking` is needed where the action has
/// jq.
Result<json::Value> check_inputs(const Action& action, json::Value properties,
                                 const Asking* asking = nullptr);

/// `.user` of the inputs' queries: whom the client speaks for, else the client; an empty object where
/// nobody is named.
json::Value user_of(const std::string& client, const std::string& email = {});

/// Fills the templates; `.run.issuedAt` is at_ms. Without a body template the payload is Port's full
/// invocation message. `jq` is needed where the action has jq. Error also `template_failed` where a payload
/// that is to be stamped cannot be.
Result<Rendered> render(const Action& action, const Invocation& invocation, JqRun* jq = nullptr);

}  // namespace signalbox::actions
