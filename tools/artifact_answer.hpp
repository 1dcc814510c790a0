#pragma once

// Making answers about artifacts short enough: metadata can be anything, and
// of any size.

#include <boost/json.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace mcp::tools {

namespace json = boost::json;

/// Keeps the members of `object` that fit `max_size` (`token_size`) together,
/// in order; one that does not fit is passed over for smaller ones behind it.
/// Gives the names of those left out.
std::vector<std::string> keep_what_fits(json::object& object,
                                        std::size_t max_size);

/// Makes an answer of get_artifact_details fit: the tails of its longest
/// lists, then long texts, then members of the metadata (which are named in
/// metadata_omitted_keys). truncated and truncation_note say so.
void fit_details(json::object& answer, std::size_t max_size);

/// The same for compare_artifact_versions: lists, long texts, then members of
/// metadata_diff's added, removed and changed.
void fit_comparison(json::object& answer, std::size_t max_size);

} // namespace mcp::tools
