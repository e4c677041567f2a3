// What a taken delivery starts.
#include <Poco/JSON/Object.h>

#include <catch2/catch.hpp>

#include "standin.hpp"

using namespace standin_test;

namespace {

const std::string kHead =
    "trigger: none\n"
    "resources:\n"
    "  webhooks:\n"
    "    - webhook: hook\n"
    "      connection: any\n";

const std::string kEcho = kHead + "steps:\n  - script: echo ran\n";

class WithPipeline {
  public:
    explicit WithPipeline(const std::string& yaml, std::vector<std::string> more = {},
                          const Headers& environment = {})
        : standin(arguments(folder.write("pipeline.yml", yaml), std::move(more)), environment) {}

    std::string only_result() const {
        const auto runs = standin.get_array("/_standin/runs");
        REQUIRE(runs->size() == 1);
        CHECK(runs->getObject(0)->getValue<std::string>("state") == "completed");
        return runs->getObject(0)->getValue<std::string>("result");
    }

    const Folder folder;
    Standin standin;

  private:
    static std::vector<std::string> arguments(const std::string& file,
                                              std::vector<std::string> more) {
        more.insert(more.begin(), {"--webhook", "hook", "--pipeline", file});
        return more;
    }
};

Refusal refused_pipeline(const std::string& yaml) {
    const Folder folder;
    return run_refused({"--webhook", "hook", "--pipeline", folder.write("p.yml", yaml)});
}

}  // namespace

TEST_CASE("azure standin: a delivery runs the pipeline and its end can be seen",
          "[azure-standin]") {
    WithPipeline with(kHead +
                      "steps:\n"
                      "  - checkout: none\n"
                      "  - script: |\n"
                      "      echo one\n"
                      "      echo two >&2\n"
                      "    displayName: Say things\n");
    CHECK(with.standin.deliver("{}").status == 200);
    CHECK(with.standin.wait_for_line("run 1 | Say things: one").has_value());
    CHECK(with.standin.wait_for_line("run 1 | Say things: two").has_value());
    CHECK(with.standin.wait_for_line("run 1: completed, succeeded").has_value());
    CHECK(with.only_result() == "succeeded");
    const Answer page = with.standin.get("/contoso/standin/_build/results?buildId=1");
    CHECK(page.status == 200);
    CHECK(page.body.find("\"succeeded\"") != std::string::npos);
    CHECK(with.standin.get("/contoso/standin/_build/results?buildId=2").status == 404);
}

TEST_CASE("azure standin: payload values are pasted into the pipeline", "[azure-standin]") {
    WithPipeline with(kHead +
                      "variables:\n"
                      "  app.name: ${{ parameters.hook.name }}\n"
                      "steps:\n"
                      "  - script: |\n"
                      "      echo \"<$(app.name)> <$APP_NAME> <$FROM_ENV>\"\n"
                      "      echo '${{ parameters.hook.list[1].deep }} ${{parameters.hook.n}} "
                      "${{ parameters.hook.yes }} [${{ parameters.hook.nothing }}]'\n"
                      "    displayName: Deploy ${{ parameters.hook['odd key'] }}\n"
                      "    env:\n"
                      "      FROM_ENV: ${{ parameters.hook.my-env }}\n");
    with.standin.deliver(R"({"name":"Zoë $HOME","list":[0,{"deep":"in"}],"n":42,"yes":true,)"
                         R"("nothing":null,"odd key":"it","my-env":"e"})");
    const auto first = with.standin.wait_for_line("run 1 | Deploy it: <");
    REQUIRE(first.has_value());
    CHECK(first->find("<Zoë $HOME> <e>") != std::string::npos);
    CHECK(with.standin.wait_for_line("Deploy it: in 42 True []").has_value());
}

TEST_CASE("azure standin: an expansion that yields no single value starts no run",
          "[azure-standin]") {
    WithPipeline with(kHead + "steps:\n  - script: echo ${{ parameters.hook.a }}\n");
    for (const std::string& body :
         {std::string(R"({"a":{"b":1}})"), std::string(R"({"a":[]})"), std::string(R"({"b":1})")}) {
        INFO(body);
        CHECK(with.standin.deliver(body).status == 200);
        const auto line = with.standin.wait_for_line("no run:");
        REQUIRE(line.has_value());
        CHECK(line->find("Trigger issues") != std::string::npos);
        CHECK(line->find("parameters.hook.a") != std::string::npos);
    }
    CHECK(with.standin.deliver("[1,").status == 200);
    CHECK(with.standin.wait_for_line("not a JSON object").has_value());
    CHECK(with.standin.get_array("/_standin/runs")->size() == 0);
}

