#include "protocol/jsonrpc/id_finder.hpp"
#include "protocol/jsonrpc/message.hpp"
#include "tests/catch.hpp"

#include <string>
#include <string_view>

using namespace mcp;
using namespace mcp::jsonrpc;

namespace {

result<envelope> read(std::string text) {
  text.reserve(text.size() + 64);
  return read_envelope(text);
}

struct good_case {
  const char* text;
  message_kind kind;
  const char* id;
  const char* method;
};

struct bad_case {
  const char* text;
  int code;
  const char* id; // as the answer carries it; "" for null
};

} // namespace

TEST_CASE("a message is read as what it is", "[protocol]") {
  using enum message_kind;
  const auto c = GENERATE(values<good_case>({
    {R"({"jsonrpc":"2.0","id":1,"method":"ping"})", request, "1", "ping"},
    {R"({"jsonrpc":"2.0","id":0,"method":"ping"})", request, "0", "ping"},
    {R"({"jsonrpc":"2.0","id":-7,"method":"ping"})", request, "-7", "ping"},
    {R"({"jsonrpc":"2.0","id":"1","method":"ping"})", request, "\"1\"", "ping"},
    {R"({"jsonrpc":"2.0","id":"","method":"ping"})", request, "\"\"", "ping"},
    {R"({"jsonrpc":"2.0","id":"a b","method":"x"})", request, "\"a b\"", "x"},
    {R"({"jsonrpc":"2.0","id":9007199254740993,"method":"x"})", request,
     "9007199254740993", "x"},
    {R"({"jsonrpc":"2.0","id":18446744073709551615,"method":"x"})", request,
     "18446744073709551615", "x"},
    {R"({"jsonrpc":"2.0","id":"\u00e9","method":"x"})", request, "\"é\"", "x"},
    {R"({"jsonrpc":"2.0","id":"a\"b","method":"x"})", request, R"("a\"b")",
     "x"},
    {R"({"jsonrpc":"2.0","id":1.0,"method":"ping"})", request, "1", "ping"},
    {R"({"jsonrpc":"2.0","id":1e3,"method":"ping"})", request, "1000", "ping"},
    {R"({"jsonrpc":"2.0","id":-0.0,"method":"ping"})", request, "0", "ping"},
    {R"({"jsonrpc":"2.0","id":1,"method":"x","params":null})", request, "1",
     "x"},
    {R"({"jsonrpc":"2.0","method":"n","params":null})", notification, "", "n"},
    {"\xef\xbb\xbf{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"ping\"}", request,
     "3", "ping"},
    {R"({"jsonrpc":"2.0","id":"\ud83d","method":"x"})", request, "\"\ufffd\"",
     "x"},
    {R"({"jsonrpc":"2.0","method":"notifications/initialized"})", notification,
     "", "notifications/initialized"},
    {R"({"method":"ping","id":3,"jsonrpc":"2.0","params":{}})", request, "3",
     "ping"},
    {R"( {"jsonrpc" : "2.0" , "id" : 3 , "method" : "ping" } )", request, "3",
     "ping"},
    {"\t\n{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"ping\"}\r\n", request, "3",
     "ping"},
    {R"({"jsonrpc":"2.0","id":3,"method":"ping","extra":[1,{"a":2}]})", request,
     "3", "ping"},
    {R"({"jsonrpc":"2.0","id":3,"method":"p\u0069ng"})", request, "3", "ping"},
    {R"({"jsonrpc":"2.0","id":3,"result":{}})", response, "3", ""},
    {R"({"jsonrpc":"2.0","id":3,"result":null})", response, "3", ""},
    {R"({"jsonrpc":"2.0","id":"s","error":{"code":1,"message":"m"}})", response,
     "\"s\"", ""},
    {R"({"jsonrpc":"2.0","id":null,"error":{"code":1,"message":"m"}})",
     response, "", ""},
  }));
  CAPTURE(c.text);
  const auto e = read(c.text);
  REQUIRE(e.has_value());
  CHECK_FALSE(e->batch);
  REQUIRE(e->messages.size() == 1);
  REQUIRE(e->messages[0].has_value());
  const auto& m = *e->messages[0];
  CHECK(m.kind == c.kind);
  CHECK(m.id == c.id);
  CHECK(m.method == c.method);
}

