#include "protocol/json/token_size.hpp"
#include "tests/catch.hpp"
#include "tests/tools/catalog_call.hpp"
#include "tools/all.hpp"
#include "tools/models_trend.hpp"

#include <cmath>
#include <functional>
#include <limits>
#include <string>

using namespace mcp;
using namespace mcp::tools;

namespace {

const double nan_value = std::nan("");

/// A W&B with one run, of these rows.
struct fake_run {
  std::vector<json::object> rows;
  bool indexed = true;
  json::object more = {}; // of the run object

  json::object header() const {
    json::object keys, summary;
    for (const auto& row : rows)
      for (const auto& [name, v] : row) {
        keys[name] = json::object{};
        summary[name] = v;
      }
    json::object index{{"lastStep", static_cast<int>(rows.size()) - 1},
                       {"keys", keys}};
    json::object out{{"name", "r1"},
                     {"displayName", "brave-run"},
                     {"state", "finished"},
                     {"historyLineCount", rows.size()},
                     {"summaryMetrics", json::serialize(summary)}};
    if (indexed)
      out["historyKeys"] = index;
    for (const auto& [name, v] : more)
      out[name] = v;
    return out;
  }

  json::array sampled(const json::object& spec) const {
    const auto& keys = spec.at("keys").as_array();
    const auto samples = spec.at("samples").to_number<std::size_t>();
    const auto bound = [&spec](const char* name, std::int64_t none) {
      const auto* found = spec.if_contains(name);
      return found ? found->to_number<std::int64_t>() : none;
    };
    const auto from = bound("minStep", 0), to = bound("maxStep", 1 << 30);
    json::array all;
    for (const auto& row : rows) {
      const auto step = row.at("_step").to_number<std::int64_t>();
      if (step < from || step > to)
        continue;
      json::object kept;
      for (const auto& key : keys)
        if (const auto* v = row.if_contains(key.as_string()))
          kept[key.as_string()] = *v;
      if (kept.size() == keys.size())
        all.push_back(std::move(kept));
    }
    if (all.size() <= samples)
      return all;
    json::array out;
    for (std::size_t i = 0; i < samples; ++i)
      out.push_back(all[i * (all.size() - 1) / (samples - 1)]);
    return out;
  }

  void serve(fake_context& c) {
    c.answer(at("/graphql", "RunDiagnosis"),
             [this](upstream_request&) { return reply(header()); });
    c.answer(at("/graphql", "sampledHistory"), [this](upstream_request& r) {
      json::array series;
      const auto body = json::parse(r.body);
      for (const auto& text : body.at("variables").at("specs").as_array()) {
        const auto spec = json::parse(text.as_string());
        series.push_back(sampled(spec.as_object()));
      }
      return reply({{"sampledHistory", std::move(series)}});
    });
    c.answer(at("/graphql"), [this](upstream_request&) {
      json::array texts;
      for (const auto& row : rows)
        texts.emplace_back(json::serialize(row));
      return reply({{"history", std::move(texts)}});
    });
  }

  static upstream_result reply(json::object run) {
    json::object project{{"run", std::move(run)}};
    json::object data{{"project", std::move(project)}};
    upstream_reply out;
    out.body = std::make_shared<const std::string>(
      json::serialize(json::object{{"data", std::move(data)}}));
    return out;
  }
};

/// A row per step with these metrics; NaN is sent as W&B sends it.
fake_run run_of(
  const std::vector<std::pair<std::string, std::vector<double>>>& metrics) {
  fake_run out;
  for (const auto& [name, numbers] : metrics)
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      if (out.rows.size() <= i)
        out.rows.push_back({{"_step", i}});
      if (std::isnan(numbers[i]))
        out.rows[i][name] = "NaN";
      else if (std::isinf(numbers[i]))
        out.rows[i][name] = numbers[i] > 0 ? "Infinity" : "-Infinity";
      else
        out.rows[i][name] = numbers[i];
    }
  return out;
}

