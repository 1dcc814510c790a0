#include "actors/request_headers.hpp"

namespace mcp {
namespace {

/// What several lines of one name are.
enum class several { wrong, list, first_counts };

struct known_header {
  std::string_view name;
  std::string_view request_headers::*value;
  several lines = several::wrong;
};

constexpr known_header known[] = {
  {"Host", &request_headers::host},
  {"Origin", &request_headers::origin},
  {"Authorization", &request_headers::authorization},
  {"Accept", &request_headers::accept, several::list},
  {"Accept-Encoding", &request_headers::accept_encoding, several::list},
  {"Content-Type", &request_headers::content_type},
  {"Mcp-Session-Id", &request_headers::session_id},
  {"MCP-Protocol-Version", &request_headers::protocol_version},
  {"Last-Event-ID", &request_headers::last_event_id, several::first_counts},
  {"Access-Control-Request-Headers", &request_headers::wanted_headers,
   several::list},
};

} // namespace

request_headers read_headers(const net::header_list& all) {
  request_headers out;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto [name, value] = all.at(i);
    for (const auto& k : known) {
      if (!net::same_but_for_case(name, k.name))
        continue;
      auto& here = out.*k.value;
      if (here.data() == nullptr) {
        here = value;
      } else if (k.lines == several::list) {
        auto& both = out.joined.emplace_front(here);
        here = both.append(", ").append(value);
      } else if (k.lines == several::wrong) {
        out.repeated = k.name;
      }
      break;
    }
  }
  return out;
}

} // namespace mcp
