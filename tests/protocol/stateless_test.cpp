#include "protocol/mcp/stateless.hpp"
#include "tests/catch.hpp"

#include <optional>
#include <string>

using namespace mcp;
namespace json = boost::json;

namespace {

constexpr const char* full_meta = R"({
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientInfo": {"name": "c", "version": "1"},
  "io.modelcontextprotocol/clientCapabilities": {"sampling": {}}})";

json::object params_with(std::string_view meta) {
  json::object out;
  if (!meta.empty())
    out["_meta"] = json::parse(std::string(meta));
  return out;
}

json::object params_of_version(const char* v) {
  auto out = params_with(full_meta);
  out["_meta"].as_object()[meta_key::protocol_version] = v;
  return out;
}

jsonrpc::message request(const char* method, json::object params) {
  jsonrpc::message m;
  m.kind = jsonrpc::message_kind::request;
  m.id = "1";
  m.method = method;
  m.params = std::move(params);
  return m;
}

struct era_case {
  const char* method;
  const char* meta_version; // null: no _meta
  const char* header;       // null: none
  bool session_id;
  bool stateless;
};

struct bad_meta_case {
  const char* meta; // "": none
  const char* header;
  int code;
};

const server_info who{"srv", "Server", "1.2", "ask"};

} // namespace

TEST_CASE("_meta decides the era, then the session, then the header",
          "[protocol]") {
  const auto c = GENERATE(values<era_case>({
    {"tools/list", "2026-07-28", "2026-07-28", false, true},
    {"tools/list", "2026-07-28", nullptr, false, true},
    {"tools/list", "2026-07-28", "2025-11-25", false, true},
    {"tools/list", "2026-07-28", "2026-07-28", true, true},
    {"tools/list", "v999.0.0", "v999.0.0", false, true},
    {"initialize", "2026-07-28", "2026-07-28", false, true},
    {"tools/list", "2025-11-25", "2025-11-25", false, false},
    {"tools/list", "2025-11-25", "2026-07-28", false, true},
    {"tools/list", nullptr, nullptr, false, false},
    {"tools/list", nullptr, "", false, false},
    {"tools/list", nullptr, "2025-11-25", false, false},
    {"tools/list", nullptr, "2025-03-26", true, false},
    {"tools/list", nullptr, "2026-07-28", false, true},
    {"tools/list", nullptr, " 2026-07-28 ", false, true},
    {"tools/list", nullptr, "2026-07-28", true, false},
    {"tools/list", nullptr, "2031-01-01", false, true},
    {"initialize", nullptr, "2025-11-25", false, false},
    {"initialize", nullptr, "2026-07-28", false, false},
    {"initialize", nullptr, nullptr, false, false},
  }));
  CAPTURE(c.method, c.meta_version ? c.meta_version : "-",
          c.header ? c.header : "-", c.session_id);
  const auto m =
    request(c.method, c.meta_version ? params_of_version(c.meta_version)
                                     : json::object{});
  std::optional<std::string_view> header;
  if (c.header)
    header = c.header;
  CHECK(is_stateless(m, header, c.session_id) == c.stateless);
}

TEST_CASE("a request says who asks and what it can do", "[protocol]") {
  auto params = params_with(full_meta);
  auto& meta = params["_meta"].as_object();
  meta["progressToken"] = 7;
  meta[meta_key::log_level] = "warning";
  const auto read = read_request_meta(params, " 2026-07-28 ");
  REQUIRE(read.has_value());
  CHECK(read->spoken == version::v2026_07_28);
  CHECK(read->client_name == "c");
  CHECK(read->client_version == "1");
  CHECK(read->capabilities.contains("sampling"));
  CHECK(read->log == log_level::warning);
  CHECK(read->progress_token == 7);
  // Where there are no headers, none is missed.
  CHECK(read_request_meta(params).has_value());
}

