#include "protocol/json/token_size.hpp"
#include "tests/catch.hpp"
#include "tests/tools/catalog_call.hpp"
#include "tools/all.hpp"

#include <functional>
#include <string>

using namespace mcp;
using namespace mcp::tools;

namespace {

using make_row = std::function<json::object(int step)>;

json::object loss_row(int step) {
  return {{"_step", step}, {"loss", 1.0 / (step + 1)}};
}

/// A W&B with one run of `count` rows, evenly sampled as W&B does it.
struct fake_run {
  int count = 100;
  make_row row = loss_row;
  json::value history_keys = json::object{{"lastStep", 99}};
  bool sampling_works = true; // false: sampledHistory knows no rows
  bool samples_is_page_size = false;

  json::array between(std::int64_t from, std::int64_t to) const {
    json::array out;
    for (int i = 0; i < count; ++i) {
      auto r = row(i);
      const auto step =
        r.contains("_step") ? r.at("_step").to_number<std::int64_t>() : i;
      if (step >= from && step < to)
        out.push_back(std::move(r));
    }
    return out;
  }

  static json::array sampled(const json::array& rows, std::size_t n) {
    if (rows.size() <= n)
      return rows;
    json::array out;
    for (std::size_t i = 0; i < n; ++i)
      out.push_back(rows[i * (rows.size() - 1) / (n - 1)]);
    return out;
  }

  json::object run_object(const std::string& query,
                          const json::object& v) const {
    const auto bound = [&v](const char* name, std::int64_t none) {
      const auto* found = v.if_contains(name);
      return found ? found->to_number<std::int64_t>() : none;
    };
    if (query.find("sampledHistory") != query.npos) {
      json::array series;
      for (const auto& text : v.at("specs").as_array()) {
        const auto spec = json::parse(text.as_string()).as_object();
        json::array rows;
        const auto* low = spec.if_contains("minStep");
        const auto* high = spec.if_contains("maxStep");
        for (const auto& r :
             between(low ? low->to_number<std::int64_t>() : 0,
                     high ? high->to_number<std::int64_t>() + 1 : 1 << 30)) {
          json::object kept;
          for (const auto& key : spec.at("keys").as_array())
            if (const auto* found = r.as_object().if_contains(key.as_string()))
              kept[key.as_string()] = *found;
          if (kept.size() == spec.at("keys").as_array().size())
            rows.push_back(std::move(kept));
        }
        if (!sampling_works)
          rows.clear();
        series.push_back(
          sampled(rows, spec.at("samples").to_number<std::size_t>()));
      }
      return {{"sampledHistory", std::move(series)}};
    }
    const auto samples = v.at("samples").to_number<std::size_t>();
    auto rows = between(bound("minStep", 0), bound("maxStep", 1 << 30));
    if (samples_is_page_size)
      rows.resize(std::min(rows.size(), samples));
    json::array texts;
    for (const auto& r : sampled(rows, samples))
      texts.emplace_back(json::serialize(r));
    return {{query.find("events") != query.npos ? "events" : "history",
             std::move(texts)}};
  }

  void serve(fake_context& c) {
    json::object header{{"name", "r1"},
                        {"displayName", "brave-run"},
                        {"state", "finished"},
                        {"historyLineCount", count},
                        {"historyKeys", history_keys}};
    c.reply(at("/graphql", "RunHeader"), answer_text(header));
    c.answer(at("/graphql"), [this](upstream_request& r) -> upstream_result {
      const auto body = json::parse(r.body).as_object();
      upstream_reply reply;
      reply.body = std::make_shared<const std::string>(
        answer_text(run_object(std::string(body.at("query").as_string()),
                               body.at("variables").as_object())));
      return reply;
    });
  }

  static std::string answer_text(const json::object& run) {
    json::object project{{"run", run}};
    json::object data{{"project", project}};
    return json::serialize(json::object{{"data", data}});
  }
};

json::object input(json::object more = {}) {
  json::object out{
    {"entity_name", "alice"}, {"project_name", "p"}, {"run_id", "r1"},
    {"keys", nullptr},        {"samples", 500},      {"min_step", nullptr},
    {"max_step", nullptr},    {"x_axis", "_step"},   {"target_x", nullptr},
    {"tolerance", nullptr},   {"stream", "default"}};
  for (const auto& [name, value] : more)
    out[name] = value;
  return out;
}

std::vector<std::int64_t> steps_of(const tool_result& r) {
  std::vector<std::int64_t> out;
  for (const auto& row : r.structured.at("rows").as_array())
    out.push_back(row.at("_step").to_number<std::int64_t>());
  return out;
}

std::string failure_code(fake_context& c, json::object more) {
  try {
    c.run(get_run_history, input(std::move(more)));
  } catch (const tool_error& e) {
    return e.code;
  }
  return "none";
}

/// The specs of the n-th request.
json::array specs_of(const fake_context& c, std::size_t n) {
  json::array out;
  const auto body = c.body_of("/graphql", n);
  for (const auto& text : body.at("variables").at("specs").as_array())
    out.push_back(json::parse(text.as_string()));
  return out;
}

} // namespace

