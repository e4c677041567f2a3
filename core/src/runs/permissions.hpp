#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "journal/journal.hpp"
#include "signalbox/result.hpp"

/// Who may do what with which action, beyond the rights of a client: the config's `permissions`.
namespace signalbox::runs {

enum class Verb : std::uint8_t { view = 0, invoke = 1, approve = 2, report = 3 };

/// Who asks.
struct Principal {
    std::string client;
    std::string user;    ///< the email of whom the client speaks for; empty: for itself
    bool admin = false;  ///< the client has every right; where it speaks for a user, the lists hold
    bool views = true;   ///< the client has the right `view`
};

/// What the lists call somebody: a client's id, `user:EMAIL`.
bool is_named(const std::string& name, const std::string& client, const std::string& user);

/// For messages: `ada@example.com (by client 'portal')`.
std::string in_words(const std::string& client, const std::string& user);

/// The lists of one action, by Verb; none: whoever has the right.
using NamedLists = std::array<std::optional<std::vector<std::string>>, 4>;

/// Immutable, and shared by snapshot: a reload puts another one in its place. Any thread.
class Permissions {
  public:
    /// Nobody is kept from anything.
    Permissions() = default;
    /// `actions`: all that there are, each with its lists. `approvers`: the clients with the right
    /// `approve`, who are asked where an action names none. `admins`: those with the right `admin`, who are
    /// asked where there are no approvers either.
    Permissions(std::map<std::string, NamedLists, std::less<>> actions,
                std::vector<std::string> approvers, std::vector<std::string> admins);

    /// Where an action has no list for a verb: to invoke it and to approve its runs it takes whoever may see
    /// it; to report whoever has the right, as a pipeline need not see anything.
    /// An action that is not known any more is left to admins, once any action has lists: what its own
    /// said is gone.
    bool allow(Verb verb, const std::string& action, const Principal& who) const;

    /// Who is asked to approve a run of this action, as the lists name them.
    std::vector<std::string> approvers(const std::string& action) const;

    /// Whether somebody other than its requester could approve this run. True where no client is known,
    /// because then it cannot be told.
    bool can_be_approved(const journal::Run& run) const;

    /// Nothing is hidden from them.
    bool sees_all(const Principal& who) const {
        return !restricted_ || (who.admin && who.user.empty());
    }
    /// The actions of which they may do that; none: all.
    std::optional<std::vector<std::string>> allowed_actions(Verb verb, const Principal& who) const;
    std::optional<std::vector<std::string>> visible_actions(const Principal& who) const {
        return allowed_actions(Verb::view, who);
    }

    /// `action_not_found` for what they may not see, `forbidden` for what they may only see.
    Result<Done> check(Verb verb, const std::string& action, const Principal& who) const;

  private:
    const std::optional<std::vector<std::string>>* list(Verb verb, const std::string& action) const;

    std::map<std::string, NamedLists, std::less<>> actions_;
    std::vector<std::string> approvers_;
    std::vector<std::string> admins_;
    bool restricted_ = false;  // any action has a list
};
using PermissionsPtr = std::shared_ptr<const Permissions>;

/// Refuses a run, as one that is not there (`run_not_found`) where it may not even be seen. Owns what it
/// looks at: it is called on the journal's writer.
using Guard = std::function<std::optional<Error>(const journal::Run&)>;
Guard guard(PermissionsPtr permissions, Verb verb, Principal who);

}  // namespace signalbox::runs