TEST_CASE("azure standin: all filters must hold as strings", "[azure-standin]") {
    WithPipeline with(kHead +
                          "      filters:\n"
                          "        - path: properties.env\n"
                          "          value: prod\n"
                          "        - path: items[0].id\n"
                          "          value: 7\n"
                          "steps:\n  - script: 'true'\n",
                      {"--pipeline-before-reply"});
    CHECK(with.standin.deliver(R"({"properties":{"env":"dev"},"items":[{"id":7}]})").status == 200);
    CHECK(with.standin.wait_for_line("filter properties.env = 'prod' does not hold").has_value());
    CHECK(with.standin.deliver(R"({"properties":{"env":"prod"},"items":[]})").status == 200);
    CHECK(with.standin.wait_for_line("filter items[0].id = '7' does not hold").has_value());
    CHECK(with.standin.get_array("/_standin/runs")->size() == 0);
    CHECK(with.standin.deliver(R"({"properties":{"env":"prod"},"items":[{"id":7}]})").status ==
          200);
    CHECK(with.only_result() == "succeeded");
}

TEST_CASE("azure standin: a failing step fails the run and conditions decide what follows",
          "[azure-standin]") {
    WithPipeline with(kHead +
                          "jobs:\n"
                          "  - job: only\n"
                          "    pool: {vmImage: ubuntu-latest}\n"
                          "    steps:\n"
                          "      - script: exit 3\n"
                          "        displayName: breaks\n"
                          "      - script: echo never\n"
                          "        displayName: skips\n"
                          "      - script: echo cleaning\n"
                          "        displayName: onfail\n"
                          "        condition: failed()\n"
                          "      - bash: '[[ -n $BASH_VERSION ]] && echo in bash'\n"
                          "        displayName: anyway\n"
                          "        condition: always()\n",
                      {"--pipeline-before-reply"});
    with.standin.deliver("{}");
    CHECK(with.standin.wait_for_line("breaks: failed with exit code 3").has_value());
    CHECK(with.standin.wait_for_line("skips: skipped").has_value());
    CHECK(with.standin.wait_for_line("onfail: cleaning").has_value());
    CHECK(with.standin.wait_for_line("anyway: in bash").has_value());
    CHECK(with.only_result() == "failed");
}

TEST_CASE("azure standin: continueOnError leaves the run partially succeeded", "[azure-standin]") {
    WithPipeline with(kHead +
                          "stages:\n"
                          "  - stage: only\n"
                          "    jobs:\n"
                          "      - job: only\n"
                          "        steps:\n"
                          "          - script: 'false'\n"
                          "            continueOnError: true\n"
                          "          - script: echo goes on\n",
                      {"--pipeline-before-reply"});
    with.standin.deliver("{}");
    CHECK(with.standin.wait_for_line("goes on").has_value());
    CHECK(with.only_result() == "partiallySucceeded");
}

TEST_CASE("azure standin: variables come from file and command line and environment",
          "[azure-standin]") {
    WithPipeline with(
        kHead +
            "variables:\n"
            "  - name: base\n"
            "    value: from file\n"
            "  - name: url\n"
            "    value: $(BASE)/v1\n"
            "steps:\n"
            "  - script: echo \"$(url) $URL $(Build.BuildId) $(echo shell) $(extra)\"\n"
            "    displayName: plain\n"
            "  - script: echo \"[$TOKEN] ${#TOKEN}\"\n"
            "    displayName: secret\n"
            "    env:\n"
            "      TOKEN: $(STANDIN_TEST_TOKEN)\n",
        {"--variable", "Base=over=ride", "--variable", "extra=more"},
        {{"STANDIN_TEST_TOKEN", "hush-hush"}});
    with.standin.deliver("{}");
    CHECK(with.standin.wait_for_line("plain: over=ride/v1 over=ride/v1 1 shell more").has_value());
    CHECK(with.standin.wait_for_line("secret: [***] 9").has_value());
}

TEST_CASE("azure standin: a step hands a masked value to the next", "[azure-standin]") {
    WithPipeline with(
        kHead +
        "steps:\n"
        "  - script: echo '##vso[task.setvariable variable=token;issecret=true]abcdef'\n"
        "    displayName: sets\n"
        "  - script: echo \"$(token) $MINE [$TOKEN]\"\n"
        "    displayName: uses\n"
        "    env:\n"
        "      MINE: $(token)!\n");
    with.standin.deliver("{}");
    CHECK(with.standin.wait_for_line("uses: *** ***! []").has_value());
}

