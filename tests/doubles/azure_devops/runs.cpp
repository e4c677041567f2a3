#include "runs.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "json_text.hpp"
#include "step_process.hpp"

namespace azure_standin {
namespace {

constexpr std::size_t kWorkers = 4;
constexpr std::size_t kQueuedRunsMax = 64;
constexpr std::size_t kRecordsMax = 1000;

// A folder of the run's own, gone with its owner.
class WorkFolder {
  public:
    WorkFolder() {
        std::string pattern =
            (std::filesystem::temp_directory_path() / "azure-run-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) {
            throw std::runtime_error("no folder can be made as " + pattern);
        }
        path_ = pattern;
    }
    ~WorkFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    WorkFolder(const WorkFolder&) = delete;
    WorkFolder& operator=(const WorkFolder&) = delete;

    const std::string& path() const { return path_; }

  private:
    std::string path_;
};

std::string label_of(unsigned id) {
    return "run " + std::to_string(id);
}

// A step hands a value on with `##vso[task.setvariable variable=NAME;issecret=true]VALUE`.
bool take_setvariable(const std::string& line, Variables& variables) {
    constexpr std::string_view opening = "##vso[task.setvariable ";
    const std::size_t close = line.find(']');
    if (line.compare(0, opening.size(), opening) != 0 || close == std::string::npos) return false;
    std::string name;
    bool secret = false;
    std::string properties = line.substr(opening.size(), close - opening.size()) + ';';
    for (std::size_t end = 0; (end = properties.find(';')) != std::string::npos;) {
        const std::string property = properties.substr(0, end);
        properties.erase(0, end + 1);
        if (property.rfind("variable=", 0) == 0) name = property.substr(9);
        if (property == "issecret=true") secret = true;
    }
    if (name.empty()) return false;
    variables.set(name, line.substr(close + 1), secret);
    return true;
}

bool is_due(Condition condition, bool failed) {
    if (condition == Condition::always) return true;
    return (condition == Condition::failed) == failed;
}

}  // namespace

Runs::Runs(Console& console, const StopSignal& stop, std::set<std::string> secrets)
    : console_(console), stop_(stop), secrets_(std::move(secrets)) {
    for (std::size_t i = 0; i < kWorkers; ++i)
        workers_.emplace_back([this] { work(); });
}

Runs::~Runs() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    for (std::thread& worker : workers_)
        worker.join();
}

unsigned Runs::add_record(const RunPlan& plan) {
    records_[++last_id_] = {plan.pipeline, plan.webhook, "notStarted", {}};
    if (records_.size() > kRecordsMax) records_.erase(records_.begin());
    return last_id_;
}

void Runs::update(unsigned id, const std::string& state, const std::string& result) {
    const std::lock_guard lock(mutex_);
    const auto found = records_.find(id);
    if (found == records_.end()) return;
    found->second.state = state;
    found->second.result = result;
}

void Runs::queue(RunPlan plan) {
    const std::string pipeline = plan.pipeline;
    {
        const std::lock_guard lock(mutex_);
        if (jobs_.size() < kQueuedRunsMax) {
            const unsigned id = add_record(plan);
            jobs_.push_back({id, std::move(plan)});
            wake_.notify_one();
            return;
        }
    }
    console_.line(pipeline + ": not run, " + std::to_string(kQueuedRunsMax) + " runs wait already");
}

void Runs::run_now(RunPlan plan) {
    unsigned id = 0;
    {
        const std::lock_guard lock(mutex_);
        id = add_record(plan);
    }
    execute({id, std::move(plan)});
}

void Runs::work() {
    while (true) {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
        if (stopping_) return;
        const Job job = std::move(jobs_.front());
        jobs_.pop_front();
        lock.unlock();
        execute(job);
    }
}

void Runs::execute(const Job& job) {
    update(job.id, "inProgress", {});
    console_.line(label_of(job.id) + ": started " + job.plan.pipeline + " (webhook " +
                  job.plan.webhook + ")");
    std::string result = "failed";
    try {
        result = run_steps(job);
    } catch (const std::exception& error) {
        console_.line(label_of(job.id) + ": the stand-in could not run it: " + error.what());
    }
    update(job.id, "completed", result);
    console_.line(label_of(job.id) + ": completed, " + result);
}

Variables Runs::variables_of(const Job& job) const {
    Variables variables;
    const std::string id = std::to_string(job.id);
    variables.set("Build.BuildId", id, false);
    variables.set("Build.BuildNumber", id, false);
    variables.set("Build.SourceBranch", "refs/heads/main", false);
    variables.set("System.CollectionUri", collection_url_, false);
    variables.set("System.TeamProject", "standin", false);
    for (const auto& [name, value] : job.plan.variables)
        variables.set(name, value, false);
    int number = 0;
    // Not a variable anyone can name; only there so that steps never print a webhook's secret.
    for (const std::string& secret : secrets_) {
        variables.set("\n" + std::to_string(++number), secret, true);
    }
    return variables;
}

std::string Runs::run_steps(const Job& job) {
    const WorkFolder folder;
    Variables variables = variables_of(job);
    bool failed = false;
    bool with_issues = false;
    for (std::size_t index = 0; index < job.plan.steps.size(); ++index) {
        const Step& step = job.plan.steps[index];
        if (!is_due(step.condition, failed)) {
            console_.line(label_of(job.id) + " | " + step.display_name + ": skipped");
            continue;
        }
        if (run_step(job, index, folder.path(), variables)) continue;
        if (stop_.raised()) return "canceled";
        (step.continue_on_error ? with_issues : failed) = true;
    }
    if (failed) return "failed";
    return with_issues ? "partiallySucceeded" : "succeeded";
}

bool Runs::run_step(const Job& job, std::size_t index, const std::string& folder,
                    Variables& variables) {
    const Step& step = job.plan.steps[index];
    StepProcess process;
    process.shell = step.shell;
    process.folder = folder;
    process.script_file = folder + "/.step-" + std::to_string(index);
    process.environment = variables.environment();
    for (const auto& [name, value] : step.env)
        process.environment[name] = variables.expand(value);
    std::ofstream(process.script_file, std::ios::binary) << variables.expand(step.script);

    const std::string prefix = label_of(job.id) + " | " + variables.expand(step.display_name);
    const int code = run_step_process(process, stop_, [&](std::string line) {
        if (take_setvariable(line, variables)) return;
        console_.line(variables.masked(prefix + ": " + std::move(line)));
    });
    if (code != 0) {
        console_.line(variables.masked(prefix + ": failed with exit code " + std::to_string(code)));
    }
    return code == 0;
}

std::string Runs::to_json(unsigned id, const Record& record) {
    return "{\"id\":" + std::to_string(id) + ",\"pipeline\":" + json_string(record.pipeline) +
           ",\"webhook\":" + json_string(record.webhook) +
           ",\"state\":" + json_string(record.state) +
           ",\"result\":" + (record.result.empty() ? "null" : json_string(record.result)) + "}";
}

std::string Runs::as_json() const {
    const std::lock_guard lock(mutex_);
    std::string json = "[";
    for (const auto& [id, record] : records_) {
        if (json.size() > 1) json += ',';
        json += to_json(id, record);
    }
    return json + "]";
}

std::optional<std::string> Runs::as_json(unsigned id) const {
    const std::lock_guard lock(mutex_);
    const auto found = records_.find(id);
    if (found == records_.end()) return std::nullopt;
    return to_json(id, found->second);
}

}  // namespace azure_standin
