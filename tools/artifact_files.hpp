#pragma once

#include "tools/artifact_path.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mcp::tools {

struct artifact_file {
  std::string name;
  std::optional<std::int64_t> size;
  std::string digest; // empty when W&B names none

  json::object row() const;
};

struct file_listing {
  std::vector<artifact_file> files;
  bool more = false; // the artifact has others
  std::optional<std::int64_t> total;
};

/// Reads a FileConnection with totalCount, pageInfo and edges { node { name
/// sizeBytes digest md5 } }; `cursor` becomes where it goes on, null at the
/// end.
[[nodiscard]] file_listing read_files(const json::object& connection,
                                      json::value& cursor);

/// Goes on where a listing ended at `cursor` ("" to begin with), until it has
/// `wanted` files or there are no more. `type` is the artifact's, for servers
/// that need it. Tells of progress when `tell` is set: how many files it has.
/// Throws `failure_exception`.
task<file_listing> read_more_files(call_context& context, artifact_path path,
                                   std::string type, file_listing so_far,
                                   json::value cursor, std::size_t wanted,
                                   bool tell);

} // namespace mcp::tools
