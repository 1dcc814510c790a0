#include "protocol/wandb/weave_query.hpp"
#include "tests/catch.hpp"

#include <boost/json.hpp>

#include <string>
#include <vector>

namespace json = boost::json;
using namespace mcp;

namespace {

std::vector<std::string> some(std::initializer_list<const char*> names) {
  return {names.begin(), names.end()};
}

} // namespace

TEST_CASE("a plain query has exactly the members the server knows",
          "[protocol]") {
  wandb::calls_query q;
  q.project_id = "acme/bot";
  q.sort_field = "started_at";
  q.limit = 2;
  q.include_costs = true;
  q.include_feedback = true;
  CHECK(json::value(wandb::stream_query_body(q)) == json::parse(R"({
    "project_id":"acme/bot","include_costs":true,"include_feedback":true,
    "sort_by":[{"field":"started_at","direction":"desc"}],
    "limit":2,"offset":0})"));
}

TEST_CASE("a full query carries filter, expression, columns and switches",
          "[protocol]") {
  wandb::calls_query q;
  q.project_id = "acme/bot";
  q.filter = wandb::translate_filter(
               {{"trace_roots_only", true}, {"has_exception", false}})
               .value();
  q.columns = some({"id", "inputs.q"});
  q.expand_columns = some({"inputs.doc"});
  q.sort_field = "op_name";
  q.descending = false;
  q.include_storage_size = true;
  q.include_total_storage_size = true;
  CHECK(json::value(wandb::stream_query_body(q)) == json::parse(R"({
    "project_id":"acme/bot","include_costs":false,"include_feedback":false,
    "include_storage_size":true,"include_total_storage_size":true,
    "filter":{"trace_roots_only":true},
    "query":{"$expr":{"$eq":[{"$getField":"exception"},{"$literal":null}]}},
    "sort_by":[{"field":"op_name","direction":"asc"}],
    "columns":["id","inputs.q"],"expand_columns":["inputs.doc"]})"));
}

TEST_CASE("a count asks for nothing but project and filter", "[protocol]") {
  CHECK(json::value(wandb::query_stats_body("acme/bot", {}))
        == json::parse(R"({"project_id":"acme/bot"})"));
  CHECK(json::value(wandb::query_stats_body("acme/bot", {}, true))
        == json::parse(R"({"project_id":"acme/bot",
                           "include_total_storage_size":true})"));
}

TEST_CASE("a count is read with or without a size", "[protocol]") {
  const auto plain = wandb::read_query_stats({{"count", 7}});
  CHECK(plain.value().count == 7);
  CHECK_FALSE(plain.value().total_storage_size_bytes.has_value());
  const auto sized =
    wandb::read_query_stats({{"count", 7}, {"total_storage_size_bytes", 4096}});
  CHECK(sized.value().total_storage_size_bytes == 4096);
}

TEST_CASE("an answer without a count is garbage", "[protocol]") {
  const std::string text = GENERATE("{}", "[]", "null", R"({"count":"7"})");
  CAPTURE(text);
  const auto out = wandb::read_query_stats(json::parse(text));
  REQUIRE_FALSE(out.has_value());
  CHECK(out.error().code == errc::upstream_garbage);
}

TEST_CASE("entity and project make a project id", "[protocol]") {
  CHECK(wandb::project_id_of("acme", "bot").value() == "acme/bot");
  CHECK_FALSE(wandb::project_id_of("", "bot").has_value());
  CHECK_FALSE(wandb::project_id_of("acme", "").has_value());
  CHECK_FALSE(wandb::project_id_of("acme", "acme/bot").has_value());
  CHECK_FALSE(wandb::project_id_of("acme/x", "bot").has_value());
  CHECK_FALSE(wandb::project_id_of("acme", std::string(300, 'x')).has_value());
}

TEST_CASE("computed columns ask for the summary and are shown by their name",
          "[protocol]") {
  const auto plan = wandb::plan_columns(some(
    {"id", "status", "latency_ms", "costs", "bogus", "inputs.q", "status"}));
  REQUIRE(plan.has_value());
  CHECK(plan->upstream == some({"id", "summary", "inputs.q"}));
  CHECK(plan->shown
        == some({"id", "status", "latency_ms", "costs", "inputs.q"}));
  CHECK(plan->unknown == some({"bogus"}));
  CHECK(plan->needs_costs);
  CHECK_FALSE(plan->needs_feedback);
  CHECK(plan->has_summary);
}

TEST_CASE("no columns mean all of them", "[protocol]") {
  const auto plan = wandb::plan_columns({});
  REQUIRE(plan.has_value());
  CHECK(plan->upstream.empty());
  CHECK(plan->shown.empty());
}

TEST_CASE("storage sizes are switches and no columns", "[protocol]") {
  const auto plan = wandb::plan_columns(some({"storage_size_bytes"}));
  REQUIRE(plan.has_value());
  CHECK(plan->upstream == some({"id"}));
  CHECK(plan->storage_size);
  CHECK_FALSE(plan->total_storage_size);
  CHECK_FALSE(plan->has_summary);
}

TEST_CASE("columns of which none exists are an error", "[protocol]") {
  const auto name =
    GENERATE("bogus", "foo.bar", "id.x", "inputs.", "", "exception.x");
  CAPTURE(name);
  const auto plan = wandb::plan_columns(some({name}));
  REQUIRE_FALSE(plan.has_value());
  CHECK(plan.error().code == errc::bad_argument);
}

TEST_CASE("a sort field becomes what the server sorts by", "[protocol]") {
  struct example {
    const char* sort_by;
    const char* field;
  };
  const auto e = GENERATE(values<example>({
    {"started_at", "started_at"},
    {"", "started_at"},
    {"op_name", "op_name"},
    {"latency_ms", "summary.weave.latency_ms"},
    {"status", "summary.weave.status"},
    {"summary.usage.x", "summary.usage.x"},
    {"inputs.n", "inputs.n"},
  }));
  CAPTURE(e.sort_by);
  const auto plan = wandb::plan_sort(e.sort_by, "ASC");
  REQUIRE(plan.has_value());
  CHECK(plan->field == e.field);
  CHECK_FALSE(plan->cost.has_value());
  CHECK_FALSE(plan->descending);
}

TEST_CASE("costs are sorted here", "[protocol]") {
  CHECK(wandb::plan_sort("total_cost", "desc")->cost
        == wandb::cost_kind::total);
  CHECK(wandb::plan_sort("prompt_cost", "desc")->cost
        == wandb::cost_kind::prompt);
  CHECK(wandb::plan_sort("completion_cost", "desc")->cost
        == wandb::cost_kind::completion);
}

TEST_CASE("what can not be sorted by is an error", "[protocol]") {
  struct example {
    const char* sort_by;
    const char* direction;
    const char* place;
  };
  const auto e = GENERATE(values<example>({
    {"foo", "desc", "sort_by"},
    {"foo.bar", "desc", "sort_by"},
    {"costs", "desc", "sort_by"},
    {"total_storage_size_bytes", "desc", "sort_by"},
    {"started_at", "sideways", "sort_direction"},
  }));
  CAPTURE(e.sort_by, e.direction);
  const auto plan = wandb::plan_sort(e.sort_by, e.direction);
  REQUIRE_FALSE(plan.has_value());
  CHECK(plan.error().code == errc::bad_argument);
  CHECK(plan.error().message.starts_with(e.place));
}
