#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <thread>
#include <vector>

namespace signalbox::test {

/// A program that a test starts and that does not outlive it.
class Child {
  public:
    /// Starts it with the test's environment and `environment` on top. Its standard error goes to
    /// `error_file` where one is given.
    Child(std::vector<std::string> command, std::map<std::string, std::string> environment = {},
          const std::string& error_file = {});
    ~Child();  ///< kills it if it still runs
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    /// The next line of its standard output; empty when it has ended.
    std::string line();
    /// All that is left of its standard output, until it ends.
    std::string rest();
    /// From here on its standard output is read and thrown away: a pipe that nobody reads fills up and stops
    /// the program that writes into it.
    void discard();
    void signal(int number);
    pid_t process() const { return pid_; }
    /// Its exit code; 128 and more: ended by a signal.
    int wait();

  private:
    pid_t pid_ = -1;
    int output_ = -1;
    std::string read_;
    std::thread discarding_;
};

/// Runs a program to its end; standard output and exit code.
struct Ran {
    int code = 0;
    std::string output;
};
Ran run(std::vector<std::string> command, std::map<std::string, std::string> environment = {});

}  // namespace signalbox::test
