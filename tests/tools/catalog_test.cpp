#include "protocol/mcp/utf8.hpp"
#include "tests/catch.hpp"
#include "tests/tools/catalog_call.hpp"
#include "tools/all.hpp"
#include "tools/catalog.hpp"

#include <algorithm>
#include <regex>
#include <string>
#include <vector>

using namespace mcp;
using namespace mcp::tools;

namespace {

std::vector<std::string> names(const result<std::vector<const tool*>>& tools) {
  std::vector<std::string> out;
  for (const auto* t : tools.value())
    out.emplace_back(t->name);
  return out;
}

constexpr tool sample(std::string_view name, toolset set, bool read_only) {
  return {.name = name,
          .title = "",
          .set = set,
          .description = "",
          .input_schema = "{}",
          .output_schema = "{}",
          .hints = {.read_only = read_only},
          .run = nullptr};
}

constexpr auto runs = sample("runs", toolset::models, true);
constexpr auto calls = sample("calls", toolset::weave, true);
constexpr auto report = sample("report", toolset::reports, false);
const std::vector<const tool*> three{&runs, &calls, &report};

using list = std::vector<std::string>;

} // namespace

TEST_CASE("an operator chooses tools by set, by effect and by name",
          "[tools]") {
  struct row {
    selection wanted;
    list left;
  };
  const auto [wanted, left] = GENERATE(
    values<row>({{{}, {"runs", "calls", "report"}},
                 {{{"reports", "models"}, false, {}}, {"runs", "report"}},
                 {{{}, true, {}}, {"runs", "calls"}},
                 {{{}, false, {"calls"}}, {"runs", "report"}},
                 {{{"weave", "reports"}, true, {}}, {"calls"}}}));
  CHECK(names(select_tools(three, wanted)) == left);
}

TEST_CASE("a choice that can not be meant is refused", "[tools]") {
  struct row {
    selection wanted;
    const char* says;
  };
  const auto [wanted, says] = GENERATE(
    values<row>({{{{"model"}, false, {}}, "models weave registry reports docs"},
                 {{{}, false, {"run"}}, "\"run\""},
                 {{{"reports"}, true, {}}, "no tool"},
                 {{{"weave"}, false, {"calls"}}, "no tool"}}));
  const auto chosen = select_tools(three, wanted);
  REQUIRE_FALSE(chosen.has_value());
  CHECK(chosen.error().code == errc::bad_argument);
  CHECK(chosen.error().message.find(says) != std::string::npos);
}

TEST_CASE("every tool's schemas describe what they offer", "[tools]") {
  const catalog all(all_tools());
  for (const auto* t : all_tools()) {
    CAPTURE(t->name);
    CHECK(all.find(t->name) != nullptr);
    CHECK(t->cost.requests > 0);
    CHECK_FALSE(t->cost.job.empty());
    for (const auto text : {t->input_schema, t->output_schema}) {
      const auto schema = json::parse(text);
      CHECK(schema.at("type") == "object");
      REQUIRE(schema.at("properties").is_object());
      if (const auto* required = schema.as_object().if_contains("required"))
        for (const auto& name : required->as_array())
          CHECK(schema.at("properties")
                  .as_object()
                  .contains(std::string_view(name.as_string())));
    }
  }
}

TEST_CASE("every tool says when to use it, and names only tools there are",
          "[tools]") {
  const catalog all(all_tools());
  for (const auto* t : all_tools()) {
    const auto& text = t->description;
    CAPTURE(t->name, text);
    const std::string_view mark = "\nWhen to use: ";
    const auto from = text.find(mark);
    REQUIRE(from != text.npos);
    const auto to = std::min(text.find('\n', from + 1), text.size());
    CHECK(to - from - mark.size() > 20);
    CHECK(text.size() < 4000);
    // Whatever looks like the name of a tool is one.
    const std::regex name("[a-z_]+_tool\\b");
    const std::string words = std::string(text) + std::string(t->input_schema);
    for (std::sregex_iterator it(words.begin(), words.end(), name), end;
         it != end; ++it)
      CHECK(all.find(it->str()));
  }
}

