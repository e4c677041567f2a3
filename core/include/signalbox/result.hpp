#pragma once

#include <cassert>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace signalbox {

/// One finding inside an Error: where (an RFC 6901 JSON pointer into what the caller sent, empty for
/// the whole of it) and what. Never holds a secret's value.
struct Detail {
    std::string pointer;  ///< RFC 6901
    std::string message;  ///< what was found, what is accepted, what to do
};

/// The one error type: a value, copied freely, safe on any thread.
/// `code` is a stable snake_case word that programs may branch on; `message` says what was found, what
/// is accepted and what to do. The HTTP API renders it as
/// {"ok":false,"error":code,"message":message,"details":[…]}.
struct Error {
    std::string code;                  ///< `run_not_found`, …
    std::string message;               ///< for people
    std::vector<Detail> details = {};  ///< where, if it can be said
};

/// A value or an Error: the return type of everything whose failure a caller must handle.
/// Faults in the program itself are exceptions and are caught at the loops' edges only.
template <class T>
class [[nodiscard]] Result {
  public:
    /// A value.
    Result(T value) : held_(std::in_place_index<0>, std::move(value)) {}
    /// An error.
    Result(Error error) : held_(std::in_place_index<1>, std::move(error)) {}

    /// It holds a value.
    bool ok() const { return held_.index() == 0; }
    /// As ok().
    explicit operator bool() const { return ok(); }

    /// The value; only when ok().
    T& value() & { return assert(ok()), *std::get_if<0>(&held_); }
    /// The value; only when ok().
    const T& value() const& { return assert(ok()), *std::get_if<0>(&held_); }
    /// The value, moved out; only when ok().
    T&& value() && { return assert(ok()), std::move(*std::get_if<0>(&held_)); }
    /// As value().
    T* operator->() { return &value(); }
    /// As value().
    const T* operator->() const { return &value(); }
    /// As value().
    T& operator*() & { return value(); }
    /// As value().
    const T& operator*() const& { return value(); }
    /// As value().
    T&& operator*() && { return std::move(*this).value(); }

    /// The error; only when not ok().
    const Error& error() const& { return assert(!ok()), *std::get_if<1>(&held_); }
    /// The error, moved out; only when not ok().
    Error&& error() && { return assert(!ok()), std::move(*std::get_if<1>(&held_)); }

  private:
    std::variant<T, Error> held_;
};

/// For calls that either work or fail and have nothing else to say: `return Done{};`
struct Done {};

}  // namespace signalbox
