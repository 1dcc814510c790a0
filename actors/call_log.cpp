#include "actors/call_log.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace mcp {
namespace {

constexpr std::size_t most_kinds = 12;

/// A field ends at a blank, so a value has none.
void field(std::string& line, std::string_view name, std::string_view value) {
  if (value.empty())
    return;
  line.append(1, ' ').append(name).append(1, '=');
  for (const char c : value)
    line += static_cast<unsigned char>(c) <= 0x20 || c == 0x7F ? '_' : c;
}

spdlog::level::level_enum level_of(const call_notes* notes) {
  if (notes && !notes->fault.empty())
    return spdlog::level::err;
  return notes && notes->for_operator ? spdlog::level::warn
                                      : spdlog::level::info;
}

} // namespace

void trouble_tally::add(const upstream_trouble& t) {
  for_operator_ |= t.for_operator;
  const auto same =
    std::find_if(kinds_.begin(), kinds_.end(),
                 [&](const kind& k) { return k.what == t.what; });
  if (same != kinds_.end())
    ++same->times;
  else if (kinds_.size() < most_kinds)
    kinds_.push_back({t.what, 1});
}

void trouble_tally::write_to(call_notes& notes) const {
  notes.for_operator = for_operator_;
  for (const auto& k : kinds_) {
    if (!notes.upstream.empty())
      notes.upstream += ',';
    notes.upstream += k.what;
    if (k.times > 1)
      notes.upstream += '*' + std::to_string(k.times);
  }
}

void log_call(const call_line& line) {
  const auto level = level_of(line.notes);
  if (!spdlog::should_log(level))
    return;
  std::string text(line.head);
  field(text, line.subject, line.label);
  field(text, "request", line.request);
  field(text, "session", line.session);
  field(text, "outcome", line.outcome);
  if (line.took)
    field(text, "ms",
          std::to_string(
            std::chrono::duration_cast<std::chrono::milliseconds>(*line.took)
              .count()));
  if (line.notes) {
    field(text, "upstream", line.notes->upstream);
    field(text, "fault", line.notes->fault);
    field(text, "incident", line.notes->incident);
  }
  spdlog::log(level, "{}", text);
}

} // namespace mcp