TEST_CASE("a history is one question who it is and one for its rows",
          "[tools]") {
  fake_run w{.count = 3};
  fake_context c;
  w.serve(c);
  const auto r = c.run(get_run_history, input());
  CHECK(c.requests.size() == 2);
  CHECK(steps_of(r) == std::vector<std::int64_t>{0, 1, 2});
  const auto& s = r.structured;
  CHECK(s.at("run_id") == "r1");
  CHECK(s.at("run_name") == "brave-run");
  CHECK(s.at("state") == "finished");
  CHECK(s.at("total_steps") == 99);
  CHECK(s.at("last_step") == 99);
  CHECK(s.at("step_range") == json::array{0, 2});
  CHECK(s.at("sampled_points") == 3);
  CHECK(s.at("keys_returned") == json::array{"loss"});
  CHECK(s.at("truncated") == false);
  CHECK(s.at("sampled") == false);
  CHECK(s.at("exact") == true);
  CHECK(s.at("matching_rows") == 3);
  CHECK(s.at("matching_rows_exact") == true);
  CHECK(s.at("rows_scanned") == 3);
  CHECK(s.at("requested_samples") == 500);
  CHECK(s.at("effective_samples") == 500);
  CHECK(s.at("retrieval_method") == "sdk_sample");
  CHECK(s.at("stream") == "default");
  CHECK(s.at("x_axis") == "_step");
  CHECK(s.at("coverage") == json::parse(R"({"first_x":0,"last_x":2,
    "requested_min_step":null,"requested_max_step":null,"target_x":null,
    "tolerance":null})"));
  CHECK(s.at("source_truncated") == false);
}

TEST_CASE("each key is sampled by itself, and no row is lost", "[tools]") {
  fake_run w;
  w.row = [](int i) {
    auto row = loss_row(i);
    if (i % 10 == 5)
      row["val"] = i;
    return row;
  };
  fake_context c;
  w.serve(c);
  const auto r =
    c.run(get_run_history, input({{"keys", {"loss", "val", "loss"}},
                                  {"min_step", 10},
                                  {"max_step", 29}}));
  CHECK(c.requests.size() == 2);
  CHECK(specs_of(c, 1) == json::parse(R"([
          {"keys":["_step","loss"],"samples":500,"minStep":10,"maxStep":29},
          {"keys":["_step","val"],"samples":500,"minStep":10,"maxStep":29}])"));
  CHECK(r.structured.at("sampled_points") == 20);
  CHECK(r.structured.at("key_row_counts") == json::parse(R"({
    "loss":{"observed":20,"returned":20},"val":{"observed":2,"returned":2}})"));
  CHECK(r.structured.at("key_counts_exact") == true);
  CHECK(r.structured.at("requested_keys") == json::array({"loss", "val"}));
  CHECK(r.structured.at("join") == "outer");
  CHECK(r.structured.at("retrieval_method") == "batched_sampled_history_range");
  CHECK(r.structured.at("coverage").at("requested_max_step") == 29);
  CHECK(steps_of(r).back() == 29); // max_step is included
  CHECK(r.structured.at("rows").at(5).at("val") == 15);
}

TEST_CASE("a range without keys includes max_step, whose bound excludes it",
          "[tools]") {
  fake_run w;
  fake_context c;
  w.serve(c);
  struct row {
    json::object bounds, sent;
    std::int64_t first, last;
  };
  const auto [bounds, sent, first, last] = GENERATE(values<row>({
    {{{"min_step", 50}, {"max_step", 60}},
     {{"minStep", 50}, {"maxStep", 61}},
     50,
     60},
    {{{"min_step", 50}}, {{"minStep", 50}}, 50, 99},
    {{{"max_step", 60}}, {{"maxStep", 61}}, 0, 60},
    {{}, {}, 0, 99},
  }));
  const auto r = c.run(get_run_history, input(bounds));
  auto variables = c.body_of("/graphql", 1).at("variables").as_object();
  for (const auto* name : {"entity", "project", "run", "samples"})
    variables.erase(name);
  CHECK(variables == sent);
  CHECK(steps_of(r).front() == first);
  CHECK(steps_of(r).back() == last);
}

