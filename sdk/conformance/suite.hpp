#pragma once

#include <functional>
#include <string>
#include <vector>

#include "subject.hpp"

namespace signalbox::conformance {

enum class Status { passed, failed, crashed, skipped, warning };
const char* status_name(Status status);

struct Outcome {
    Status status = Status::passed;
    std::string message;  ///< empty where it passed
};

/// One test. It runs in a child process of its own; it fails by fail(), is skipped by skip(), and what it
/// returns is a warning where it is not empty.
struct Test {
    const char* name;
    const char* promise;  ///< what a plugin promises that this test looks at
    std::function<std::string(const Subject&)> run;
};

// By what they look at, in the order in which they are run.
std::vector<Test> file_tests();
std::vector<Test> entry_tests();
std::vector<Test> connect_tests();
std::vector<Test> plan_tests();
std::vector<Test> judge_tests();
std::vector<Test> blocking_tests();
std::vector<Test> fuzz_tests();
std::vector<Test> all_tests();

/// Runs one test in a child, for at most `timeout_ms`.
Outcome run_in_child(const Test& test, const Subject& subject, std::int64_t timeout_ms);

}  // namespace signalbox::conformance