TEST_CASE("who asks may stay unsaid", "[protocol]") {
  const auto info =
    GENERATE(as<std::string>{}, "", "null", "7", "{}", R"({"name":1})");
  CAPTURE(info);
  auto params = params_with(full_meta);
  auto& meta = params["_meta"].as_object();
  meta.erase(meta_key::client_info);
  if (!info.empty())
    meta[meta_key::client_info] = json::parse(info);
  meta["progressToken"] = json::object{};
  meta[meta_key::log_level] = nullptr;
  const auto read = read_request_meta(params, "2026-07-28");
  REQUIRE(read.has_value());
  CHECK(read->client_name.empty());
  CHECK(read->progress_token.is_null());
  CHECK_FALSE(read->log.has_value());
}

TEST_CASE("a long client name is cut", "[protocol]") {
  auto params = params_with(full_meta);
  params["_meta"].as_object()[meta_key::client_info] = json::object{
    {"name", std::string(5000, 'n')}, {"version", std::string(5000, 'v')}};
  const auto read = read_request_meta(params);
  REQUIRE(read.has_value());
  CHECK(read->client_name.size() == 64);
  CHECK(read->client_version.size() == 32);
}

TEST_CASE("malformed metadata is refused with the code of its fault",
          "[protocol]") {
  const auto c = GENERATE(values<bad_meta_case>({
    {"", "2026-07-28", -32602},
    {"7", "2026-07-28", -32602},
    {"{}", "2026-07-28", -32602},
    {R"({"io.modelcontextprotocol/protocolVersion":7,
         "io.modelcontextprotocol/clientCapabilities":{}})",
     "2026-07-28", -32602},
    {R"({"io.modelcontextprotocol/clientCapabilities":{}})", "2026-07-28",
     -32602},
    {R"({"io.modelcontextprotocol/protocolVersion":"2026-07-28"})",
     "2026-07-28", -32602},
    {R"({"io.modelcontextprotocol/protocolVersion":"2026-07-28",
         "io.modelcontextprotocol/clientCapabilities":[]})",
     "2026-07-28", -32602},
    {R"({"io.modelcontextprotocol/protocolVersion":"2026-07-28",
         "io.modelcontextprotocol/clientCapabilities":{},
         "io.modelcontextprotocol/logLevel":"loud"})",
     "2026-07-28", -32602},
    {R"({"io.modelcontextprotocol/protocolVersion":"2026-07-28",
         "io.modelcontextprotocol/clientCapabilities":{},
         "io.modelcontextprotocol/logLevel":3})",
     "2026-07-28", -32602},
    {full_meta, nullptr, -32020},
    {full_meta, "", -32020},
    {full_meta, "2025-11-25", -32020},
    {full_meta, "2026-07-28, 2026-07-28", -32020},
    {R"({"io.modelcontextprotocol/protocolVersion":"v999.0.0",
         "io.modelcontextprotocol/clientCapabilities":{}})",
     "2026-07-28", -32020},
    {R"({"io.modelcontextprotocol/protocolVersion":"v999.0.0"})", "v999.0.0",
     -32022},
    {"", "v999.0.0", -32022},
  }));
  CAPTURE(c.meta, c.header ? c.header : "-");
  std::optional<std::string_view> header;
  if (c.header)
    header = c.header;
  const auto read = read_request_meta(params_with(c.meta), header);
  REQUIRE_FALSE(read.has_value());
  CHECK(read.error().code == c.code);
  CHECK(read.error().http_status == 400);
  CHECK_FALSE(read.error().message.empty());
}

TEST_CASE("an unknown version is answered with those we speak", "[protocol]") {
  const auto read =
    read_request_meta(params_of_version("v999.0.0"), "v999.0.0");
  REQUIRE_FALSE(read.has_value());
  const auto answer = json::parse(write_refusal("\"a\"", read.error()));
  CHECK(answer.at("id") == "a");
  CHECK(answer.at_pointer("/error/code") == -32022);
  CHECK(answer.at_pointer("/error/data/requested") == "v999.0.0");
  CHECK(answer.at_pointer("/error/data/supported")
        == json::value_from(spoken_versions()));
}

