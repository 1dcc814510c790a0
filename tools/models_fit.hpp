#pragma once

#include <boost/json.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace mcp::tools {

namespace json = boost::json;

/// A list or an object inside of an answer whose tail may be cut.
struct cuttable {
  std::string name; // as the note calls it
  json::value* part;
};

/// Makes `answer` fit `max_size` (`token_size`): cuts tails of `parts`, the longest
/// first, and sets "truncated", and "truncation_note" to what was cut and
/// `advice`. When that does not suffice, whatever lists are left are cut.
/// `parts` point into `answer`, none into another; null and scalar ones do not
/// matter. Cost: a few passes over the parts.
void fit(json::object& answer, std::vector<cuttable> parts,
         std::size_t max_size, const std::string& advice);

} // namespace mcp::tools