TEST_CASE("azure standin: a webhook's secret is masked in what steps write", "[azure-standin]") {
    const Folder folder;
    Standin standin({"--webhook", "hook", "--secret", "s3cretvalue", "--header", "X-Sign",
                     "--pipeline",
                     folder.write("p.yml", kHead + "steps:\n  - script: echo a s3cretvalue b\n")});
    standin.deliver("{}", {{"X-Sign", sha1_signature("s3cretvalue", "{}")}});
    CHECK(standin.wait_for_line("a *** b").has_value());
}

TEST_CASE("azure standin: one event starts every pipeline that waits for it", "[azure-standin]") {
    const Folder folder;
    Standin standin({"--webhook", "hook", "--pipeline", folder.write("a.yml", kEcho), "--pipeline",
                     folder.write("b.yml", kEcho), "--pipeline-before-reply"});
    standin.deliver("{}");
    standin.deliver("{}");
    CHECK(standin.get_array("/_standin/runs")->size() == 4);
}

TEST_CASE("azure standin: the run may begin and end before the reply", "[azure-standin]") {
    WithPipeline with(kEcho, {"--pipeline-before-reply"});
    CHECK(with.standin.deliver("{}").status == 200);
    CHECK(with.only_result() == "succeeded");
}

TEST_CASE("azure standin: stopping it ends the running step and skips the rest",
          "[azure-standin]") {
    const Folder folder;
    Standin standin({"--webhook", "hook", "--pipeline",
                     folder.write("p.yml", kHead + "steps:\n"
                                                   "  - script: sleep 1000 & echo waiting; wait\n"
                                                   "  - script: echo never\n"
                                                   "    condition: always()\n")});
    standin.deliver("{}");
    REQUIRE(standin.wait_for_line("waiting").has_value());
    CHECK(standin.stop() == 0);
    CHECK(standin.wait_for_line("run 1: completed, canceled").has_value());
    CHECK_FALSE(standin.wait_for_line("never").has_value());
}

TEST_CASE("azure standin: what it cannot run is refused with file and line", "[azure-standin]") {
    struct Case {
        std::string yaml;
        std::string place;
        std::string word;
    };
    const std::vector<Case> cases{
        {kHead + "steps:\n  - task: Bash@3\n", "p.yml:7: ", "'task'"},
        {kHead + "schedules: []\nsteps:\n  - script: x\n", "p.yml:6: ", "'schedules'"},
        {kHead + "steps:\n  - script: x\n    condition: eq(1, 1)\n", "p.yml:8: ", "eq(1, 1)"},
        {kHead + "steps:\n  - script: ${{ variables.x }}\n", "p.yml:7: ", "variables.x"},
        {kHead + "steps:\n  - script: ${{ parameters.hook.a\n", "p.yml:7: ", "'}}'"},
        {kHead + "steps:\n  - checkout: self\n", "p.yml:7: ", "checkout: none"},
        {kHead + "steps:\n  - script: x\n    continueOnError: yes\n", "p.yml:8: ", "'yes'"},
        {kHead + "steps: []\n", "p.yml:6: ", "no step"},
        {kHead + "jobs:\n  - job: a\n    steps:\n      - script: x\n  - job: b\n",
         "p.yml:7: ", "single job"},
        {kHead + "steps:\n  - script: x\nsteps:\n  - script: y\n", "p.yml:8: ", "twice"},
        {kHead + "steps:\n  - script: &a x\n", "p.yml:7: ", "anchors"},
        {"trigger: main\n" + kHead.substr(14) + "steps:\n  - script: x\n",
         "p.yml:1: ", "trigger: none"},
        {"steps:\n  - script: x\n", "p.yml:1: ", "resources.webhooks"},
        {kHead + "\tsteps: x\n", "p.yml:6: ", "not YAML"},
        {"", "p.yml:1: ", ""},
    };
    for (const Case& refused : cases) {
        INFO(refused.yaml);
        const Refusal refusal = refused_pipeline(refused.yaml);
        CHECK(refusal.code == 1);
        CHECK(refusal.text.find(refused.place) != std::string::npos);
        CHECK(refusal.text.find(refused.word) != std::string::npos);
    }
}