std::vector<double> numbers(int n, const std::function<double(int)>& f) {
  std::vector<double> out;
  for (int i = 0; i < n; ++i)
    out.push_back(f(i));
  return out;
}

json::object input(json::object more = {}) {
  json::object out{
    {"entity_name", "alice"}, {"project_name", "p"}, {"run_id", "r1"}};
  for (const auto& [name, v] : more)
    out[name] = v;
  return out;
}

json::object verdict(fake_run w, json::object more = {}) {
  fake_context c;
  w.serve(c);
  auto r = call_tool(c, diagnose_run, input(std::move(more)));
  REQUIRE_FALSE(r.is_error);
  return r.structured;
}

bool recommends(const json::object& s, std::string_view words) {
  for (const auto& text : s.at("recommendations").as_array())
    if (text.as_string().find(words) != std::string::npos)
      return true;
  return false;
}

const std::vector<double> falling{10, 9, 8, 7, 6, 5, 4, 3, 2, 1, .9, .8};

} // namespace

TEST_CASE("a trend compares halves, whatever the sign", "[tools]") {
  struct row {
    std::vector<double> values;
    std::string expected;
  };
  const auto [values, expected] = GENERATE(Catch::Generators::values<row>({
    {{1, 2, 3}, "insufficient_data"},
    {{}, "insufficient_data"},
    {falling, "decreasing"},
    {{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, "increasing"},
    {{5, 5, 5, 5, 5, 5, 5, 5, 5, 5}, "plateaued"},
    {{10, 8, 6, 4, 2, 1, 1, 1, 1, 1, 1, 1}, "plateaued"},
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, "plateaued"},
    {{-1, -2, -3, -4, -5, -6, -7, -8, -9, -10, -11, -12}, "decreasing"},
    {{-12, -11, -10, -9, -8, -7, -6, -5, -4, -3, -2, -1}, "increasing"},
    {{-5, -5, -5, -5, -5, -5, -5, -5, -5, -5}, "plateaued"},
    // Around zero a mean says nothing of the size.
    {{.1, -.1, .1, -.1, .1, -.1, .1, -.1, .1, -.1, .1, -.1}, "plateaued"},
    {{5, 4, 3, 2, 1, -1, -2, -3, -4, -5}, "decreasing"},
  }));
  CAPTURE(values);
  CHECK(to_string(trend_of(values)) == expected);
}

TEST_CASE("a verdict takes two requests", "[tools]") {
  auto w =
    run_of({{"loss", numbers(50, [](int i) { return 10.0 / (i + 1); })}});
  fake_context c;
  w.serve(c);
  const auto r = call_tool(c, diagnose_run, input());
  CHECK(c.requests.size() == 2);
  const auto& s = r.structured;
  CHECK(s.at("diagnosis") == "improved");
  CHECK(s.at("run_name") == "brave-run");
  CHECK(s.at("run_state") == "finished");
  const auto& stats = s.at("loss_stats").as_object();
  CHECK(stats.at("key") == "loss");
  CHECK(stats.at("first_value") == 10.0);
  CHECK(stats.at("last_value") == 0.2);
  CHECK(stats.at("min_value") == 0.2);
  CHECK(stats.at("tail_mean") == 0.208514);
  CHECK(stats.at("overall_mean") == 0.899841);
  CHECK(stats.at("trend") == "decreasing");
  CHECK(stats.at("values_judged") == 50);
  CHECK(stats.at("total_steps") == 49); // the last one
  CHECK(s.at("overfit_signal") == json::parse(R"({"detected":false,
    "reason":"no_val_loss_key"})"));
  CHECK(s.at("nan_warnings").is_null());
  CHECK(s.at("total_history_rows") == 50);
  CHECK(s.at("rows_covered") == 50);
  CHECK(s.at("step_range") == json::array{0, 49});
  CHECK(s.at("available_keys") == json::array{"loss"});
  CHECK(s.at("detected_keys") == json::parse(R"({"loss":"loss",
    "val_loss":null})"));
  CHECK(s.at("selection").at("source") == "history_index");
}