TEST_CASE("what is JSON but no message is refused under its id", "[protocol]") {
  const auto c = GENERATE(values<bad_case>({
    {"1", -32600, ""},
    {"null", -32600, ""},
    {"\"ping\"", -32600, ""},
    {"true", -32600, ""},
    {"{}", -32600, ""},
    {R"({"id":1,"method":"ping"})", -32600, "1"},
    {R"({"jsonrpc":"1.0","id":1,"method":"ping"})", -32600, "1"},
    {R"({"jsonrpc":2.0,"id":1,"method":"ping"})", -32600, "1"},
    {R"({"jsonrpc":"2.0 ","id":1,"method":"ping"})", -32600, "1"},
    {R"({"JSONRPC":"2.0","id":1,"method":"ping"})", -32600, "1"},
    {R"({"jsonrpc":"2.0","id":1,"Method":"ping"})", -32600, "1"},
    {R"({"jsonrpc":"2.0","ID":1,"method":"ping","id":null})", -32600, ""},
    {R"({"jsonrpc":"2.0","id":null,"method":"ping"})", -32600, ""},
    {R"({"jsonrpc":"2.0","id":1.5,"method":"ping"})", -32600, ""},
    {R"({"jsonrpc":"2.0","id":1e300,"method":"ping"})", -32600, ""},
    {R"({"jsonrpc":"2.0","id":9007199254740994.0,"method":"x"})", -32600, ""},
    {R"({"jsonrpc":"2.0","id":true,"method":"ping"})", -32600, ""},
    {R"({"jsonrpc":"2.0","id":[1],"method":"ping"})", -32600, ""},
    {R"({"jsonrpc":"2.0","id":{},"method":"ping"})", -32600, ""},
    {R"({"jsonrpc":"2.0","id":1,"method":7})", -32600, "1"},
    {R"({"jsonrpc":"2.0","id":1,"method":""})", -32600, "1"},
    {R"({"jsonrpc":"2.0","id":1,"method":null})", -32600, "1"},
    {R"({"jsonrpc":"2.0","id":1,"method":["ping"]})", -32600, "1"},
    {R"({"jsonrpc":"2.0","id":1})", -32600, "1"},
    {R"({"jsonrpc":"2.0","result":{}})", -32600, ""},
    {R"({"jsonrpc":"2.0","id":1,"result":1,"error":{}})", -32600, "1"},
    {R"({"jsonrpc":"2.0","id":1,"error":"boom"})", -32600, "1"},
    {R"({"jsonrpc":"2.0","id":1,"method":"x","result":1})", -32600, "1"},
    {R"({"jsonrpc":"2.0","id":1,"method":"x","error":{}})", -32600, "1"},
    {R"({"jsonrpc":"2.0","id":1,"method":"x","params":[1]})", -32602, "1"},
    {R"({"jsonrpc":"2.0","id":1,"method":"x","params":"p"})", -32602, "1"},
    {R"({"jsonrpc":"2.0","id":1,"method":"x","params":3})", -32602, "1"},
  }));
  CAPTURE(c.text);
  const auto e = read(c.text);
  REQUIRE(e.has_value());
  REQUIRE(e->messages.size() == 1);
  REQUIRE_FALSE(e->messages[0].has_value());
  const auto& why = e->messages[0].error();
  CHECK(jsonrpc_code(why.why.code) == c.code);
  CHECK(why.id.value_or("") == c.id);
  CHECK_FALSE(why.why.message.empty());
}

TEST_CASE("what is not JSON is a parse error", "[protocol]") {
  const auto text = GENERATE(
    as<std::string>{}, "", "   ", "{", "}", "[", "nul", "{'a':1}", "{\"a\":1,}",
    "[1,,2]", "{\"a\" 1}", "\"\xc3\x28\"", "{\"jsonrpc\":\"2.0\xff\"}",
    "\xef\xbb\xbf", "{}\xef\xbb\xbf", "{\"id\":1e400}",
    "{\"id\":-9223372036854775809}",
    "{\"id\":+1}", "{\"id\":0x10}", "{\"id\":.5}", "{\"id\":NaN}",
    "{\"a\":\"\x01\"}", "{\"a\":\"\\x\"}", "{\"a\":\"\\u12\"}", "{}{}", "[] []",
    "// {}", R"([{"jsonrpc":"2.0","id":1,"id":2,"method":"x"}])");
  CAPTURE(text);
  const auto e = read(text);
  REQUIRE_FALSE(e.has_value());
  CHECK(e.error().code == errc::parse_error);
}

