#pragma once

// A server of one connection, whose client only writes down what it is sent.

#include "actors/notice_hub.hpp"
#include "actors/task_board.hpp"
#include "protocol/json/write.hpp"
#include "tests/actors/world.hpp"

#include <boost/beast/http/field.hpp>
#include <boost/json.hpp>

#include <optional>
#include <string>

namespace mcp::testing {

namespace http = boost::beast::http;
namespace json = boost::json;

using header_map = std::vector<std::pair<std::string, std::string>>;

/// The way back to a client that only writes down what it is sent.
class recorded_exchange : public net::exchange {
public:
  void respond(net::http_response r) override { response = std::move(r); }
  void open_stream(header_map headers) override {
    streaming = true;
    stream_headers = std::move(headers);
  }
  bool write(std::string event, bool) override {
    events.push_back(std::move(event));
    return true;
  }
  void close_stream() override { closed = true; }

  int status() const {
    return response ? static_cast<int>(response->status) : 0;
  }
  std::string body() const {
    return response && response->body ? *response->body : std::string();
  }
  std::string header(const std::string& name) const {
    if (response)
      for (const auto& [n, v] : response->headers)
        if (n == name)
          return v;
    return {};
  }

  std::optional<net::http_response> response;
  bool streaming = false;
  bool closed = false;
  header_map stream_headers;
  std::vector<std::string> events;
};

inline constexpr const char* both = "application/json, text/event-stream";

struct request_sketch {
  http::verb method = http::verb::post;
  std::string target = "/mcp";
  std::string body = {};
  header_map headers = {};
};

/// A request of version 2026-07-28, with the headers that belong to it.
struct lone_request {
  std::string method;
  json::object params = {};
  json::object capabilities = {};
  std::string key = alice_key;
  header_map headers = {}; // more, or others
  int id = 1;              // 0: a notification
};

/// A tools/call of that kind.
inline lone_request lone_call(std::string_view tool,
                              json::object arguments = {},
                              json::object capabilities = {}) {
  return {.method = "tools/call",
          .params = {{"name", tool}, {"arguments", std::move(arguments)}},
          .capabilities = std::move(capabilities)};
}

/// The message in an event of a stream.
inline json::value message_of(const std::string& event) {
  const auto at = event.find("data: ");
  REQUIRE(at != event.npos);
  return json::parse(event.substr(at + 6, event.find('\n', at) - at - 6));
}

/// A server of one connection.
struct front : world {
  seal_keys keys = seal_keys::random();
  session_sealer sealer{keys};
  std::shared_ptr<connection_services> services =
    std::make_shared<connection_services>();
  session_directory_actor directory;
  connection_actor actor;
  std::int64_t unix_now = 1'760'000'000;
  std::shared_ptr<task_board_options> tasks =
    std::make_shared<task_board_options>();

  front() {
    auto rules = std::make_shared<directory_options>();
    rules->unix_time = [this] { return unix_now; };
    auto pool = spawn(wandb_client_pool, std::make_shared<upstream_options>(),
                      &gateway, pool_options{});
    services->server = {"test", "Test", "1", "none"};
    auto notices = std::make_shared<notice_hub_options>();
    notices->end_text = [](const jsonrpc::request_id& id) {
      return jsonrpc::write_result(id, write_json(subscription_end(id)));
    };
    services->hub = spawn(notice_hub, notices);
    auto offered = services_for_tests();
    offered->hub = services->hub;
    services->features = offered->features;
    services->stateless = std::make_shared<const stateless_services>(
      offered, services->server, keys, [this] { return unix_now; });
    services->pool = pool;
    tasks->services = services->stateless;
    tasks->hub = services->hub;
    services->tasks = spawn(task_board, tasks);
    directory = spawn(session_directory, &sealer, pool, offered, rules);
    services->sealer = &sealer;
    services->directory = directory_shards({directory});
    services->unix_time = [this] { return unix_now; };
    services->page =
      [](const page_request& r) -> std::optional<net::http_response> {
      if (r.path != "/health")
        return {};
      net::http_response page;
      page.body = std::make_shared<const std::string>(r.host);
      return page;
    };
    actor = connect();
  }
  ~front() {
    services->directory = {};
    services->hub = notice_hub_actor{};
    services->tasks = task_board_actor{};
    caf::anon_send(directory, finish_atom_v);
    run();
  }

  /// The session behind an id.
  session_actor session_of(const std::string& id) {
    session_actor found;
    system.spawn(
      [&](caf::event_based_actor* me, int) {
        me->request(directory, caf::infinite, find_atom_v, id,
                    secret(alice_key))
          .then([&](find_outcome& o) { found = o->value().session; });
      },
      world::nothing);
    run();
    return found;
  }

  connection_actor connect() {
    return spawn(connection, std::uint64_t{1}, services);
  }

  std::shared_ptr<recorded_exchange> send(const connection_actor& to,
                                          request_sketch sketch,
                                          const std::string& peer = {}) {
    auto request = std::make_shared<net::http_request>();
    request->peer = peer;
    request->method = sketch.method;
    request->target = sketch.target;
    request->headers.set("Host", "localhost:8080");
    for (const auto& [name, value] : sketch.headers)
      if (value.empty())
        request->headers.erase(name);
      else
        request->headers.set(name, value);
    request->body = std::move(sketch.body);
    request->body.reserve(request->body.size() + 64);
    auto via = std::make_shared<recorded_exchange>();
    caf::anon_send(to, http_arrival{request, via});
    run();
    return via;
  }

  std::shared_ptr<recorded_exchange> post(std::string body,
                                          const std::string& session = "",
                                          header_map more = {}) {
    header_map headers{{"Authorization", "Bearer " + alice_key},
                       {"Accept", both},
                       {"Content-Type", "application/json"}};
    if (!session.empty())
      headers.emplace_back("Mcp-Session-Id", session);
    headers.insert(headers.end(), more.begin(), more.end());
    return send(actor, {.body = std::move(body), .headers = headers});
  }

  /// POSTs a request that needs no session.
  std::shared_ptr<recorded_exchange> ask(lone_request r) {
    auto& meta = r.params["_meta"].is_object()
                   ? r.params["_meta"].get_object()
                   : r.params["_meta"].emplace_object();
    meta[meta_key::protocol_version] = "2026-07-28";
    meta[meta_key::client_capabilities] = r.capabilities;
    header_map headers{{"MCP-Protocol-Version", "2026-07-28"},
                       {"Mcp-Method", r.method},
                       {"Authorization", "Bearer " + r.key}};
    for (const auto* name : {"name", "uri", "taskId"})
      if (const auto* v = r.params.if_contains(name))
        headers.emplace_back("Mcp-Name", std::string(v->as_string()));
    headers.insert(headers.end(), r.headers.begin(), r.headers.end());
    json::object body{{"jsonrpc", "2.0"}, {"method", r.method}};
    if (r.id)
      body["id"] = r.id;
    body["params"] = std::move(r.params);
    return post(json::serialize(body), "", headers);
  }

  std::string open(const std::string& v = "2025-11-25",
                   const std::string& key = alice_key) {
    auto via = post(R"({"jsonrpc":"2.0","id":1,"method":"initialize","params":)"
                    R"({"protocolVersion":")"
                      + v
                      + R"(","capabilities":{},"clientInfo":)"
                        R"({"name":"c","version":"1"}}})",
                    "", {{"Authorization", "Bearer " + key}});
    REQUIRE(via->status() == 200);
    const auto id = via->header("Mcp-Session-Id");
    REQUIRE_FALSE(id.empty());
    return id;
  }
};

} // namespace mcp::testing