TEST_CASE("a rising loss diverges, a flat one has converged", "[tools]") {
  const auto rising =
    verdict(run_of({{"loss", numbers(50, [](int i) { return i; })}}));
  CHECK(rising.at("diagnosis") == "diverging");
  CHECK(recommends(rising, "learning rate"));
  const auto flat =
    verdict(run_of({{"loss", numbers(20, [](int) { return 0.5; })},
                    {"grad_norm", numbers(20, [](int i) {
                       return i % 5 == 0 ? nan_value : 1.0;
                     })}}));
  CHECK(flat.at("diagnosis") == "converged");
  CHECK(flat.at("nan_warnings") == json::parse(R"({"grad_norm":{"nan_count":4,
    "total":20,"fraction":0.2,"by_value":{"NaN":4},"first_step":0,
    "first_value":"NaN","all_values":true}})"));
  CHECK(recommends(flat, "1 metric has NaN"));
  CHECK(recommends(flat, "can stop"));
}

TEST_CASE("the whole run is judged, not its start", "[tools]") {
  // Falls for 2,000 steps, then climbs for 18,000.
  const auto s =
    verdict(run_of({{"loss", numbers(20000, [](int i) {
                       return i < 2000 ? 5 - i * 0.002 : 1 + (i - 2000) * 0.001;
                     })}}));
  CHECK(s.at("diagnosis") == "diverging");
  CHECK(s.at("rows_covered") == 20000);
  CHECK(s.at("total_history_rows") == 20000);
  CHECK(s.at("step_range") == json::array{0, 19999});
}

TEST_CASE("a loss that ends in NaN diverges, whatever it was before",
          "[tools]") {
  const auto ends = verdict(run_of(
    {{"loss", numbers(40, [](int i) { return i < 30 ? 1.0 : nan_value; })}}));
  CHECK(ends.at("diagnosis") == "diverging");
  CHECK(ends.at("loss_stats").at("ends_non_finite") == true);
  CHECK(ends.at("loss_stats").at("last_value") == "NaN");
  CHECK(ends.at("loss_stats").at("last_finite_value") == 1.0);
  CHECK(ends.at("loss_stats").at("non_finite_left_out") == 10);
  CHECK(ends.at("trends").at("loss").at("trend") == "non_finite");
  CHECK(ends.at("trends").at("loss").at("last") == "NaN");
  CHECK(recommends(ends, "loss (NaN at step 30)"));
  CHECK(recommends(ends, "learning rate"));
  const auto mixed = verdict(run_of(
    {{"loss", numbers(40, [](int i) { return i % 2 ? nan_value : 1.0; })}}));
  CHECK(mixed.at("diagnosis") == "converged");
  CHECK(mixed.at("nan_warnings").at("loss")
        == json::parse(R"({"nan_count":20,"total":40,"fraction":0.5,
    "by_value":{"NaN":20},"first_step":1,"first_value":"NaN",
    "all_values":true})"));
}

TEST_CASE("overfitting is seen in trends and in the distance", "[tools]") {
  const std::vector<double> turning{10,   9.5, 9,    9,  9.5,  10,
                                    10.5, 11,  11.5, 12, 12.5, 13};
  const auto turned =
    verdict(run_of({{"train/loss", falling}, {"val/loss", turning}}));
  CHECK(turned.at("overfit_signal") == json::parse(R"({"detected":true,
    "train_loss_trend":"decreasing","val_loss_trend":"increasing",
    "gap_early":2.0,"gap_late":9.8,"gap_ratio":4.9,"aligned_points":12,
    "val_loss_lowest":{"step":2,"value":9.0}})"));
  CHECK(recommends(turned, "regularize"));
  auto higher = falling;
  for (auto& v : higher)
    v += 0.5;
  const auto healthy =
    verdict(run_of({{"train_loss", falling}, {"val_loss", higher}}));
  const auto& signal = healthy.at("overfit_signal").as_object();
  CHECK(signal.at("detected") == false);
  CHECK(signal.at("gap_early").as_double() == Approx(0.5));
  CHECK(signal.at("gap_late").as_double() == Approx(0.5));
  CHECK(signal.at("gap_ratio") == 1.0);
}

