#pragma once

namespace webhook {

/// What this plugin says of itself: Port's WEBHOOK method, for any service that takes a request.
inline constexpr char descriptor[] = R"json({
  "abi": {"major": 1, "minor": 0},
  "id": "webhook",
  "version": "1.0.0",
  "license": "Apache-2.0",
  "description": "Calls a URL, signed; the reply may decide the run.",
  "invocation_types": {
    "WEBHOOK": {
      "type": "object",
      "properties": {
        "url": {
          "type": "string", "minLength": 1, "maxLength": 4096,
          "description": "Where to send it: http(s)://…, or a path below the connection's base_url."
        },
        "method": {
          "type": "string", "enum": ["POST", "PUT", "PATCH", "GET", "DELETE"], "default": "POST",
          "description": "The HTTP method. A GET is sent without a body."
        },
        "headers": {
          "type": "object",
          "description": "Headers by their names; each value is a text."
        },
        "queryParams": {
          "type": "object",
          "description": "Added to the URL's query, encoded; a value is a text, a number, true, false, or a list."
        },
        "synchronized": {
          "enum": [true, false, "true", "false"], "default": false,
          "description": "true: the reply's status decides the run, and the reply is kept in its log."
        },
        "agent": {
          "description": "Port's switch for its agent; Signalbox is where the agent was, so it changes nothing."
        }
      },
      "required": ["url"],
      "additionalProperties": false
    }
  },
  "settings": {
    "type": "object",
    "properties": {
      "base_url": {
        "type": "string", "format": "uri", "maxLength": 2048,
        "description": "If given, every URL is below it: relative ones start there, others are refused."
      },
      "delivery_id_header": {
        "type": "string", "pattern": "^[-!#$%&'*+.^_`|~0-9A-Za-z]+$", "maxLength": 128,
        "default": "X-Signalbox-Delivery",
        "description": "The header that carries the delivery id, the same for every attempt of a run."
      },
      "deduplicates": {
        "type": "boolean", "default": false,
        "description": "true: the service ignores a delivery id it has seen; a doubtful attempt is sent again."
      },
      "authorization": {
        "type": "string", "minLength": 1, "x-secret": true,
        "description": "Sent as the Authorization header, such as `Bearer …`; write {env: NAME} or {file: PATH}."
      }
    },
    "additionalProperties": false
  },
  "capabilities": [],
  "deduplicates_by": "deduplicates",
  "signing": {"scheme": "port-v1", "header": "X-Port-Signature", "required": true},
  "setup": ")json" R"json(Let the service that answers {{method.url}} check who calls it:\n\n1. Give it the key )json"
    R"json(of connection {{connection}} as its shared secret.\n2. Of each request, take the header )json"
    R"json(X-Port-Timestamp and the body as it came, and compute base64(HMAC-SHA256(key, timestamp )json"
    R"json(+ \".\" + body)).\n3. Compare \"v1,\" followed by that with the header )json"
    R"json({{signing.header}}, and refuse a timestamp that is more than five minutes off.\n4. Keep )json"
    R"json(the values of {{settings.delivery_id_header}} that you have served, and ignore one that )json"
    R"json(comes again; then set deduplicates: true.\n\nA run that is not synchronized ends when )json"
    R"json(something reports it: PATCH {{public_url}}/v1/actions/runs/RUN_ID with {\"status\": )json"
    R"json(\"SUCCESS\"}.\n"
})json";

}  // namespace webhook
