#include "tools/models_history.hpp"

#include "protocol/json/write.hpp"
#include "protocol/wandb/history_thinning.hpp"
#include "tools/models_json.hpp"

#include <algorithm>
#include <cmath>

namespace mcp::tools {
namespace {

constexpr std::int64_t window_steps = 1000;
constexpr std::int64_t most_windows = 50;
constexpr std::int64_t requests_at_once = 4;
// One budget for all series of a request.
constexpr std::int64_t most_sampled_rows = 10000;
// To put the answer together, and for a request slower than those before it.
constexpr std::chrono::milliseconds least_time{3000};

wandb::rows_read read_rows(const json::array* rows,
                           const wandb::row_members& members) {
  if (!rows)
    return {};
  auto out = wandb::read_history_rows(*rows, members);
  if (!out)
    throw failure_exception(out.error());
  return std::move(*out);
}

task<std::vector<rows_list>> one_request(call_context& context,
                                         series_wish wish) {
  static constexpr std::string_view document =
    R"(query RunSampledHistory(
  $entity: String!, $project: String!, $run: String!, $specs: [JSONString!]!
) {
  project(name: $project, entityName: $entity) {
    run(name: $run) { sampledHistory(specs: $specs) }
  }
})";
  auto variables = wish.run.variables();
  variables.emplace("specs", spec_texts(wish));
  const auto data = co_await context.graphql(document, std::move(variables));
  co_return read_series(run_in(data, wish.run), wish);
}

} // namespace

bool time_guard::next_round() {
  const auto left = context_.time_left();
  if (before_)
    longest_ = std::max(longest_, *before_ - left);
  before_ = left;
  return left > std::max(least_time, 2 * longest_);
}

void history_rows::count(const rows_list& some) {
  scanned += some.size();
  for (const auto& row : some)
    for (const auto& member : row) {
      if (member.key() == "_step")
        continue;
      auto found = counts.find(std::string_view(member.key()));
      if (found == counts.end())
        found = counts.emplace(std::string(member.key()), key_count{}).first;
      ++found->second.rows;
      if (wandb::is_non_finite(member.value()))
        ++found->second.non_finite;
    }
}

json::array spec_texts(const series_wish& wish) {
  json::array out;
  for (const auto& one : wish.keys) {
    json::array keys{"_step"};
    if (wish.x_axis != "_step")
      keys.emplace_back(wish.x_axis);
    for (const auto& key : one)
      if (key != "_step" && key != wish.x_axis)
        keys.emplace_back(key);
    json::object spec{{"keys", std::move(keys)}, {"samples", wish.samples}};
    if (wish.min_step)
      spec.emplace("minStep", *wish.min_step);
    if (wish.max_step)
      spec.emplace("maxStep", *wish.max_step);
    out.emplace_back(write_json(spec));
  }
  return out;
}

std::vector<rows_list> read_series(const json::object& run,
                                   const series_wish& wish) {
  std::vector<rows_list> out(wish.keys.size());
  const auto* series = array_at(run, {"sampledHistory"});
  if (!series)
    return out;
  for (std::size_t i = 0; i < std::min(out.size(), series->size()); ++i)
    out[i] = read_rows((*series)[i].if_array(),
                       {.keys = wish.keys[i], .x_axis = wish.x_axis})
               .rows;
  return out;
}

task<std::vector<rows_list>> fetch_samples(call_context& context,
                                           series_wish wish) {
  const auto total = wish.keys.size();
  const auto requests = (total + series_per_request - 1) / series_per_request;
  std::vector<rows_list> out;
  out.reserve(total);
  for (std::size_t next = 0; next < requests;) {
    std::vector<task<std::vector<rows_list>>> tasks;
    for (; next < requests && tasks.size() < requests_at_once; ++next) {
      auto part = wish;
      const auto from = next * series_per_request;
      const auto to = std::min(total, from + series_per_request);
      part.keys.assign(wish.keys.begin() + static_cast<std::ptrdiff_t>(from),
                       wish.keys.begin() + static_cast<std::ptrdiff_t>(to));
      tasks.push_back(one_request(context, std::move(part)));
    }
    for (auto& part : co_await all(std::move(tasks)))
      std::move(part.begin(), part.end(), std::back_inserter(out));
    if (requests > 1)
      context.progress(wish.told + static_cast<double>(out.size()),
                       wish.told + static_cast<double>(total),
                       "Read " + std::to_string(out.size()) + " of "
                         + std::to_string(total) + " metrics");
  }
  co_return out;
}

task<history_rows> fetch_series(call_context& context, history_wish wish,
                                run_header run) {
  const auto count = static_cast<std::int64_t>(wish.members.keys.size());
  series_wish ask{.run = std::move(wish.run),
                  .keys = {},
                  .x_axis = wish.members.x_axis,
                  .samples = std::max<std::int64_t>(
                    std::min(wish.samples, most_sampled_rows / count), 2),
                  .min_step = wish.min_step,
                  .max_step = wish.max_step,
                  .told = wish.told};
  for (const auto& key : wish.members.keys)
    ask.keys.push_back({key});
  if (const auto upper = run.last_step;
      ask.keys.size() > series_per_request && upper)
    ask.max_step = std::min(wish.max_step.value_or(*upper), *upper);
  const bool whole_run = !wish.min_step && !wish.max_step;
  const auto samples = ask.samples;
  auto series = co_await fetch_samples(context, std::move(ask));
  history_rows out;
  for (std::size_t i = 0; i < series.size(); ++i) {
    out.count(series[i]);
    const auto given = static_cast<std::int64_t>(series[i].size());
    const auto all =
      whole_run ? run.rows_with(wish.members.keys[i]) : std::nullopt;
    if (all ? given < *all : given >= samples)
      out.sampled = true;
  }
  out.rows = wandb::join_series(std::move(series), wish.members.x_axis);
  out.matching = out.rows.size();
  co_return out;
}