TEST_CASE("losses of different steps have trends and no distance", "[tools]") {
  fake_run w;
  for (int i = 0; i < 40; ++i) {
    json::object row{{"_step", i}};
    row[i % 2 ? "val_loss" : "loss"] = i % 2 ? 2.0 : 40.0 / (i + 1);
    w.rows.push_back(std::move(row));
  }
  const auto s = verdict(w);
  const auto& signal = s.at("overfit_signal").as_object();
  CHECK(signal.at("gap_early").is_null());
  CHECK(signal.at("gap_late").is_null());
  CHECK(signal.at("aligned_points") == 0);
  CHECK(signal.at("train_loss_trend") == "decreasing");
  CHECK(signal.at("val_loss_trend") == "plateaued");
  CHECK(s.at("trends").at("val_loss").at("points") == 20);
}

TEST_CASE("the loss is found by its name, never the validation's", "[tools]") {
  struct row {
    std::vector<std::string> names;
    json::object more;
    json::value loss, validation;
  };
  const auto [names, more, loss, validation] = GENERATE(values<row>({
    {{"loss", "train_loss", "val_loss"}, {}, "train_loss", "val_loss"},
    {{"val_loss"}, {}, nullptr, "val_loss"},
    {{"eval/loss", "val/loss"}, {}, nullptr, "val/loss"},
    {{"aux_loss", "loss"}, {}, "loss", nullptr},
    {{"Validation/Loss", "Train/Loss"}, {}, "Train/Loss", nullptr},
    {{"accuracy"}, {}, nullptr, nullptr},
    {{"a", "val_loss"}, {{"loss_key", "a"}}, "a", "val_loss"},
    {{"loss", "val_loss"}, {{"loss_key", "val_loss"}}, "val_loss", nullptr},
    {{"loss", "b"}, {{"val_loss_key", "loss"}}, nullptr, "loss"},
  }));
  CAPTURE(names, json::serialize(more));
  std::vector<std::pair<std::string, std::vector<double>>> metrics;
  for (const auto& name : names)
    metrics.emplace_back(name, falling);
  const auto s = verdict(run_of(metrics), more);
  CHECK(s.at("detected_keys").at("loss") == loss);
  CHECK(s.at("detected_keys").at("val_loss") == validation);
  CHECK((s.at("diagnosis") == "no_loss_key") == loss.is_null());
  CHECK((s.at("loss_stats").is_null()) == loss.is_null());
}

TEST_CASE("a misspelled loss is no verdict", "[tools]") {
  const auto s = verdict(run_of({{"loss", falling}}), {{"loss_key", "los"}});
  CHECK(s.at("diagnosis") == "no_loss_key");
  CHECK(s.at("unobserved_keys") == json::array{"los"});
  CHECK(s.at("available_keys") == json::array{"loss"});
}

TEST_CASE("few values are too few", "[tools]") {
  const auto s = verdict(run_of({{"loss", {5, 4, 3, 2, 1}}}));
  CHECK(s.at("diagnosis") == "insufficient_data");
  CHECK(s.at("loss_stats").is_null());
}

TEST_CASE("a run without rows has no history", "[tools]") {
  fake_run w;
  w.indexed = GENERATE(true, false);
  const json::value count = GENERATE(values<json::value>({0, nullptr}));
  w.more["historyLineCount"] = count;
  fake_context c;
  w.serve(c);
  const auto r = call_tool(c, diagnose_run, input());
  CHECK_FALSE(r.is_error);
  CHECK(r.structured.at("diagnosis") == "no_history");
  CHECK(r.structured.at("run_name") == "brave-run");
  CHECK(c.requests.size() <= 2);
}

