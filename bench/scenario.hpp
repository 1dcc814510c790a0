#pragma once

// What is asked, and which answer is right.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mcp::bench {

/// How the server under load is spoken to.
enum class dialect {
  session,   // initialize, then Mcp-Session-Id with every request
  stateless, // 2026-07-28: every request stands alone
  raw,       // one fixed POST, any 200 will do: for servers that are no MCP
};

struct target {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8080;
  std::string path = "/mcp";
  dialect speaks = dialect::session;
};

/// One request of a scenario: a JSON-RPC method, its params as JSON without
/// "_meta", and a text that a right answer holds.
struct question {
  std::string method;
  std::string params; // "{...}" or empty; "%N" is replaced by a running number
  std::string name;   // Mcp-Name, of stateless requests
  std::string expect;
  int weight = 1;
};

/// "ping", "list", "call", "query"; for anything else see `question`.
/// Throws std::invalid_argument for an unknown one.
question question_named(std::string_view scenario);

/// Makes the bytes of requests.
class request_writer {
public:
  request_writer(const target& to, const std::string& api_key);

  std::string initialize(std::uint64_t id) const;
  std::string initialized(std::string_view session) const;
  std::string ask(const question& q, std::uint64_t id,
                  std::string_view session) const;
  std::string listen(std::string_view session) const;
  std::string finish(std::string_view session) const;

private:
  std::string post(std::string_view session, std::string_view extra,
                   std::string_view body) const;
  dialect speaks_;
  std::string path_;
  std::string post_line_;
  std::string head_; // from Host on, without the length
  std::string authorization_;
};

/// Why `body` is no right answer to the question with this id; null when it is.
const char* wrong(std::string_view body, const question& q, std::uint64_t id);

} // namespace mcp::bench
