#include "protocol/mcp/http_headers.hpp"
#include "tests/catch.hpp"

#include <map>
#include <string>

using namespace mcp;
namespace json = boost::json;

namespace {

using headers = std::map<std::string, std::string>;

header_lookup lookup(const headers& all) {
  return [&all](std::string_view name) -> std::optional<std::string_view> {
    const auto found = all.find(std::string(name));
    if (found == all.end())
      return {};
    return found->second;
  };
}

jsonrpc::message request(const char* method, const char* params) {
  jsonrpc::message m;
  m.kind = jsonrpc::message_kind::request;
  m.id = "1";
  m.method = method;
  m.params = json::parse(params).as_object();
  return m;
}

struct decode_case {
  const char* header;
  const char* value; // null: refused
};

struct standard_case {
  const char* method;
  const char* params;
  const char* method_header; // null: none
  const char* name_header;
  bool good;
};

struct mark_case {
  const char* schema;
  const char* fault; // null: none
};

struct mirror_case {
  const char* body;
  const char* header; // null: none
  bool good;
};

} // namespace

TEST_CASE("a header's value is itself or its Base64 form", "[protocol]") {
  const auto c = GENERATE(values<decode_case>({
    {"us-west1", "us-west1"},
    {"  padded\t", "padded"},
    {"", ""},
    {"=?base64?SGVsbG8=?=", "Hello"},
    {" =?base64?SGVsbG8=?= ", "Hello"},
    {"=?base64?SGVsbG8sIOS4lueVjA==?=", "Hello, 世界"},
    {"=?base64?IHBhZGRlZCA=?=", " padded "},
    {"=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?=", "=?base64?literal?="},
    {"=?base64?"
     "?=",
     ""}, // in two parts: "??=" is a trigraph
    {"=?base64?SGVsbG8?=", nullptr},
    {"=?base64?SGVs!!!bG8=?=", nullptr},
    {"=?base64?SGVs bG8=?=", nullptr},
    {"=?base64?PT9iYXNlNjQ_bGl0ZXJhbD89?=", nullptr},
    {"=?base64?SGVsbG9=?=", nullptr}, // stray bits behind the last byte
    {"SGVsbG8=", "SGVsbG8="},
    {"=?base64?SGVsbG8=", "=?base64?SGVsbG8="},
    {"SGVsbG8=?=", "SGVsbG8=?="},
    {"=?BASE64?SGVsbG8=?=", "=?BASE64?SGVsbG8=?="},
    {"=?base64?=", "=?base64?="}, // too short for both marks
    {"caf\xc3\xa9", nullptr},
    {"a\x01z", nullptr},
    {"a\x7fz", nullptr},
    {"a\tb", "a\tb"},
  }));
  CAPTURE(c.header);
  const auto value = decode_header_value(c.header);
  REQUIRE(value.has_value() == (c.value != nullptr));
  if (c.value)
    CHECK(*value == c.value);
}

TEST_CASE("what is encoded for a header is decoded again", "[protocol]") {
  const auto value = GENERATE(
    as<std::string>{}, "", "plain text", " padded ", "line\nline", "世界",
    "=?base64?literal?=", "=?base64?=", "a?=", std::string("\0", 1));
  CAPTURE(value);
  const auto header = encode_header_value(value);
  CHECK(header.find_first_of("\r\n\0") == std::string::npos);
  const auto back = decode_header_value(header);
  REQUIRE(back.has_value());
  CHECK(*back == value);
}