TEST_CASE("non-finite numbers stay visible as texts", "[tools]") {
  fake_context c;
  c.reply(at("/graphql", "RunHeader"),
          fake_run::answer_text({{"state", "crashed"}}));
  c.reply(at("/graphql"),
          fake_run::answer_text(
            {{"history",
              {R"({"_step":0,"loss":NaN,"accuracy":0.5,"_wandb":{"x":1}})",
               R"({"_step":1,"loss":-Infinity,"accuracy":null})",
               R"({"_step":2,"loss":"Infinity"})"}}}));
  const auto r = c.run(get_run_history, input());
  CHECK(r.structured.at("rows")
        == json::parse(R"([{"_step":0,"loss":"NaN","accuracy":0.5},
             {"_step":1,"loss":"-Infinity"},{"_step":2,"loss":"Infinity"}])"));
  CHECK(r.structured.at("non_finite_counts") == json::object{{"loss", 3}});
  CHECK(r.structured.at("run_name") == "r1"); // it has no other
  CHECK(r.structured.at("total_steps") == -1);
  CHECK(r.structured.at("last_step").is_null());
}

TEST_CASE("samples is taken as 1 to 5000", "[tools]") {
  const auto [asked, sent] =
    GENERATE(table<int, int>({{9999, 5000}, {0, 1}, {-5, 1}, {7, 7}}));
  fake_run w{.count = 1};
  fake_context c;
  w.serve(c);
  const auto r = c.run(get_run_history, input({{"samples", asked}}));
  CHECK(c.body_of("/graphql", 1).at("variables").at("samples") == sent);
  CHECK(r.structured.at("requested_samples") == asked);
  CHECK(r.structured.at("effective_samples") == sent);
  CHECK(r.structured.contains("profile_limit_note") == (asked > sent));
}

TEST_CASE("more than eight keys are several requests of one same range",
          "[tools]") {
  fake_run w;
  w.history_keys = json::object{{"lastStep", 99}};
  fake_context c;
  w.serve(c);
  json::array keys;
  for (int i = 0; i < 9; ++i)
    keys.push_back(json::string("k" + std::to_string(i)));
  keys[8] = "loss";
  const auto r =
    c.run(get_run_history, input({{"keys", keys}, {"min_step", 3}}));
  CHECK(c.requests.size() == 3);
  CHECK(specs_of(c, 1).size() == 8);
  CHECK(specs_of(c, 2) == json::parse(R"([{"keys":["_step","loss"],
    "samples":500,"minStep":3,"maxStep":99}])"));
  CHECK(specs_of(c, 1).at(0).at("maxStep") == 99);
  CHECK(r.structured.at("sampled_points") == 97);
  REQUIRE(c.notes.size() == 2);
  CHECK(c.notes[1].done == 1 + 9);
  CHECK(c.notes[1].total == 1 + 9);
}