TEST_CASE("the tools that clients know by name are all there", "[tools]") {
  const catalog all(all_tools());
  const auto* name = GENERATE(
    "query_wandb_tool", "get_run_history_tool", "compare_runs_tool",
    "diagnose_run_tool", "probe_project_tool", "list_artifact_versions_tool",
    "get_artifact_details_tool", "compare_artifact_versions_tool",
    "list_registries_tool", "list_registry_collections_tool",
    "list_entities_tool", "query_wandb_entity_projects",
    "search_wandb_docs_tool", "create_wandb_report_tool",
    "log_analysis_to_wandb", "list_wandb_automations_tool",
    "list_wandb_integrations_tool", "query_weave_traces_tool",
    "count_weave_traces_tool", "infer_trace_schema_tool",
    "resolve_trace_roots_tool", "summarize_evaluation_tool");
  CHECK(all.find(name));
}

TEST_CASE("a long list is read page by page", "[tools]") {
  const catalog all(offer{.tools = three, .page_size = 2});
  const auto v = newest_stateless_version;
  const auto first = json::parse(**all.page("tools/list", {}, v));
  CHECK(first.at("tools").as_array().size() == 2);
  const auto rest = json::parse(
    **all.page("tools/list", {{"cursor", first.at("nextCursor")}}, v));
  CHECK(rest.at_pointer("/tools/0/name") == "report");
  CHECK_FALSE(rest.as_object().contains("nextCursor"));
  CHECK(all.page("tools/list", {{"cursor", "x"}}, v).has_error());
  CHECK(all.page("prompts/list", {{"cursor", first.at("nextCursor")}}, v)
          .has_error());
  CHECK(*all.page("tools/call", {}, v) == nullptr);
}

TEST_CASE("a list without items is one page", "[tools]") {
  const catalog none(std::vector<const tool*>{});
  CHECK(json::parse(**none.page("prompts/list", {}, version::v2025_11_25))
        == json::value{{"prompts", json::array{}}});
}

TEST_CASE("a header mark that no client could send is a mistake", "[tools]") {
  auto bad = sample("bad", toolset::models, true);
  bad.input_schema = R"({"type":"object","properties":{
    "x":{"type":"array","x-mcp-header":"X"}}})";
  CHECK_THROWS_AS(catalog({&bad}), std::invalid_argument);
}

namespace {

task<tool_result> echo(call_context&, arguments args) {
  co_return tool_result{.structured = args.all()};
}

bool is_colour(std::string_view name, const json::value& value) {
  return name == "colour" && value.is_string();
}

constexpr tool echoes() {
  auto t = sample("echoes", toolset::models, true);
  t.input_schema = R"({"type":"object","required":["entity_name"],"properties":{
    "entity_name":{"type":"string"},
    "keys":{"type":"array","items":{"type":"string"}},
    "sort_by":{"type":"string"},
    "sort_direction":{"type":"string","enum":["asc","desc"]},
    "limit":{"type":"integer","default":20},
    "filters":{"type":"object"}}})";
  t.is_filter = is_colour;
  t.run = echo;
  return t;
}

tool_result echoed(const std::string& given) {
  constexpr static auto tool = echoes();
  fake_context c;
  return call_tool(c, tool, json::parse(given).as_object());
}

} // namespace

