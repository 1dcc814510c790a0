#pragma once

// What a project's runs look like, from a few of them. Pure.

#include <boost/json.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace mcp::tools {

namespace json = boost::json;

/// Whether a name holds the pattern; "*" stands for anything, letters match
/// regardless of case, an empty pattern matches every name.
[[nodiscard]] bool matches_pattern(std::string_view name,
                                   std::string_view pattern);

/// A config value for a reader: texts cut at 100 characters, "[list, len=3]",
/// "{dict, keys=2}", "None"; numbers and booleans as they are.
[[nodiscard]] json::value sample_value(const json::value& v);

/// Runs seen so far and what they have in common.
class project_shape {
public:
  explicit project_shape(std::string field_pattern)
      : pattern_(std::move(field_pattern)) {}

  /// Adds a run object of W&B; one that was added before is passed over.
  void add(const json::object& run);

  std::size_t runs() const { return samples_.size(); }
  std::int64_t typical_steps() const;

  /// Adds to `answer` what the runs tell. Some of it goes by two names, because
  /// clients know either: "tags" and "tags_in_sample", "metric_keys" and
  /// "summary_fields".
  void describe(json::object& answer) const;

  /// Metrics of the first run's history in the order of their worth for a
  /// curve; of the numbers in all summaries where W&B has no index of it.
  std::vector<std::string> main_metrics(std::size_t most) const;
  std::vector<std::string> run_ids() const;
  const std::set<std::string>& tags() const { return tags_; }
  const std::vector<std::string>& groups() const { return groups_; }
  std::size_t metric_count() const { return metrics_.size(); }

private:
  std::string pattern_;
  json::array samples_;
  std::set<std::string, std::less<>> ids_;
  std::map<std::string, std::int64_t> states_;
  std::map<std::string, std::string> metrics_;       // summary, top level
  std::map<std::string, json::value> config_;        // top level
  std::map<std::string, std::string> metric_fields_; // by dotted path
  std::map<std::string, std::string> config_fields_;
  std::set<std::string> tags_;
  std::vector<std::string> groups_;
  std::vector<std::int64_t> last_steps_;
  // Of the first run: names in the index of its history.
  std::optional<std::set<std::string, std::less<>>> logged_;
  bool has_history_ = false;
  std::size_t unreadable_ = 0;
};

/// Counts in "field_inventory" what "summary_fields" and "config_fields" of an
/// answer list; to be called again when they were cut.
void count_fields(json::object& answer);

} // namespace mcp::tools