TEST_CASE("the newest row tells how far a run is, before its index does",
          "[tools]") {
  struct row {
    json::value index, tail;
    std::int64_t total;
  };
  const auto [index, tail, total] = GENERATE(values<row>({
    {{{"lastStep", 50}}, R"(["{\"_step\":99,\"loss\":NaN}"])", 99},
    {{{"lastStep", 50}}, R"([{"_step":99}])", 99},
    {{{"lastStep", 99}}, R"(["{\"_step\":50}"])", 99},
    {nullptr, R"(["{\"_step\":99.0}"])", 99},
    {nullptr, "[]", -1},
    {nullptr, "{", -1},
    {nullptr, R"(["{"])", -1},
    {{{"lastStep", 7}}, 5, 7},
    {{{"lastStep", INT64_MAX}}, nullptr, -1},
    {{{"lastStep", INT64_MIN}}, nullptr, -1},
    {{{"lastStep", 1e300}}, R"(["{\"_step\":1e300}"])", -1},
    {{{"lastStep", "7"}}, nullptr, -1},
  }));
  fake_context c;
  c.reply(
    at("/graphql", "RunHeader"),
    fake_run::answer_text({{"historyKeys", index}, {"historyTail", tail}}));
  c.reply(at("/graphql"), fake_run::answer_text({{"history", json::array{}}}));
  const auto r = c.run(get_run_history, input());
  CHECK(r.structured.at("total_steps") == total);
}

TEST_CASE("an older W&B lacks the index, and the rows come all the same",
          "[tools]") {
  fake_run w{.count = 3, .history_keys = nullptr};
  fake_context c;
  c.fail(at("/graphql", "historyTail"),
         {.code = errc::upstream_error,
          .message = "Cannot query field \"historyTail\" on type \"Run\"."});
  w.serve(c);
  const auto r = c.run(get_run_history, input());
  CHECK(steps_of(r) == std::vector<std::int64_t>{0, 1, 2});
  CHECK(c.requests.size() == 3);
}

TEST_CASE("rare metrics are whole among those that are thinned", "[tools]") {
  fake_run w;
  w.row = [](int i) {
    auto row = i == 99 ? json::object{{"_step", i}} : loss_row(i);
    if (i % 10 == 5)
      row = json::object{{"_step", i}, {"val", i}};
    return row;
  };
  fake_context c;
  w.serve(c);
  const auto r =
    c.run(get_run_history, input({{"keys", {"loss", "val"}}, {"samples", 11}}));
  CHECK(steps_of(r).size() == 11);
  CHECK(r.structured.at("key_row_counts").at("val").at("returned") == 10);
  CHECK(r.structured.at("sampled") == true);
  CHECK(r.structured.at("exact") == false);
  const auto steps = steps_of(r);
  CHECK(std::is_sorted(steps.begin(), steps.end()));
}

TEST_CASE("two values of one step are two rows", "[tools]") {
  fake_run w{.count = 4};
  w.row = [](int i) {
    return json::object{{"_step", i < 2 ? i : 5}, {"a", i}, {"b", i}};
  };
  fake_context c;
  w.serve(c);
  const auto r = c.run(get_run_history, input({{"keys", {"a", "b"}}}));
  CHECK(steps_of(r) == std::vector<std::int64_t>{0, 1, 5, 5});
}

TEST_CASE("a range of any length is two requests", "[tools]") {
  fake_run w{.count = 200};
  w.row = [](int i) { return loss_row(i * 1000); };
  w.history_keys = json::object{{"lastStep", 199000}};
  fake_context c;
  w.serve(c);
  const auto r =
    c.run(get_run_history,
          input({{"keys", {"loss"}}, {"min_step", 0}, {"max_step", 100001}}));
  CHECK(c.requests.size() == 2);
  CHECK(steps_of(r).back() == 100000);
}

TEST_CASE("a scan ends before the call's time does, and says so", "[tools]") {
  fake_run w{.count = 40000, .sampling_works = false};
  w.history_keys = json::parse(R"({"lastStep":39999,"keys":{"loss":{}}})");
  fake_context c;
  c.time = std::chrono::seconds(30);
  c.time_per_answer = std::chrono::milliseconds(1000);
  w.serve(c);
  const auto r = c.run(get_run_history, input({{"keys", {"loss"}}}));
  CHECK(c.time > std::chrono::milliseconds(0));
  CHECK(c.requests.size() < 2 + 40);
  CHECK(r.structured.at("partial") == true);
  CHECK(r.structured.at("source_truncated") == true);
  CHECK(r.structured.at("matching_rows_exact") == false);
  // What was read is spread over the run, and holds its end.
  const auto steps = steps_of(r);
  CHECK(steps.back() == 39999);
  CHECK(steps.front() < 10000);
  CHECK(c.notes.size() >= 2);
}

TEST_CASE("a history given up lets go of its windows", "[tools]") {
  fake_run w{.count = 4500, .sampling_works = false};
  w.history_keys = json::parse(R"({"lastStep":4499,"keys":{"loss":{}}})");
  fake_context c;
  c.stay_silent(at("/graphql", "query RunHistory("));
  w.serve(c);
  {
    auto running =
      get_run_history.run(c, arguments(input({{"keys", {"loss"}}})));
    running.start();
    c.pump();
    CHECK_FALSE(running.done());
  }
  CHECK(c.abandoned_ids.size() == 3); // of five, in rounds
}

TEST_CASE("a long run is thinned evenly, with its first and last step",
          "[tools]") {
  fake_run w{.count = 10000};
  w.row = [](int i) {
    json::object row{{"_step", i}};
    row[i % 2 ? "a" : "b"] = i; // never in the same row
    return row;
  };
  w.history_keys = json::object{{"lastStep", 9999}};
  fake_context c;
  w.serve(c);
  const auto r =
    c.run(get_run_history, input({{"keys", {"a", "b"}}, {"samples", 100}}));
  const auto steps = steps_of(r);
  CHECK(steps.size() == 100);
  CHECK(std::is_sorted(steps.begin(), steps.end()));
  CHECK(steps.front() == 0);
  CHECK(steps.back() == 9999);
  CHECK(r.structured.at("keys_returned") == json::array{"a", "b"});
  // Same question, same answer.
  CHECK(steps_of(c.run(get_run_history,
                       input({{"keys", {"a", "b"}}, {"samples", 100}})))
        == steps);
}

TEST_CASE("what is not there is named", "[tools]") {
  const auto [answer, code] = GENERATE(table<std::string, std::string>(
    {{R"({"data":{"project":null}})", "project_not_found"},
     {R"({"data":{"project":{"run":null}}})", "run_not_found"}}));
  fake_context c;
  c.reply(at("/graphql"), answer);
  CHECK(failure_code(c, {}) == code);
  CHECK(c.requests.size() == 1);
}

TEST_CASE("a run that is given by its display name is found out", "[tools]") {
  const auto [names, known] = GENERATE(table<std::string, bool>({
    {R"([{"node":{"name":"abc12345","displayName":"r"}}])", true},
    {R"([{"node":{"name":"abc12345","displayName":"another"}}])", false},
    {"[]", false},
    {"5", false},
  }));
  CAPTURE(names);
  fake_context c;
  c.reply(at("/graphql", "RunsOfThatName"),
          R"({"data":{"project":{"runs":{"edges":)" + names + "}}}}");
  c.reply(at("/graphql"), R"({"data":{"project":{"run":null}}})");
  auto asked = input({{"run_id", "r"}});
  const auto r = call_tool(c, get_run_history, asked);
  CHECK(error_of(r) == "run_not_found");
  const std::string message(r.structured.at("message").as_string());
  if (known)
    CHECK(message.find("abc12345") != message.npos);
  else
    CHECK(message.find(R"("resource":"runs","filters":{"displayName":"r"})")
          != message.npos);
  CHECK(r.structured.contains("did_you_mean") == known);
}

TEST_CASE("arguments that contradict each other never reach W&B", "[tools]") {
  const auto more = GENERATE(values<json::object>({
    {{"min_step", 10}, {"max_step", 9}},
    {{"min_step", -1}},
    {{"max_step", 9'100'000'000'000'000}},
    {{"run_id", " "}},
    {{"entity_name", ""}},
    {{"keys", {"loss", " "}}},
    {{"x_axis", ""}},
    {{"tolerance", 1}},
    {{"target_x", 1}, {"tolerance", -1}},
    {{"target_x", 1}, {"min_step", 0}},
    {{"stream", "system"}, {"max_step", 5}},
    {{"stream", "system"}, {"target_x", 5}},
  }));
  CAPTURE(json::serialize(more));
  fake_context c;
  CHECK(failure_code(c, more) == "invalid_input");
  CHECK(c.requests.empty());
}

TEST_CASE("no key is lost between two spellings of all", "[tools]") {
  fake_run w{.count = 2};
  fake_context c;
  w.serve(c);
  const auto r = c.run(get_run_history, input({{"keys", json::array{}}}));
  CHECK(r.structured.at("keys_returned") == json::array{"loss"});
  CHECK_FALSE(r.structured.contains("key_row_counts"));
}

TEST_CASE("a run without rows gives none", "[tools]") {
  const auto last = GENERATE(values<json::value>(
    {json::object{{"lastStep", 0}}, json::object{{"lastStep", -1}}, nullptr}));
  fake_run w{.count = 0, .history_keys = last};
  fake_context c;
  w.serve(c);
  const auto r = c.run(get_run_history, input());
  CHECK(r.structured.at("rows").as_array().empty());
  CHECK(r.structured.at("sampled_points") == 0);
  CHECK(r.structured.at("keys_returned").as_array().empty());
  CHECK(r.structured.at("step_range").is_null());
}

TEST_CASE("a range behind the end asks nothing more", "[tools]") {
  fake_run w{.count = 100, .history_keys = json::object{{"lastStep", 1000}}};
  fake_context c;
  w.serve(c);
  const auto r = c.run(get_run_history, input({{"min_step", 5000}}));
  CHECK(r.structured.at("rows").as_array().empty());
  CHECK(c.requests.size() == 1);
}

TEST_CASE("when W&B does not know the run's length all rows are filtered here",
          "[tools]") {
  fake_run w{.count = 20, .history_keys = nullptr, .sampling_works = false};
  fake_context c;
  w.serve(c);
  const auto r =
    c.run(get_run_history,
          input({{"keys", {"loss"}}, {"min_step", 5}, {"max_step", 14}}));
  CHECK(r.structured.at("sampled_points") == 10);
  CHECK(steps_of(r).front() == 5);
  CHECK(c.requests.size() == 3);
}

TEST_CASE("windows of steps are read when sampling gives nothing", "[tools]") {
  fake_run w{.count = 4500, .sampling_works = false};
  w.history_keys = json::parse(R"({"lastStep":4499,"keys":{"loss":{}}})");
  fake_context c;
  w.serve(c);
  const auto r = c.run(get_run_history, input({{"keys", {"loss"}}}));
  CHECK(c.requests.size() == 2 + 5);
  CHECK(steps_of(r).front() == 0);
  CHECK(steps_of(r).back() == 4499);
  CHECK(r.structured.at("sampled_points") == 500);
  CHECK_FALSE(r.structured.contains("partial"));
}

TEST_CASE("of a very long range fifty windows are read, and it says so",
          "[tools]") {
  fake_run w{.count = 200, .sampling_works = false};
  w.row = [](int i) { return loss_row(i * 1000); };
  w.history_keys = json::parse(R"({"lastStep":199000,"keys":{"loss":{}}})");
  fake_context c;
  w.serve(c);
  const auto r = c.run(get_run_history, input({{"keys", {"loss"}}}));
  CHECK(c.requests.size() == 2 + 50);
  CHECK(r.structured.at("partial") == true);
  CHECK(steps_of(r).front() == 0);
  CHECK(steps_of(r).back() == 199000);
}

TEST_CASE("a server that takes samples for a page size is read to the end",
          "[tools]") {
  fake_run w{.count = 3000, .samples_is_page_size = true};
  w.history_keys = json::object{{"lastStep", 2999}};
  fake_context c;
  w.serve(c);
  const auto r =
    c.run(get_run_history, input({{"min_step", 0}, {"samples", 100}}));
  CHECK(steps_of(r).size() == 100);
  CHECK(steps_of(r).back() == 2999);
}

TEST_CASE("keys that were never logged are named, with those that were",
          "[tools]") {
  fake_run w;
  w.history_keys =
    json::parse(R"({"lastStep":99,"keys":{"loss":{},"acc":{},"_runtime":{}}})");
  fake_context c;
  w.serve(c);
  const auto r = c.run(get_run_history, input({{"keys", {"los"}}}));
  CHECK(r.structured.at("rows").as_array().empty());
  CHECK(r.structured.at("missing_keys") == json::array{"los"});
  CHECK(r.structured.at("unobserved_keys") == json::array{"los"});
  CHECK(r.structured.at("available_keys") == json::array{"acc", "loss"});
  CHECK(c.requests.size() == 2); // no search for what does not exist
}

TEST_CASE("what W&B has no index of is unobserved, not missing", "[tools]") {
  fake_run w;
  fake_context c;
  w.serve(c);
  const auto r = c.run(get_run_history, input({{"keys", {"loss", "none"}}}));
  CHECK(r.structured.at("unobserved_keys") == json::array{"none"});
  CHECK_FALSE(r.structured.contains("missing_keys"));
}

TEST_CASE("an answer about many long names fits the budget", "[tools]") {
  json::array keys;
  for (int i = 0; i < 100; ++i)
    keys.push_back(json::string(std::string(1000, 'k') + std::to_string(i)));
  fake_run w;
  w.history_keys = json::parse(R"({"lastStep":99,"keys":{"loss":{}}})");
  fake_context c;
  c.settings().max_response_tokens = 2000;
  w.serve(c);
  const auto r = c.run(get_run_history, input({{"keys", keys}}));
  CHECK(token_size(r.structured) <= 8000);
}

TEST_CASE("the answer fits the budget", "[tools]") {
  struct row {
    std::string what;
    std::size_t tokens;
    make_row make;
  };
  const auto [what, tokens, make] = GENERATE(values<row>({
    {"many rows", 500, loss_row},
    {"wide rows", 1000,
     [](int i) {
       json::object out{{"_step", i}};
       for (int k = 0; k < 400; ++k)
         out["metric_number_" + std::to_string(k)] = k * 0.1;
       return out;
     }},
    {"long texts", 500,
     [](int i) {
       return json::object{{"_step", i}, {"note", std::string(9000, 'n')}};
     }},
    {"nested values", 500,
     [](int i) {
       json::array deep;
       for (int k = 0; k < 3000; ++k)
         deep.push_back(k);
       return json::object{{"_step", i}, {"histogram", deep}};
     }},
    {"nothing fits", 10, loss_row},
  }));
  CAPTURE(what);
  fake_run w{.count = 300, .row = make};
  fake_context c;
  c.settings().max_response_tokens = tokens;
  w.serve(c);
  const auto r = c.run(get_run_history, input());
  if (tokens > 100) // ten tokens do not even hold the run's name
    CHECK(token_size(r.structured) <= tokens * 4);
  CHECK(r.structured.at("truncated") == true);
  CHECK(r.structured.contains("truncation_note"));
  const auto steps = steps_of(r);
  REQUIRE(steps.size() >= 2);
  CHECK(steps.front() == 0);
  CHECK(steps.back() == 299);
  CHECK(std::is_sorted(steps.begin(), steps.end()));
}

TEST_CASE("another axis orders the rows", "[tools]") {
  fake_run w{.count = 10};
  w.row = [](int i) {
    return json::object{{"_step", i}, {"epoch", 9 - i}, {"loss", i}};
  };
  fake_context c;
  w.serve(c);
  const auto keys =
    GENERATE(values<json::value>({nullptr, json::array{"loss"}}));
  const auto r =
    c.run(get_run_history, input({{"x_axis", "epoch"}, {"keys", keys}}));
  CHECK(r.structured.at("x_axis") == "epoch");
  CHECK(r.structured.at("rows").at(0)
        == json::object({{"_step", 9}, {"epoch", 0}, {"loss", 9}}));
  CHECK(r.structured.at("sampled_points") == 10);
}

TEST_CASE("a value of the axis is looked up", "[tools]") {
  fake_run w{.count = 20000};
  w.row = [](int i) {
    json::object out{{"_step", i}, {"loss", i}};
    if (i % 7 == 0)
      out["epoch"] = i / 7 * 0.5;
    return out;
  };
  w.history_keys = json::parse(R"({"lastStep":19999,"keys":{"loss":{},
    "epoch":{"monotonic":true}}})");
  fake_context c;
  w.serve(c);
  struct row {
    json::object more;
    std::int64_t step;
    bool exact;
  };
  const auto [more, step, exact] = GENERATE(values<row>({
    {{{"target_x", 1234}}, 1234, true},
    {{{"target_x", 1234.25}, {"tolerance", 1}}, 1234, false},
    {{{"target_x", 500.5}, {"x_axis", "epoch"}}, 7007, true},
    {{{"target_x", 500.6}, {"x_axis", "epoch"}, {"tolerance", 0.2}},
     7007,
     false},
    {{{"target_x", 500.5}, {"x_axis", "epoch"}, {"keys", {"loss"}}},
     7007,
     true},
  }));
  CAPTURE(json::serialize(more));
  const auto r = c.run(get_run_history, input(more));
  CHECK(steps_of(r) == std::vector<std::int64_t>{step});
  CHECK(r.structured.at("rows").at(0).at("loss") == step);
  CHECK(r.structured.at("exact") == exact);
  CHECK(r.structured.at("coverage").at("target_x").to_number<double>()
        == more.at("target_x").to_number<double>());
  CHECK(r.structured.at("retrieval_method")
        == (more.contains("x_axis") ? "sdk_bounded_compatibility_scan"
                                    : "sdk_exact_step_scan"));
  CHECK(c.requests.size() <= 6);
}

TEST_CASE("all rows of a plateau of the axis are found", "[tools]") {
  struct row {
    int count, plateau;
    double target;
    json::object more;
    bool growing, whole;
  };
  const auto [count, plateau, target, more, growing, whole] =
    GENERATE(values<row>({
      {900, 100, 3, {}, false, true},
      {900, 100, 0, {}, false, true},
      {900, 100, 8, {{"keys", {"loss"}}}, false, true},
      {20000, 400, 17, {}, true, true},
      {20000, 400, 17.2, {{"tolerance", 0.5}}, true, false},
      {20000, 400, 49, {{"keys", {"loss"}}}, true, true},
      {20000, 4000, 2, {}, true, false},
      // Without the index nobody knows that the axis does not come back.
      {20000, 400, 17, {}, false, false},
    }));
  CAPTURE(count, plateau, target, growing);
  fake_run w{.count = count};
  w.row = [plateau = plateau](int i) {
    return json::object{{"_step", i}, {"epoch", i / plateau}, {"loss", i}};
  };
  json::object about{{"monotonic", growing}};
  json::object names{{"epoch", about}, {"loss", json::object{}}};
  w.history_keys = json::object{{"lastStep", count - 1}, {"keys", names}};
  fake_context c;
  w.serve(c);
  auto args = more;
  args["x_axis"] = "epoch";
  args["target_x"] = target;
  const auto r = c.run(get_run_history, input(args));
  const auto& s = r.structured;
  const auto first = std::int64_t(target) * plateau;
  CHECK(steps_of(r).front() == first);
  CHECK(steps_of(r).back() == first + plateau - 1);
  CHECK(s.at("matching_rows") == plateau);
  CHECK(s.at("sampled_points") == std::min(plateau, 500));
  CHECK(s.at("exact") == whole);
  const bool known = growing || count < 1000;
  CHECK(s.at("matching_rows_exact") == known);
  CHECK(s.contains("compatibility_caveat") == !known);
}

TEST_CASE("a limit that was asked for is no truncation", "[tools]") {
  const auto keys =
    GENERATE(values<json::value>({nullptr, json::array{"loss"}}));
  fake_run w; // 100 rows
  w.history_keys = json::parse(R"({"lastStep":99,"keys":{"loss":
    {"typeCounts":[{"type":"number","count":100}]}}})");
  fake_context c;
  w.serve(c);
  const auto few =
    c.run(get_run_history, input({{"keys", keys}, {"samples", 20}}));
  CHECK(few.structured.at("truncated") == false);
  CHECK(few.structured.at("sampled") == true);
  CHECK(few.structured.at("exact") == false);
  const auto all =
    c.run(get_run_history, input({{"keys", keys}, {"samples", 100}}));
  CHECK(all.structured.at("sampled_points") == 100);
  CHECK(all.structured.at("sampled") == false);
  CHECK(all.structured.at("exact") == true);
  CHECK(all.structured.at("matching_rows_exact") == true);
}

