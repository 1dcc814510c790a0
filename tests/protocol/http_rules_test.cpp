#include "protocol/mcp/http_rules.hpp"
#include "tests/catch.hpp"

#include <string>

using namespace mcp;

namespace {

struct accept_case {
  const char* header;
  bool json;
  bool stream;
};

struct key_case {
  const char* header;
  const char* error; // "" when the key is taken
};

const std::string plain_key(40, 'a');

} // namespace

TEST_CASE("both forms of an answer are wanted, or either of them",
          "[protocol]") {
  struct row {
    const char* accept;
    bool json, stream, lenient_json, lenient_stream;
  };
  const auto c = GENERATE(values<row>({
    {"application/json, text/event-stream", true, true, true, true},
    {"*/*", true, true, true, true},
    {"", false, false, true, true},
    {"  ", false, false, true, true},
    {"application/json", true, false, true, false},
    {"application/*", true, false, true, false},
    {"text/event-stream", false, true, false, true},
    {"text/event-stream, application/json;q=0", false, true, false, true},
    {"text/html", false, false, false, false},
  }));
  CAPTURE(c.accept);
  const auto strict = accepted_forms(c.accept);
  CHECK(strict.json == c.json);
  CHECK(strict.stream == c.stream);
  const auto lenient = accepted_forms(c.accept, true);
  CHECK(lenient.json == c.lenient_json);
  CHECK(lenient.stream == c.lenient_stream);
}

TEST_CASE("a content coding is admitted by its name or by the star",
          "[protocol]") {
  struct row {
    const char* header;
    bool gzip;
  };
  const auto c = GENERATE(values<row>({
    {"gzip", true},
    {"GZIP;q=0.5", true},
    {"br, gzip;q=0.2, *;q=0", true},
    {"*", true},
    {"br;q=1, *;q=0.1", true},
    {"gzip ; q=1.0", true},
    {"", false},
    {"identity", false},
    {"br, zstd", false},
    {"gzip;q=0", false},
    {"*, gzip;q=0.0", false},
    {"*;q=0", false},
    {"gzipped", false},
  }));
  CAPTURE(c.header);
  CHECK(accepts_coding(c.header, "gzip") == c.gzip);
}

TEST_CASE("the public name is a name of ours, whatever else is",
          "[protocol]") {
  origin_rules rules;
  rules.allowed_hosts = {"other.example"};
  rules.public_host = "mcp.example.com";
  CHECK(host_allowed("mcp.example.com", rules));
  CHECK(host_allowed("MCP.example.com:8443", rules));
  CHECK(host_allowed("other.example", rules));
  CHECK_FALSE(host_allowed("evil.example", rules));
  CHECK_FALSE(host_allowed("", rules));
  rules.allowed_hosts.clear(); // loopback names
  CHECK(host_allowed("mcp.example.com", rules));
  CHECK(host_allowed("localhost:8080", rules));
  CHECK_FALSE(host_allowed("evil.example", rules));
  rules.public_host.clear();
  CHECK_FALSE(host_allowed("", rules));
}

TEST_CASE("Accept is read by the rules of RFC 9110", "[protocol]") {
  const auto c = GENERATE(values<accept_case>({
    {"application/json, text/event-stream", true, true},
    {"text/event-stream,application/json", true, true},
    {"application/json", true, false},
    {"text/event-stream", false, true},
    {"*/*", true, true},
    {"*", true, true},
    {"application/*, text/*", true, true},
    {"application/*", true, false},
    {"text/*;q=0.1", false, true},
    {"APPLICATION/JSON, Text/Event-Stream", true, true},
    {"application/json;charset=utf-8, text/event-stream;q=0.5", true, true},
    {"application/json;q=0, */*", false, true},
    {"*/*;q=0", false, false},
    {"*/*;q=0.0, application/json", true, false},
    {"application/json;q=0.000, text/event-stream;q=0", false, false},
    {"application/json ; q=1.0 ,text/event-stream ; q=0.001", true, true},
    {"application/*;q=0, application/json", true, false},
    {"text/html, application/xhtml+xml, */*;q=0.8", true, true},
    {"application/jsonx, text/event-streams", false, false},
    {"application/json2", false, false},
    {"json", false, false},
    {"", false, false},
    {",,,", false, false},
    {"application/json;q=abc, text/event-stream", true, true},
    {"application/json;p=\"a,b;q=0\", text/event-stream", true, true},
    {"application/json;q=\"", true, false},
    {"text/html", false, false},
  }));
  CAPTURE(c.header);
  CHECK(accepts(c.header, "application/json") == c.json);
  CHECK(accepts(c.header, "text/event-stream") == c.stream);
}