namespace {

/// Beyond what is read: in number, in depth, or by a name that is there twice.
std::string beyond(const char* fault) {
  if (fault == std::string_view("many")) {
    std::string all = "[0";
    for (std::size_t i = 0; i < reader_limits{}.max_values; ++i)
      all += ",0";
    return all + "]";
  }
  if (fault == std::string_view("deep"))
    return std::string(200, '[') + std::string(200, ']');
  return R"({"x":1,"x":"id"})";
}

} // namespace

TEST_CASE("what is beyond a limit is refused under its id", "[protocol]") {
  const auto* fault = GENERATE("many", "deep", "twice");
  CAPTURE(fault);
  const auto params = beyond(fault);
  const auto e = read(R"({"jsonrpc":"2.0","params":{"id":9,"p":)" + params
                      + R"(},"method":"x","id": "s\"1" })");
  REQUIRE(e.has_value());
  REQUIRE(e->messages.size() == 1);
  REQUIRE_FALSE(e->messages[0].has_value());
  CHECK(e->messages[0].error().id == R"("s\"1")");
  CHECK(jsonrpc_code(e->messages[0].error().why.code) == -32700);
  CHECK_FALSE(e->messages[0].error().unanswered);
}

TEST_CASE("nobody is told what is wrong with a notification", "[protocol]") {
  const auto text = GENERATE(
    as<std::string>{}, R"({"jsonrpc":"2.0","method":"n","params":[1]})",
    R"({"jsonrpc":"2.0","method":"n","params":7})",
    R"({"jsonrpc":"1.0","method":"n"})", R"({"method":"n"})",
    R"({"jsonrpc":"2.0","method":""})",
    R"({"jsonrpc":"2.0","method":"n","result":1})",
    R"({"jsonrpc":"2.0","method":"n","params":)" + beyond("many") + "}",
    R"({"jsonrpc":"2.0","method":"n","params":)" + beyond("deep") + "}",
    R"({"jsonrpc":"2.0","method":"n","params":)" + beyond("twice") + "}",
    R"({"jsonrpc":"2.0","m\u0065thod":"n","method":"n"})");
  CAPTURE(text.substr(0, 80));
  const auto e = read(text);
  REQUIRE(e.has_value());
  REQUIRE(e->messages.size() == 1);
  REQUIRE_FALSE(e->messages[0].has_value());
  CHECK(e->messages[0].error().unanswered);
}

TEST_CASE("what may be a request is answered all the same", "[protocol]") {
  const auto text = GENERATE(
    as<std::string>{}, "7", "{}", R"({"jsonrpc":"2.0","method":7})",
    R"({"jsonrpc":"2.0","id":null,"method":"n"})",
    R"({"jsonrpc":"2.0","id":[],"method":"n"})", R"({"jsonrpc":"2.0"})");
  CAPTURE(text);
  const auto e = read(text);
  REQUIRE(e.has_value());
  REQUIRE_FALSE(e->messages[0].has_value());
  CHECK_FALSE(e->messages[0].error().unanswered);
}

TEST_CASE("an id is found in pieces, and in nothing but an object's members",
          "[protocol]") {
  struct row {
    const char* text;
    const char* id; // "" for none
    bool notification;
  };
  const auto c = GENERATE(values<row>({
    {R"({"method":"x","id":7})", "7", false},
    {R"({"id":"a\"}{","method":"x"})", R"("a\"}{")", false},
    {R"({"id":1.0,"method":"x"})", "1", false},
    {R"({"method":"x","params":{"id":7}})", "", true},
    {R"({"method":"x","params":[{"id":7}]} )", "", true},
    {R"({"method":"\"id\":7","params":"id"})", "", true},
    {R"({"method":"x","id":{"a":1}})", "", false},
    {R"({"method":"x","id":null})", "", false},
    {R"([{"method":"x","id":7}])", "", false},
    {R"({"method":"x"}{)", "", false},
    {R"({"method":"x","params":[)", "", false},
    {"", "", false},
  }));
  CAPTURE(c.text);
  id_finder whole, pieces;
  whole.feed(c.text);
  for (const char& byte : std::string_view(c.text))
    pieces.feed({&byte, 1});
  for (const auto* f : {&whole, &pieces}) {
    CHECK(f->id().value_or("") == c.id);
    CHECK(f->is_notification() == c.notification);
  }
}