TEST_CASE("fewer rows than the index counts are not all", "[tools]") {
  fake_run w{.count = 60};
  w.history_keys = json::parse(R"({"lastStep":99,"keys":{"loss":
    {"typeCounts":[{"type":"number","count":90},{"type":"string",
    "count":10}]}}})");
  fake_context c;
  w.serve(c);
  const auto s =
    c.run(get_run_history, input({{"keys", {"loss"}}})).structured;
  CHECK(s.at("sampled") == true);
  CHECK(s.at("exact") == false);
  CHECK(s.at("matching_rows_exact") == false);
  CHECK(s.at("key_counts_exact") == false);
}

TEST_CASE("as many rows as steps are all of a range", "[tools]") {
  fake_run w{.count = 500};
  w.history_keys = json::object{{"lastStep", 499}};
  fake_context c;
  w.serve(c);
  const auto s = c.run(get_run_history, input({{"min_step", 100},
                                               {"max_step", 149},
                                               {"samples", 50}}))
                   .structured;
  CHECK(s.at("sampled_points") == 50);
  CHECK(s.at("exact") == true);
}

TEST_CASE("a row that can not be read is counted, and the others given",
          "[tools]") {
  fake_context c;
  c.reply(at("/graphql", "RunHeader"), fake_run::answer_text(json::object{}));
  c.reply(at("/graphql"),
          fake_run::answer_text(
            {{"history", {R"({"_step":0,"big":1e400,"loss":0.5})",
                          R"({"_step":1)", R"({"_step":2,"loss":0.25})"}}}));
  const auto s = c.run(get_run_history, input()).structured;
  CHECK(s.at("rows") == json::parse(R"([{"_step":0,"big":"1e400","loss":0.5},
    {"_step":2,"loss":0.25}])"));
  CHECK(s.at("unreadable_rows") == 1);
  CHECK(s.at("exact") == false);
  CHECK(s.at("matching_rows_exact") == false);
}