task<history_rows> fetch_window(call_context& context, history_wish wish) {
  static constexpr std::string_view document =
    R"(query RunHistory(
  $entity: String!, $project: String!, $run: String!
  $samples: Int!, $minStep: Int64, $maxStep: Int64
) {
  project(name: $project, entityName: $entity) {
    run(name: $run) {
      history(minStep: $minStep, maxStep: $maxStep, samples: $samples)
    }
  }
})";
  auto variables = wish.run.variables();
  variables.emplace("samples", wish.samples);
  // A bound that is not asked for is left out, which is not the same as null.
  if (wish.min_step)
    variables.emplace("minStep", *wish.min_step);
  if (wish.max_step)
    variables.emplace("maxStep", *wish.max_step + 1);
  const auto data = co_await context.graphql(document, std::move(variables));
  const auto* found = array_at(run_in(data, wish.run), {"history"});
  history_rows out;
  const auto given = found ? static_cast<std::int64_t>(found->size()) : 0;
  // A step has one row, so as many rows as steps are all there are.
  const bool every_step = wish.min_step && wish.max_step
                          && given > *wish.max_step - *wish.min_step;
  out.sampled = given >= wish.samples && !every_step;
  auto read = read_rows(found, wish.members);
  out.unreadable = read.unreadable;
  out.rows = std::move(read.rows);
  if (wish.only_x)
    std::erase_if(out.rows, [&wish](const auto& row) {
      const auto x = wandb::number_in(row, wish.members.x_axis);
      return !x || std::abs(*x - *wish.only_x) > same_x;
    });
  out.count(out.rows);
  out.matching = out.rows.size();
  wandb::sort_rows(out.rows, wish.members.x_axis);
  co_return out;
}

task<history_rows> scan_windows(call_context& context, history_wish wish) {
  const auto& axis = wish.members.x_axis;
  const auto from = *wish.min_step;
  const auto length = *wish.max_step - from + 1;
  const auto all_windows = (length + window_steps - 1) / window_steps;
  const auto count = std::min(all_windows, most_windows);
  const auto rounds = (count + requests_at_once - 1) / requests_at_once;
  history_rows out{.rows = {}, .partial = count < all_windows, .counts = {}};
  time_guard time(context);
  std::int64_t done = 0;
  for (std::int64_t round = 0; round < rounds; ++round) {
    if (!time.next_round()) {
      out.partial = true;
      break;
    }
    std::vector<task<history_rows>> tasks;
    // Each round is spread over the range, in case it is the last one for which
    // there is time; the first has the newest steps.
    for (auto back = round; back < count; back += rounds) {
      const auto i = count - 1 - back;
      // Of too many windows some are left out, never the first and the last.
      const auto index = count > 1 ? i * (all_windows - 1) / (count - 1) : i;
      auto window = wish;
      window.samples = window_steps;
      window.min_step = from + index * window_steps;
      window.max_step =
        std::min(*window.min_step + window_steps - 1, *wish.max_step);
      tasks.push_back(fetch_window(context, std::move(window)));
      ++done;
    }
    for (auto& part : co_await all(std::move(tasks))) {
      out.count(part.rows);
      out.matching += part.matching;
      out.unreadable += part.unreadable;
      out.sampled = out.sampled || part.sampled;
      std::move(part.rows.begin(), part.rows.end(),
                std::back_inserter(out.rows));
    }
    context.progress(wish.told + static_cast<double>(done),
                     wish.told + static_cast<double>(count),
                     "Read " + std::to_string(done) + " of "
                       + std::to_string(count) + " step windows");
    // Windows may hold 50,000 rows; what is kept is thinned on the way.
    wandb::sort_rows(out.rows, "_step");
    if (axis != "_step")
      wandb::sort_rows(out.rows, axis);
    const auto most = std::max<std::int64_t>(wish.samples, 2000);
    out.rows = wandb::thin_rows(std::move(out.rows),
                                static_cast<std::size_t>(most), axis);
  }
  co_return out;
}

task<history_rows> fetch_events(call_context& context, history_wish wish) {
  static constexpr std::string_view document =
    R"(query RunEvents(
  $entity: String!, $project: String!, $run: String!, $samples: Int!
) {
  project(name: $project, entityName: $entity) {
    run(name: $run) { events(samples: $samples) }
  }
})";
  auto variables = wish.run.variables();
  variables.emplace("samples", wish.samples);
  const auto data = co_await context.graphql(document, std::move(variables));
  const auto* found = array_at(run_in(data, wish.run), {"events"});
  history_rows out;
  out.sampled =
    found && static_cast<std::int64_t>(found->size()) >= wish.samples;
  auto read = read_rows(found, wish.members);
  out.unreadable = read.unreadable;
  out.rows = std::move(read.rows);
  out.count(out.rows);
  out.matching = out.rows.size();
  co_return out;
}

} // namespace mcp::tools
