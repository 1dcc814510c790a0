#pragma once

// What list_artifact_versions asks for, and how versions are told apart here:
// W&B filters by tag in a project only, and by date nowhere.

#include "protocol/wandb/timestamp.hpp"
#include "tools/artifact_record.hpp"
#include "tools/registry_pages.hpp"
#include "tools/tool.hpp"

#include <optional>
#include <string>
#include <vector>

namespace mcp::tools {

struct version_order {
  std::string given;   // "-created_at"
  std::string on_wire; // "-createdAt"
  bool by_date = false;
  bool descending = false;
};

struct version_filter {
  std::vector<std::string> tags; // all are required
  std::optional<wandb::timestamp> after;
  std::optional<wandb::timestamp> before; // both included

  bool has_dates() const { return after || before; }
  /// Whether `artifact` (tags, createdAt) passes. One without a date that can
  /// be read does not pass a filter of dates.
  bool passes(const json::object& artifact) const;
  /// Whether all behind `artifact` in that order fails as well.
  bool ends_at(const json::object& artifact, const version_order& order) const;
  /// For W&B: committed versions with all the tags.
  std::string on_wire() const;
};

/// The argument order: [+-](created_at|updated_at|version), without a sign
/// ascending. Throws `tool_error` invalid_input.
[[nodiscard]] version_order read_order(const arguments& args);

/// The arguments tags, created_after, created_before. A day without a time
/// means the whole day. Throws invalid_input: an empty tag, more than 20, a
/// date that is none, dates the wrong way round.
[[nodiscard]] version_filter read_version_filter(const arguments& args);

/// The report of how much was looked at.
[[nodiscard]] json::object scan_report(const collected& found,
                                       const page_wish& wish,
                                       const version_order& order);

/// A version as an answer's row, from an edge of the collection `place`: of
/// VersionedArtifactConnection with its node there, or of
/// ArtifactCollectionMembershipConnection with node and artifact there.
[[nodiscard]] json::object project_version(const json::object& edge,
                                           const collection_place& place);
[[nodiscard]] json::object registry_version(const json::object& edge,
                                            const collection_place& place);

/// Asks what types of artifact the project has, and throws `tool_error`
/// collection_not_found with artifact_types.
task<void> throw_collection_missing(call_context& context,
                                    collection_place place, std::string type);

} // namespace mcp::tools
