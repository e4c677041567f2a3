#include "jq/values.hpp"

#include <cmath>
#include <cstdint>
#include <utility>

#include "base/limits.hpp"
#include "jq/numbers.hpp"
#include "json/door.hpp"

namespace signalbox::jq {
namespace {

Error failed(std::string message) {
    return Error{"template_failed", std::move(message), {}};
}

/// The largest integers that are not doubles are told by the way back.
template <class Integer>
bool is_exact(Integer number) {
    const double close = static_cast<double>(number);
    return std::fabs(close) < 9.2e18 && static_cast<Integer>(close) == number;
}

class Giver {
  public:
    jv give(const json::Value& value) {
        if (const json::String* text = value.if_string()) return string(*text);
        if (const json::Object* members = value.if_object()) return object(*members);
        if (const json::Array* items = value.if_array()) return array(*items);
        if (const std::int64_t* whole = value.if_int64()) return number(*whole);
        if (const std::uint64_t* large = value.if_uint64()) return number(*large);
        if (const double* number = value.if_double()) return jv_number(*number);
        if (const bool* truth = value.if_bool()) return *truth ? jv_true() : jv_false();
        return jv_null();
    }

    bool lost = false;
    std::string pointer;  // of the first number that is lost

  private:
    template <class Integer>
    jv number(Integer number) {
        if (!is_exact(number)) lost = true;
        return jv_number(static_cast<double>(number));
    }

    static jv string(std::string_view text) {
        return jv_string_sized(text.data(), static_cast<int>(text.size()));
    }

    jv array(const json::Array& items) {
        jv made = jv_array_sized(static_cast<int>(items.size()));
        for (std::size_t i = 0; i < items.size() && !lost; ++i) {
            made = jv_array_append(made, give(items[i]));
            if (lost) pointer.insert(0, "/" + std::to_string(i));
        }
        return made;
    }

    jv object(const json::Object& members) {
        jv made = jv_object();
        for (const auto& member : members) {
            made = jv_object_set(made, string(member.key()), give(member.value()));
            if (!lost) continue;
            pointer.insert(0, "/" + json::escape_token(member.key()));
            break;
        }
        return made;
    }
};

class Taker {
  public:
    json::Value take(jv value, std::size_t depth) {
        json::Value made = depth > limits::json_depth_max ? too_deep() : convert(value, depth);
        jv_free(value);
        return made;
    }

    std::string problem;

  private:
    json::Value convert(jv value, std::size_t depth) {
        if (!problem.empty()) return nullptr;
        switch (jv_get_kind(value)) {
            case JV_KIND_TRUE:
                return count(4) ? json::Value(true) : nullptr;
            case JV_KIND_FALSE:
                return count(5) ? json::Value(false) : nullptr;
            case JV_KIND_NUMBER:
                return number(jv_number_value(value));
            case JV_KIND_STRING:
                return string(value);
            case JV_KIND_ARRAY:
                return array(value, depth);
            case JV_KIND_OBJECT:
                return object(value, depth);
            default:
                count(4);
                return nullptr;
        }
    }

    bool count(std::size_t bytes) {
        bytes_ += bytes;
        if (bytes_ > limits::jq_output_bytes_max)
            problem = "gave more than " + std::to_string(limits::jq_output_bytes_max) + " bytes";
        return problem.empty();
    }

    json::Value too_deep() {
        problem = "gave more than " + std::to_string(limits::json_depth_max) + " levels";
        return nullptr;
    }

    json::Value number(double number) {
        // jq writes infinity as the largest double; as a result it would be a number nobody meant.
        if (!std::isfinite(number)) {
            problem = "gave a number that is none or is infinite, which JSON does not have";
        } else if (loses_digits(number)) {
            problem =
                "gave an integer of more than 2^53, where jq does not keep every digit; use a "
                "plain path, "
                "or a string";
        }
        if (!count(1)) return nullptr;
        const bool whole =
            std::fabs(number) < first_inexact_integer && std::trunc(number) == number;
        if (whole) return static_cast<std::int64_t>(number);
        return number;
    }

    json::Value string(jv value) {
        const auto bytes = static_cast<std::size_t>(jv_string_length_bytes(jv_copy(value)));
        if (!count(bytes + 2)) return nullptr;
        return json::String(std::string_view(jv_string_value(value), bytes));
    }

    json::Value array(jv value, std::size_t depth) {
        const int size = jv_array_length(jv_copy(value));
        json::Array made;
        if (!count(2 + static_cast<std::size_t>(size))) return nullptr;
        made.reserve(static_cast<std::size_t>(size));
        for (int i = 0; i < size && problem.empty(); ++i)
            made.push_back(take(jv_array_get(jv_copy(value), i), depth + 1));
        return made;
    }

    json::Value object(jv value, std::size_t depth) {
        const auto size = static_cast<std::size_t>(jv_object_length(jv_copy(value)));
        json::Object made;
        if (!count(2 + size)) return nullptr;
        made.reserve(size | 1);  // why odd: json/handler.hpp
        for (int i = jv_object_iter(value); jv_object_iter_valid(value, i) && problem.empty();
             i = jv_object_iter_next(value, i)) {
            const json::Value key = take(jv_object_iter_key(value, i), depth + 1);
            json::Value member = take(jv_object_iter_value(value, i), depth + 1);
            if (!problem.empty()) break;
            if (key.get_string().find('\0') != json::String::npos) {
                problem = "gave a key with a NUL in it";
                break;
            }
            made.emplace(key.get_string(), std::move(member));
        }
        return made;
    }

    std::size_t bytes_ = 0;
};

}  // namespace

Result<jv> to_jv(const json::Value& value) {
    Giver giver;
    jv made = giver.give(value);
    if (!giver.lost) return made;
    jv_free(made);
    return failed(
        "the value of " + giver.pointer +
        " is an integer of more than 2^53, and jq, which this action's templates need, would "
        "lose digits of it; send it as a string");
}

Result<json::Value> from_jv(jv value) {
    Taker taker;
    json::Value made = taker.take(value, 1);
    if (!taker.problem.empty()) return failed(taker.problem);
    return made;
}

}  // namespace signalbox::jq
