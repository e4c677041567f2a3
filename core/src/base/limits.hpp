#pragma once

#include <cstddef>
#include <cstdint>

/// Every bound on what comes from outside, in one place. Each has a test at the limit and one past it.
namespace signalbox::limits {

inline constexpr std::size_t kib = 1024;
inline constexpr std::size_t mib = 1024 * kib;

// HTTP in (defaults of the contract; the config may change those marked so).
inline constexpr std::size_t http_head_bytes_max = 16 * kib;
inline constexpr std::size_t http_fields_max = 100;
inline constexpr std::size_t http_body_bytes_max = 1 * mib;
inline constexpr std::size_t http_bodies_bytes_max = 128 * mib;  // of all that are not whole yet
inline constexpr std::int64_t http_head_ms_max = 10'000;
inline constexpr std::int64_t http_body_ms_max = 30'000;
inline constexpr std::int64_t http_idle_ms_max = 60'000;
inline constexpr std::size_t http_connections_default = 4'096;  // config http.connections
inline constexpr std::size_t http_pipelined_max = 64;
inline constexpr std::size_t http_unsent_bytes_max = 256 * kib;  // of replies; then no request more is parsed
inline constexpr std::size_t http_chunk_line_bytes_max = 256;
inline constexpr std::size_t http_trailer_bytes_max = 4 * kib;
inline constexpr std::size_t http_linger_bytes_max = 1 * mib;  // read and dropped after a refusal
inline constexpr std::size_t http_stream_bytes_max = 1 * mib;  // of a streamed reply, not yet sent
inline constexpr std::int64_t http_linger_ms_max = 2'000;
inline constexpr std::int64_t http_accept_retry_ms = 100;  // after running out of descriptors

// HTTP out.
inline constexpr std::size_t reply_head_bytes_max = 64 * kib;
inline constexpr std::size_t reply_fields_max = 256;
inline constexpr std::size_t reply_interim_max = 8;  // 1xx replies before the final one
inline constexpr std::size_t reply_body_bytes_max = 1 * mib;   // what a plugin may judge
inline constexpr std::int64_t idle_reuse_ms_max = 4'000;       // under on_unknown: hold
inline constexpr std::int64_t pool_idle_ms_max = 30'000;
inline constexpr std::size_t pool_idle_connections_max = 512;  // per scheme, host and port
inline constexpr std::int64_t dns_cache_ms = 30'000;
inline constexpr std::size_t dns_cache_names_max = 1'024;
inline constexpr std::size_t dns_addresses_max = 16;  // tried for one name
inline constexpr std::size_t tls_sessions_max = 1'024;  // kept for resumption, per connection's settings

// TLS, both directions.
inline constexpr std::int64_t tls_files_look_ms = 1'000;  // between looks whether the files have changed

// JSON.
inline constexpr std::size_t json_depth_max = 64;
inline constexpr std::size_t json_document_bytes_max = 8 * mib;

// Files: config and actions.
inline constexpr std::size_t document_bytes_max = 1 * mib;
inline constexpr std::size_t document_nodes_max = 100'000;
inline constexpr std::size_t document_depth_max = 64;
inline constexpr std::size_t document_problems_max = 200;

// Schemas.
inline constexpr std::size_t schema_depth_max = 64;
inline constexpr std::size_t schema_findings_max = 100;
inline constexpr std::size_t schema_pattern_bytes_max = 4 * kib;
inline constexpr std::int64_t schema_pattern_memory_bytes = 1 * mib;  // RE2's program and its cache
inline constexpr std::size_t schema_pattern_text_bytes_max = 64 * kib;  // a text that a pattern is tried on
inline constexpr std::size_t schema_unique_items_max = 10'000;  // items compared with one another
inline constexpr std::size_t schema_quoted_chars_max = 80;
inline constexpr std::size_t schema_pattern_properties_max = 16;  // patterns that each other member is tried on

// jq, in templates and in the queries of inputs.
inline constexpr std::size_t jq_expression_bytes_max = 16 * kib;
inline constexpr std::size_t jq_expressions_max = 20'000;  // of all actions together
inline constexpr std::size_t jq_chunk_expressions_max = 100;  // compiled as one program
inline constexpr std::size_t jq_output_bytes_max = 8 * mib;   // of one expression
inline constexpr std::size_t jq_array_index_max = 1'000'000;  // that an expression assigns to
inline constexpr std::size_t jq_threads_max = 2;
inline constexpr std::size_t jq_lost_threads_max = 4;  // given up and still running; no more are made
inline constexpr std::size_t jq_jobs_waiting_max = 1'024;
inline constexpr std::int64_t jq_job_ms_max = 2'000;       // from its begin on a thread
inline constexpr std::int64_t jq_job_wait_ms_max = 10'000;  // until it begins
inline constexpr std::int64_t jq_grace_ms = 1'000;  // for an evaluation that was told to stop

// Config.
inline constexpr std::size_t config_name_bytes_max = 64;
inline constexpr std::size_t config_secret_bytes_max = 64 * kib;
inline constexpr std::size_t config_secrets_max = 1'000;  // that actions may name
inline constexpr std::size_t config_previous_keys_max = 8;
inline constexpr std::int32_t config_in_flight_max = 65'536;
inline constexpr double config_per_second_max = 1'000'000;
inline constexpr std::int64_t config_timeout_ms_max = 3'600'000;
inline constexpr std::int32_t config_attempts_max = 100;
inline constexpr std::int64_t config_breaker_failures_max = 10'000;
inline constexpr std::int64_t config_deadline_ms_max = 90LL * 24 * 3'600'000;
inline constexpr std::int64_t config_retry_delay_ms_max = 7LL * 24 * 3'600'000;
inline constexpr double config_retry_factor_max = 100;
inline constexpr std::size_t config_http_connections_max = 1'000'000;
inline constexpr std::size_t config_permission_names_max = 100;  // of one list
inline constexpr std::int64_t config_retention_keep_ms_min = 24LL * 3'600'000;
inline constexpr std::int64_t config_retention_keep_ms_max = 36'500LL * 24 * 3'600'000;
inline constexpr std::int64_t config_retention_runs_max = 10'000'000;

// Clients.
inline constexpr std::size_t token_request_bytes_max = 4 * kib;
inline constexpr std::size_t client_secret_bytes_advised = 16;  // `check` warns of a shorter one
inline constexpr std::int64_t client_refusal_log_ms = 1'000;  // between two log lines of a client

// Sources: signed webhooks from outside.
inline constexpr std::int64_t config_tolerance_ms_min = 1'000;
inline constexpr std::int64_t config_tolerance_ms_max = 3'600'000;
inline constexpr std::int64_t config_replay_keep_ms_min = 60'000;
inline constexpr std::int64_t config_replay_keep_ms_max = 90LL * 24 * 3'600'000;
inline constexpr std::int64_t replay_keep_ms_default = 7LL * 24 * 3'600'000;  // where nothing signed says when
inline constexpr double source_per_second_default = 100;  // messages whose signature holds
inline constexpr std::size_t source_id_bytes_max = 128;  // a message's or a run's name at the sender
inline constexpr std::size_t source_by_bytes_max = 256;  // who invoked, by the sender's word
inline constexpr std::size_t source_conditions_max = 32;  // of one `when`
inline constexpr std::int64_t source_refusal_log_ms = 1'000;  // between two log lines of a source
inline constexpr std::size_t replay_keys_max = 1'000'000;  // of one source; then nothing more is taken
inline constexpr std::size_t replay_purge_max = 64;  // outlived keys deleted beside one insertion

// Reports that go back to where an invocation came from.
inline constexpr std::size_t upstream_in_flight_max = 8;  // requests of one source's reports at a time
inline constexpr std::int64_t upstream_timeout_ms = 30'000;
inline constexpr std::size_t upstream_reply_bytes_max = 64 * kib;
inline constexpr std::size_t upstream_token_bytes_max = 16 * kib;
inline constexpr std::int64_t upstream_keep_ms_max = 7LL * 24 * 3'600'000;  // after a run's end, then given up

// Runs.
inline constexpr std::int64_t idempotency_keep_ms_min = 24LL * 3'600'000;
inline constexpr std::size_t idempotency_key_bytes_max = 255;
inline constexpr std::size_t log_message_bytes_max = 64 * kib;
inline constexpr std::size_t summary_bytes_max = 64 * kib;
inline constexpr std::size_t label_bytes_max = 256;
inline constexpr std::size_t links_max = 16;
inline constexpr std::size_t link_bytes_max = 2 * kib;
inline constexpr std::size_t external_run_id_bytes_max = 512;
inline constexpr std::size_t list_rows_default = 50;
inline constexpr std::size_t list_rows_max = 1'000;
inline constexpr std::size_t list_bytes_max = 1 * mib;  // a page of rows ends with the row that reaches them
inline constexpr std::size_t page_log_bytes_max = 256 * kib;  // of a run's last log lines, on its page
inline constexpr std::size_t hands_runs_default = 100;  // changed by one call of redeliver or cancel by filter
inline constexpr std::size_t hands_runs_max = 1'000;
inline constexpr std::size_t payload_bytes_max = 8 * mib;
inline constexpr std::size_t input_entity_bytes_max = 64 * kib;  // an entity that is sent whole, as JSON
inline constexpr std::size_t run_response_bytes_max = 16 * kib;  // what a target said, as its run shows it
inline constexpr std::size_t identity_bytes_max = 254;         // an email that a client passes on
inline constexpr std::size_t approval_comment_bytes_max = 4 * kib;
inline constexpr std::size_t waiting_approvals_max = 100'000;  // runs that wait for approval
inline constexpr std::size_t run_log_lines_max = 100'000;
inline constexpr std::size_t rejections_kept_max = 1'000;   // invocations that made no run; the oldest go
inline constexpr std::size_t rejections_waiting_max = 64;   // in memory, while the journal writes others
inline constexpr std::size_t rejection_name_bytes_max = 128;  // a client's, an origin's, an action's
inline constexpr std::size_t rejection_message_bytes_max = 1 * kib;
inline constexpr std::size_t rejection_pointers_max = 16;
inline constexpr std::size_t rejection_pointer_bytes_max = 256;

// Live events: what is kept for those who come back, and what may wait for a slow subscriber.
inline constexpr std::size_t feed_events_max = 16'384;
inline constexpr std::size_t feed_bytes_max = 8 * mib;
inline constexpr std::size_t feed_queue_events_max = 1'024;
inline constexpr std::size_t feed_queue_bytes_max = 1 * mib;
inline constexpr std::size_t event_streams_max = 256;
inline constexpr std::size_t event_streams_per_client_max = 64;  // where there are clients
inline constexpr std::int64_t event_heartbeat_ms = 15'000;

// Plugins.
inline constexpr std::size_t plugin_state_bytes_max = 16 * kib;
inline constexpr std::size_t plugin_note_bytes_max = 256 * kib;
inline constexpr std::size_t plugin_file_bytes_max = 128 * mib;  // what a pin is computed over
inline constexpr std::size_t plugin_method_bytes_max = 32;
inline constexpr std::size_t plugin_url_bytes_max = 8 * kib;
inline constexpr std::size_t plugin_header_bytes_max = 8 * kib;  // name and value together
inline constexpr std::size_t plugin_problems_max = 100;
inline constexpr std::int64_t plugin_delay_ms_max = std::int64_t{30} * 24 * 3600 * 1000;
inline constexpr std::size_t plugin_headers_max = 64;
inline constexpr std::size_t plugin_reason_bytes_max = 2 * kib;
inline constexpr std::int64_t plugin_call_us_warn = 5'000;
inline constexpr std::size_t plugin_setup_bytes_max = 32 * kib;
inline constexpr std::size_t plugin_credential_bytes_max = 16 * kib;
inline constexpr std::size_t plugin_log_message_bytes_max = 4 * kib;
inline constexpr std::size_t plugin_log_fields_max = 16;
inline constexpr std::size_t plugin_events_max = 16;  // different events that a connection counts
inline constexpr std::size_t plugin_event_bytes_max = 64;
inline constexpr std::int64_t plugin_probe_ms_max = 10'000;
inline constexpr std::size_t blocking_threads_max = 16;
inline constexpr std::int64_t blocking_grace_ms = 2'000;  // after a deadline, before a call is given up

// Journal.
inline constexpr std::size_t order_key_bytes_max = 128;        // a longer value counts by its digest
inline constexpr std::size_t attempts_under_way_max = 4'096;  // of all connections together
inline constexpr std::size_t waiting_runs_max = 2'000'000;    // accepted and not attempted, in memory
inline constexpr std::size_t journal_batch_max = 512;
inline constexpr std::size_t journal_queue_max = 65'536;  // operations waiting for the writer
inline constexpr std::size_t journal_queue_bytes_max = 64 * mib;  // and what they would write
inline constexpr std::size_t journal_reads_max = 16'384;  // reads waiting for a reader
inline constexpr std::size_t journal_batch_bytes_max = 8 * mib;  // a batch takes no more after these
inline constexpr std::int64_t journal_pause_ms = 1'000;  // it is left alone after it refused a write or a read
inline constexpr std::size_t journal_batches_per_chore_step = 8;  // where operations always wait
inline constexpr std::size_t sweep_runs_max = 64;   // looked at in one step of retention
inline constexpr std::size_t sweep_lines_max = 512;  // log lines deleted in one step of retention
inline constexpr std::size_t backup_pages_per_step = 64;  // of 16 KiB
inline constexpr std::size_t backup_name_bytes_max = 64;
inline constexpr std::size_t wal_checkpoint_bytes = 4 * mib;
inline constexpr std::size_t wal_pause_bytes = 32 * mib;
inline constexpr std::size_t log_segment_bytes = 8 * mib;  // a file of the journal's log; the last frame may exceed it
inline constexpr std::size_t log_growth_bytes = mib;
inline constexpr std::size_t log_frame_bytes_max = 1'024 * mib;
inline constexpr std::size_t log_take_over_bytes = 256 * kib;  // of the log go into the journal's file at a time

}  // namespace signalbox::limits
