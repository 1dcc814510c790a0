#include "tests/catch.hpp"
#include "tools/all.hpp"
#include "tools/catalog.hpp"
#include "tools/prompts.hpp"
#include "tools/resources.hpp"

#include <string>

using namespace mcp;
using namespace mcp::tools;
using Catch::Matchers::Contains;

namespace {

/// All there is but what a reader of models may not have.
catalog read_only_models() {
  const selection wanted{{"models"}, true, {}};
  offer all{.tools = select_tools(all_tools(), wanted).value()};
  for (const auto* t : all_tools())
    if (const auto why = why_off(*t, wanted); !why.empty())
      all.off.push_back(
        {withheld::kind::tool, std::string(t->name), std::string(why)});
  all.prompts = wandb_prompts();
  for (const auto* t : wandb_templates())
    if (t->set == toolset::models)
      all.templates.push_back(t);
    else
      all.off.push_back({withheld::kind::resource_template,
                         std::string(t->uri_template), "--toolsets"});
  return catalog(std::move(all));
}

std::string refusal(const char* method, json::object params) {
  const auto plan =
    read_only_models().plan(method, std::move(params), newest_version);
  REQUIRE_FALSE(plan.has_value());
  CHECK(plan.error().code == errc::invalid_params);
  return plan.error().message;
}

} // namespace

TEST_CASE("an unknown tool is named, with what is near", "[tools]") {
  const auto [given, says] = GENERATE(values<std::pair<const char*, const char*>>(
    {{"query_wandb", R"(unknown tool "query_wandb"; did you mean )"
                     R"(query_wandb_tool)"},
     {"get_run_histroy_tool", "did you mean get_run_history_tool?"},
     {"zzz", "there are: "},
     {"zzz", "get_run_history_tool"},
     {"a\nb", R"(unknown tool "a?b")"},
     {"create_wandb_report_tool",
      R"(the tool "create_wandb_report_tool" is switched off on this server )"
      R"(by its operator (--toolsets))"},
     {"log_analysis_to_wandb", "switched off"},
     {"count_weave_trace_tool",
      "count_weave_traces_tool is near, but switched off"}}));
  CHECK_THAT(refusal("tools/call", {{"name", given}}), Contains(says));
}

TEST_CASE("what a long unknown name says is cut", "[tools]") {
  const auto said =
    refusal("tools/call", {{"name", std::string(100'000, 'x')}});
  CHECK(said.size() < 2000);
}

TEST_CASE("an unknown prompt is named, with what is near", "[tools]") {
  const std::string name(wandb_prompts().front()->name);
  CHECK_THAT(refusal("prompts/get", {{"name", name + "s"}}),
             Contains("did you mean " + name));
  CHECK_THAT(refusal("prompts/get", {{"name", "zzz"}}),
             Contains("there are: " + name));
}

TEST_CASE("a resource that can't be is told from one that is switched off",
          "[tools]") {
  const auto all = read_only_models();
  const auto& off = all.offered().off.back();
  REQUIRE(off.what == withheld::kind::resource_template);
  auto uri = off.name; // "x://{a}/{b}": its variables stand for themselves
  for (auto& c : uri)
    if (c == '{' || c == '}' || c == '+')
      c = 'x';
  struct row {
    std::string uri;
    std::string says;
  };
  for (const auto& [given, says] :
       {row{uri, "switched off on this server by its operator (--toolsets)"},
        row{"nowhere://x", R"(no such resource "nowhere://x"; there are: )"}}) {
    CHECK_THAT(
      refusal("completion/complete",
              {{"ref", {{"type", "ref/resource"}, {"uri", given}}},
               {"argument", {{"name", "entity"}, {"value", ""}}}}),
      Contains(says));
  }
}

TEST_CASE("an argument that can't be completed is named", "[tools]") {
  const auto* t = wandb_templates().front();
  CHECK_THAT(
    refusal("completion/complete",
            {{"ref", {{"type", "ref/resource"}, {"uri", t->uri_template}}},
             {"argument", {{"name", "entitty"}, {"value", ""}}}}),
    Contains("has no \"entitty\"; did you mean entity?"));
}

TEST_CASE("why a tool is off is the option that did it", "[tools]") {
  const selection by_set{{"models"}, false, {}};
  const selection by_effect{{}, true, {}};
  const selection by_name{{}, false, {"create_wandb_report_tool"}};
  CHECK(why_off(create_wandb_report, by_set) == "--toolsets");
  CHECK(why_off(create_wandb_report, by_effect) == "--read_only");
  CHECK(why_off(create_wandb_report, by_name) == "--disable_tools");
  CHECK(why_off(create_wandb_report, {}).empty());
}
