#pragma once

// What diagnose_run_tool reads of a run before it judges.

#include "tools/models_diagnosis.hpp"
#include "tools/models_run.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace mcp::tools {

struct diagnosis_request {
  run_path path;
  loss_keys given;
  std::vector<std::string> config_keys, summary_keys;
  std::int64_t samples = 500; // of each metric
  std::string x_axis;
};

/// What is known of a run before its history is read.
struct subject {
  run_header header;
  json::object config, summary;     // config only when keys of it are asked for
  std::vector<std::string> unreadable; // "config", "summary"
  std::vector<std::string> metrics; // names, sorted
  bool indexed = false;             // they come from the history's index
};

/// Progress that the client knows of once the subject is read.
inline constexpr double told_of_run = 1;

/// One request. Throws `tool_error` project_not_found or run_not_found.
task<subject> read_subject(call_context& context, diagnosis_request r);

/// What a verdict rests on.
struct evidence {
  diagnosis_input input;
  rows_list rows;                   // all that was read, ascending
  std::vector<std::string> metrics; // that were read
  std::size_t covered = 0;          // rows that were looked at
};

/// Samples the losses, and the metrics that were asked for or else those whose
/// names tell the most: one request for every eight series. Of a run that is
/// longer than the samples the first of them are then read in full
/// (`scan_metrics`): a single odd value is in no sample.
task<evidence> evidence_by_metric(call_context& context, diagnosis_request r,
                                  subject s);

/// Samples whole rows, for a run whose metrics W&B can not name yet.
task<evidence> evidence_by_row(call_context& context, diagnosis_request r,
                               subject s);

} // namespace mcp::tools