TEST_CASE("a value that was not logged is no guess", "[tools]") {
  fake_run w;
  fake_context c;
  w.serve(c);
  const auto more = GENERATE(values<json::object>({
    {{"target_x", 5.5}},
    {{"target_x", 1000}},
    {{"target_x", 1e300}},
    {{"target_x", -1e300}, {"tolerance", 1e301}},
    {{"target_x", 1000}, {"x_axis", "loss"}},
    {{"target_x", 1000}, {"x_axis", "nothing"}},
  }));
  CAPTURE(json::serialize(more));
  CHECK(failure_code(c, more) == "target_not_logged");
}

TEST_CASE("system metrics have a stream of their own", "[tools]") {
  fake_run w{.count = 5};
  w.row = [](int i) {
    return json::object{{"system.gpu.0.gpu", i},
                        {"system.cpu", 1},
                        {"_timestamp", i},
                        {"_wandb", true}};
  };
  fake_context c;
  w.serve(c);
  const auto r = c.run(get_run_history,
                       input({{"stream", "system"}, {"keys", {"system.cpu"}}}));
  CHECK(r.structured.at("stream") == "system");
  CHECK(r.structured.at("sampled_points") == 5);
  CHECK(r.structured.at("rows").at(4)
        == json::object({{"_timestamp", 4}, {"system.cpu", 1}}));
}

TEST_CASE("a history row that can not be read is W&B's failure", "[tools]") {
  fake_context c;
  c.reply(at("/graphql", "RunHeader"), fake_run::answer_text(json::object{}));
  c.reply(at("/graphql"),
          fake_run::answer_text({{"history", {"{\"_step\":"}}}));
  try {
    c.run(get_run_history, input());
    FAIL("accepted");
  } catch (const failure_exception& e) {
    CHECK(e.reason.code == errc::upstream_garbage);
  }
}
