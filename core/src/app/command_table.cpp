#include "app/client/approval.hpp"
#include "app/client/invoke.hpp"
#include "app/client/many.hpp"
#include "app/client/runs.hpp"
#include "app/commands.hpp"
#include "app/completion.hpp"
#include "app/import_command.hpp"
#include "app/local_commands.hpp"
#include "app/plugins_new.hpp"
#include "app/serve.hpp"

namespace signalbox::app {
namespace {

constexpr Option kConfig = {"config", "FILE", "the config; default: ./signalbox.yaml"};
constexpr Option kServer = {
    "server", "URL",
    "where Signalbox is; default: SIGNALBOX_URL, else `listen` of ./signalbox.yaml, else http://127.0.0.1:8080"};
constexpr Option kJson = {"json", "", "print the server's JSON reply as it came"};
constexpr Option kAsJson = {"json", "", "print the result as a JSON object"};
constexpr Option kInput = {"input", "NAME=VALUE", "an input; once for each", 'i', true};
constexpr Option kInputs = {"inputs", "FILE", "a JSON object of inputs; - is standard input"};
constexpr Option kScheme = {"scheme", "SCHEME",
                            "hmac-sha1-hex, hmac-sha1-prefixed, hmac-sha256-prefixed, port-v1 or "
                            "standard-webhooks"};
constexpr Option kKey = {"key", "KEY", "the key; other users may see it in the process list"};
constexpr Option kKeyEnv = {"key-env", "NAME", "the environment variable that holds the key"};
constexpr Option kId = {"id", "ID", "the message's id, for standard-webhooks"};
constexpr Argument kRunId = {"ID"};
constexpr Argument kRunIdOrNone = {"ID", false};
constexpr Option kOfAction = {"action", "ACTION", "instead of ID: runs of this action"};
constexpr Option kOfConnection = {"connection", "NAME", "instead of ID: runs of this connection"};
constexpr Option kOfPhase = {"phase", "PHASE", "instead of ID: runs in this phase"};
constexpr Option kOfStatus = {"status", "STATUS", "instead of ID: runs of this status"};
constexpr Option kCreatedFrom = {"created-from", "TIME",
                                 "created then or later: 2026-11-23T20:00:00Z"};
constexpr Option kCreatedBefore = {"created-before", "TIME", "created before"};
constexpr Option kManyLimit = {"limit", "N", "at most N runs; default: all that match"};
constexpr Option kDryRun = {"dry-run", "",
                            "say what would happen to which runs, and change nothing"};

constexpr Option kComment = {"comment", "TEXT", "why; it stays with the run"};
constexpr Option kRunAs = {"run-as", "EMAIL",
                           "for whom, where the config trusts this client to say so"};

constexpr std::string_view kApprovalNotes =
    "What would be sent: signalbox runs show ID --request. Who asked for a run cannot decide on "
    "it.\n";

constexpr std::string_view kManyNotes =
    "With options instead of ID, every run that matches is listed with what happened to it, the "
    "newest\nfirst. Without --phase and --status: the runs that wait for such a decision.\n"
    "Exit codes: 0; 1 one of them was refused, or the server did not answer; 2 usage.\n";

constexpr std::string_view kServerNotes =
    "Environment: SIGNALBOX_URL; SIGNALBOX_CLIENT_ID with SIGNALBOX_CLIENT_SECRET, or "
    "SIGNALBOX_TOKEN.\n";

constexpr std::string_view kRunsNotes =
    "Exit codes: 0; 1 the server refused it or did not answer; 2 usage.\n";

constexpr std::string_view kInputNotes =
    "A value takes the type that the action declares: -i replicas=3 is a number where the action "
    "says\n"
    "number and text where it says string. Where the types cannot be asked for, a value that is a "
    "JSON\n"
    "number, true, false, null, object or array is taken as such; -i version='\"1.10\"' is then "
    "text.\n";

constexpr std::string_view kInvokeNotes =
    "Exit codes: 0 accepted, with --wait SUCCESS; 1 FAILURE, DECLINED or CANCELLED; 2 usage, or "
    "the\n"
    "invocation was refused; 3 held or unconfirmed, a person decides; 4 the end was not seen in "
    "time.\n";

constexpr std::string_view kPreviewNotes =
    "Exit codes: 0; 2 usage, or the invocation was refused.\n";

std::vector<Command> service_commands() {
    return {
        {"serve",
         "run Signalbox",
         {},
         {kConfig,
          {"drain", "DURATION", "how long attempts under way may take to end; default: 10s"}},
         {"signalbox serve", "signalbox serve --config /etc/signalbox/signalbox.yaml --drain 30s"},
         {"Prints its URL, then logs to standard error: readable on a terminal, else a JSON object "
          "a line.\n"
          "SIGTERM or SIGINT: drains and exits 0; a second one ends it at once.\n"
          "Exit codes: 0 stopped; 1 cannot start; 2 usage, or the config is not valid.\n"},
         run_serve},
        {"check",
         "say what is wrong with a config and its actions, without running anything",
         {},
         {kConfig,
          {"strict", "", "exit 2 for warnings too"},
          {"without-secrets", "", "do not look for secrets, as on a build server that has none"},
          {"json", "", "print the findings as a JSON object"}},
         {"signalbox check", "signalbox check --config staging.yaml --strict",
          "signalbox check --without-secrets --json"},
         {"Exit codes: 0 valid; 2 not.\n"},
         run_check},
    };
}

std::vector<Command> invocation_commands() {
    return {
        {"invoke",
         "invoke an action",
         {{"ACTION"}},
         {kInput,
          kInputs,
          {"idempotency-key", "KEY", "a repeat with the same key and inputs gives the same run"},
          {"wait", "", "follow the run to its end"},
          {"timeout", "DURATION", "with --wait: for how long; default: as long as it takes"},
          kRunAs,
          kJson,
          kServer},
         {"signalbox invoke deploy_service -i service=checkout -i environment=staging --wait",
          "signalbox invoke deploy_service --inputs deploy.json --wait --timeout 15m",
          "signalbox invoke deploy_service -i service=checkout --idempotency-key build-4711 "
          "--json"},
         {kInvokeNotes, kInputNotes, kServerNotes},
         run_invoke},
        {"preview",
         "show the exact signed request of an invocation, and send nothing",
         {{"ACTION"}},
         {kInput,
          kInputs,
          {"offline", "", "without a server, from the config and its plugins"},
          {"config", "FILE", "with --offline: the config; default: ./signalbox.yaml"},
          kAsJson,
          kRunAs,
          kServer},
         {"signalbox preview deploy_service -i service=checkout -i environment=staging",
          "signalbox preview deploy_service --inputs deploy.json --offline --config "
          "signalbox.yaml"},
         {kPreviewNotes, kInputNotes, kServerNotes},
         run_preview},
    };
}

std::vector<Command> run_commands() {
    return {
        {"runs list",
         "list runs, newest first",
         {},
         {{"action", "ACTION", "only runs of this action"},
          {"status", "STATUS", "IN_PROGRESS, SUCCESS, FAILURE, …"},
          {"phase", "PHASE", "queued, sending, retrying, accepted, confirmed, held, finished, …"},
          {"limit", "N", "at most N runs; default: 50"},
          {"cursor", "CURSOR", "go on where an earlier list ended"},
          kJson,
          kServer},
         {"signalbox runs list --action deploy_service --limit 10",
          "signalbox runs list --phase held"},
         {kRunsNotes, kServerNotes},
         run_runs_list},
        {"runs show",
         "show a run and each of its attempts",
         {kRunId},
         {{"request", "", "print the exact request of the last attempt instead"}, kJson, kServer},
         {"signalbox runs show r_01jk3v9s6fxq7w8e2t5n4m1b0c",
          "signalbox runs show r_01jk3v9s6fxq7w8e2t5n4m1b0c --request"},
         {kRunsNotes, kServerNotes},
         run_runs_show},
        {"runs logs",
         "print what was reported to a run's log",
         {kRunId},
         {kJson, kServer},
         {"signalbox runs logs r_01jk3v9s6fxq7w8e2t5n4m1b0c"},
         {kRunsNotes, kServerNotes},
         run_runs_logs},
        {"runs rejected",
         "list invocations that made no run: refused ones, and repeats of a known one",
         {},
         {{"limit", "N", "at most N of them; default: 50"},
          {"cursor", "CURSOR", "go on where an earlier list ended"},
          kJson,
          kServer},
         {"signalbox runs rejected", "signalbox runs rejected --limit 10 --json"},
         {"Newest first. The newest 1,000 are kept.\n", kRunsNotes, kServerNotes},
         run_runs_rejected},
        {"runs redeliver",
         "send runs again that are held, unconfirmed or failed without effect",
         {kRunIdOrNone},
         {kOfAction, kOfConnection, kOfPhase, kOfStatus, kCreatedFrom, kCreatedBefore, kManyLimit,
          kDryRun, kJson, kServer},
         {"signalbox runs redeliver r_01jk3v9s6fxq7w8e2t5n4m1b0c",
          "signalbox runs redeliver --connection contoso --phase held --dry-run"},
         {kManyNotes, kServerNotes},
         run_runs_redeliver},
        {"runs cancel",
         "cancel runs that were not sent yet, or are held",
         {kRunIdOrNone},
         {kOfAction, kOfConnection, kOfPhase, kOfStatus, kCreatedFrom, kCreatedBefore, kManyLimit,
          kDryRun, kJson, kServer},
         {"signalbox runs cancel r_01jk3v9s6fxq7w8e2t5n4m1b0c",
          "signalbox runs cancel --action deploy_service --created-before 2026-11-23 --dry-run"},
         {kManyNotes, kServerNotes},
         run_runs_cancel},
        {"runs approve",
         "approve a run that waits for it; it is then sent",
         {kRunId},
         {kComment, kRunAs, kJson, kServer},
         {"signalbox runs approve r_01jk3v9s6fxq7w8e2t5n4m1b0c --comment after-the-freeze"},
         {kApprovalNotes, kRunsNotes, kServerNotes},
         run_runs_approve},
        {"runs decline",
         "decline a run that waits for approval; nothing of it is sent",
         {kRunId},
         {kComment, kRunAs, kJson, kServer},
         {"signalbox runs decline r_01jk3v9s6fxq7w8e2t5n4m1b0c --comment not-this-week"},
         {kApprovalNotes, kRunsNotes, kServerNotes},
         run_runs_decline},
    };
}

std::vector<Command> tool_commands() {
    return {
        {"backup",
         "copy the journal of a running Signalbox",
         {{"NAME"}},
         {kJson, kServer},
         {"signalbox backup nightly-2026-11-23"},
         {"Makes backups/NAME.sqlite in the journal's directory, on the server's machine, and "
          "prints its place.\nTo restore: docs/reliability.md.\n",
          kRunsNotes, kServerNotes},
         run_backup},
        {"plugins list",
         "list target plugins by what their files say, without running them",
         {},
         {{"config", "FILE",
           "those that it names; default: ./signalbox.yaml, else the plugin path"},
          kAsJson},
         {"signalbox plugins list",
          "signalbox plugins list --config /etc/signalbox/signalbox.yaml"},
         {"Exit codes: 0; 1 one of them cannot be used; 2 usage, or the config is not valid.\n"
          "Environment: SIGNALBOX_PLUGIN_PATH.\n"},
         run_plugins_list},
        {"plugins inspect",
         "print what a plugin's file says of itself, without running it",
         {{"FILE"}},
         {kAsJson},
         {"signalbox plugins inspect ./signalbox_acme.so"},
         {"Exit codes: 0; 1 it cannot be used; 2 usage, or the file is no plugin.\n"},
         run_plugins_inspect},
        {"plugins new",
         "make a plugin from the template, in a folder of its name",
         {{"NAME"}},
         {kAsJson},
         {"signalbox plugins new acme"},
         {"Then: cd acme, cmake -B build, cmake --build build, ctest --test-dir build.\n"
          "Exit codes: 0; 2 usage, or the folder is there already.\n"},
         run_plugins_new},
        {"sign",
         "print the signature of a file's exact bytes",
         {{"FILE", false}},
         {kScheme,
          kKey,
          kKeyEnv,
          {"timestamp", "SECONDS", "Unix time, for port-v1 and standard-webhooks; default: now"},
          kId,
          kAsJson},
         {"signalbox sign --scheme hmac-sha1-hex --key-env AZURE_WEBHOOK_SECRET body.json",
          "curl -s https://example.com/body | signalbox sign --scheme port-v1 --key-env "
          "PORT_SECRET"},
         {"Without FILE, or with -, standard input is read.\nExit codes: 0; 2 usage or a file "
          "problem.\n"},
         run_sign},
        {"verify",
         "say whether a signature is right for a file's exact bytes, and why not",
         {{"FILE", false}},
         {kScheme,
          kKey,
          kKeyEnv,
          {"signature", "VALUE", "the header's value"},
          {"timestamp", "SECONDS", "the header's value, for port-v1 and standard-webhooks"},
          kId,
          {"tolerance", "DURATION",
           "how far the timestamp may be from now; default: 300s; 0: any"},
          kAsJson},
         {"signalbox verify --scheme hmac-sha1-hex --key-env AZURE_WEBHOOK_SECRET --signature "
          "5d61… "
          "body.json"},
         {"Without FILE, or with -, standard input is read.\n"
          "Exit codes: 0 valid; 1 not; 2 usage or a file problem.\n"},
         run_verify},
        {"import port",
         "say of action documents exported from Port what works here, and write them",
         {{"FILE", true, true}},
         {{"to", "DIR", "the folder to write to, one file an action; default: ./actions"},
          {"force", "", "replace files that are there"},
          {"json", "", "print what was found as a JSON object"}},
         {"signalbox import port port-actions.json",
          "signalbox import port exported/a.json exported/b.json --to actions --force"},
         {"FILE holds one document, a list of them, or what Port's API answers: {actions: […]}. It is "
          "held\nagainst the plugins on the plugin path. A document that loads is written, also where it "
          "cannot\nbe invoked here; one that is refused is not.\n"
          "Exit codes: 0 every document works; 1 one of them is unavailable or refused; 2 usage, a "
          "file that\ncannot be read, or one that is there already (nothing is written then).\n"
          "Environment: SIGNALBOX_PLUGIN_PATH.\n"},
         run_import_port},
        {"setup",
         "say what to enter on a target's side, and print what to paste there",
         {{"ACTION"}},
         {kConfig, kAsJson},
         {"signalbox setup deploy_service",
          "signalbox setup deploy_service --config /etc/signalbox/signalbox.yaml"},
         {"Needs no server and no secrets.\n"
          "Exit codes: 0; 2 usage, the config is not valid, or there is no such action.\n"},
         run_setup},
        {"doctor",
         "probe files, journal, plugins, keys, targets, clock and limits, and say what to do",
         {},
         {kConfig, {"json", "", "print the findings as a JSON object"}},
         {"signalbox doctor", "signalbox doctor --config /etc/signalbox/signalbox.yaml --json"},
         {"Reaches each target by a request that asks for nothing (HEAD /).\n"
          "Exit codes: 0 all is good; 1 something is not; 2 usage.\n"},
         run_doctor},
        {"completion",
         "print a completion script for bash",
         {},
         {},
         {"signalbox completion"},
         {"In bash: source <(signalbox completion). Exit code: 0.\n"},
         run_completion},
    };
}

}  // namespace

const std::vector<Command>& commands() {
    static const std::vector<Command> all = [] {
        std::vector<Command> joined;
        for (const auto& part :
             {service_commands(), invocation_commands(), run_commands(), tool_commands()}) {
            joined.insert(joined.end(), part.begin(), part.end());
        }
        return joined;
    }();
    return all;
}

}  // namespace signalbox::app
