#include "tests/catch.hpp"
#include "tools/weave_metadata.hpp"
#include "tools/weave_usage.hpp"

#include <boost/json.hpp>

#include <string>

namespace json = boost::json;
using namespace mcp::tools;

namespace {

// `usage` is members of summary.usage.
json::object call(const std::string& id, const std::string& parent,
                  const std::string& usage, const std::string& more = "") {
  return json::parse(R"({"id":")" + id + R"(","trace_id":"t","parent_id":)"
                     + (parent.empty() ? "null" : '"' + parent + '"')
                     + R"(,"started_at":"2025-02-01T10:00:00Z",)"
                     + R"("ended_at":"2025-02-01T10:00:09Z",)" + more
                     + R"("summary":{"usage":{)" + usage + "}}}")
    .as_object();
}

std::string tokens(const std::string& model, int prompt, int completion) {
  return '"' + model + R"(":{"prompt_tokens":)" + std::to_string(prompt)
         + R"(,"completion_tokens":)" + std::to_string(completion)
         + R"(,"total_tokens":)" + std::to_string(prompt + completion) + "}";
}

usage_tree::totals sum_of(const std::vector<json::object>& calls) {
  usage_tree tree;
  for (const auto& c : calls)
    tree.add(c);
  return tree.sum();
}

} // namespace

TEST_CASE("a call that holds its children's usage counts once", "[tools]") {
  const auto sum = sum_of({call("root", "", tokens("m", 30, 3)),
                           call("a", "root", tokens("m", 10, 1)),
                           call("b", "root", tokens("m", 20, 2)),
                           call("c", "b", tokens("m", 20, 2))});
  CHECK(sum.all.prompt == 30);
  CHECK(sum.all.completion == 3);
  CHECK(sum.all.total == 33);
  CHECK(sum.calls_with_usage == 4);
  CHECK(sum.traces == 1);
  CHECK_FALSE(sum.may_overlap);
}

TEST_CASE("the order in which calls come does not matter", "[tools]") {
  const auto sum = sum_of({call("c", "b", tokens("m", 20, 2)),
                           call("b", "root", tokens("m", 20, 2)),
                           call("root", "", tokens("m", 30, 3)),
                           call("a", "root", tokens("m", 10, 1))});
  CHECK(sum.all.total == 33);
}

TEST_CASE("calls that report their own usage alone add up", "[tools]") {
  const auto sum =
    sum_of({call("root", "", ""), call("a", "root", tokens("m", 10, 1)),
            call("b", "root", tokens("n", 20, 2))});
  CHECK(sum.all.total == 33);
  REQUIRE(sum.models.size() == 2);
  CHECK(sum.models[0].first == "n");
  CHECK(sum.models[0].second.total == 22);
}

TEST_CASE("of a parent and its children the larger counts, model by model",
          "[tools]") {
  // The root left the embedding out, and holds a child that was not read.
  const auto sum =
    sum_of({call("root", "", tokens("chat", 50, 5)),
            call("a", "root", tokens("embed", 8, 0)),
            call("b", "root", tokens("chat", 20, 2))});
  CHECK(sum.all.total == 55 + 8);
}

TEST_CASE("a call whose parent was not read is below the root that was",
          "[tools]") {
  const auto sum = sum_of({call("root", "", tokens("m", 30, 3)),
                           call("c", "not-read", tokens("m", 20, 2))});
  CHECK(sum.all.total == 33);
  CHECK_FALSE(sum.may_overlap);
}

TEST_CASE("without the calls between them, an overlap is possible and said",
          "[tools]") {
  const auto above = call("a", "x", tokens("m", 30, 3));
  CHECK(sum_of({above, call("b", "y", tokens("m", 20, 2))}).may_overlap);
  // Sisters, other models and later calls are not above each other.
  CHECK_FALSE(sum_of({above, call("b", "x", tokens("m", 20, 2))}).may_overlap);
  CHECK_FALSE(sum_of({above, call("b", "y", tokens("n", 20, 2))}).may_overlap);
  auto later = call("b", "y", tokens("m", 20, 2));
  later["ended_at"] = "2025-02-01T10:00:20Z";
  later["started_at"] = "2025-02-01T10:00:10Z";
  CHECK_FALSE(sum_of({above, later}).may_overlap);
}

TEST_CASE("odd trees neither hang nor lose a call", "[tools]") {
  CHECK(sum_of({call("a", "b", tokens("m", 1, 0)),
                call("b", "a", tokens("m", 2, 0)),
                call("c", "c", tokens("m", 4, 0))})
          .all.total
        == 7);
  CHECK(sum_of({call("a", "", tokens("m", 1, 0)),
                call("a", "", tokens("m", 1, 0))})
          .all.total
        == 1);
}

TEST_CASE("however many models there are, few are held and all are summed",
          "[tools]") {
  std::vector<json::object> calls;
  for (int i = 0; i < 50; ++i) {
    std::string usage;
    for (int j = 0; j < 40; ++j)
      usage += (j == 0 ? "" : ",")
               + tokens("m" + std::to_string(i * 40 + j), 1, 0);
    calls.push_back(call(std::to_string(i), "", usage));
  }
  const auto sum = sum_of(calls);
  CHECK(sum.all.total == 50 * 40);
  CHECK(sum.models.size() <= 1001);
  CHECK(sum.models[0].first == "(others)");
}

TEST_CASE("tokens are read as the trace server reads them", "[tools]") {
  const auto sum = sum_of({call("a", "", R"("m":{"input_tokens":"12",
    "prompt_tokens":3,"output_tokens":4.0},"n":{"prompt_tokens":-5,
    "completion_tokens":"many"},"o":null,"p":{"requests":2})")});
  CHECK(sum.all.prompt == 15);
  CHECK(sum.all.completion == 4);
  CHECK(sum.all.total == 19);
  CHECK(sum.all.requests == 2);
}

TEST_CASE("costs follow the usage that counted", "[tools]") {
  const auto priced = [](const std::string& id, const std::string& parent,
                         int n) {
    auto c = call(id, parent, tokens("m", n, 0));
    c["summary"].as_object()["weave"] = json::parse(
      R"({"costs":{"m":{"prompt_tokens_total_cost":)" + std::to_string(n)
      + R"(.1,"completion_tokens_total_cost":0}}})");
    return c;
  };
  weave_metadata m;
  m.add(priced("root", "", 3));
  m.add(priced("a", "root", 3));
  CHECK(m.usage_to_json(true) == json::parse(R"({
    "token_counts":{"total_tokens":3,"input_tokens":3,"output_tokens":0,
      "average_tokens_per_trace":3.0,"calls_with_usage":2,
      "by_model":{"m":{"total_tokens":3,"total_cost":3.1}}},
    "costs":{"total_cost":3.1,"prompt_cost":3.1,"completion_cost":0.0,
      "calls_with_costs":2}})"));
  CHECK_FALSE(m.usage_to_json(false).contains("costs"));
}
