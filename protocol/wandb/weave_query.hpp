#pragma once

#include "protocol/wandb/weave_columns.hpp"
#include "protocol/wandb/weave_filter.hpp"

#include <boost/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Bodies for the Weave trace server. Its requests are strict: a member it does
// not know is an error (422).

namespace mcp::wandb {

inline constexpr std::string_view stream_query_path = "/calls/stream_query";
inline constexpr std::string_view query_stats_path = "/calls/query_stats";

/// The most entries that one id list of a filter may have.
inline constexpr std::size_t most_ids = 1000;

struct calls_query {
  std::string project_id; // "entity/project"
  weave_filter filter;
  std::vector<std::string> columns; // empty: all
  std::vector<std::string> expand_columns;
  std::string sort_field; // empty: the server's order
  bool descending = true;
  std::optional<std::int64_t> limit; // sent with offset 0
  bool include_costs = false;
  bool include_feedback = false;
  bool include_storage_size = false;
  bool include_total_storage_size = false;
};

/// The body of POST /calls/stream_query.
[[nodiscard]] boost::json::object stream_query_body(const calls_query& query);

/// The body of POST /calls/query_stats; with the size of all that matches when
/// `storage_size` is set.
[[nodiscard]] boost::json::object query_stats_body(std::string_view project_id,
                                                   const weave_filter& filter,
                                                   bool storage_size = false);

/// What query_stats answered.
struct calls_stats {
  std::int64_t count = 0;
  std::optional<std::int64_t> total_storage_size_bytes;
};

/// Errors: `upstream_garbage` no object with an integer "count".
[[nodiscard]] result<calls_stats>
read_query_stats(const boost::json::value& answer);

/// "entity/project".
/// Errors: `bad_argument` a name is empty, holds a slash or is longer than 256
///         bytes.
[[nodiscard]] result<std::string> project_id_of(std::string_view entity,
                                                std::string_view project);

} // namespace mcp::wandb
