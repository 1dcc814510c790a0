#pragma once

// Which runs a chart of a report shows.

#include "protocol/wandb/report_filter.hpp"

#include <boost/json.hpp>

#include <string>

namespace mcp::wandb {

namespace json = boost::json;

struct run_set {
  std::string entity;
  std::string project;
  std::string project_id; // Project.internalId
  run_filter filter = {};
  std::string search = {}; // free text, as in the app's search box
};

/// The run set as a report's spec holds it, with the filter in its tree form.
[[nodiscard]] json::object run_set_json(const run_set& runs, std::string id);

} // namespace mcp::wandb
