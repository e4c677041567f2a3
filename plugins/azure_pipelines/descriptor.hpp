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
  "signing": {"scheme": "hmac-sha1-hex", "header": "X-Port-Signature", "required": true}
})json";

}  // namespace azure_pipelines