TEST_CASE("a run that W&B has not indexed is judged all the same", "[tools]") {
  auto w = run_of({{"loss", falling}});
  w.indexed = false;
  // Nor is there always a summary: the rows name the metrics then.
  const auto summary =
    GENERATE(values<json::value>({R"({"loss":0.8})", nullptr, "{"}));
  w.more["summaryMetrics"] = summary;
  const auto s = verdict(w);
  CHECK(s.at("diagnosis") == "improved");
  CHECK(s.at("selection").at("source") == "observed");
  CHECK(s.at("available_keys") == json::array{"loss"});
}

TEST_CASE("the series of a wide run are the telling ones, in one request",
          "[tools]") {
  std::vector<std::pair<std::string, std::vector<double>>> metrics;
  for (int i = 0; i < 300; ++i)
    metrics.emplace_back("layers/" + std::to_string(i), falling);
  metrics.emplace_back("loss", falling);
  metrics.emplace_back("val_loss", falling);
  metrics.emplace_back("z_accuracy", falling);
  auto w = run_of(metrics);
  fake_context c;
  w.serve(c);
  const auto s = call_tool(c, diagnose_run, input()).structured;
  CHECK(c.requests.size() == 2);
  CHECK(s.at("selection").at("series").as_array().size() == 7);
  CHECK(s.at("trends").as_object().contains("z_accuracy"));
  CHECK(s.at("available_keys").as_array().size() == 30);
  CHECK(s.at("available_keys_count") == 303);
}

TEST_CASE("asked for keys are judged and shown", "[tools]") {
  auto w = run_of({{"loss", falling}, {"a", falling}, {"b", falling}});
  w.more["config"] = R"({"lr":{"value":{"base":0.1},"desc":null}})";
  const auto s = verdict(
    w, {{"summary_keys", {"b"}}, {"config_keys", {"lr.base"}}, {"samples", 5}});
  CHECK(s.at("selection") == json::parse(R"({"source":"explicit",
    "config_keys":["lr.base"],"summary_keys":["b"],"series":["loss","b"]})"));
  CHECK(s.at("config") == json::parse(R"({"lr.base":0.1})"));
  CHECK(s.at("summary") == json::parse(R"({"b":0.8})"));
  CHECK(s.at("coverage").at("samples_per_metric") == 20); // no fewer
}

TEST_CASE("another axis orders what is judged", "[tools]") {
  fake_run w;
  for (int i = 0; i < 20; ++i)
    w.rows.push_back({{"_step", i}, {"epoch", 19 - i}, {"loss", 1.0 * i}});
  const auto s = verdict(w, {{"x_axis", "epoch"}});
  CHECK(s.at("diagnosis") == "improved");
  CHECK(s.at("coverage").at("first_x") == 0);
  CHECK(s.at("coverage").at("last_x") == 19);
}

TEST_CASE("what a falling loss means depends on the run's state", "[tools]") {
  const auto [state, expected] = GENERATE(table<std::string, std::string>(
    {{"running", "training"},
     {"pending", "training"},
     {"finished", "improved"},
     {"crashed", "interrupted"},
     {"failed", "interrupted"},
     {"killed", "interrupted"},
     {"preempted", "interrupted"}}));
  auto w = run_of({{"loss", falling}});
  w.more["state"] = state;
  const auto s = verdict(w);
  CHECK(s.at("diagnosis") == json::value(expected));
  CHECK(recommends(s, "ended as " + state) == (expected == "interrupted"));
}