TEST_CASE("Content-Type says JSON with or without parameters", "[protocol]") {
  CHECK(is_json_content("application/json"));
  CHECK(is_json_content("Application/JSON; charset=utf-8"));
  CHECK(is_json_content(" application/json ;x=y"));
  CHECK_FALSE(is_json_content(""));
  CHECK_FALSE(is_json_content("text/plain"));
  CHECK_FALSE(is_json_content("application/json-rpc"));
  CHECK_FALSE(is_json_content("application/x-www-form-urlencoded"));
}

TEST_CASE("a key has an optional prefix and forty word characters",
          "[protocol]") {
  CHECK(has_key_form(plain_key));
  CHECK(has_key_form(std::string(86, 'Z')));
  CHECK(has_key_form("wandb_v1-" + std::string(40, '_')));
  CHECK(has_key_form("local-" + plain_key));
  CHECK_FALSE(has_key_form(""));
  CHECK_FALSE(has_key_form(std::string(39, 'a')));
  CHECK_FALSE(has_key_form("local-" + std::string(39, 'a')));
  CHECK_FALSE(has_key_form("-" + plain_key));
  CHECK_FALSE(has_key_form("a-b-" + plain_key));
  CHECK_FALSE(has_key_form(plain_key + "!"));
  CHECK_FALSE(has_key_form(plain_key + "\n"));
  CHECK_FALSE(has_key_form(std::string(40, '\0')));
  CHECK_FALSE(has_key_form(std::string(257, 'a')));
}

TEST_CASE("the Bearer key is found, or the refusal says what to do",
          "[protocol]") {
  const auto c = GENERATE(values<key_case>({
    {"Bearer aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", ""},
    {"bearer aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", ""},
    {"BEARER   aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa  ", ""},
    {"Bearer\taaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", ""},
    {"", "Authorization required"},
    {"Bearer", "Authorization required"},
    {"Bearer ", "Authorization required"},
    {"Basic YXBpOmFhYWFhYWE=", "Authorization required"},
    {"Bearerx aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
     "Authorization required"},
    {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "Authorization required"},
    {"Bearer shorty1", "Invalid API key format"},
    {"Bearer aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa extra",
     "Invalid API key format"},
    {"Bearer \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"",
     "Invalid API key format"},
    {"Bearer ${WANDB_API_KEY}", "Invalid API key format"},
  }));
  CAPTURE(c.header);
  const auto key = read_key(bearer_token(c.header));
  CHECK(key.has_value() == (std::string_view(c.error).empty()));
  if (key) {
    CHECK(*key == plain_key);
  } else {
    CHECK(key.error().error == c.error);
    CHECK(key.error().hint.find("/authorize") != std::string::npos);
    CHECK(key.error().hint.find("shorty1") == std::string::npos);
  }
}

