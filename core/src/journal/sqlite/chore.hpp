#pragma once

#include "journal/sqlite/database.hpp"
#include "journal/sqlite/store.hpp"
#include "signalbox/result.hpp"

namespace signalbox::journal::sqlite {

/// Upkeep that the writer does between the commits, a small step at a time.
class Chore {
  public:
    virtual ~Chore() = default;
    /// [writer thread, outside a transaction] Does a little; true: it is done. Leaves no transaction open.
    /// Throws Failure.
    virtual bool step(Database& database, Store& store) = 0;
    /// [writer thread] It will not be done; gives up what it holds of the connection.
    virtual void fail(const Error& error) = 0;
    /// [executor] Tells the outcome. Once.
    virtual void tell() = 0;
};

}  // namespace signalbox::journal::sqlite