TEST_CASE("standard headers must mirror the body", "[protocol]") {
  const auto c = GENERATE(values<standard_case>({
    {"tools/list", "{}", "tools/list", nullptr, true},
    {"tools/list", "{}", "  tools/list ", nullptr, true},
    {"tools/list", "{}", "prompts/list", nullptr, false},
    {"tools/list", "{}", nullptr, nullptr, false},
    {"tools/list", "{}", "", nullptr, false},
    {"tools/list", "{}", "TOOLS/LIST", nullptr, false},
    {"tools/list", "{}", "=?base64?dG9vbHMvbGlzdA==?=", nullptr, false},
    {"tools/call", R"({"name":"t"})", "tools/call", "t", true},
    {"tools/call", R"({"name":"t"})", "tools/call", "  t  ", true},
    {"tools/call", R"({"name":"t"})", "tools/call", "=?base64?dA==?=", true},
    {"tools/call", R"({"name":"t"})", "tools/call", "T", false},
    {"tools/call", R"({"name":"t"})", "tools/call", "t, u", false},
    {"tools/call", R"({"name":"t"})", "tools/call", "", false},
    {"tools/call", R"({"name":"t"})", "tools/call", nullptr, false},
    {"tools/call", R"({"name":"t"})", "tools/call", "=?base64?dA?=", false},
    {"tools/call", R"({})", "tools/call", nullptr, true},
    {"tools/call", R"({"name":7})", "tools/call", "7", true},
    {"prompts/get", R"({"name":"p"})", "prompts/get", "p", true},
    {"prompts/get", R"({"name":"p"})", "prompts/get", "q", false},
    {"resources/read", R"({"uri":"a://b c"})", "resources/read", "a://b c",
     true},
    {"resources/read", R"({"uri":"a://b","name":"n"})", "resources/read", "n",
     false},
    {"tasks/get", R"({"taskId":"x"})", "tasks/get", "x", true},
    {"tasks/update", R"({"taskId":"x"})", "tasks/update", "y", false},
    {"tasks/cancel", R"({"taskId":"x"})", "tasks/cancel", nullptr, false},
    {"completion/complete", R"({"name":"x"})", "completion/complete", nullptr,
     true},
  }));
  CAPTURE(c.method, c.params, c.method_header ? c.method_header : "-",
          c.name_header ? c.name_header : "-");
  headers given;
  if (c.method_header)
    given["Mcp-Method"] = c.method_header;
  if (c.name_header)
    given["Mcp-Name"] = c.name_header;
  const auto why =
    check_standard_headers(request(c.method, c.params), lookup(given));
  CHECK(why.has_value() == !c.good);
  if (why) {
    CHECK(why->code == -32020);
    CHECK(why->http_status == 400);
  }
}

TEST_CASE("notifications need no standard headers", "[protocol]") {
  auto m = request("notifications/cancelled", "{}");
  m.kind = jsonrpc::message_kind::notification;
  const headers none;
  CHECK_FALSE(check_standard_headers(m, lookup(none)).has_value());
}

TEST_CASE("marks are found on properties, however deep", "[protocol]") {
  const auto found = header_parameters(json::parse(R"({
    "type": "object",
    "properties": {
      "region": {"type": "string", "x-mcp-header": "Region"},
      "plain": {"type": "number"},
      "where": {"type": "object", "properties": {
        "zone": {"type": "integer", "x-mcp-header": "Zone-1"},
        "x-mcp-header": {"type": "boolean", "x-mcp-header": "Flag"}}}},
    "default": {"x-mcp-header": 7},
    "examples": [{"x-mcp-header": "no mark"}]})")
                                         .as_object());
  REQUIRE(found.has_value());
  REQUIRE(found->size() == 3);
  CHECK((*found)[0].header == "Mcp-Param-Region");
  CHECK((*found)[0].path == std::vector<std::string>{"region"});
  CHECK((*found)[1].header == "Mcp-Param-Zone-1");
  CHECK((*found)[1].path == std::vector<std::string>{"where", "zone"});
  CHECK((*found)[2].path == std::vector<std::string>{"where", "x-mcp-header"});
}

TEST_CASE("a mark where none may be spoils the schema", "[protocol]") {
  const auto c = GENERATE(values<mark_case>({
    {R"({"properties":{"a":{"type":"string"}}})", nullptr},
    {R"({"properties":{"a":{"type":"string","x-mcp-header":""}}})", "token"},
    {R"({"properties":{"a":{"type":"string","x-mcp-header":7}}})", "token"},
    {R"({"properties":{"a":{"type":"string","x-mcp-header":"a b"}}})", "token"},
    {R"({"properties":{"a":{"type":"string","x-mcp-header":"a\r\nb"}}})",
     "token"},
    {R"({"properties":{"a":{"type":"string","x-mcp-header":"a:b"}}})", "token"},
    {R"({"properties":{"a":{"type":"string","x-mcp-header":"é"}}})", "token"},
    {R"({"properties":{"a":{"type":"number","x-mcp-header":"A"}}})", "integer"},
    {R"({"properties":{"a":{"type":"object","x-mcp-header":"A"}}})", "integer"},
    {R"({"properties":{"a":{"type":["string","null"],"x-mcp-header":"A"}}})",
     "integer"},
    {R"({"properties":{"a":{"x-mcp-header":"A"}}})", "integer"},
    {R"({"properties":{"a":{"type":"string","x-mcp-header":"A"},
         "b":{"type":"string","x-mcp-header":"a"}}})",
     "twice"},
    {R"({"x-mcp-header":"A","type":"object"})", "reached"},
    {R"({"properties":{"a":{"type":"array","items":
         {"type":"string","x-mcp-header":"A"}}}})",
     "reached"},
    {R"({"anyOf":[{"properties":{"a":{"type":"string","x-mcp-header":"A"}}}]})",
     "reached"},
    {R"({"$defs":{"d":{"type":"string","x-mcp-header":"A"}}})", "reached"},
    {R"({"then":{"properties":{"a":{"type":"string","x-mcp-header":"A"}}}})",
     "reached"},
    {R"({"patternProperties":{"^a":{"type":"string","x-mcp-header":"A"}}})",
     "reached"},
    {R"({"additionalProperties":{"type":"string","x-mcp-header":"A"}})",
     "reached"},
  }));
  CAPTURE(c.schema);
  const auto found = header_parameters(json::parse(c.schema).as_object());
  CHECK(found.has_value() == (c.fault == nullptr));
  if (!found && c.fault)
    CHECK(found.error().message.find(c.fault) != std::string::npos);
}

