#include "tests/catch.hpp"
#include "tests/tools/catalog_call.hpp"
#include "tools/all.hpp"
#include "tools/tailored.hpp"

#include <algorithm>
#include <string>

using namespace mcp;
using namespace mcp::tools;

namespace {

const tool& named(const tailored_tools& all, std::string_view name) {
  const auto it = std::find_if(all.tools.begin(), all.tools.end(),
                               [&](auto* t) { return t->name == name; });
  REQUIRE(it != all.tools.end());
  return **it;
}

} // namespace

TEST_CASE("tools that nobody changes are the tools themselves", "[tools]") {
  const auto same = tailored(all_tools(), {});
  CHECK(same.tools == all_tools());
  CHECK(same.owner == nullptr);
}

TEST_CASE("GraphQL that is off is refused, and said to be off", "[tools]") {
  const auto all = tailored(all_tools(), {.raw_graphql = false});
  const auto& query = named(all, "query_wandb_tool");
  for (const auto text :
       {query.description, query.input_schema, query.output_schema})
    CHECK_THAT(std::string(text), !Catch::Contains("GraphQL"));
  for (const auto* name : {"query", "variables", "max_items"}) {
    fake_context c;
    json::object arguments{{"entity_name", "e"},
                           {"project_name", "p"},
                           {"resource", "runs"}};
    arguments[name] = "{ viewer { id } }";
    const auto r = call_tool(c, query, std::move(arguments));
    CHECK(error_of(r) == "invalid_request");
    const std::string message(r.structured.at("message").as_string());
    CHECK_THAT(message, Catch::StartsWith(name)
                          && Catch::Contains("turned it off"));
    CHECK(c.requests.empty());
  }
}

TEST_CASE("more than a cap is refused, less is not raised", "[tools]") {
  caps most;
  most.traces = 5;
  most.schema_sample_rows = 1000; // more than the tool's own
  const auto all = tailored(all_tools(), {.most = most});
  fake_context c;
  const auto r = call_tool(c, named(all, "query_weave_traces_tool"),
                           {{"entity_name", "e"},
                            {"project_name", "p"},
                            {"limit", 6}});
  CHECK(r.is_error);
  CHECK_THAT(std::string(r.structured.at("message").as_string()),
             Catch::Contains("limit") && Catch::Contains("5"));
  CHECK(c.requests.empty());
}

TEST_CASE("without a number, a call asks for the cap and no more", "[tools]") {
  caps most;
  most.traces = 5;
  const auto all = tailored(all_tools(), {.most = most});
  for (const auto& limit : {json::value(), json::value(5)}) {
    const argument_schema schema(
      named(all, "query_weave_traces_tool").input_schema);
    const auto accepted = schema.accept({{"entity_name", "e"},
                                         {"project_name", "p"},
                                         {"limit", limit}});
    REQUIRE(accepted.has_value());
    CHECK(accepted->at("limit") == 5);
  }
}

TEST_CASE("every capped argument is one of its tool", "[tools]") {
  caps most;
  for (auto cap : {&caps::traces, &caps::history_samples, &caps::history_keys,
                   &caps::probe_runs, &caps::schema_sample_rows})
    most.*cap = 1;
  const auto all = tailored(all_tools(), {.most = most});
  for (const auto* name :
       {"query_weave_traces_tool", "get_run_history_tool", "compare_runs_tool",
        "diagnose_run_tool", "probe_project_tool", "infer_trace_schema_tool"}) {
    const auto text = std::string(named(all, name).input_schema);
    CAPTURE(name);
    CHECK_THAT(text, Catch::Contains("This server takes at most 1."));
  }
  list_limits limits;
  apply(most, limits);
  CHECK(limits.max_keys == 1);
  CHECK(limits.max_items == 1000);
}
