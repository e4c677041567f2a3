#pragma once

namespace azure_pipelines {

/// What this plugin says of itself. The host checks settings and invocations against it without
/// running any of the code.
inline constexpr char descriptor[] = R"json({
  "abi": {"major": 1, "minor": 0},
  "id": "azure-pipelines",
  "version": "1.0.0",
  "license": "Apache-2.0",
  "description": "Starts Azure Pipelines through an incoming webhook.",
  "invocation_types": {
    "AZURE_DEVOPS": {
      "type": "object",
      "properties": {
        "webhook": {
          "type": "string", "pattern": "^[-_A-Za-z0-9]+$", "maxLength": 256,
          "description": "The WebHook Name of the Incoming WebHook service connection."
        },
        "org": {
          "type": "string",
          "description": "The organization; if given, the same as in the connection's settings."
        }
      },
      "required": ["webhook"],
      "additionalProperties": false
    }
  },
  "settings": {
    "type": "object",
    "properties": {
      "organization": {
        "type": "string", "maxLength": 64,
        "pattern": "^[A-Za-z0-9]([-A-Za-z0-9_. ]*[A-Za-z0-9])?$",
        "description": "The Azure DevOps organization, or the collection of an Azure DevOps Server."
      },
      "base_url": {
        "type": "string", "maxLength": 2048,
        "pattern": "^https?://[-._A-Za-z0-9:\\[\\]]+(/([-._~!$&'()*+,;=:@/A-Za-z0-9]|%[0-9A-Fa-f]{2})*)?$",
        "description": "What /_apis/… is appended to; https://dev.azure.com/{organization} if absent."
      },
      "api_version": {
        "type": "string", "maxLength": 32, "pattern": "^[0-9]+\\.[0-9]+(-preview(\\.[0-9]+)?)?$",
        "default": "6.0-preview",
        "description": "The api-version of the webhook call."
      }
    },
    "required": ["organization"],
    "additionalProperties": false
  },
  "capabilities": [],
  "signing": {"scheme": "hmac-sha1-hex", "header": "X-Port-Signature", "required": true},
  "setup": ")json"
    R"json(1. In Azure DevOps, project settings, Service connections, New, Incoming WebHook:\n)json"
    R"json(\n     WebHook Name             {{method.webhook}}\n)json"
    R"json(     Secret                   the same value as {{signing.key}}\n)json"
    R"json(     Http Header              {{signing.header}}\n)json"
    R"json(     Service connection name  {{method.webhook}}\n)json"
    R"json(\n   Without the header's name Azure checks no signature, whatever the secret is.\n)json"
    R"json(\n2. Commit this to the default branch as azure-pipelines.yml, and put your own steps in its middle:)json"
    R"json(\n\n```yaml\ntrigger: none\npr: none\n\npool:\n)json"
    R"json(  vmImage: ubuntu-latest\n\nresources:\n  webhooks:\n)json"
    R"json(    - webhook: {{method.webhook}}\n      connection: {{method.webhook}}\n)json"
    R"json({{?action_path}}      filters:\n{{?action_path}}        - path: {{action_path}}\n)json"
    R"json({{?action_path}}          value: {{action}}\n)json"
    R"json(\nvariables:\n  SIGNALBOX_URL: {{public_url}}\n)json"
    R"json(  SIGNALBOX_CLIENT_ID: {{reporter}}\n  RUN_ID: ${{ parameters.{{method.webhook}}.{{run_id_path}} }}\n)json"
    R"json(\nsteps:\n  - checkout: none\n\n  - bash: |\n)json"
    R"json(      set -euo pipefail\n      token=$(printf '{\"clientId\":\"%s\",\"clientSecret\":\"%s\"}' \"$SIG)json"
    R"json(NALBOX_CLIENT_ID\" \"$CLIENT_SECRET\" |\n)json"
    R"json(        curl -sS --fail-with-body -H 'Content-Type: application/json' --data-binary @- \\\n)json"
    R"json(          \"$SIGNALBOX_URL/v1/auth/access_token\" |\n)json"
    R"json(        sed -n 's/.*\"accessToken\" *: *\"\\([^\"]*\\)\".*/\\1/p')\n)json"
    R"json(      test -n \"$token\"\n      echo \"##vso[task.setvariable variable=accessToken;issecret=true]$to)json"
    R"json(ken\"\n    displayName: Get a token from Signalbox\n)json"
    R"json(    env:\n      CLIENT_SECRET: $(SIGNALBOX_CLIENT_SECRET)\n)json"
    R"json(\n  - bash: |\n      set -euo pipefail\n      # Azure signs no time, so a delivery can be sent again; a run i)json"
    R"json(s claimed once, and who comes second stops here.\n)json"
    R"json(      curl -sS --fail-with-body -X POST -H \"Authorization: Bearer $ACCESS_TOKEN\" \\\n)json"
    R"json(        \"$SIGNALBOX_URL/v1/actions/runs/$RUN_ID/claim\"\n)json"
    R"json(      printf '\\n##vso[task.setvariable variable=claimed]true\\n'\n)json"
    R"json(    displayName: Claim the run\n    env:\n      ACCESS_TOKEN: $(accessToken)\n)json"
    R"json(\n  - bash: |\n      echo \"your steps for {{action}} stand here\"\n)json"
    R"json(    displayName: Do the work\n\n  - bash: |\n)json"
    R"json(      set -euo pipefail\n      link=\"$SYSTEM_COLLECTIONURI$SYSTEM_TEAMPROJECT/_build/results?buildI)json"
    R"json(d=$BUILD_BUILDID\"\n      printf '{\"status\":\"SUCCESS\",\"link\":\"%s\"}' \"$link\" |\n)json"
    R"json(        curl -sS --fail-with-body -X PATCH -H \"Authorization: Bearer $ACCESS_TOKEN\" \\\n)json"
    R"json(          -H 'Content-Type: application/json' --data-binary @- \\\n)json"
    R"json(          \"$SIGNALBOX_URL/v1/actions/runs/$RUN_ID\"\n)json"
    R"json(    displayName: Report success\n    env:\n)json"
    R"json(      ACCESS_TOKEN: $(accessToken)\n\n  - bash: |\n)json"
    R"json(      set -euo pipefail\n      # Not this pipeline's run, where it was not the one to claim it.\n)json"
    R"json(      test \"$CLAIMED\" = true || exit 0\n)json"
    R"json(      printf '{\"status\":\"FAILURE\",\"summary\":\"The pipeline failed\"}')json"
    R"json( |\n        curl -sS --fail-with-body -X PATCH -H \"Authorization: Bearer $ACCESS_TOKEN\" \\\n)json"
    R"json(          -H 'Content-Type: application/json' --data-binary @- \\\n)json"
    R"json(          \"$SIGNALBOX_URL/v1/actions/runs/$RUN_ID\"\n)json"
    R"json(    displayName: Report failure\n    condition: failed()\n)json"
    R"json(    env:\n      ACCESS_TOKEN: $(accessToken)\n      CLAIMED: $(claimed)\n)json"
    R"json(```\n\n3. Make a pipeline of it, and add the secret variable SIGNALBOX_CLIENT_SECRET: the value of\n)json"
    R"json(   {{reporter.secret}}.\n\n4. Run it once by hand on the default branch. Until then Azure answers \")json"
    R"json(Cannot find webhook\". That first\n   run has no payload and fails; that is fine.\n)json"
    R"json(\nWhat Azure does not tell: it answers 200 when it has taken the webhook, not when a pipeline has st)json"
    R"json(arted. If\nnone starts, look at the pipeline's Trigger issues, and whether the filters and the branc)json"
    R"json(h are right.\n)json"
    R"json("
})json";

}  // namespace azure_pipelines
