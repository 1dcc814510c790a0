#include "protocol/json/token_size.hpp"
#include "protocol/wandb/weave_query.hpp"
#include "tests/catch.hpp"
#include "tests/tools/fake_context.hpp"
#include "tools/all.hpp"
#include "tools/catalog.hpp"

#include <string>
#include <vector>

namespace json = boost::json;
using namespace mcp;
using namespace mcp::tools;

namespace {

const std::string stream(wandb::stream_query_path);

json::object args(const std::vector<std::string>& ids) {
  return {{"entity_name", "acme"},
          {"project_name", "bot"},
          {"trace_ids", json::array(ids.begin(), ids.end())}};
}

std::vector<std::string> numbered(std::size_t count) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < count; ++i)
    out.push_back("t" + std::to_string(i));
  return out;
}

std::string root(const std::string& trace, const std::string& id = "c",
                 const std::string& name = "null") {
  return R"({"id":")" + id + R"(","trace_id":")" + trace
         + R"(","op_name":"weave:///acme/bot/op/session:ab","display_name":)"
         + name
         + R"(,"started_at":"2025-02-01T10:00:00Z","parent_id":null,"extra":1})";
}

// As a client's call goes: arguments are checked, failures become results.
tool_result call(fake_context& c, json::object arguments) {
  static const catalog tools({&resolve_trace_roots});
  return c.drive(
    run(*tools.find("resolve_trace_roots_tool"), c, std::move(arguments)));
}

} // namespace

TEST_CASE("many traces are resolved with one light request", "[tools]") {
  fake_context c;
  c.reply_rows(at(stream), {root("t2", "c2", R"("Session")"), root("t1")});
  const auto out = call(c, args({"t1", "t2", "t3", "t1"}));
  REQUIRE_FALSE(out.is_error);
  CHECK(json::value(c.body_of(stream)) == json::parse(R"({
    "project_id":"acme/bot","include_costs":false,"include_feedback":false,
    "filter":{"trace_roots_only":true,"trace_ids":["t1","t2","t3"]},
    "columns":["id","trace_id","op_name","display_name","started_at",
               "parent_id"],
    "sort_by":[{"field":"started_at","direction":"desc"}],
    "limit":3,"offset":0})"));
  CHECK(c.requests.size() == 1);
  CHECK(c.requests[0].to == service::trace);
  CHECK(json::value(out.structured) == json::parse(R"({
    "roots":{
      "t1":{"id":"c","trace_id":"t1","display_name":null,
            "op_name":"weave:///acme/bot/op/session:ab",
            "started_at":"2025-02-01T10:00:00Z"},
      "t2":{"id":"c2","trace_id":"t2","display_name":"Session",
            "op_name":"weave:///acme/bot/op/session:ab",
            "started_at":"2025-02-01T10:00:00Z"}},
    "resolved":2,"total_requested":3,"unresolved_count":1,
    "unresolved":["t3"],"returned_count":2,"truncated":false})"));
}

TEST_CASE("roots and missing ids keep the order asked for", "[tools]") {
  fake_context c;
  c.reply_rows(at(stream), {root("a"), root("z")});
  const auto out = call(c, args({"z", "y", "a", "b"}));
  std::vector<std::string> order;
  for (const auto& member : out.structured.at("roots").as_object())
    order.emplace_back(member.key());
  CHECK(order == std::vector<std::string>{"z", "a"});
  CHECK(out.structured.at("unresolved") == json::parse(R"(["y","b"])"));
}

TEST_CASE("no ids need no request", "[tools]") {
  fake_context c;
  const auto out = call(c, args({}));
  CHECK(c.requests.empty());
  CHECK(out.structured.at("roots").as_object().empty());
  CHECK(out.structured.at("resolved") == 0);
  CHECK(out.structured.at("total_requested") == 0);
}

TEST_CASE("one id given many times is one id", "[tools]") {
  fake_context c;
  c.reply_rows(at(stream), {root("t1")});
  const auto out = call(c, args(std::vector<std::string>(3000, "t1")));
  CHECK(c.body_of(stream).at("limit") == 1);
  CHECK(out.structured.at("resolved") == 1);
  CHECK(out.structured.at("total_requested") == 1);
}