TEST_CASE("a marked argument and its header must agree", "[protocol]") {
  const auto c = GENERATE(values<mirror_case>({
    {R"({"a":"Hello"})", "Hello", true},
    {R"({"a":"Hello"})", "=?base64?SGVsbG8=?=", true},
    {R"({"a":"Hello"})", "=?base64?SGVsbG8?=", false},
    {R"({"a":"Hello"})", "=?base64?SGVs!!!bG8=?=", false},
    {R"({"a":"SGVsbG8="})", "SGVsbG8=", true},
    {R"({"a":"=?base64?SGVsbG8="})", "=?base64?SGVsbG8=", true},
    {R"({"a":"test-value"})", nullptr, false},
    {R"({"a":"Hello"})", "hello", false},
    {R"({"a":"Hello"})", "Hello, Hello", false},
    {R"({"a":""})", "", true},
    {R"({"a":""})", nullptr, false},
    {R"({})", nullptr, true},
    {R"({"a":null})", nullptr, true},
    {R"({})", "x", false},
    {R"({"a":null})", "x", false},
    {R"({"a":true})", "true", true},
    {R"({"a":true})", "True", false},
    {R"({"a":false})", "0", false},
    {R"({"a":42})", "42", true},
    {R"({"a":42})", "42.0", true},
    {R"({"a":42.0})", "42", true},
    {R"({"a":-7})", "-7", true},
    {R"({"a":42})", "43", false},
    {R"({"a":42})", "0x2a", false},
    {R"({"a":42})", "42 apples", false},
    {R"({"a":42})", "nan", false},
    {R"({"a":42})", "", false},
    {R"({"a":9007199254740993})", "9007199254740992", false},
    {R"({"a":9007199254740991})", "9007199254740991", true},
    {R"({"a":["x"]})", "x", false},
    {R"({"a":{}})", nullptr, false},
  }));
  CAPTURE(c.body, c.header ? c.header : "-");
  headers given;
  if (c.header)
    given["Mcp-Param-A"] = c.header;
  const auto why = check_parameter_headers(
    {{"Mcp-Param-A", {"a"}}}, json::parse(c.body).as_object(), lookup(given));
  CHECK(why.has_value() == !c.good);
  if (why)
    CHECK(why->code == -32020);
}

TEST_CASE("a nested argument is found at its exact path", "[protocol]") {
  const std::vector<header_parameter> marked{{"Mcp-Param-Z", {"w", "z"}}};
  const headers one{{"Mcp-Param-Z", "1"}, {"Mcp-Param-Other", "x"}};
  const headers none;
  const auto body = [](const char* text) {
    return json::parse(text).as_object();
  };
  CHECK_FALSE(
    check_parameter_headers(marked, body(R"({"w":{"z":1}})"), lookup(one)));
  CHECK(check_parameter_headers(marked, body(R"({"z":1})"), lookup(one)));
  CHECK(check_parameter_headers(marked, body(R"({"w":1})"), lookup(one)));
  CHECK_FALSE(
    check_parameter_headers(marked, body(R"({"w":null})"), lookup(none)));
  CHECK(
    check_parameter_headers(marked, body(R"({"w":{"z":1}})"), lookup(none)));
}