TEST_CASE("single odd values of a long run are seen, with their steps",
          "[tools]") {
  const auto infinity = std::numeric_limits<double>::infinity();
  // No multiple of 20000 / 499: no even sample holds one of them.
  auto w = run_of({{"loss", numbers(20000, [](int i) {
                      return i == 12345 ? 50 : 2 - i * 5e-5 + (i % 7) * 1e-3;
                    })},
                   {"grad_norm", numbers(20000, [&](int i) {
                      return i == 7001   ? -infinity
                             : i == 7777 ? infinity
                             : i == 9001 ? nan_value
                                         : 1.0 + (i % 3);
                    })}});
  fake_context c;
  w.serve(c);
  const auto r = call_tool(c, diagnose_run, input());
  REQUIRE_FALSE(r.is_error);
  const auto& s = r.structured;
  CHECK(c.requests.size() <= 2 + 12);
  CHECK(s.at("diagnosis") == "improved");
  CHECK(s.at("spikes") == json::parse(R"({"loss":{"count":1,
    "first":{"step":12345,"value":50.0},"largest":{"step":12345,"value":50.0},
    "all_values":true}})"));
  CHECK(s.at("nan_warnings") == json::parse(R"({"grad_norm":{"nan_count":3,
    "total":20000,"fraction":0.00015,"first_step":7001,
    "by_value":{"-Infinity":1,"Infinity":1,"NaN":1},
    "first_value":"-Infinity","all_values":true}})"));
  CHECK(s.at("trends").at("loss").at("highest")
        == json::parse(R"({"step":12345,"value":50.0})"));
  CHECK(recommends(s, "step 12345"));
  CHECK(recommends(s, "grad_norm (-Infinity at step 7001)"));
}

TEST_CASE("what is too long to read in full is said to be sampled",
          "[tools]") {
  auto w = run_of({{"loss", numbers(600, [](int i) {
                      return i == 300 ? nan_value : 2 - i * 1e-3;
                    })}});
  w.more["historyLineCount"] = 1'000'000;
  w.more["historyKeys"] = json::parse(R"({"lastStep":999999,"keys":{"loss":
    {"typeCounts":[{"type":"number","count":1000000}]}}})");
  const auto s = verdict(w);
  CHECK(s.at("trends").at("loss").at("all_values") == false);
  CHECK(s.at("nan_warnings").at("loss").at("all_values") == false);
  CHECK(recommends(s, "step 300 of the samples"));
  CHECK(s.at("total_history_rows") == 1'000'000);
}

TEST_CASE("noise, steps and slopes are no spikes", "[tools]") {
  const auto shape = GENERATE(values<std::function<double(int)>>({
    [](int) { return 3.0; },
    [](int i) { return i < 500 ? 0.1 : 0.01; },
    [](int i) { return std::exp(-i / 50.0); },
    [](int i) { return std::sin(i * 1.7) + std::sin(i * 0.31); },
    [](int i) { return i * 4096.0; },
    [](int i) { return i % 50 / 50.0; },
  }));
  CHECK(verdict(run_of({{"loss", numbers(1000, shape)}}))
          .at("spikes")
          .as_object()
          .empty());
}

TEST_CASE("two rising losses are no overfitting, nor is a better validation",
          "[tools]") {
  const auto rising = numbers(100, [](int i) { return 1 + i * 0.1; });
  const auto faster = numbers(100, [](int i) { return 1.2 + i * 0.2; });
  const auto both =
    verdict(run_of({{"loss", rising}, {"val_loss", faster}}));
  CHECK(both.at("diagnosis") == "diverging");
  CHECK(both.at("overfit_signal").at("detected") == false);
  const auto slow = numbers(100, [](int i) { return 10 - i * 0.05; });
  const auto quick = numbers(100, [](int i) { return 10 - i * 0.09; });
  const auto better = verdict(run_of({{"loss", slow}, {"val_loss", quick}}));
  CHECK(better.at("overfit_signal").at("gap_ratio").as_double() > 1.3);
  CHECK(better.at("overfit_signal").at("detected") == false);
  const auto ends = numbers(
    100, [](int i) { return i < 60 ? 10 - i * 0.1 : nan_value; });
  const auto poisoned = verdict(run_of({{"loss", ends}, {"val_loss", slow}}));
  CHECK(poisoned.at("overfit_signal").at("detected") == false);
  CHECK(poisoned.at("overfit_signal").at("reason") == "non_finite");
}