TEST_CASE("more ids than a request can name are refused with the number",
          "[tools]") {
  fake_context c;
  const auto out = call(c, args(numbered(1001)));
  CHECK(out.is_error);
  CHECK(out.structured.at("error") == "invalid_input");
  const std::string message(out.structured.at("message").as_string());
  CHECK(message.find("1001") != message.npos);
  CHECK(message.find("at most 1000") != message.npos);
  CHECK(c.requests.empty());
}

TEST_CASE("two hundred ids are resolved at once", "[tools]") {
  fake_context c;
  const auto source = [](std::size_t n) -> std::optional<std::string> {
    if (n >= 200)
      return std::nullopt;
    return root("t" + std::to_string(n), "c" + std::to_string(n));
  };
  c.reply_lines(at(stream), source);
  const auto out = call(c, args(numbered(200)));
  CHECK(c.requests.size() == 1);
  CHECK(c.body_of(stream).at("limit") == 200);
  CHECK(out.structured.at("resolved") == 200);
  CHECK(out.structured.at("truncated") == false);
}

TEST_CASE("of several roots of one trace the oldest counts, and no other trace "
          "loses its place",
          "[tools]") {
  fake_context c;
  // Three places, all taken by one trace: the others are asked for again.
  c.reply_rows(at(stream, R"("t1")"),
               {root("t1", "new"), root("t1", "mid"), root("t1", "old")});
  c.reply_rows(at(stream, R"(["t2","t3"])"), {root("t2", "c2")});
  const auto out = call(c, args({"t1", "t2", "t3"}));
  CHECK(c.requests.size() == 2);
  CHECK(out.structured.at("roots").at("t1").at("id") == "old");
  CHECK(out.structured.at("roots").at("t2").at("id") == "c2");
  CHECK(out.structured.at("unresolved") == json::parse(R"(["t3"])"));
  REQUIRE(c.notes.size() == 1);
  CHECK(c.notes[0].done == 1);
  CHECK(c.notes[0].total == 3);
}

TEST_CASE("odd rows are left out, and never a root that was not asked for",
          "[tools]") {
  fake_context c;
  c.reply_rows(at(stream),
               {R"({"id":"c1"})", R"({"id":"c2","trace_id":7})",
                R"({"id":"c3","trace_id":"t1","op_name":null})", root("t9")});
  const auto out = call(c, args({"t1", "t2", "t3", "t4", "t5"}));
  CHECK(out.structured.at("resolved") == 1);
  CHECK(json::value(out.structured.at("roots")) == json::parse(R"({"t1":{
    "id":"c3","trace_id":"t1","op_name":null,"display_name":null,
    "started_at":null}})"));
}

TEST_CASE("roots that do not fit are left out from the end, and it is said",
          "[tools]") {
  const std::size_t tokens = GENERATE(200, 2000, 22500);
  const bool found = GENERATE(true, false);
  CAPTURE(tokens, found);
  fake_context c;
  c.settings().max_response_tokens = tokens;
  const auto source = [found](std::size_t n) -> std::optional<std::string> {
    if (!found || n >= 1000)
      return std::nullopt;
    return root("t" + std::to_string(n), "c" + std::to_string(n));
  };
  c.reply_lines(at(stream), source);
  const auto out = call(c, args(numbered(1000)));
  const auto& r = out.structured;
  CHECK(token_size(r) <= tokens * 4);
  CHECK(r.at("total_requested") == 1000);
  CHECK(r.at("resolved") == (found ? 1000 : 0));
  CHECK(r.at("returned_count") == r.at("roots").as_object().size());
  if (found) {
    CHECK(r.at("truncated") == true);
    CHECK(r.at("roots").as_object().contains("t0"));
    CHECK_FALSE(r.at("roots").as_object().contains("t999"));
    CHECK(r.contains("truncation_note"));
  } else {
    CHECK(r.at("unresolved_count") == 1000);
  }
}