TEST_CASE("an argument under another name is taken for the one it means",
          "[tools]") {
  struct row {
    const char* given; // beside entity_name
    const char* taken;
    const char* note;
  };
  const auto c = GENERATE(values<row>({
    {R"("metrics":"loss")", R"("keys":["loss"])", "metrics was taken for keys"},
    {R"("Keys":["a"])", R"("keys":["a"])", "Keys was taken for keys"},
    {R"("keys":null,"metric":["a"])", R"("keys":["a"])", "metric was taken"},
    {R"("keys":["a"],"metrics":["a"])", R"("keys":["a"])", "taken for keys"},
    {R"("sortBy":"a")", R"("sort_by":"a")", "sortBy was taken for sort_by"},
    {R"("sort":"a")", R"("sort_by":"a")", "sort was taken for sort_by"},
    {R"("max_items":"7")", R"("limit":7)", "max_items was taken for limit"},
    {R"("colour":"red")", R"("filters":{"colour":"red"})",
     "colour was taken for filters {\"colour\":\"red\"}"},
    {R"("colour":"red","filters":"{\"b\":1}")",
     R"("filters":{"b":1,"colour":"red"})", "colour was taken"},
    {R"("colour":"red","filters":{})", R"("filters":{"colour":"red"})",
     "colour was taken"},
    {R"("toolCallId":"c1")", R"("limit":20)", "toolCallId is no argument"},
    {R"("nonsense":{})", R"("limit":20)", "nonsense is no argument"},
  }));
  CAPTURE(c.given);
  const auto r = echoed(R"({"entity_name":"a",)" + std::string(c.given) + "}");
  REQUIRE_FALSE(r.is_error);
  auto rest = r.structured;
  const auto& notes = rest.at("argument_notes").as_array();
  REQUIRE(notes.size() == 1);
  CHECK_THAT(std::string(notes[0].as_string()), Catch::Contains(c.note));
  rest.erase("argument_notes");
  rest.erase("\x01 first look"); // first_look.cpp's own mark
  auto wanted = json::parse("{" + std::string(c.taken) + "}").as_object();
  wanted["entity_name"] = "a";
  wanted.emplace("limit", 20);
  CHECK(rest == wanted);
}

TEST_CASE("a name or a value that is cut in a note or an error stays UTF-8",
          "[tools]") {
  std::string long_one;
  for (int i = 0; i < 150; ++i)
    long_one += "\xE4\xBD\xA0"; // three bytes each
  for (const std::string shift : {"", "x", "xx"}) {
    const auto taken =
      echoed(R"({"entity_name":"a","colour":")" + shift + long_one + "\"}");
    REQUIRE_FALSE(taken.is_error);
    CHECK(is_utf8(
      taken.structured.at("argument_notes").as_array()[0].as_string()));
    const auto refused =
      echoed(R"({"entity_name":"a",")" + shift + long_one + R"(":1})");
    REQUIRE(refused.is_error);
    CHECK(is_utf8(refused.structured.at("message").as_string()));
  }
}

TEST_CASE("an argument that could mean several things is refused by name",
          "[tools]") {
  struct row {
    const char* given;
    const char* says;
  };
  const auto c = GENERATE(values<row>({
    {R"({"entity_name":"a","order":"x"})",
     "order: there is no such argument; did you mean sort_by or "
     "sort_direction?"},
    {R"({"user":"a"})", "user: there is no such argument; did you mean "
                        "entity_name?"},
    {R"({"user":"a"})", "entity_name: missing"},
    {R"({"entity":"a","entity_name":"b"})",
     "entity: there is no such argument; it means entity_name, which is given"},
    {R"({"entity_name":"a","colour":"red","filters":{"colour":"blue"}})",
     "colour: there is no such argument; it belongs into filters, which has"},
    {R"({"entity_name":"a","colour":5})",
     "colour: there is no such argument. The arguments there are: entity_name, "
     "keys, sort_by, sort_direction, limit, filters."},
  }));
  CAPTURE(c.given);
  const auto r = echoed(c.given);
  CHECK(error_of(r) == "invalid_input");
  CHECK_THAT(std::string(r.structured.at("message").as_string()),
             Catch::Contains(c.says));
}

TEST_CASE("an answer without an adjusted argument has no notes", "[tools]") {
  CHECK_FALSE(
    echoed(R"({"entity_name":"a"})").structured.contains("argument_notes"));
}