TEST_CASE("the usual mistakes with a key are named", "[protocol]") {
  const auto [sent, says] =
    GENERATE(values<std::pair<std::string, const char*>>({
      {"${WANDB_API_KEY}", "placeholder"},
      {"<your-api-key>", "placeholder"},
      {"Bearer aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "twice"},
      {"\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"", "quotes"},
      {"aaaaaaaaaaaaaaaaaaaa aaaaaaaaaaaaaaaaaaaa", "white space within"},
      {"abc123", "too short"},
      {"wba.abc", "access token"},
      {std::string(300, 'a'), "at least 40"},
    }));
  CAPTURE(sent);
  const auto header = "Bearer " + sent;
  const auto key = read_key(bearer_token(header));
  REQUIRE_FALSE(key.has_value());
  CHECK(key.error().error == "Invalid API key format");
  CHECK_THAT(key.error().hint, Catch::Contains(says));
  CHECK(key.error().hint.find(sent) == std::string::npos);
}

TEST_CASE("what pasting adds around a key is left out", "[protocol]") {
  CHECK(without_blanks(" \r\n key\twithin\n") == "key\twithin");
  CHECK(without_blanks("key") == "key");
  CHECK(without_blanks(" \n").empty());
  CHECK(without_blanks("").empty());
}

TEST_CASE("on loopback, only loopback names are answered", "[protocol]") {
  const origin_rules rules;
  for (const auto* good :
       {"localhost", "localhost:8080", "127.0.0.1", "127.0.0.1:1", "127.1.2.3",
        "[::1]", "[::1]:8080", "LOCALHOST:80", "app.localhost:3000"}) {
    CAPTURE(good);
    CHECK(host_allowed(good, rules));
  }
  for (const auto* bad :
       {"", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example",
        "evil.example:8080", "127.evil.example", "[::2]", "0.0.0.0",
        "localhost@evil.example"}) {
    CAPTURE(bad);
    CHECK_FALSE(host_allowed(bad, rules));
  }
}

TEST_CASE("allowed hosts are matched with and without a port", "[protocol]") {
  const origin_rules rules{.allowed_hosts = {"mcp.acme.example", "10.0.0.5:80"},
                           .allowed_origins = {},
                           .loopback = false};
  CHECK(host_allowed("mcp.acme.example", rules));
  CHECK(host_allowed("MCP.acme.example:443", rules));
  CHECK(host_allowed("10.0.0.5:80", rules));
  CHECK_FALSE(host_allowed("10.0.0.5:81", rules));
  CHECK_FALSE(host_allowed("localhost", rules));
  const origin_rules open{
    .allowed_hosts = {}, .allowed_origins = {}, .loopback = false};
  CHECK(host_allowed("anything.example", open));
}

TEST_CASE("browsers may come from listed, same and loopback origins",
          "[protocol]") {
  const origin_rules local;
  CHECK(origin_allowed("", "localhost:8080", local));
  CHECK(origin_allowed("http://localhost:3000", "localhost:8080", local));
  CHECK(origin_allowed("http://127.0.0.1", "localhost:8080", local));
  CHECK_FALSE(origin_allowed("https://evil.example", "localhost:8080", local));
  CHECK_FALSE(
    origin_allowed("http://localhost.evil.example", "localhost", local));
  CHECK_FALSE(origin_allowed("null", "localhost:8080", local));
  // A rebound name is in both headers and still refused.
  CHECK_FALSE(
    origin_allowed("http://evil.example:80", "evil.example:80", local));

  const origin_rules hosted{.allowed_hosts = {},
                            .allowed_origins = {"https://app.acme.example"},
                            .loopback = false};
  CHECK(origin_allowed("https://app.acme.example", "mcp.acme.example", hosted));
  CHECK(origin_allowed("https://mcp.acme.example", "mcp.acme.example", hosted));
  CHECK_FALSE(origin_allowed("http://localhost", "mcp.acme.example", hosted));
  CHECK_FALSE(
    origin_allowed("https://other.example", "mcp.acme.example", hosted));
  const origin_rules any{
    .allowed_hosts = {}, .allowed_origins = {"*"}, .loopback = false};
  CHECK(origin_allowed("https://other.example", "x", any));
}
