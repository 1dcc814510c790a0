#pragma once

#include "bench/load.hpp"

#include <boost/json.hpp>

#include <string>
#include <string_view>

namespace mcp::bench {

/// Times in milliseconds, sizes in bytes.
boost::json::object to_json(const load_result& r);
boost::json::object to_json(const stream_result& r);

/// A few lines for a person.
std::string to_text(std::string_view scenario, const load_result& r);
std::string to_text(const stream_result& r);

/// One page with plots, which needs nothing but itself: latency by percentile,
/// answers and memory over time.
std::string to_html(std::string_view scenario, const load_result& r);

} // namespace mcp::bench
