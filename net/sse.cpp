#include "net/sse.hpp"

namespace mcp::net {

namespace {

void append_field(std::string& out, std::string_view name,
                  std::string_view value) {
  out += name;
  out += value;
  out += '\n';
}

} // namespace

std::string sse_event(std::string_view data, std::string_view id,
                      std::string_view event) {
  std::string out;
  out.reserve(data.size() + id.size() + event.size() + 32);
  if (!id.empty())
    append_field(out, "id: ", id);
  if (!event.empty())
    append_field(out, "event: ", event);
  // A reader ends a line at LF, CR and CRLF alike.
  for (;;) {
    const auto end = data.find_first_of("\r\n");
    append_field(out, "data: ", data.substr(0, end));
    if (end == std::string_view::npos)
      break;
    const bool pair =
      data[end] == '\r' && end + 1 < data.size() && data[end + 1] == '\n';
    data.remove_prefix(end + (pair ? 2 : 1));
  }
  out += '\n';
  return out;
}

std::string_view sse_keep_alive() {
  return ": keep-alive\n\n";
}

} // namespace mcp::net