TEST_CASE("a run that is not there is not diagnosed", "[tools]") {
  const auto [answer, code] = GENERATE(table<std::string, std::string>(
    {{R"({"data":{"project":null}})", "project_not_found"},
     {R"({"data":{"project":{"run":null}}})", "run_not_found"},
     {R"({"errors":[{"message":"not logged in"}]})", "unauthorized"},
     {"garbage", "upstream_garbage"}}));
  fake_context c;
  c.reply(at("/graphql"), answer);
  CHECK(error_of(call_tool(c, diagnose_run, input())) == code);
  // One more looks whether a display name was given.
  CHECK(c.requests.size() == (code == "run_not_found" ? 2 : 1));
}

TEST_CASE("an older W&B lacks the index, and the run is judged", "[tools]") {
  auto w = run_of({{"loss", falling}});
  w.indexed = false;
  fake_context c;
  c.fail(at("/graphql", "historyTail"),
         {.code = errc::upstream_error,
          .message = R"(Cannot query field "historyTail" on type "Run".)"});
  w.serve(c);
  const auto r = call_tool(c, diagnose_run, input());
  CHECK(r.structured.at("diagnosis") == "improved");
  CHECK(c.requests.size() == 3);
}

TEST_CASE("arguments that can not be meant diagnose nothing", "[tools]") {
  const auto more = GENERATE(values<json::object>({
    {{"run_id", ""}},
    {{"loss_key", " "}},
    {{"loss_key", "a"}, {"val_loss_key", "a"}},
    {{"summary_keys", {""}}},
    {{"x_axis", " "}},
  }));
  CAPTURE(json::serialize(more));
  fake_context c;
  CHECK(error_of(call_tool(c, diagnose_run, input(more))) == "invalid_input");
  CHECK(c.requests.empty());
}

TEST_CASE("a diagnosis fits the budget", "[tools]") {
  std::vector<std::pair<std::string, std::vector<double>>> metrics;
  for (int i = 0; i < 400; ++i)
    metrics.emplace_back("metric/" + std::to_string(i) + std::string(100, 'x'),
                         numbers(12, [](int) { return nan_value; }));
  auto w = run_of(metrics);
  w.indexed = false;
  w.more["summaryMetrics"] = nullptr; // so that all of them are judged
  fake_context c;
  c.settings().max_response_tokens = 1000;
  w.serve(c);
  const auto r = call_tool(c, diagnose_run, input());
  CHECK(token_size(r.structured) <= 4000);
  CHECK(r.structured.at("truncated") == true);
  CHECK(r.structured.at("diagnosis") == "no_loss_key");
}

TEST_CASE("a history that can not be read is W&B's fault", "[tools]") {
  auto w = run_of({{"loss", falling}});
  fake_context c;
  c.answer(at("/graphql", "sampledHistory"), [](upstream_request&) {
    return fake_run::reply({{"sampledHistory", {{5}}}});
  });
  w.serve(c);
  CHECK(error_of(call_tool(c, diagnose_run, input())) == "upstream_garbage");
}

TEST_CASE("a diagnosis given up lets go of its requests", "[tools]") {
  auto w = run_of({{"loss", falling}});
  fake_context c;
  c.stay_silent(at("/graphql", "sampledHistory"));
  w.serve(c);
  const catalog offered({&diagnose_run});
  {
    auto running = run(*offered.find("diagnose_run_tool"), c, input());
    running.start();
    c.pump();
    CHECK_FALSE(running.done());
  }
  CHECK(c.abandoned_ids.size() == 1);
}
