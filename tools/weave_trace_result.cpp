#include "tools/weave_trace_result.hpp"

#include "protocol/json/write.hpp"
#include "protocol/wandb/weave_text.hpp"

#include <algorithm>

namespace mcp::tools {
namespace {

constexpr std::size_t bytes_per_token = 4;
constexpr std::size_t most_ops = 100;
constexpr std::size_t fewest_ops = 10;

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

std::size_t response_bytes(const call_limits& limits) {
  return std::max<std::size_t>(limits.max_response_tokens, 1) * bytes_per_token;
}

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
  const auto allowed = response_bytes(limits);
  auto ops = most_ops;
  for (;;) {
    json::object out;
    out.emplace("metadata", metadata_of(f, reader, rows, ops));
    if (q.metadata_only)
      out.emplace("traces", nullptr);
    else
      out.emplace("traces", rows.rows());
    // What counts is the text as it is sent, not an estimate of it.
    if (write_json(out).size() <= allowed)
      return {.structured = std::move(out)};
    if (ops > fewest_ops && rows.bytes() < allowed / 2)
      ops = fewest_ops;
    else if (rows.tighten())
      continue;
    else if (ops > 0)
      ops = ops > fewest_ops ? fewest_ops : 0;
    else
      return {.structured = std::move(out)};
  }
}

} // namespace mcp::tools