TEST_CASE("a stream that breaks off does not call its rest unresolved",
          "[tools]") {
  fake_context c;
  c.reply_rows(at(stream), {root("t1")},
               failure{.code = errc::upstream_unavailable,
                       .message = "The connection broke."});
  const auto out = call(c, args({"t1", "t2"}));
  CHECK(out.structured.at("resolved") == 1);
  CHECK(out.structured.at("partial") == true);
  CHECK(out.structured.at("truncated") == true);
  CHECK_FALSE(out.structured.contains("unresolved"));
}

TEST_CASE("an id is unresolved only when it was looked for to the end",
          "[tools]") {
  fake_context c;
  SECTION("many roots of one trace take all places, again and again") {
    const auto always = [](std::size_t n) {
      return std::optional(root("t1", "c" + std::to_string(n)));
    };
    c.reply_lines(at(stream), always);
  }
  SECTION("reading stops at the byte limit") {
    c.settings().max_accumulated_bytes = 200;
    c.reply_rows(at(stream), {root("t1"), root("t2")});
  }
  SECTION("a line can not be read") {
    c.reply_rows(at(stream), {root("t1"), "nonsense"});
  }
  const auto out = call(c, args({"t1", "t2", "t3"}));
  REQUIRE_FALSE(out.is_error);
  CHECK(out.structured.at("roots").as_object().contains("t1"));
  CHECK_FALSE(out.structured.contains("unresolved"));
  CHECK(out.structured.at("partial") == true);
  CHECK(out.structured.at("truncated") == true);
}

TEST_CASE("a resolution that W&B refuses says why", "[tools]") {
  struct example {
    failure why;
    const char* code;
  };
  const auto e = GENERATE(values<example>({
    {{.code = errc::upstream_error, .message = "no", .http_status = 400},
     "resolve_failed"},
    {{.code = errc::unauthorized, .message = "no"}, "unauthorized"},
    {{.code = errc::not_found, .message = "no"}, "not_found"},
    {{.code = errc::rate_limited, .message = "no"}, "rate_limited"},
  }));
  CAPTURE(e.code);
  fake_context c;
  c.fail(at(stream), e.why);
  const auto out = call(c, args({"t1"}));
  CHECK(out.is_error);
  CHECK(out.structured.at("error") == e.code);
  CHECK(out.structured.at("message") == "no");
}

TEST_CASE("rows that are no calls fail a resolution", "[tools]") {
  const std::string line = GENERATE("[]", "nonsense", R"({"error":"memory"})");
  CAPTURE(line);
  fake_context c;
  c.reply_rows(at(stream), {line});
  const auto out = call(c, args({"t1"}));
  CHECK(out.is_error);
  CHECK(out.structured.at("error") == "resolve_failed");
}

TEST_CASE("a resolution given up lets go of its request", "[tools]") {
  fake_context c;
  {
    auto running = resolve_trace_roots.run(c, arguments(args({"t1"})));
    running.start();
    CHECK(c.requests.size() == 1);
  }
  CHECK(c.abandoned_ids.size() == 1);
}

TEST_CASE("wrong arguments of a resolution are named", "[tools]") {
  struct example {
    const char* arguments;
    const char* place;
  };
  const auto e = GENERATE(values<example>({
    {R"({"entity_name":"a","project_name":"b"})", "trace_ids"},
    {R"({"entity_name":"a","project_name":"b","trace_ids":[1]})", "trace_ids"},
    {R"({"entity_name":"a","project_name":"","trace_ids":[]})", "project_name"},
    {R"({"entity_name":"a/b","project_name":"b","trace_ids":["t"]})",
     "entity_name"},
  }));
  CAPTURE(e.arguments);
  fake_context c;
  const auto out = call(c, json::parse(e.arguments).as_object());
  CHECK(out.is_error);
  const std::string message(out.structured.at("message").as_string());
  CHECK(message.find(e.place) != message.npos);
  CHECK(c.requests.empty());
}
