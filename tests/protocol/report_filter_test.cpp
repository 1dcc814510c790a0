#include "protocol/wandb/report_filter.hpp"
#include "protocol/wandb/report_run_set.hpp"
#include "tests/catch.hpp"

#include <string>

using namespace mcp;
using namespace mcp::wandb;

namespace {

/// "run.state = "finished" & config.lr > 0.1 | ..."
std::string brief(const run_filter& filter) {
  std::string out;
  for (const auto& alternative : filter) {
    if (!out.empty())
      out += " | ";
    for (std::size_t i = 0; i < alternative.size(); ++i) {
      const auto& c = alternative[i];
      out += (i > 0 ? " & " : "") + c.section + "." + c.name + " " + c.op + " "
             + json::serialize(c.value);
    }
  }
  return out;
}

struct row {
  std::string text;
  std::string means;
};

} // namespace

TEST_CASE("filter expressions become alternatives of conditions",
          "[protocol]") {
  const auto [text, means] = GENERATE(values<row>({
    {R"(name == "x")", R"(run.name = "x")"},
    {R"(name in ["a", 'b'])", R"(run.name IN ["a","b"])"},
    {R"(ID not in ("a",))", R"(run.name NIN ["a"])"},
    {R"(Config("lr") >= 1e-3)", R"(config.lr >= 1E-3)"},
    {R"(config.opt.lr = 1)", R"(config.opt.lr = 1)"},
    {R"(SummaryMetric('val/loss') < -0.5)", R"(summary.val/loss < -5E-1)"},
    {R"(Summary("acc") > 1 and summary.f1 != 2)",
     R"(summary.acc > 1 & summary.f1 != 2)"},
    {R"(summary_metrics.x <= 3)", R"(summary.x <= 3)"},
    {R"(Metric("State") == "finished")", R"(run.state = "finished")"},
    {R"(Name == "a" OR User == "b")",
     R"(run.displayName = "a" | run.username = "b")"},
    {R"(State == "a" and (Group == "b" or Group == "c"))",
     R"(run.state = "a" & run.group = "b" | run.state = "a" & run.group = "c")"},
    {R"((JobType == "a" or Sweep == "b") and (Hostname == "c" or Runtime > 4))",
     R"(run.jobType = "a" & run.host = "c" | run.jobType = "a" & run.duration > 4 | run.sweep = "b" & run.host = "c" | run.sweep = "b" & run.duration > 4)"},
    {R"(Tags() in ["x"] and Tags == "y" and Metric("Tags") != "z")",
     R"(run.tags IN ["x"] & run.tags IN ["y"] & run.tags NIN ["z"])"},
    {R"(Config("amp") == True)", R"(config.amp = true)"},
    {R"(Name == "say \"hi\" \\ it's")",
     R"(run.displayName = "say \"hi\" \\ it's")"},
    {R"(createdAt >= "2025-01-01")", R"(run.createdAt >= "2025-01-01")"},
  }));
  CAPTURE(text);
  const auto read = parse_run_filter(text);
  REQUIRE(read.has_value());
  CHECK(brief(*read) == means);
}

TEST_CASE("what can not be expressed is refused, never guessed", "[protocol]") {
  std::string nested, many;
  for (int i = 0; i < 20; ++i)
    nested += "(";
  for (int i = 0; i < 7; ++i)
    many +=
      (i > 0 ? " and " : "") + std::string("(name == \"a\" or name == \"b\")");
  const auto text = GENERATE_COPY(values<std::string>({
    "",
    "name",
    "name ==",
    "name == x",
    "name == None",
    "name == \"a",
    "name == \"a\\n\"",
    "name in []",
    "name in \"a\"",
    "name in [\"a\" \"b\"]",
    "name in [[\"a\"]]",
    "not name == \"a\"",
    "loss < 1",
    "Metric(\"loss\") < 1",
    "KeysInfo(\"x\") == 1",
    "Tags(\"x\") == True",
    "Config(lr) > 1",
    "Config(\"\") > 1",
    "Config(\"lr\" > 1",
    "config. == 1",
    "0.1 < summary.x",
    "0.1 < summary.x < 0.2",
    "summary.x < 1 < 2",
    "summary.x < 1.2.3",
    "summary.x > True",
    "Tags > \"a\"",
    "(name == \"a\"",
    "name == \"a\")",
    "name == \"a\" and",
    "name == \"a\" && State == \"b\"",
    "name ~ \"a\"",
    "name == \"a\" name == \"b\"",
    "name == \"\xC3\xA4\" \xC3\xA4",
    "__import__(\"os\")",
    nested + "name == \"a\"",
    many,
    std::string(4001, ' '),
  }));
  CAPTURE(text);
  const auto read = parse_run_filter(text);
  REQUIRE_FALSE(read.has_value());
  CHECK(read.error().code == errc::bad_argument);
  CHECK(read.error().message.size() > 20);
  CHECK(json::parse(json::serialize(json::value(read.error().message)))
        == json::value(read.error().message));
}

TEST_CASE("a run set holds its filter as a tree", "[protocol]") {
  const auto all = run_set_json(
    {.entity = "e", .project = "p", .project_id = "internal"}, "id1");
  CHECK(all.at("filters")
        == json::parse(R"({"op":"OR","filters":[{"op":"AND","filters":[]}]})"));
  CHECK(all.at("project")
        == json::parse(R"({"name":"p","entityName":"e","id":"internal"})"));
  CHECK(all.at("search") == json::parse(R"({"query":""})"));
  CHECK(all.at("id") == "id1");
  CHECK(all.at("enabled") == true);
  CHECK(all.at("selections")
        == json::parse(R"({"root":1,"bounds":[],"tree":[]})"));

  const auto some = run_set_json({.entity = "e",
                                  .project = "p",
                                  .project_id = "internal",
                                  .filter = runs_named({"r1", "r2"}),
                                  .search = "words"},
                                 "id1");
  CHECK(some.at("filters") == json::parse(R"({"op":"OR","filters":[
    {"op":"AND","filters":[{"op":"IN","key":{"section":"run","name":"name"},
     "value":["r1","r2"],"disabled":false}]}]})"));
  CHECK(some.at("search") == json::parse(R"({"query":"words"})"));
}