TEST_CASE("a zero byte inside a text does not end it", "[protocol]") {
  std::string text = R"({"jsonrpc":"2.0","id":1,"method":"ping"})";
  text += '\0';
  text += "x";
  CHECK_FALSE(read(text).has_value());
}

TEST_CASE("a batch keeps its messages and their faults apart", "[protocol]") {
  const auto e = read(R"([{"jsonrpc":"2.0","id":1,"method":"a"}, 7,
                          {"jsonrpc":"2.0","method":"b"},
                          {"jsonrpc":"2.0","id":"z"}])");
  REQUIRE(e.has_value());
  CHECK(e->batch);
  REQUIRE(e->messages.size() == 4);
  CHECK(e->messages[0].has_value());
  CHECK_FALSE(e->messages[1].has_value());
  CHECK(e->messages[2]->kind == message_kind::notification);
  REQUIRE_FALSE(e->messages[3].has_value());
  CHECK(e->messages[3].error().id == "\"z\"");
}

TEST_CASE("a batch holds one message at least and a hundred at most",
          "[protocol]") {
  CHECK(read("[]").error().code == errc::invalid_request);
  std::string many = "[1";
  for (int i = 0; i < 100; ++i)
    many += ",1";
  CHECK(read(many + "]").error().code == errc::invalid_request);
}

TEST_CASE("an id may be long, but not without end", "[protocol]") {
  const auto with_id = [](std::size_t n) {
    return read(R"({"jsonrpc":"2.0","method":"x","id":")" + std::string(n, 'i')
                + "\"}");
  };
  CHECK(with_id(4096)->messages[0].has_value());
  CHECK_FALSE(with_id(4097)->messages[0].has_value());
}

TEST_CASE("deep nesting is refused, whatever it nests", "[protocol]") {
  const auto open = GENERATE(as<std::string>{}, "[", "{\"a\":");
  CAPTURE(open);
  std::string text = R"({"jsonrpc":"2.0","id":1,"method":"x","params":{"p":)";
  for (int i = 0; i < 100000; ++i)
    text += open;
  const auto e = read(text);
  REQUIRE_FALSE(e.has_value());
  CHECK(e.error().code == errc::parse_error);
}

TEST_CASE("what is written is JSON-RPC", "[protocol]") {
  CHECK(write_result("7", "{}") == R"({"jsonrpc":"2.0","id":7,"result":{}})");
  CHECK(write_result("\"a\\\"b\"", "[1]")
        == R"({"jsonrpc":"2.0","id":"a\"b","result":[1]})");
  CHECK(write_error({}, -32700, "no \"JSON\"")
        == R"({"jsonrpc":"2.0","id":null,"error":{"code":-32700,)"
           R"("message":"no \"JSON\""}})");
  const failure busy{.code = errc::server_busy,
                     .message = "busy",
                     .retry_after = std::chrono::milliseconds(1500)};
  CHECK(write_error(request_id("1"), busy)
        == R"({"jsonrpc":"2.0","id":1,"error":{"code":-32603,)"
           R"("message":"busy","data":{"retry_after_ms":1500}}})");
  CHECK(write_notification("a/b", {{"x", 1}})
        == R"({"jsonrpc":"2.0","method":"a/b","params":{"x":1}})");
}

TEST_CASE("every failure has a JSON-RPC code", "[protocol]") {
  CHECK(jsonrpc_code(errc::parse_error) == -32700);
  CHECK(jsonrpc_code(errc::invalid_request) == -32600);
  CHECK(jsonrpc_code(errc::unknown_method) == -32601);
  CHECK(jsonrpc_code(errc::invalid_params) == -32602);
  CHECK(jsonrpc_code(errc::internal) == -32603);
}
