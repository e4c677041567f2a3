#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "support/child.hpp"
#include "support/http_call.hpp"

/// A Signalbox and an Azure stand-in, as a user would run them, in a folder of their own.
namespace signalbox::test {

/// A folder that goes with its test.
class Folder {
  public:
    Folder();
    ~Folder();
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    std::filesystem::path path() const { return path_; }
    std::filesystem::path write(const std::string& name, const std::string& text) const;
    std::string read(const std::string& name) const;

  private:
    std::filesystem::path path_;
};

/// A port that is free now and outside the range from which the kernel picks by itself.
std::uint16_t free_port();

struct WorldOptions {
    int in_flight = 16;
    std::string on_unknown = "hold";
    std::string timeout = "30s";
    std::string retry = "{ attempts: 4, first: 50ms, factor: 2, cap: 1s, jitter: 0.2 }";
    std::vector<std::string> standin;  ///< further arguments of the stand-in
    std::string config;                ///< further lines of the config
    std::string commits = "file";      ///< of the journal
    std::string drain = "10s";         ///< of serve
    /// What the config says of the client `portal`, and of further ones by their id.
    std::string portal = "may: [ invoke, view ]";
    std::map<std::string, std::string> more_clients;
    bool clients = true;               ///< portal (invoke, view), pipeline (report), ops (admin)
};

class World {
  public:
    explicit World(WorldOptions options = {});

    void start_standin();
    /// In the place of the stand-in: a target of the test's own.
    void use_target(const std::string& url);
    void stop_standin() { standin_.reset(); }
    void start();  ///< signalbox serve, until it has printed its URL
    void kill();   ///< SIGKILL
    void hang_up();  ///< SIGHUP
    /// A variable in the stand-in's environment, for its pipeline's secrets; before start_standin().
    void pass_to_standin(const std::string& name, const std::string& value) {
        standin_environment_[name] = value;
    }
    int stop();    ///< SIGTERM; its exit code
    void terminate();  ///< SIGTERM
    int wait();        ///< for its end; its exit code
    pid_t process() const { return serve_->process(); }

    const std::string& url() const { return url_; }
    const std::string& standin_url() const { return standin_url_; }
    const Folder& folder() const { return folder_; }
    std::filesystem::path config() const { return folder_.path() / "signalbox.yaml"; }
    std::string log() const { return folder_.read("serve.log"); }

    /// Calls the API as a client ("" for none), whose token is fetched once.
    Called as(const std::string& client, const std::string& method, const std::string& path,
              const std::string& body = {}, std::map<std::string, std::string> headers = {});
    /// Invokes `release` (inputs: name) and returns the run's id; empty if that was not a 202.
    std::string invoke(const std::string& name, std::map<std::string, std::string> headers = {});
    /// Asks for the run until its phase is one of these; the run's last reply. Bounded by 30 s.
    Called await(const std::string& run_id, const std::vector<std::string>& phases);
    /// The command line, against this world, as `ops`.
    Ran cli(std::vector<std::string> arguments, std::map<std::string, std::string> environment = {});

    /// The ids of the runs that the stand-in has verified and taken, in order, from its ledger.
    std::vector<std::string> received() const;
    /// The exact bytes of the first of them.
    std::string received_body() const;

  private:
    void write_config();
    std::map<std::string, std::string> environment() const;

    WorldOptions options_;
    Folder folder_;
    std::uint16_t port_;
    std::string url_;
    std::string standin_url_;
    std::map<std::string, std::string> standin_environment_;
    std::unique_ptr<Child> standin_;
    std::unique_ptr<Child> serve_;
    std::map<std::string, std::string> tokens_;
};

}  // namespace signalbox::test
