// How long answers may be, whatever is in them.
#include "tests/catch.hpp"
#include "tests/tools/catalog_call.hpp"
#include "tools/first_look.hpp"
#include "tools/models_budget.hpp"
#include "tools/models_fit.hpp"

#include <string>
#include <string_view>

using namespace mcp;
using namespace mcp::tools;

namespace {

/// Content that few bytes of are many tokens, and the other way round.
const std::string_view of_each_kind[] = {
  "word ", "7", "a9", "\"", "\\", "\n", "\x01", "qX", "\xE9\xBE\x98",
  "\xF0\x9F\xAB\xA0", "\xD0\x96", "[]", " ", "0.1,"};

std::string text_of(std::string_view of, std::size_t bytes) {
  std::string out;
  while (out.size() < bytes)
    out += of;
  return out;
}

std::string what_to_say; // by the tools below

task<tool_result> say(call_context&, arguments args) {
  if (args.text("as") == "text")
    co_return tool_result{.structured = {}, .text = what_to_say};
  if (args.text("as") == "error")
    throw tool_error("no_luck", what_to_say, {{"more", what_to_say}});
  json::array list;
  for (int i = 0; i < 50; ++i)
    list.emplace_back(what_to_say);
  co_return tool_result{.structured = {{"list", std::move(list)}}};
}

task<tool_result> tell_budget(call_context& context, arguments args) {
  json::object out{{"budget", answer_budget(context.limits(), args)},
                   {"truncation_note", "Rows were left out."}};
  co_return tool_result{.structured = std::move(out)};
}

constexpr tool speaker{.name = "say",
                       .title = "",
                       .description = "",
                       .input_schema =
                         R"({"type":"object","properties":{
                           "as":{"type":"string","default":""}}})",
                       .output_schema = "",
                       .run = say};
constexpr tool teller{.name = "tell",
                      .title = "",
                      .description = "",
                      .input_schema =
                        R"({"type":"object","properties":{
                          "limit":{"type":["integer","null"],"default":10},
                          "max_files":{"type":"integer","default":3},
                          "name":{"type":"string","default":""}}})",
                      .output_schema = "",
                      .run = tell_budget};

/// The result of tools/call as a client gets it.
json::object called(fake_context& c, const tool& t, json::object args) {
  const std::vector<const tool*> only{&t};
  const catalog offered(only);
  auto plan = offered.plan("tools/call",
                           {{"name", t.name}, {"arguments", std::move(args)}},
                           version::v2025_11_25);
  REQUIRE(plan.has_value());
  return json::parse(c.drive(plan->run(c)).result).as_object();
}

} // namespace

TEST_CASE("lists and texts of any content are cut until they fit", "[tools]") {
  for (const auto of : of_each_kind) {
    INFO(of);
    json::array rows;
    for (int i = 0; i < 200; ++i)
      rows.push_back(json::object{{"n", i}, {"text", text_of(of, 300)}});
    json::value value =
      json::object{{"rows", std::move(rows)}, {"note", text_of(of, 20'000)}};
    CHECK(shrink(value, 6000));
    CHECK(token_size(value) <= 6000);
    CHECK(token_size(value) >= 4000);
  }
}

TEST_CASE("long lists beside a long text are cut as well", "[tools]") {
  json::array files;
  for (int i = 0; i < 900; ++i)
    files.push_back(json::object{{"name", "file " + std::to_string(i)}});
  json::value value = json::object{{"files", std::move(files)},
                                   {"readme", text_of("t", 50'000)}};
  CHECK(shrink(value, 4000));
  CHECK(token_size(value) >= 3000);
}

TEST_CASE("the longest beginning of a text that fits is taken", "[tools]") {
  for (const auto of : of_each_kind) {
    INFO(of);
    const auto text = text_of(of, 30'000);
    const auto all = token_size(std::string_view(text));
    CHECK(shorten_to(text, all) == text);
    const auto half = shorten_to(text, all / 2);
    CHECK(half.ends_with("..."));
    CHECK(token_size(std::string_view(half)) <= all / 2);
    CHECK(token_size(std::string_view(half)) + 40 >= all / 2 * 9 / 10);
  }
  CHECK(shorten_to("a long sentence", 0).empty());
}

TEST_CASE("parts are cut no further than needed", "[tools]") {
  for (const auto of : of_each_kind) {
    INFO(of);
    json::object answer;
    for (const auto* name : {"a", "b"}) {
      json::object part;
      for (int i = 0; i < 100; ++i)
        part["key " + std::to_string(i)] = text_of(of, 100);
      answer[name] = std::move(part);
    }
    fit(answer, {{"a", &answer.at("a")}, {"b", &answer.at("b")}}, 6000, "Ask.");
    CHECK(token_size(answer) <= 6000);
    CHECK(token_size(answer) >= 6000 * 3 / 4);
    CHECK(answer.at("truncated") == true);
  }
}

TEST_CASE("what a tool gives is bounded though it bounds nothing itself",
          "[tools][attack]") {
  fake_context c;
  c.settings().max_response_tokens = 1000;
  for (const auto of : of_each_kind)
    for (const auto* as : {"text", "error", "list"}) {
      INFO(of << ", " << as);
      what_to_say = text_of(of, 40'000);
      const auto r = called(c, speaker, {{"as", as}});
      const auto& text = r.at("content").at(0).at("text").as_string();
      CHECK(token_size(std::string_view(text)) <= 4000);
      if (const auto* structured = r.if_contains("structuredContent"))
        CHECK(token_size(*structured) <= 4000);
      CHECK(r.at("isError").as_bool() == (as == std::string_view("error")));
    }
}

TEST_CASE("a call that asks for no size gets a first look", "[tools]") {
  fake_context c;
  const auto budget = [&](json::object args) {
    return call_tool(c, teller, std::move(args))
      .structured.at("budget")
      .to_number<std::size_t>();
  };
  const auto all = response_budget(c.limits());
  const auto look = first_look_tokens * token_quarters;
  CHECK(budget({}) <= look);
  CHECK(budget({{"name", "x"}}) <= look);
  CHECK(budget({{"limit", nullptr}}) <= look);
  CHECK(budget({{"limit", ""}}) <= look);
  CHECK(budget({{"limit", json::array{}}}) <= look);
  CHECK(budget({{"limit", 10}}) == all);
  CHECK(budget({{"max_files", 3}}) == all);
  c.settings().max_response_tokens = 100;
  CHECK(budget({}) == response_budget(c.limits()));
}

TEST_CASE("a first look says how to get more", "[tools]") {
  fake_context c;
  const auto note = [&](json::object args) {
    const auto r = call_tool(c, teller, std::move(args));
    return std::string(r.structured.at("truncation_note").as_string());
  };
  CHECK(note({}).find("limit or max_files") != std::string::npos);
  CHECK(note({{"limit", 3}}) == "Rows were left out.");
}
