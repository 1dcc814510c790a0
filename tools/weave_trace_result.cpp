#include "tools/weave_trace_result.hpp"

#include "protocol/wandb/weave_text.hpp"
#include "tools/models_budget.hpp"

#include <algorithm>

namespace mcp::tools {
namespace {

constexpr std::size_t most_ops = 100;
constexpr std::size_t fewest_ops = 10;
constexpr std::size_t note_size = 400;

// The parts of the metadata that do not depend on how far rows are reduced.
struct facts {
  std::int64_t read = 0;
  std::optional<std::int64_t> total;
  std::optional<bool> has_more;
  bool broke_off = false; // the stream was not read to its end
  json::object usage;     // token_counts and costs
  json::object nothing_matched;
  std::vector<std::string> warnings;
};

/// A column that there is not, and what may have been meant.
std::string named_column(const std::string& unknown) {
  const auto advice = wandb::column_advice(unknown);
  return wandb::cut_text(unknown, 60)
         + (advice.empty() ? "" : " (" + advice + ")");
}

facts gather(const trace_query& q, const trace_reader& reader,
             trace_outcome outcome) {
  facts f;
  f.read = static_cast<std::int64_t>(reader.metadata().rows());
  f.broke_off = reader.stopped() || outcome.cut.has_value();
  f.usage = reader.metadata().usage_to_json(q.costs);
  f.total = outcome.total;
  if (q.sort.cost) {
    // The rows were fetched by id: what was ranked says how many there are.
    if (f.total || outcome.at_least > f.read)
      f.has_more = f.total.value_or(outcome.at_least) > f.read;
  } else if (outcome.cut) {
    // Where it broke off, more may have come or not.
    if (f.total && *f.total > f.read)
      f.has_more = true;
  } else {
    f.has_more = reader.more();
    const auto came = static_cast<std::int64_t>(reader.came());
    if (!*f.has_more)
      f.total = came;
    else if (f.total && *f.total <= came)
      f.total.reset(); // calls came or went between the count and the rows
  }
  f.nothing_matched = std::move(outcome.nothing_matched);
  f.warnings = std::move(outcome.warnings);
  if (!q.columns.unknown.empty()) {
    std::string names;
    for (std::size_t i = 0; i < q.columns.unknown.size() && i < 10; ++i)
      names += (i == 0 ? "" : ", ") + named_column(q.columns.unknown[i]);
    f.warnings.push_back(
      "These columns do not exist and were left out: " + names + ".");
  }
  if (outcome.cut)
    f.warnings.push_back("W&B's answer broke off after "
                         + std::to_string(f.read)
                         + " rows: " + outcome.cut->message);
  if (auto note = unreadable_note(reader); !note.empty())
    f.warnings.push_back(std::move(note));
  if (!f.total)
    f.warnings.push_back("How many calls match could not be counted.");
  return f;
}

std::string stop_note(const trace_reader& reader) {
  return "Reading stopped after " + std::to_string(reader.metadata().rows())
         + " rows, at " + std::to_string(reader.max_received_bytes())
         + " bytes from W&B. Narrow the filters or name fewer columns.";
}

/// Where to go on when the last rows were left out; empty when the order or the
/// columns do not tell.
std::string next_note(const trace_query& q, const json::array& rows) {
  const auto* last = rows.empty() ? nullptr : rows.back().if_object();
  const auto* time = last ? last->if_contains("started_at") : nullptr;
  if (!time || !time->is_string() || q.sort.cost
      || q.sort.field != "started_at")
    return {};
  // The end of a range is not part of it, the start is.
  return std::string(" For the rows behind the last one set filters.time_range")
         + (q.sort.descending ? ".end" : ".start") + " to "
         + std::string(time->get_string())
         + (q.sort.descending ? " (others of that very moment are passed over)."
                              : " (which gives it once more).");
}

json::object metadata_of(const facts& f, const trace_reader& reader,
                         const weave_budget& rows, std::size_t ops) {
  std::string note = rows.note();
  if (reader.stopped())
    note += (note.empty() ? "" : " ") + stop_note(reader);
  const json::value total = f.total ? json::value(*f.total) : json::value();
  json::object out{
    {"total_traces", f.read}, {"total_matching_count", total},
    {"total_count", total},   {"returned_count", rows.kept()},
    {"has_more", rows.kept() < rows.seen() ? json::value(true)
                 : f.has_more              ? json::value(*f.has_more)
                                           : json::value()},
    {"truncated", rows.level() > 0 || f.broke_off}};
  for (const auto& member : f.usage)
    out.insert(member);
  if (ops == 0) // the last thing to go
    out.at("token_counts").as_object().erase("by_model");
  for (auto& member : reader.metadata().to_json(ops))
    out.emplace(member.key(), std::move(member.value()));
  out.emplace("truncation_applied", rows.level() > 0 || reader.stopped());
  out.emplace("truncation_dropped_count", rows.seen() - rows.kept());
  out.emplace("truncation_note",
              note.empty() ? json::value() : json::value(json::string(note)));
  if (const auto cut = reader.texts_cut(); cut > 0 && rows.kept() > 0)
    out.emplace("texts_cut", cut);
  if (!f.nothing_matched.empty() && ops > 0)
    out.emplace("nothing_matched", f.nothing_matched);
  if (f.broke_off)
    out.emplace("partial", true);
  if (!f.warnings.empty()) {
    json::array list;
    for (const auto& w : f.warnings)
      list.emplace_back(w);
    out.emplace("warnings", std::move(list));
  }
  return out;
}

} // namespace

tool_result trace_result(const trace_query& q, trace_reader& reader,
                         trace_outcome outcome, const call_limits& limits) {
  if (reader.stopped() && reader.came() == 0)
    throw failure_exception(
      {.code = errc::response_too_large,
       .message = "The first call alone is larger than the "
                  + std::to_string(limits.max_accumulated_bytes)
                  + " bytes one answer may have. Name the columns needed."});
  const auto f = gather(q, reader, std::move(outcome));
  auto& rows = reader.rows();
  const auto allowed = response_budget(limits);
  auto ops = most_ops;
  for (;;) {
    json::object out;
    out.emplace("metadata", metadata_of(f, reader, rows, ops));
    const auto around = token_size(out);
    // Half of the answer at most is about the rows.
    if (ops > 0 && around > allowed / 2) {
      ops = ops > fewest_ops ? fewest_ops : 0;
      continue;
    }
    if (q.metadata_only) {
      out.emplace("traces", nullptr);
      return {.structured = std::move(out)};
    }
    // The note may grow with what is done to the rows.
    const auto taken = around + note_size;
    if (rows.fit(allowed > taken ? allowed - taken : 0))
      continue;
    auto shown = rows.rows();
    if (rows.kept() < rows.seen()) {
      auto& note = out.at("metadata").at("truncation_note");
      note = std::string(note.as_string()) + next_note(q, shown);
    }
    out.emplace("traces", std::move(shown));
    return {.structured = std::move(out)};
  }
}

} // namespace mcp::tools