TEST_CASE("refusals quote little of what came, and only as text",
          "[protocol]") {
  const auto long_one = refuse_method(std::string(10'000, 'm'));
  CHECK(long_one.message.size() < 100);
  CHECK(long_one.http_status == 404);
  CHECK(long_one.code == -32601);
  const auto bytes = refuse_version("\xff\xfe\n1");
  CHECK(bytes.data.at("requested") == "???1");
  const auto capability = refuse_capability({{"sampling", json::object{}}});
  CHECK(capability.code == -32021);
  CHECK(capability.http_status == 400);
  CHECK(capability.data.at("requiredCapabilities").at("sampling").is_object());
}

TEST_CASE("a framed result begins with its type and says who we are",
          "[protocol]") {
  const result_frame frame(who);
  const auto text = GENERATE(as<std::string>{}, R"({})", R"({"tools":[]})",
                             R"({"a":1,"b":"}"})");
  const bool hinted = GENERATE(false, true);
  CAPTURE(text, hinted);
  std::optional<cache_hint> hint;
  if (hinted)
    hint = cache_hint{std::chrono::minutes{5}, cache_scope::everybody};
  const auto framed = frame.wrap(text, hint);
  CHECK(framed.starts_with(R"({"resultType":"complete")"));
  auto value = json::parse(framed).as_object();
  CHECK(
    value.at("_meta").at(meta_key::server_info)
    == json::value({{"name", "srv"}, {"version", "1.2"}, {"title", "Server"}}));
  CHECK(value.contains("ttlMs") == hinted);
  if (hinted) {
    CHECK(value.at("ttlMs") == 300'000);
    CHECK(value.at("cacheScope") == "public");
  }
  // The value's way gives the same.
  CHECK(frame.wrap(json::parse(text).as_object(), hint) == value);
  for (const auto* added : {"resultType", "_meta", "ttlMs", "cacheScope"})
    value.erase(added);
  CHECK(value == json::parse(text));
}

TEST_CASE("a framed value keeps its type and its own _meta", "[protocol]") {
  const result_frame frame(who);
  const auto value =
    frame.wrap(json::object{{"x", 1},
                            {"_meta", json::object{{"a.b/c", 2}}},
                            {"resultType", "input_required"}},
               cache_hint{});
  CHECK(value.begin()->key() == "resultType");
  CHECK(value.at("resultType") == "input_required");
  CHECK(value.at("_meta").at("a.b/c") == 2);
  CHECK(value.at("_meta").as_object().contains(meta_key::server_info));
  CHECK(value.at("ttlMs") == 0);
  CHECK(value.at("cacheScope") == "private");
}

TEST_CASE("lists, reads and discovery carry a cache hint", "[protocol]") {
  for (const auto* m :
       {"server/discover", "tools/list", "prompts/list", "resources/list",
        "resources/templates/list", "resources/read"})
    CHECK(needs_cache_hint(m));
  for (const auto* m :
       {"tools/call", "prompts/get", "completion/complete", "tasks/get", ""})
    CHECK_FALSE(needs_cache_hint(m));
}

TEST_CASE("discovery tells versions, capabilities and instructions",
          "[protocol]") {
  const auto answer = json::parse(discover_result(
    who, {.prompts = true}, {std::chrono::hours{1}, cache_scope::everybody}));
  CHECK(answer.at("resultType") == "complete");
  CHECK(answer.at("supportedVersions") == json::value_from(spoken_versions()));
  CHECK(answer.at_pointer("/capabilities/prompts").is_object());
  CHECK(answer.at("instructions") == "ask");
  CHECK(answer.at("ttlMs") == 3'600'000);
  CHECK(answer.at("_meta").at(meta_key::server_info).at("name") == "srv");
}
