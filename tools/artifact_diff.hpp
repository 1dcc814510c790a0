#pragma once

#include "tools/artifact_files.hpp"
#include "tools/artifact_read.hpp"

namespace mcp::tools {

/// Adds version_a, version_b, metadata_diff, tags_diff, aliases_diff,
/// size_diff, file_count_diff, lineage_diff, digest_match, and warnings when
/// there are any.
void add_differences(json::object& answer, const artifact_info& a,
                     const artifact_info& b);

/// The files by name and digest. At most `most_shown` entries in all: of those
/// added, then removed, then modified, each in the order of the names. Of a
/// listing that is not whole only the names up to its end are compared, as the
/// others may come behind it.
[[nodiscard]] json::object
file_diff(const file_listing& a, const file_listing& b, std::size_t most_shown);

/// The same for artifacts of equal content, without a listing; `count` is how
/// many files they have, or null.
[[nodiscard]] json::object same_files(const json::value& count);

} // namespace mcp::tools
