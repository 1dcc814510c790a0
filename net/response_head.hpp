#pragma once

#include <boost/beast/http/status.hpp>

#include <cstddef>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mcp::net {

/// The Date header's value, made anew only when the second changes. One per
/// thread: not safe from several.
class date_cache {
public:
  /// "Sun, 06 Nov 1994 08:49:37 GMT"
  std::string_view now();

private:
  std::time_t second_ = -1;
  char text_[32] = {};
  std::size_t size_ = 0;
};

/// What a response head says besides the handler's own headers.
struct head_facts {
  boost::beast::http::status status;
  std::string_view content_type; // no header when empty
  /// Empty: no Content-Length header.
  std::optional<std::size_t> content_length;
  bool chunked = false;
  bool close = false;
  /// HTTP/1.0 keeps a connection only when it is told so.
  bool say_keep_alive = false;
};

/// Appends a whole response head to `out`, with its blank line. A header whose
/// name or value holds a control character is left out: it could forge others.
void append_head(
  std::string& out, const head_facts& facts, std::string_view date,
  const std::vector<std::pair<std::string, std::string>>& headers);

} // namespace mcp::net
